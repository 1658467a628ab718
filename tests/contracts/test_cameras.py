"""What every camera must do, run over every kind of it.

There is no Video4Linux device where tests run; `usb` is left out. `picamera` runs over a stand-in
for picamera2.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest

from tests.cameras.clips import write
from tests.cameras.picamera2_standin import installed
from tests.cameras.threads import start_thread
from tests.servers.http import HttpServer
from tests.servers.rtsp import RtspServer, encode
from whosthere.cameras.http import MjpegCamera, SnapshotCamera
from whosthere.cameras.newest import LiveFrames
from whosthere.cameras.picamera import PiCamera
from whosthere.cameras.picamera_asked import Asked
from whosthere.cameras.rtsp import RtspCamera
from whosthere.cameras.video_file import VideoFile
from whosthere.core.errors import CameraTrouble
from whosthere.core.ports import Camera
from whosthere.core.sighting import Box

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


PASSWORD = "p@ss:w/rd?#"  # noqa: S105 - of cameras that live in these tests
LOGIN = {"user": "admin", "password": PASSWORD}
RATE = 10.0

Make = Callable[..., Any]


@contextmanager
def file(tmp_path, *, right: bool = True) -> Iterator[Make]:
    path = write(tmp_path / "clip.mkv", 60, rate=10, size=(320, 240))
    there = path if right else tmp_path / "nowhere.mkv"
    yield lambda **how: VideoFile("front", there, frames_per_second=RATE, **how)


@contextmanager
def file_in_real_time(tmp_path, *, right: bool = True) -> Iterator[Make]:
    with file(tmp_path, right=right) as make:
        yield lambda **how: make(pace="real time", loop=True, **how)


@contextmanager
def rtsp(_, *, right: bool = True, transport: str = "tcp") -> Iterator[Make]:
    login = ("admin", PASSWORD if right else "another")
    with RtspServer(encode(60, rate=20), rate=20, login=login) as server:
        yield lambda **how: RtspCamera(
            "front", server.url, transport=transport, frames_per_second=RATE, **LOGIN, **how
        )


@contextmanager
def rtsp_udp(tmp_path, *, right: bool = True) -> Iterator[Make]:
    with rtsp(tmp_path, right=right, transport="udp") as make:
        yield make


@contextmanager
def mjpeg(_, *, right: bool = True) -> Iterator[Make]:
    with HttpServer(login=("admin", PASSWORD if right else "another")) as server:
        yield lambda **how: MjpegCamera(
            "front", server.address + "/stream", frames_per_second=RATE, **LOGIN, **how
        )


@contextmanager
def snapshot(_, *, right: bool = True) -> Iterator[Make]:
    with HttpServer(login=("admin", PASSWORD if right else "another")) as server:
        yield lambda **how: SnapshotCamera(
            "front", server.address + "/snapshot", frames_per_second=RATE, **LOGIN, **how
        )


@contextmanager
def picamera(_, *, right: bool = True) -> Iterator[Make]:
    with installed() as pi:
        pi.cameras = pi.cameras if right else []
        asked = Asked(320, 240, 320, 20.0)
        yield lambda **how: PiCamera("front", asked=asked, frames_per_second=RATE, **how)


@contextmanager
def newest(tmp_path, *, right: bool = True) -> Iterator[Make]:
    with rtsp(tmp_path, right=right) as make:
        stop = threading.Event()

        def made(**how) -> Camera:
            told = how.pop("stop", stop)
            return LiveFrames("front", make(stop=told, **how), start_thread, told)

        yield made
        stop.set()


KINDS = pytest.mark.parametrize(
    "kind", [file, file_in_real_time, rtsp, rtsp_udp, mjpeg, snapshot, picamera, newest]
)


@KINDS
def test_frames_come_with_rising_clocks_in_utc(kind, tmp_path):
    with kind(tmp_path) as make:
        frames = list(islice(make().frames(), 6))
    assert {"front"} == {frame.camera for frame in frames}
    assert all(a.clock < b.clock and a.at < b.at for a, b in pairwise(frames))
    assert {UTC} == {frame.at.tzinfo for frame in frames}
    assert all(round(frame.clock, 3) == frame.clock for frame in frames)
    wall, media = frames[-1].at - frames[0].at, frames[-1].clock - frames[0].clock
    assert abs(wall - timedelta(seconds=media)) < timedelta(seconds=0.05)


@KINDS
def test_pictures_have_luma_and_colours(kind, tmp_path):
    with kind(tmp_path) as make:
        frame = next(make().frames())
    luma = frame.luma
    assert (np.uint8, 2) == (luma.dtype, luma.ndim)
    assert luma.max() > luma.min()
    assert (*luma.shape, 3) == frame.pixels.bgr().shape
    assert (luma.shape[0] // 2, luma.shape[1] // 2, 3) == frame.pixels.bgr(
        Box(0, 0, 0.5, 0.5)
    ).shape


@KINDS
def test_luma_stays_as_it_was_while_frames_go_on(kind, tmp_path):
    with kind(tmp_path) as make:
        frames = make().frames()
        first = next(frames)
        before = first.luma.copy()
        list(islice(frames, 6))
    assert np.array_equal(before, first.luma)


@KINDS
def test_packets_begin_with_a_key_frame_and_go_forward(kind, tmp_path):
    packets = []
    with kind(tmp_path) as make:
        list(islice(make(on_packet=packets.append).frames(), 6))
    assert packets[0].key
    assert len({id(packet.stream) for packet in packets}) == 1
    assert packets[0].stream.width > 0
    assert all(a.dts < b.dts and a.clock <= b.clock for a, b in pairwise(packets))
    assert all(packet.pts >= packet.dts and packet.data for packet in packets)


@KINDS
def test_it_stops_when_told(kind, tmp_path):
    stop = threading.Event()
    with kind(tmp_path) as make:
        frames = make(stop=stop).frames()
        next(frames)
        stop.set()
        began = time.monotonic()
        list(frames)
        assert time.monotonic() - began < 1


@KINDS
def test_trouble_names_the_camera_and_hides_the_password(kind, tmp_path, caplog, capfd):
    with (
        caplog.at_level(logging.DEBUG),
        kind(tmp_path, right=False) as make,
        pytest.raises(CameraTrouble, match="Camera 'front'") as told,
    ):
        list(make().frames())
    shown = str(told.value) + caplog.text + "".join(capfd.readouterr()) + repr(make())
    assert PASSWORD not in shown
    assert "p%40ss" not in shown
