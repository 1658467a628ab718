"""Video files: in order, damaged, odd."""

import logging
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event

import av
import numpy as np
import pytest

from tests.cameras.clips import rubbish, write
from whosthere.cameras.video_file import VideoFile
from whosthere.core.errors import CameraTrouble

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def play(path: Path, **how):
    return list(VideoFile("front", path, NOON, **how).frames())


def clocks(path: Path, **how) -> list[float]:
    return [frame.clock for frame in play(path, **how)]


def test_frames_come_at_the_analysed_rate_with_media_time(tmp_path):
    frames = play(write(tmp_path / "a.mp4", 20, rate=10))
    assert [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8] == [f.clock for f in frames]
    assert [NOON + timedelta(seconds=f.clock) for f in frames] == [f.at for f in frames]


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg4", "mjpeg"])
def test_every_codec_gives_every_picture(tmp_path, codec):
    pixels = {"mjpeg": "yuvj420p"}.get(codec, "yuv420p")
    path = write(tmp_path / "a.mkv", 12, codec=codec, pixels=pixels)
    assert 12 == len(play(path, frames_per_second=10))


@pytest.mark.parametrize(
    ("pixels", "codec", "size"),
    [
        ("yuv420p", "ffv1", (33, 25)),
        ("yuv422p", "libx264", (64, 48)),
        ("yuv444p", "libx264", (65, 49)),
        ("yuv420p10le", "libx265", (64, 48)),
        ("gray", "ffv1", (64, 48)),
        ("gray10le", "ffv1", (63, 47)),
        ("yuyv422", "rawvideo", (64, 48)),
        ("bgr24", "rawvideo", (63, 47)),
        ("rgb24", "png", (33, 25)),
    ],
)
def test_odd_pictures_have_luma_and_colours(tmp_path, pixels, codec, size):
    path = write(tmp_path / "a.nut", 4, codec=codec, pixels=pixels, size=size)
    for frame in play(path, frames_per_second=10):
        assert (frame.luma.dtype, frame.luma.shape) == (np.uint8, (size[1], size[0]))
        assert frame.pixels.bgr().shape == (size[1], size[0], 3)


def test_variable_frame_rate_keeps_its_times(tmp_path):
    stamps = [0, 100, 120, 700, 1900, 1930, 3000]
    path = write(tmp_path / "a.mkv", stamps=stamps, options={"bf": "0"})
    assert [0.0, 0.7, 1.9, 3.0] == clocks(path)


@pytest.mark.parametrize("begins", [[0, 3_600_000], [100_000, 0]], ids=["jump", "back"])
def test_stamps_that_jump_or_go_back_are_repaired(tmp_path, begins):
    parts = [
        write(tmp_path / f"{begin}.ts", stamps=range(begin, begin + 1000, 100), options={"bf": "0"})
        for begin in begins
    ]
    path = tmp_path / "both.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    seen = clocks(path)
    steps = np.diff(seen)
    assert 10 == len(seen)
    assert (steps > 0).all()
    assert steps.max() <= 0.31
    assert seen[-1] == pytest.approx(1.8, abs=0.11)


def test_stamps_may_be_missing(tmp_path):
    path = write(tmp_path / "a.h264", 25, options={"bf": "0"})  # has none
    assert [0.0, 0.2, 0.4, 0.6, 0.8] == clocks(path)


def test_a_loop_goes_on_counting(tmp_path):
    path = write(tmp_path / "a.mp4", 10, rate=10)
    frames = VideoFile("front", path, NOON, loop=True).frames()
    seen = [next(frames).clock for _ in range(12)]
    frames.close()
    assert seen == pytest.approx([n * 0.2 for n in range(12)])


def test_a_change_of_size_in_mid_stream_is_followed(tmp_path):
    small = write(tmp_path / "a.ts", 10, options={"bf": "0"})
    large = write(tmp_path / "b.ts", 10, size=(128, 96), options={"bf": "0"})
    both = tmp_path / "c.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    packets = []
    frames = play(both, on_packet=packets.append)
    assert {(48, 64), (96, 128)} == {f.luma.shape for f in frames}
    streams = list(dict.fromkeys(p.stream for p in packets))
    assert [(64, 48), (128, 96)] == [(s.width, s.height) for s in streams]
    assert streams[0].extradata != streams[1].extradata
    assert all(a.dts < b.dts for a, b in pairwise(packets))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CameraTrouble, match="does not exist"):
        play(tmp_path / "a.mp4")


def test_an_empty_file_is_told(tmp_path):
    path = tmp_path / "a.mp4"
    path.touch()
    with pytest.raises(CameraTrouble, match="is empty"):
        play(path)


def test_a_folder_is_told(tmp_path):
    with pytest.raises(CameraTrouble, match="is not a file"):
        play(tmp_path)


def test_garbage_is_told(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(np.random.default_rng(1).bytes(50_000))
    with pytest.raises(CameraTrouble, match="damaged or not a video"):
        play(path)


def test_text_is_told(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_text("This is no video.\n" * 100)
    with pytest.raises(CameraTrouble, match=r"damaged or not a video|no moving pictures"):
        play(path)


def test_sound_without_pictures_is_told(tmp_path):
    path = tmp_path / "a.wav"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        sound.sample_rate = 8000
        out.mux(stream.encode(sound))
    with pytest.raises(CameraTrouble, match="no moving pictures"):
        play(path)


def test_a_file_cut_off_before_its_index_is_told(tmp_path):
    whole = write(tmp_path / "a.mp4", 50).read_bytes()
    path = tmp_path / "b.mp4"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CameraTrouble, match="damaged"):
        play(path)


def test_a_file_that_is_cut_off_gives_what_it_has_and_says_so(tmp_path, caplog):
    whole = write(tmp_path / "a.mkv", 100, rate=10).read_bytes()
    path = tmp_path / "b.mkv"
    path.write_bytes(whole[: len(whole) // 2])
    with caplog.at_level(logging.WARNING):
        seen = clocks(path)
    assert 5 < len(seen) < 50
    assert "cut off" in caplog.text


def test_damage_in_the_middle_is_skipped_and_counted(tmp_path, caplog):
    path = write(tmp_path / "a.avi", 60, codec="mjpeg", pixels="yuvj420p", size=(160, 120))
    data = bytearray(path.read_bytes())
    start = data.index(b"\xff\xd8\xff", len(data) // 2)
    data[start : start + 600] = bytes(600)
    path.write_bytes(data)
    camera = VideoFile("front", path, NOON, frames_per_second=10)
    with caplog.at_level(logging.WARNING):
        seen = [frame.clock for frame in camera.frames()]
    assert len(seen) >= 55
    assert seen[-1] == pytest.approx(5.9, abs=0.3)
    assert camera.damaged >= 1
    assert "damaged packets" in caplog.text


def test_a_file_without_one_good_picture_is_told(tmp_path):
    path = rubbish(write(tmp_path / "a.mp4", 5), tmp_path / "b.mkv")
    with pytest.raises(CameraTrouble, match="no picture"):
        play(path)


def test_packets_are_handed_on_with_the_pictures(tmp_path):
    path = write(tmp_path / "a.mp4", 20, options={"g": "5"})
    packets = []
    play(path, on_packet=packets.append)
    assert 20 == len(packets)
    assert [0, 5, 10, 15] == [n for n, p in enumerate(packets) if p.key]
    assert 1 == len({id(p.stream) for p in packets})
    stream = packets[0].stream
    assert ("h264", 64, 48) == (stream.codec, stream.width, stream.height)
    assert stream.extradata
    assert [round(n * 0.1, 3) for n in range(20)] == [p.clock for p in packets]
    assert packets[-1].at == NOON + timedelta(seconds=1.9)
    assert all(p.pts >= p.dts for p in packets)


def test_key_frames_are_enough_until_somebody_wakes_the_camera(tmp_path):
    path = write(
        tmp_path / "a.mkv", 60, rate=10, options={"g": "10", "bf": "0", "sc_threshold": "0"}
    )
    camera = VideoFile("front", path, NOON, key_frames_only_while_quiet=True)
    frames, seen = camera.frames(), []
    for frame in frames:
        seen.append(frame)
        camera.wake(0.9 * (frame.clock == 2.0))
    assert [0.0, 1.0, 2.0, 2.2, 2.4, 2.6, 2.8, 3.0, 4.0, 5.0] == [f.clock for f in seen]
    whole = {f.clock: f.luma for f in play(path)}
    assert all(np.array_equal(whole[f.clock], f.luma) for f in seen)


def test_real_time_takes_as_long_as_it_was(tmp_path):
    path = write(tmp_path / "a.mp4", 8, rate=10)
    began = time.monotonic()
    frames = play(path, pace="real time")
    assert 0.55 < time.monotonic() - began < 5
    assert began <= frames[0].clock <= began + 5
    assert [0.0, 0.2, 0.4, 0.6] == [round(f.clock - frames[0].clock, 3) for f in frames]


def test_waiting_ends_at_once_when_told_to_stop(tmp_path):
    path = write(tmp_path / "a.mkv", stamps=[0, 9000, 18000], options={"bf": "0"})
    stop = Event()
    camera = VideoFile("front", path, NOON, pace="real time", stop=stop)
    frames = camera.frames()
    next(frames)
    stop.set()
    began = time.monotonic()
    assert [] == list(frames)
    assert time.monotonic() - began < 2
