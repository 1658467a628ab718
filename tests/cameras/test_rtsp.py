"""RTSP cameras that work, and all the ways in which they do not."""

import logging
import socket
import threading
import time
from itertools import islice, pairwise

import numpy as np
import pytest

from tests.cameras.threads import StopAfter
from tests.servers.rtsp import RtspServer, encode, number_in, numbered
from whosthere.cameras.rtsp import RecordingStream, RtspCamera
from whosthere.core.errors import CameraTrouble

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


PASSWORD = "p@ss:w/rd?#"  # noqa: S105 - of a camera that lives in this test
QUICK = {"timeout_seconds": 1.5, "frames_per_second": 20}


def noisy(number: int, width: int, height: int) -> np.ndarray:
    """A numbered picture that is hard to encode."""
    picture = numbered(number, width, height)
    picture[40:] ^= np.random.default_rng(number).integers(0, 32, picture[40:].shape, np.uint8)
    return picture


def trouble(camera: RtspCamera) -> str:
    """Play until something goes wrong; return what is said of it."""
    with pytest.raises(CameraTrouble) as told:
        for _ in camera.frames():
            pass
    assert PASSWORD not in str(told.value)
    assert told.value.__cause__ is None
    return str(told.value)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("digest", [True, False])
def test_pictures_come_with_login_over_both_transports(units, transport, digest):
    with RtspServer(units, rate=20, login=("ad min", PASSWORD), digest=digest) as server:
        camera = RtspCamera("front", server.url, "ad min", PASSWORD, transport=transport, **QUICK)
        frames = list(islice(camera.frames(), 8))
    assert all(a.clock < b.clock for a, b in pairwise(frames))
    numbers = [number_in(frame.luma) for frame in frames[1:]]  # what came while opening is skipped
    assert numbers == list(range(numbers[0], numbers[0] + 7))


@pytest.mark.parametrize("codec", [("H264", "libx264"), ("H265", "libx265")])
def test_packets_are_handed_on_from_a_key_frame(codec):
    name, encoder = codec
    packets = []
    with RtspServer(encode(40, encoder, rate=20), name, rate=20) as server:
        camera = RtspCamera("front", server.url, on_packet=packets.append, **QUICK)
        list(islice(camera.frames(), 12))
    stream = packets[0].stream
    assert packets[0].key
    assert {"h264": "H264", "hevc": "H265"}[stream.codec] == name
    assert (320, 240) == (stream.width, stream.height)
    assert 20 == stream.frames_per_second
    assert stream.extradata
    assert 1 == len({id(p.stream) for p in packets})
    assert all(a.dts < b.dts and a.clock <= b.clock for a, b in pairwise(packets))
    assert all(p.pts == p.dts for p in packets)


def test_time_is_when_packets_came_in(units):
    with RtspServer(units, rate=20) as server:
        camera = RtspCamera("front", server.url, **QUICK)
        before = time.monotonic()
        frames = list(islice(camera.frames(), 10))
        for frame in frames[4:]:
            late = frame.clock - server.sent[number_in(frame.luma)]
            assert -0.002 < late < 0.25
    assert before < frames[0].clock < frames[-1].clock < time.monotonic()


def lateness(server: RtspServer, transport: str = "tcp") -> float:
    """Seconds from sending to luma at the median, once the camera knows the stream."""
    frames = RtspCamera("front", server.url, **QUICK, transport=transport).frames()
    late = [time.monotonic() - server.sent[number_in(f.luma)] for f in islice(frames, 70)][45:]
    return sorted(late)[len(late) // 2]


@pytest.mark.parametrize("slices", ["1", "4"])
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_picture_is_in_hand_when_its_last_packet_came(slices, transport):
    large = encode(100, size=(640, 480), rate=20, picture=noisy, options={"slices": slices})
    assert max(map(len, large)) > 20_000  # many packets for one picture
    with RtspServer(large, rate=20) as server:
        assert lateness(server, transport) < 0.04  # a frame is 0.05


@pytest.mark.slow
@pytest.mark.parametrize(
    "stamp",
    [lambda n: n // 2, lambda n: n + 2 * (n % 3 == 1)],
    ids=["shared by two pictures", "out of order"],
)
def test_a_stream_that_cannot_be_foretold_is_one_frame_late(units, stamp, caplog):
    with caplog.at_level(logging.INFO), RtspServer(units, rate=20, stamp=stamp) as server:
        assert lateness(server) < 0.15
    assert "one frame later" in caplog.text


def test_economy_decodes_key_frames_until_woken(units):
    with RtspServer(units, rate=20) as server:
        camera = RtspCamera("front", server.url, key_frames_only_while_quiet=True, **QUICK)
        frames = camera.frames()
        quiet = [number_in(next(frames).luma) for _ in range(3)]
        camera.wake(30)
        busy = [number_in(next(frames).luma) for _ in range(8)]
        frames.close()
    assert [0, 0, 0] == [number % 10 for number in quiet]
    assert list(range(busy[0], busy[0] + 8)) == busy


def test_a_wrong_password_is_told_with_the_name_of_its_variable(units):
    with RtspServer(units, login=("admin", "right")) as server:
        said = trouble(RtspCamera("front-door", server.url, "admin", PASSWORD))
    assert "401" in said
    assert "WHOSTHERE_FRONT_DOOR_PASSWORD" in said


def test_a_refused_connection_is_told():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"rtsp://127.0.0.1:{port}/s"
    assert "refuses" in trouble(RtspCamera("front", url, "admin", PASSWORD))


def test_an_unknown_host_is_told():
    camera = RtspCamera("front", "rtsp://nowhere.invalid/s", "admin", PASSWORD)
    assert "unknown in the network" in trouble(camera)


def test_a_peer_that_says_nothing_is_told_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/s"
        began = time.monotonic()
        said = trouble(RtspCamera("front", url, "admin", PASSWORD, timeout_seconds=1))
    assert "did not answer" in said
    assert time.monotonic() - began < 4


def test_garbage_instead_of_rtsp_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        talker = threading.Thread(target=_talk_nonsense, args=(server,))
        talker.start()
        url = f"rtsp://127.0.0.1:{server.getsockname()[1]}/s"
        said = trouble(RtspCamera("front", url, "admin", PASSWORD, timeout_seconds=2))
        talker.join(5)
    assert "no video" in said


def _talk_nonsense(server: socket.socket) -> None:
    for _ in range(2):  # there is a second attempt
        connection, _ = server.accept()
        with connection:
            connection.recv(10_000)
            connection.sendall(b"\0\1 nonsense \r\n" * 1000)


def test_a_stream_without_pictures_is_told(units):
    with RtspServer(units, media="audio") as server:
        assert "no pictures" in trouble(RtspCamera("front", server.url))


def test_a_transport_that_is_not_offered_is_told(units):
    with RtspServer(units, udp=False) as server:
        said = trouble(RtspCamera("front", server.url, transport="udp"))
    assert "Set transport = 'tcp'" in said


def after(frames: int, server: RtspServer, happens, **how) -> str:
    """Let something happen after some frames; return what is said of it."""
    camera = RtspCamera("front", server.url, **{**QUICK, **how})
    coming = camera.frames()
    list(islice(coming, frames))
    happens()
    with pytest.raises(CameraTrouble) as told:
        list(coming)
    return str(told.value)


def test_a_connection_that_ends_is_an_error(units):
    with RtspServer(units, rate=20) as server:
        assert "ended" in after(5, server, server.cut)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_peer_that_falls_silent_is_noticed_after_the_timeout(units, transport):
    with RtspServer(units, rate=20) as server:
        began = time.monotonic()
        said = after(5, server, server.frozen.set, transport=transport)
    assert "did not answer" in said
    assert time.monotonic() - began < 5


@pytest.mark.slow
def test_packets_that_make_no_picture_are_noticed_within_ten_seconds(units):
    with RtspServer(units, rate=20) as server:
        began = time.monotonic()
        said = after(5, server, server.rubbish.set)
    assert "make no picture" in said
    assert time.monotonic() - began < 12


def test_an_encoder_that_repeats_one_picture_is_noticed(still_units):
    with RtspServer(still_units, rate=20) as server:
        camera = RtspCamera("front", server.url, frozen_seconds=1, **QUICK)
        assert "same picture" in trouble(camera)


def test_a_dark_room_may_stay_as_it_is(dark_units):
    with RtspServer(dark_units, rate=20) as server:
        camera = RtspCamera("front", server.url, frozen_seconds=0.5, **QUICK)
        assert 35 == len(list(islice(camera.frames(), 35)))


def test_a_still_scene_is_left_alone_where_people_say_so(still_units):
    with RtspServer(still_units, rate=20) as server:
        camera = RtspCamera("front", server.url, frozen_seconds=0, **QUICK)
        assert 35 == len(list(islice(camera.frames(), 35)))


def test_a_change_of_size_in_mid_stream_is_followed_and_told(units, caplog):
    packets, told = [], []
    with RtspServer(units[:40], rate=20) as server:
        camera = RtspCamera(
            "front", server.url, on_packet=packets.append, on_change=told.append, **QUICK
        )
        frames = camera.frames()
        list(islice(frames, 5))
        server.units = encode(40, size=(640, 480), rate=20)
        sizes = [frame.luma.shape for frame in islice(frames, 60)]
        frames.close()
    assert {(240, 320), (480, 640)} >= set(sizes)
    assert (480, 640) == sizes[-1]
    assert ["Camera 'front' changed from h264 320x240 to h264 640x480."] == told
    assert told[0] in caplog.text
    streams = list(dict.fromkeys(packet.stream for packet in packets))
    assert [320, 640] == [stream.width for stream in streams]
    assert next(p for p in packets if p.stream == streams[1]).key


def test_another_codec_after_a_new_connection_is_told(units):
    told: list[str] = []
    with RtspServer(units, rate=20) as server:
        camera = RtspCamera("front", server.url, on_change=told.append, **QUICK)
        list(islice(camera.frames(), 3))
        server.codec, server.units = "H265", encode(40, "libx265", rate=20)
        list(islice(camera.frames(), 3))
    assert ["Camera 'front' changed from h264 320x240 to hevc 320x240."] == told


def test_it_ends_when_told_to_stop(units):
    stop = threading.Event()
    with RtspServer(units, rate=20) as server:
        frames = RtspCamera("front", server.url, stop=stop, **QUICK).frames()
        next(frames)
        stop.set()
        assert [] == list(frames)


def test_a_stream_for_recordings_only_hands_on_packets(units):
    kept = StopAfter(25)
    with RtspServer(units, rate=20) as server:
        RecordingStream("front", server.url, kept.take, stop=kept.stop).run()
    assert 25 == len(kept.packets)
    assert kept.packets[0].key
    stream = kept.packets[0].stream
    assert (320, 240) == (stream.width, stream.height)


def test_a_stream_for_recordings_tells_its_troubles(units):
    with RtspServer(units, login=("admin", "right")) as server:
        stream = RecordingStream("front", server.url, print, "admin", PASSWORD)
        with pytest.raises(CameraTrouble, match="401") as told:
            stream.run()
    assert PASSWORD not in str(told.value) + repr(stream)


def test_the_password_is_nowhere_to_be_seen(units, caplog, capfd):
    with (
        caplog.at_level(logging.DEBUG),
        RtspServer(units, rate=20, login=("admin", PASSWORD)) as server,
    ):
        camera = RtspCamera("front", server.url, "admin", PASSWORD, **QUICK)
        next(camera.frames())
        after(3, server, server.cut, user="admin", password=PASSWORD)
    shown = caplog.text + "".join(capfd.readouterr()) + repr(camera)
    assert PASSWORD not in shown
    assert "p%40ss" not in shown
