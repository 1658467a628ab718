"""The Raspberry Pi's camera, over a stand-in for picamera2. No real camera was there."""

import threading
import time
from datetime import UTC, datetime
from itertools import islice, pairwise

import av
import numpy as np
import pytest

from tests.cameras.clips import write
from tests.cameras.picamera2_standin.interface import PLATFORMS, SIGNATURES, arguments_of
from tests.cameras.threads import start_thread
from whosthere.app.demo_film import film
from whosthere.cameras.newest import LiveFrames
from whosthere.cameras.picamera import PiCamera
from whosthere.cameras.picamera_asked import Asked
from whosthere.cameras.settings import PiCameraSettings, make_camera
from whosthere.core.errors import CameraTrouble
from whosthere.core.sighting import Box

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


def camera(asked: Asked | None = None, **how) -> PiCamera:
    return PiCamera("front", asked=asked or Asked(320, 240, 160, 30.0), frames_per_second=10, **how)


def some_of(made: PiCamera, count: int = 4) -> list:
    frames = made.frames()
    found = list(islice(frames, count))
    frames.close()
    return found


def trouble_of(made: PiCamera) -> str:
    with pytest.raises(CameraTrouble, match="Camera 'front'") as told:
        list(made.frames())
    return str(told.value)


def clip_of(packets, path):
    """Write packets to a file as a player gets them."""
    path.write_bytes(b"".join(packet.data for packet in packets))
    with av.open(str(path), format="h264") as clip:
        return [frame.to_ndarray(format="gray") for frame in clip.decode(video=0)]


# --- pictures


def test_the_small_stream_is_analysed_and_the_large_one_is_shown(pi):
    frame = some_of(camera())[-1]
    assert (120, 160) == frame.luma.shape
    assert (240, 320, 3) == frame.pixels.bgr().shape
    assert (120, 160, 3) == frame.pixels.bgr(Box(0, 0, 0.5, 0.5)).shape
    assert pi.last.config["main"]["stride"] > 320  # padded rows


def test_both_streams_show_the_same_moment_in_the_right_place(pi):
    with film() as path:
        pi.film, pi.skip_seconds = path, 14.0
        frame = some_of(camera(Asked(768, 576, 384, 10.0)))[-1]
    grey = frame.pixels.bgr().mean(axis=2)[::2, ::2]
    assert 0.97 < np.corrcoef(grey.ravel(), frame.luma.ravel())[0, 1]


def test_pictures_stay_as_they_were_when_their_buffers_are_filled_again(pi):
    frames = camera().frames()
    first = next(frames)
    luma, colours = first.luma.copy(), first.pixels.bgr()
    list(islice(frames, 8))
    frames.close()
    assert np.array_equal(luma, first.luma)
    assert np.array_equal(colours, first.pixels.bgr())
    assert pi.last.given > 6  # more than there are buffers


def test_who_keeps_frames_does_not_stop_the_camera(pi):
    assert 12 == len(some_of(camera(), 12))
    assert pi.last.given > 12


def test_clocks_rise_at_the_rate_that_is_analysed(pi):
    frames = some_of(camera(), 8)
    assert all(a.clock < b.clock and a.at < b.at for a, b in pairwise(frames))
    assert 2 * 8 < pi.last.given  # 30 were given each second, and 10 looked at


@pytest.mark.parametrize(
    ("flip", "turned"),
    [("none", (1, 1)), ("horizontal", (1, -1)), ("vertical", (-1, 1)), ("both", (-1, -1))],
)
def test_pictures_are_flipped(pi, tmp_path, flip, turned):
    ramp = np.add.outer(np.arange(240) // 3, np.arange(320) // 4).astype(np.uint8)
    pi.film = write(
        tmp_path / "ramp.mkv", 40, size=(320, 240),
        picture=lambda *_: np.repeat(ramp[:, :, None], 3, axis=2),
    )  # fmt: skip
    plain = some_of(camera())[0].luma
    found = some_of(camera(Asked(320, 240, 160, 30.0, flip=flip)))[0].luma
    expected = plain[:: turned[0], :: turned[1]]
    assert np.abs(found.astype(int) - expected).mean() < 3


# --- packets


def test_packets_are_h264_that_plays_from_each_key_frame(pi, tmp_path):
    with film() as path:
        pi.film, pi.skip_seconds, packets = path, 10.0, []
        asked = Asked(384, 288, 192, 20.0, slowest_per_second=5.0)
        some_of(camera(asked, on_packet=packets.append), 15)
    keys = [number for number, packet in enumerate(packets) if packet.key]
    assert 0 == keys[0]
    assert {10} == {b - a for a, b in pairwise(keys)}  # 2 s at 5 a second: in the dark too
    assert {("h264", 384, 288)} == {
        (p.stream.codec, p.stream.width, p.stream.height) for p in packets
    }
    assert 1 == len({id(packet.stream) for packet in packets})
    assert len(packets) - keys[-1] == len(clip_of(packets[keys[-1] :], tmp_path / "last.h264"))


@pytest.mark.usefixtures("pi")
def test_stamps_are_microseconds_of_the_sensor():
    packets = []
    some_of(camera(on_packet=packets.append), 6)
    seconds = [packet.pts * packet.stream.time_base for packet in packets]
    assert 0 == seconds[0]
    assert all(0.03 < b - a < 0.037 for a, b in pairwise(seconds))
    assert packets[0].stream.extradata.startswith(b"\0\0\0\1")


def test_without_anybody_who_records_nothing_is_encoded(pi):
    some_of(camera())
    assert set() == pi.last._encoders  # noqa: SLF001 - of the stand-in


# --- what is asked for


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(captured_per_second=20), {"FrameDurationLimits": (50000, 50000)}),
        (
            Asked(captured_per_second=20, slowest_per_second=4),
            {"FrameDurationLimits": (50000, 250000)},
        ),
        (
            Asked(exposure_milliseconds=20, gain=4),
            {"ExposureTime": 20000, "AnalogueGain": 4, "AeEnable": False},
        ),
        (Asked(exposure="long"), {"AeExposureMode": 2}),
        (Asked(focus_metres=4), {"AfMode": 0, "LensPosition": 0.25}),
        (Asked(), {"AfMode": 2}),
    ],
)
def test_exposure_rate_and_focus_are_set(pi, asked, expected):
    some_of(camera(asked), 1)
    given = pi.last.config["controls"]
    assert expected == {name: given[name] for name in expected}


def test_a_camera_without_autofocus_is_not_asked_to_focus(pi):
    pi.offered = ("FrameDurationLimits", "ExposureTime")
    some_of(camera(Asked(focus_metres=4, gain=2)), 1)
    assert {"FrameDurationLimits"} == set(pi.last.config["controls"])


def test_a_noir_camera_has_its_tuning(pi):
    some_of(camera(Asked(tuning_file="imx219_noir.json")), 1)
    assert {"version": 2.0} == pi.tuning


@pytest.mark.parametrize(
    ("asked", "small"),
    [
        (Asked(1280, 720, 640), (640, 360)),
        (Asked(641, 481, 1920), (640, 480)),  # never larger than the main one, and even
        (Asked(1332, 990, 640), (640, 476)),
    ],
)
def test_the_small_stream_has_the_shape_of_the_large_one(asked, small):
    assert small == asked.small_size(asked.main_size("front", in_hardware=True))


def test_a_pi_5_encodes_by_its_processor_so_large_pictures_come_less_often(pi):
    pi.platform = type(pi.platform).PISP
    said, packets = [], []
    asked = Asked(2304, 1296, 640, 15.0)
    some_of(PiCamera("front", asked=asked, on_packet=packets.append, on_change=said.append), 1)
    assert 10.4 == pytest.approx(1e6 / pi.last.config["controls"]["FrameDurationLimits"][0], 0.01)
    assert [
        "Camera 'front' gives 10.4 pictures a second: this Pi encodes by its processor."
    ] == said


def test_a_pi_4_cannot_encode_more_than_full_hd():
    with pytest.raises(CameraTrouble, match="takes 1920x1080 at most, not 2304x1296"):
        Asked(2304, 1296).main_size("front", in_hardware=True)


@pytest.mark.usefixtures("pi")
def test_settings_reach_the_camera():
    settings = PiCameraSettings(kind="picamera", number=1, width=640, height=360, gain=2.0)
    made = make_camera("front", settings)
    assert isinstance(made, PiCamera)
    assert (1, 640, 2.0, 15.0) == (
        made.number, made.asked.width, made.asked.gain, made.asked.captured_per_second,
    )  # fmt: skip


# --- troubles, and a clean end


def test_it_is_given_back_however_it_ends(pi):
    some_of(camera(on_packet=lambda _: None), 2)
    assert pi.opened_by is None
    pi.sticks_after = 3
    trouble_of(camera(on_packet=lambda _: None, timeout_seconds=0.5))
    assert pi.opened_by is None
    some_of(camera(), 2)
    assert 3 == pi.opened


def test_it_stops_when_told_though_the_camera_sticks(pi):
    pi.sticks_after = 0
    stop = threading.Event()
    made = camera(stop=stop)
    threading.Timer(0.3, stop.set).start()
    assert [] == list(made.frames())
    assert pi.opened_by is None


def test_a_camera_that_sticks_is_told_and_opened_anew(pi):
    pi.sticks_after = 3
    stop = threading.Event()
    made = LiveFrames("front", camera(timeout_seconds=0.5, stop=stop), start_thread, stop)
    with pytest.raises(CameraTrouble, match=r"no picture for 0\.5 s\. It is opened anew"):
        list(made.frames())
    frames = made.frames()
    assert "front" == next(frames).camera
    stop.set()
    list(frames)


def test_a_camera_whose_pictures_stand_still_is_told(pi):
    pi.stands_still = True
    assert "the same picture over and over" in trouble_of(camera(frozen_seconds=0.3))


def test_no_camera(pi):
    pi.cameras = []
    assert "no camera is detected" in trouble_of(camera())
    assert "ribbon cable" in trouble_of(camera())


@pytest.mark.usefixtures("pi")
def test_a_wrong_number():
    assert "Set number to one of these: 0 (imx708)" in trouble_of(camera(number=2))


def test_a_camera_that_another_program_uses(pi):
    pi.opened_by = "rpicam"
    said = trouble_of(camera())
    assert "in use by another program" in said
    assert "fuser -v /dev/media*" in said


def test_a_tuning_file_that_is_not_there(pi):
    assert "no such tuning_file" in trouble_of(camera(Asked(tuning_file="nothing.json")))
    assert pi.opened_by is None


@pytest.mark.usefixtures("pi")
def test_heard_is_when_the_last_picture_came():
    made = camera()
    began = time.monotonic()
    some_of(made, 2)
    assert began < made.heard <= time.monotonic()
    assert UTC == datetime.now(UTC).tzinfo


# --- the stand-in


@pytest.mark.parametrize(("name", "arguments"), SIGNATURES.items())
def test_the_stand_in_has_the_signatures_of_the_real_one(pi, name, arguments):
    del pi
    assert arguments == arguments_of(function_of(name))


def test_the_stand_in_knows_the_platforms_of_the_real_one(pi):
    assert list(PLATFORMS) == [one.name for one in type(pi.platform)]


def function_of(name: str):
    """What the stand-in has for a name of the real one's modules."""
    import picamera2.encoders  # noqa: PLC0415 - only now is it installed
    import picamera2.outputs  # noqa: PLC0415 - as above

    _, of, method = name.rsplit(".", 2)
    places = {
        "Output": picamera2.outputs, "LibavH264Encoder": picamera2.encoders,
        "Encoder": picamera2.encoders,
    }  # fmt: skip
    known = {"LibavH264Encoder": "H264Encoder", "Encoder": "H264Encoder"}
    found = vars(getattr(places.get(of, picamera2), known.get(of, of)))[method]
    return getattr(found, "fget", None) or getattr(found, "__func__", found)
