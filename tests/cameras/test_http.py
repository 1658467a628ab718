"""Cameras by HTTP that work, and all the ways in which they do not."""

import logging
import socket
import threading
import time
from itertools import islice, pairwise

import numpy as np
import pytest

from tests.servers.http import HttpServer, jpeg
from whosthere.cameras.http import MjpegCamera, SnapshotCamera
from whosthere.core.errors import CameraTrouble

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


PASSWORD = "p@ss:w/rd?#"  # noqa: S105 - of a camera that lives in this test


def snapshots(server: HttpServer, **how) -> SnapshotCamera:
    given = {"frames_per_second": 20, "timeout_seconds": 1, "stale_seconds": 0.5, **how}
    return SnapshotCamera("shed", server.address + "/snapshot", **given)


def stream(server: HttpServer, **how) -> MjpegCamera:
    given = {"frames_per_second": 20, "timeout_seconds": 1.5, **how}
    return MjpegCamera("shed", server.address + "/stream", **given)


def trouble(camera) -> str:
    with pytest.raises(CameraTrouble) as told:
        for _ in camera.frames():
            pass
    assert PASSWORD not in str(told.value)
    return str(told.value)


KINDS = pytest.mark.parametrize("kind", [snapshots, stream])


@KINDS
@pytest.mark.parametrize("digest", [True, False])
def test_pictures_come_with_a_login(kind, digest):
    with HttpServer(login=("ad min", PASSWORD), digest=digest) as server:
        camera = kind(server, user="ad min", password=PASSWORD)
        frames = list(islice(camera.frames(), 5))
    assert {(120, 160)} == {frame.luma.shape for frame in frames}
    assert {np.dtype(np.uint8)} == {frame.luma.dtype for frame in frames}
    assert all(a.clock < b.clock and a.at < b.at for a, b in pairwise(frames))


@KINDS
def test_each_picture_is_handed_on_as_it_came(kind):
    packets = []
    with HttpServer() as server:
        list(islice(kind(server, on_packet=packets.append).frames(), 5))
    known = {jpeg(number) for number in range(60)}
    assert len(packets) >= 5
    assert all(packet.key and packet.data in known for packet in packets)
    assert {("mjpeg", 160, 120)} == {
        (p.stream.codec, p.stream.width, p.stream.height) for p in packets
    }
    assert all(a.dts < b.dts for a, b in pairwise(packets))


@KINDS
@pytest.mark.parametrize(
    ("status", "says"),
    [(403, "may not see it"), (404, "no such stream"), (500, "trouble of its own")],
)
def test_an_error_status_is_told(kind, status, says):
    with HttpServer(status=status) as server:
        assert says in trouble(kind(server))


@KINDS
def test_a_wrong_password_is_told(kind):
    with HttpServer(login=("admin", "right")) as server:
        said = trouble(kind(server, user="admin", password=PASSWORD))
    assert "401" in said
    assert "WHOSTHERE_SHED_PASSWORD" in said


@KINDS
def test_a_camera_that_takes_too_long_is_told(kind):
    with HttpServer(pause=3) as server:
        began = time.monotonic()
        assert "did not answer" in trouble(kind(server))
        assert time.monotonic() - began < 6
        server.stopping.set()


@KINDS
def test_a_refused_connection_is_told(kind):
    server = HttpServer()
    with socket.create_server(("127.0.0.1", 0)) as free:
        server.address = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert "refuses" in trouble(kind(server))


@KINDS
def test_an_unknown_host_is_told(kind):
    server = HttpServer()
    server.address = "http://nowhere.invalid"
    assert "unknown in the network" in trouble(kind(server))


@pytest.mark.slow
@KINDS
def test_a_page_instead_of_a_picture_is_told(kind):
    with HttpServer(lambda _: b"<html>Log in</html>" * 50, kind="text/html") as server:
        assert "Correct the url" in trouble(kind(server))


def test_a_picture_that_is_cut_off_is_told():
    with HttpServer(lambda number: jpeg(number)[:300]) as server:
        assert "no JPEG picture" in trouble(snapshots(server))


def test_the_same_picture_again_is_not_shown_as_live():
    stop = threading.Event()
    with HttpServer(lambda number: jpeg(number // 3)) as server:
        frames = list(islice(snapshots(server, stop=stop).frames(), 4))
        assert server.asked >= 9
    assert all(not np.array_equal(a.luma, b.luma) for a, b in pairwise(frames))


@KINDS
def test_a_picture_that_stays_the_same_is_told(kind):
    how = {snapshots: {"stale_seconds": 0.4}, stream: {"frozen_seconds": 0.4}}[kind]
    with HttpServer(lambda _: jpeg(7)) as server:
        assert "same picture" in trouble(kind(server, **how))


@KINDS
def test_a_change_of_size_is_followed_and_told(kind):
    told = []
    with HttpServer(
        lambda number: jpeg(number, (160, 120) if number < 30 else (320, 240))
    ) as server:
        sizes = [
            frame.luma.shape for frame in islice(kind(server, on_change=told.append).frames(), 45)
        ]
    assert (240, 320) == sizes[-1]
    assert 1 == len(told)
    assert "320x240" in told[0]


def test_a_stream_that_falls_silent_is_noticed():
    with HttpServer() as server:
        frames = stream(server).frames()
        next(frames)
        server.frozen.set()
        began = time.monotonic()
        with pytest.raises(CameraTrouble, match="did not answer"):
            list(frames)
        assert time.monotonic() - began < 5


@KINDS
def test_it_ends_when_told_to_stop(kind):
    stop = threading.Event()
    with HttpServer() as server:
        frames = kind(server, stop=stop).frames()
        next(frames)
        stop.set()
        assert [] == list(frames)


@KINDS
def test_the_password_is_nowhere_to_be_seen(kind, caplog, capfd):
    with caplog.at_level(logging.DEBUG), HttpServer(login=("admin", PASSWORD)) as server:
        camera = kind(server, user="admin", password=PASSWORD)
        next(camera.frames())
        trouble(kind(server, user="other", password=PASSWORD))
    shown = caplog.text + "".join(capfd.readouterr()) + repr(camera)
    assert PASSWORD not in shown
    assert "p%40ss" not in shown
