"""What may be set about cameras."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from whosthere.cameras.addresses import password_of, place, with_login
from whosthere.cameras.http import MjpegCamera, SnapshotCamera
from whosthere.cameras.picamera import PiCamera
from whosthere.cameras.rtsp import RecordingStream, RtspCamera
from whosthere.cameras.settings import (
    ADAPTERS,
    CameraSource,
    make_camera,
    make_recording_stream,
)
from whosthere.cameras.usb import UsbCamera
from whosthere.cameras.video_file import VideoFile
from whosthere.core.errors import CameraTrouble
from whosthere.named_secrets import variable

SOURCES = TypeAdapter(CameraSource)
LEAST = {  # what each kind needs
    "file": {"path": "clip.mp4"},
    "rtsp": {"url": "rtsp://10.0.0.5/sub"},
    "usb": {},
    "mjpeg": {"url": "http://10.0.0.6/video"},
    "snapshot": {"url": "https://10.0.0.7/snap.jpg"},
    "picamera": {},
}
MADE = {
    "file": VideoFile,
    "rtsp": RtspCamera,
    "usb": UsbCamera,
    "mjpeg": MjpegCamera,
    "snapshot": SnapshotCamera,
    "picamera": PiCamera,
}
SECRET = "s3cret-word"  # noqa: S105 - of a camera that lives in this test


def source(kind: str, **more):
    return SOURCES.validate_python({"kind": kind, **LEAST[kind], **more})


def mistake(kind: str, **more) -> str:
    with pytest.raises(ValidationError) as told:
        source(kind, **more)
    said = str([(e["loc"], e["type"], e["msg"]) for e in told.value.errors()])
    assert SECRET not in said
    return said


def test_there_is_an_adapter_for_each_kind():
    assert set(LEAST) == set(ADAPTERS)


@pytest.mark.parametrize("kind", LEAST)
def test_the_least_settings_make_a_camera(kind):
    camera = make_camera("front", source(kind))
    assert isinstance(camera, MADE[kind])
    assert "front" == camera.name


@pytest.mark.parametrize("kind", LEAST)
def test_every_setting_is_described(kind):
    fields = type(source(kind)).model_fields
    assert [] == [name for name, field in fields.items() if not field.description]


@pytest.mark.parametrize("kind", LEAST)
def test_unknown_settings_are_told(kind):
    assert "extra_forbidden" in mistake(kind, evry=3)


@pytest.mark.parametrize("kind", LEAST)
def test_a_password_in_the_settings_is_told_what_to_do_and_not_shown(kind):
    assert "WHOSTHERE_<CAMERA>_PASSWORD" in mistake(kind, password=SECRET)


@pytest.mark.parametrize(
    ("kind", "field", "url"),
    [
        ("rtsp", "url", f"rtsp://admin:{SECRET}@10.0.0.5/sub"),
        ("rtsp", "url", f"rtsp://admin:{SECRET}/x#@10.0.0.5/sub"),
        ("rtsp", "record_url", f"rtsp://admin:{SECRET}@10.0.0.5/main"),
        ("mjpeg", "url", f"http://admin:{SECRET}@10.0.0.5/video"),
        ("snapshot", "url", f"http://admin:{SECRET}@10.0.0.5/snap"),
    ],
)
def test_a_password_in_an_address_is_told_what_to_do_and_not_shown(kind, field, url):
    told = mistake(kind, **{field: url})

    assert "take the user and password out of it" in told
    assert f"'{field}'" in told


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("rtsp", {"url": "http://10.0.0.5/"}),
        ("rtsp", {"transport": "carrier pigeon"}),
        ("rtsp", {"frames_per_second": 0}),
        ("usb", {"width": 1}),
        ("mjpeg", {"url": "rtsp://10.0.0.5/"}),
        ("snapshot", {"url": "file:///etc/passwd"}),
        ("file", {"loop": "perhaps"}),
    ],
)
def test_impossible_values_are_told(kind, wrong):
    assert next(iter(wrong)) in mistake(kind, **wrong)


def test_the_password_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("WHOSTHERE_FRONT_DOOR_PASSWORD", SECRET)
    camera = make_camera("front-door", source("rtsp", user="admin"))
    assert SECRET == camera.password
    assert SECRET not in repr(camera)


def test_the_password_comes_from_a_file_if_one_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("WHOSTHERE_FRONT_PASSWORD", "another")
    (tmp_path / "secret").write_text(SECRET + "\n")
    camera = make_camera(
        "front", source("snapshot", user="admin", password_file=tmp_path / "secret")
    )
    assert SECRET == camera.password


def test_a_missing_password_file_is_told(tmp_path):
    with pytest.raises(CameraTrouble, match="does not exist"):
        password_of("front", tmp_path / "nowhere")


def test_a_second_address_is_for_recordings_alone():
    front = source("rtsp", record_url="rtsp://10.0.0.5/main", user="admin")
    camera = make_camera("front", front, on_packet=print)
    stream = make_recording_stream("front", front, print)
    assert camera.on_packet is None
    assert isinstance(stream, RecordingStream)
    assert ("rtsp://10.0.0.5/main", "admin") == (stream.url, stream.user)


@pytest.mark.parametrize("kind", LEAST)
def test_without_one_the_analysed_stream_is_recorded(kind):
    assert print == make_camera("front", source(kind), on_packet=print).on_packet
    assert make_recording_stream("front", source(kind), print) is None


def test_login_is_put_into_addresses_safely():
    url = with_login("rtsp://10.0.0.5:554/a?b=c", "ad min", "p@ss:w/rd?#%")
    assert "rtsp://ad%20min:p%40ss%3Aw%2Frd%3F%23%25@10.0.0.5:554/a?b=c" == url
    assert "10.0.0.5:554" == place(url)


def test_variables_are_named_after_cameras():
    assert "WHOSTHERE_BACK_YARD_2_PASSWORD" == variable("back-yard_2")


def test_paths_are_paths():
    assert Path("clip.mp4") == make_camera("front", source("file")).path
