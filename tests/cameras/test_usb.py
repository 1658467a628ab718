"""Cameras at this machine. There is none where tests run: so far these are the errors alone."""

import errno
import os
from pathlib import Path

import pytest

from whosthere.cameras.usb import UsbCamera, devices
from whosthere.core.errors import CameraTrouble


def trouble(device: Path) -> str:
    with pytest.raises(CameraTrouble) as told:
        list(UsbCamera("desk", device).frames())
    return str(told.value)


def test_a_missing_device_is_told():
    assert "/dev/video99 does not exist" in trouble(Path("/dev/video99"))


def test_a_file_that_is_no_camera_is_told(tmp_path):
    device = tmp_path / "video0"
    device.write_bytes(b"no camera")
    assert "is no camera" in trouble(device)


def test_a_device_that_is_no_camera_is_told():
    assert "is no camera" in trouble(Path("/dev/null"))


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EACCES, "group 'video'"),
        (errno.EBUSY, "another program"),
        (errno.ENODEV, "is gone"),
        (errno.EINVAL, "1280x720 as mjpeg"),
        (errno.ENOMEM, "Cannot allocate memory"),
    ],
)
def test_errors_of_the_driver_say_what_to_do(number, says):
    error = OSError(number, os.strerror(number))
    assert says in str(UsbCamera("desk").trouble(error, 0.0))


def test_the_device_is_asked_for_what_was_set():
    camera = UsbCamera("desk", width=640, height=480, captured_per_second=30)
    assert {
        "video_size": "640x480",
        "framerate": "30",
        "input_format": "mjpeg",
    } == camera.options()


def test_any_format_is_left_to_the_device():
    assert "input_format" not in UsbCamera("desk", picture_format="any").options()


def test_devices_are_listed_with_their_names(tmp_path):
    for number, name in ((0, "HD Webcam"), (10, "Grabber"), (2, "HD Webcam")):
        entry = tmp_path / f"video{number}"
        entry.mkdir()
        (entry / "name").write_text(name + "\n")
    (tmp_path / "video3").mkdir()  # gone while we look
    assert [
        ("/dev/video0", "HD Webcam"),
        ("/dev/video2", "HD Webcam"),
        ("/dev/video10", "Grabber"),
    ] == list(devices(tmp_path).items())


def test_without_devices_the_list_is_empty(tmp_path):
    assert {} == devices(tmp_path / "nothing")
