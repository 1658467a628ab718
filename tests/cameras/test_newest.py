"""The newest frame of a camera that is read by a thread of its own."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice, pairwise

import pytest

from tests.cameras.clips import write
from tests.cameras.threads import start_thread
from tests.servers.rtsp import RtspServer, number_in
from whosthere.cameras.newest import LiveFrames
from whosthere.cameras.rtsp import RtspCamera
from whosthere.cameras.video_file import VideoFile
from whosthere.core.errors import CameraTrouble
from whosthere.core.sighting import Frame

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


def live(url: str, stop: threading.Event, **how) -> LiveFrames:
    camera = RtspCamera("front", url, timeout_seconds=1.5, frames_per_second=20, stop=stop, **how)
    return LiveFrames("front", camera, start_thread, stop)


def wait_for_end_of_readers() -> None:
    for thread in threading.enumerate():
        if thread.name.endswith(" reader"):
            thread.join(5)
            assert not thread.is_alive()


def test_who_comes_late_finds_the_newest(units):
    stop, pause = threading.Event(), threading.Event()
    with RtspServer(units, rate=20) as server:
        frames = live(server.url, stop).frames()
        first = next(frames)
        pause.wait(0.6)  # the viewer is busy
        second, found = next(frames), time.monotonic()
        frames.close()
    assert number_in(second.luma) - number_in(first.luma) >= 8
    assert found - second.clock < 0.2
    wait_for_end_of_readers()


def test_packets_go_on_while_nobody_takes_frames(units):
    stop, pause, packets = threading.Event(), threading.Event(), []
    with RtspServer(units, rate=20) as server:
        frames = live(server.url, stop, on_packet=packets.append).frames()
        next(frames)
        before = len(packets)
        pause.wait(0.6)
        assert len(packets) - before >= 9
        frames.close()
    wait_for_end_of_readers()


def test_trouble_comes_out_of_frames_and_the_next_attempt_works(units):
    stop = threading.Event()
    with RtspServer(units, rate=20) as server:
        camera = live(server.url, stop)
        frames = camera.frames()
        next(frames)
        server.cut()
        with pytest.raises(CameraTrouble, match="ended"):
            list(frames)
        again = list(islice(camera.frames(), 3))
    assert 3 == len(again)
    wait_for_end_of_readers()


def test_it_ends_soon_when_told_to_stop(units):
    stop = threading.Event()
    with RtspServer(units, rate=20) as server:
        frames = live(server.url, stop).frames()
        next(frames)
        server.frozen.set()  # the reader waits for packets, and cannot hear
        stop.set()
        began = time.monotonic()
        list(frames)
        assert time.monotonic() - began < 1
    wait_for_end_of_readers()


def test_waking_reaches_the_camera(units):
    stop = threading.Event()
    with RtspServer(units, rate=20) as server:
        camera = live(server.url, stop, key_frames_only_while_quiet=True)
        frames = camera.frames()
        assert [0, 0] == [number_in(frame.luma) % 10 for frame in islice(frames, 2)]
        camera.wake(30)
        steps = [b.clock - a.clock for a, b in pairwise(islice(frames, 8))]
        frames.close()
    assert max(steps) < 0.2
    wait_for_end_of_readers()


class Stuck:
    """A driver that hangs: a call into it does not come back."""

    heard = 0.0

    def __init__(self) -> None:
        self.freed = threading.Event()

    def frames(self) -> Iterator[Frame]:
        self.freed.wait(30)
        yield from ()

    def wake(self, seconds: float) -> None:
        pass


def test_a_reader_that_hangs_is_told_and_not_doubled():
    stuck, stop = Stuck(), threading.Event()
    camera = LiveFrames(
        "front", stuck, start_thread, stop, longest_silence=0.3, longest_opening=0.3
    )
    with pytest.raises(CameraTrouble, match="has sent nothing"):
        list(camera.frames())
    with pytest.raises(CameraTrouble, match="what reads it"):
        list(camera.frames())
    stuck.freed.set()
    wait_for_end_of_readers()


class Broken(Stuck):
    """A reader with a bug."""

    def frames(self) -> Iterator[Frame]:
        yield from ()
        raise ZeroDivisionError


def start_thread_that_logs_bugs(name: str, work: Callable[[], None]) -> None:
    def run() -> None:
        with suppress(ZeroDivisionError):
            work()

    start_thread(name, run)


def test_a_reader_with_a_bug_is_told():
    camera = LiveFrames("front", Broken(), start_thread_that_logs_bugs, threading.Event())
    with pytest.raises(CameraTrouble, match="broke down"):
        list(camera.frames())


def test_a_file_in_real_time_ends_by_itself(tmp_path):
    stop = threading.Event()
    clip = VideoFile("front", write(tmp_path / "a.mp4", 8), pace="real time", stop=stop)
    frames = list(LiveFrames("front", clip, start_thread, stop).frames())
    assert 1 <= len(frames) <= 4
