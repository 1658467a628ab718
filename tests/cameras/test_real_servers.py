"""RTSP servers that others wrote: alive, killed and frozen."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, pairwise
from pathlib import Path

import pytest

from tests.cameras.clips import write
from whosthere.cameras.rtsp import RtspCamera
from whosthere.core.errors import CameraTrouble

DEBIAN_PYTHON = "/usr/bin/python3"
GST = Path(__file__).parent.parent / "servers" / "gst_rtsp.py"
HAS_GST = """
import gi
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
assert all(map(Gst.ElementFactory.find, ["x264enc", "x265enc", "rtph264pay", "videotestsrc"]))
"""
WORD = "gst-word"

pytestmark = pytest.mark.slow


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def gst_port() -> Iterator[int]:
    if (
        not Path(DEBIAN_PYTHON).exists()
        or subprocess.run(
            [DEBIAN_PYTHON, "-c", HAS_GST], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("Debian's gir1.2-gst-rtsp-server-1.0 and GStreamer plugins are not installed")
    with running(DEBIAN_PYTHON, str(GST), "viewer", WORD) as server:
        yield int(server.stdout.readline())


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_gstreamer_s_server_with_login(gst_port, codec, transport):
    packets = []
    camera = RtspCamera(
        "front",
        f"rtsp://127.0.0.1:{gst_port}/{codec}",
        "viewer",
        WORD,
        transport=transport,
        frames_per_second=15,
        on_packet=packets.append,
    )
    frames = list(islice(camera.frames(), 20))
    assert {(360, 640)} == {frame.luma.shape for frame in frames}
    assert all(a.clock < b.clock for a, b in pairwise(frames))
    assert packets[0].key
    assert (640, 360) == (packets[0].stream.width, packets[0].stream.height)
    assert all(a.dts < b.dts for a, b in pairwise(packets))


def test_gstreamer_s_server_refuses_a_wrong_password(gst_port):
    camera = RtspCamera("front", f"rtsp://127.0.0.1:{gst_port}/h264", "viewer", "wrong")
    with pytest.raises(CameraTrouble, match="401"):
        next(camera.frames())


def test_gstreamer_s_server_knows_no_such_stream(gst_port):
    camera = RtspCamera("front", f"rtsp://127.0.0.1:{gst_port}/nothing", "viewer", WORD)
    with pytest.raises(CameraTrouble, match="404"):
        next(camera.frames())


@pytest.fixture
def toolkit(tmp_path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server of aio-rtsp-toolkit, in a process of its own."""
    options = {"bf": "0", "g": "15"}
    write(tmp_path / "clip.mp4", 300, rate=15, size=(320, 240), options=options)
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as two:
        port, control = one.getsockname()[1], two.getsockname()[1]
    program = Path(sys.executable).parent / "rtsp-server"
    with running(
        str(program), "-d", str(tmp_path), "-H", "127.0.0.1", "-p", str(port), "-cp", str(control)
    ) as server:
        wait_for(port)
        yield server, f"rtsp://127.0.0.1:{port}/clip.mp4"


def wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.05)
        else:
            return


@pytest.mark.parametrize(
    ("blow", "says"), [(signal.SIGKILL, "ended"), (signal.SIGSTOP, "did not answer")]
)
def test_a_server_that_is_killed_or_frozen_is_noticed_within_ten_seconds(toolkit, blow, says):
    server, url = toolkit
    frames = RtspCamera("front", url).frames()
    assert {(240, 320)} == {frame.luma.shape for frame in islice(frames, 5)}
    os.kill(server.pid, blow)
    began = time.monotonic()
    with pytest.raises(CameraTrouble, match=says):
        list(frames)
    assert time.monotonic() - began < 10
