"""Clips of real media: copied byte by byte where possible, encoded where not, always playable."""

import itertools
import shutil
from dataclasses import replace
from pathlib import Path

import av
import pytest

from tests.recording.making import Made, clip_of, footage, make_video, packets_of, play, ring_of
from whosthere.recording.clips import Clip
from whosthere.recording.codec_config import config_of, units

QUIET = (("preset", "ultrafast"), ("x265-params", "log-level=none:open-gop=0"))
HEVC = Made("libx265", ".mp4", 6, options=QUIET)
COPIED = {
    "h264 with B-frames": Made(seconds=6),
    "h264 without": Made(seconds=6, options=(("bf", "0"),)),
    "h264 odd size": Made(seconds=6, width=162, height=94),
    "hevc": HEVC,
}
AS_OF_RTSP = {
    "h264": Made(suffix=".ts", seconds=6),
    "hevc": replace(HEVC, suffix=".ts"),
}
ENCODED = {
    "mjpeg 4:2:2, odd": Made("mjpeg", ".avi", 3, 15, 161, 91, "yuvj422p", options=()),
    "mpeg4": Made("mpeg4", ".avi", 3, options=(("bf", "2"),)),
    "msmpeg4": Made("msmpeg4", ".avi", 3, options=()),
    "raw": Made("rawvideo", ".avi", 3, 10, 160, 90, "yuyv422", options=()),
    "h264 4:2:2": Made(seconds=3, pixels="yuv422p"),
    "h264 10 bit": Made(seconds=3, pixels="yuv420p10le"),
    "h264 grey": Made(seconds=3, pixels="gray"),
    "hevc 4:4:4": replace(HEVC, pixels="yuv444p", seconds=3),
}


@pytest.mark.parametrize("made", COPIED.values(), ids=COPIED)
def test_copied_packets_are_those_of_the_source(made: Made, tmp_path: Path) -> None:
    source = list(packets_of(make_video(tmp_path, made)))
    (file,) = clip_of(source, tmp_path)
    played = play(file)
    assert [packet.data for packet in source] == played.packets
    assert [packet.key for packet in source] == played.keys
    assert len(source) == len(played.shown)
    assert played.size == (made.width, made.height)
    assert made.seconds == pytest.approx(played.duration, abs=0.1)


@pytest.mark.parametrize("made", AS_OF_RTSP.values(), ids=AS_OF_RTSP)
def test_packets_with_start_codes_keep_every_picture(made: Made, tmp_path: Path) -> None:
    source = list(packets_of(make_video(tmp_path, made)))
    (file,) = clip_of(source, tmp_path)
    played = play(file)
    assert len(source) == len(played.packets) == len(played.shown)
    for before, after in zip(source, played.packets, strict=True):
        assert after.endswith(units(before.data)[-1])  # the picture; sets may stand in front


@pytest.mark.parametrize("made", AS_OF_RTSP.values(), ids=AS_OF_RTSP)
def test_what_decoders_need_is_found_within_the_stream(made: Made, tmp_path: Path) -> None:
    source = list(packets_of(make_video(tmp_path, made)))
    bare = replace(source[0].stream, extradata=b"")
    (file,) = clip_of((replace(packet, stream=bare) for packet in source), tmp_path)
    assert len(source) == len(play(file).shown)


@pytest.mark.parametrize(
    ("made", "differs"),
    [
        pytest.param(Made(suffix=".ts", seconds=1, options=()), {0}, id="avcC"),
        # only that theirs lets more sets come within the stream, since it is called hev1
        pytest.param(AS_OF_RTSP["hevc"], {0, 0x80}, id="hvcC"),
    ],
)
def test_the_introduction_made_here_is_that_of_ffmpeg(
    made: Made, differs: set[int], tmp_path: Path
) -> None:
    source, theirs = make_video(tmp_path, made), tmp_path / "theirs.mp4"
    with av.open(str(source)) as given, av.open(str(theirs), "w") as container:
        stream = container.add_stream_from_template(given.streams.video[0])
        for packet in (packet for packet in given.demux(video=0) if packet.size):
            packet.stream = stream
            container.mux(packet)
    wanted = next(packets_of(theirs)).stream
    ours = config_of(wanted.codec, b"", next(packets_of(source)).data)
    assert ours is not None
    assert differs == {b - a for a, b in zip(wanted.extradata, ours.record, strict=True)}


@pytest.mark.parametrize("made", ENCODED.values(), ids=ENCODED)
def test_what_browsers_cannot_show_is_encoded_as_h264(made: Made, tmp_path: Path) -> None:
    source = list(packets_of(make_video(tmp_path, made)))
    (file,) = clip_of(source, tmp_path)
    played = play(file)
    assert len(source) == len(played.shown)
    assert played.size == (made.width // 2 * 2, made.height // 2 * 2)
    steps = [after - before for before, after in zip(played.shown, played.shown[1:], strict=False)]
    assert [1 / made.rate] * len(steps) == pytest.approx(steps, abs=0.002)
    with av.open(str(file)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")


def test_a_clip_begins_at_the_key_frame_before_its_pre_roll(h264: Path, tmp_path: Path) -> None:
    source = list(packets_of(h264))
    (file,) = clip_of(source, tmp_path, begins=7.3)
    played = play(file)
    first = next(n for n, packet in enumerate(source) if packet.data == played.packets[0])
    assert source[first].key
    assert 7.3 - 2.0 < source[first].clock <= 7.3
    assert [packet.data for packet in source[first:]] == played.packets
    assert played.shown[0] == 0.0


def test_a_damaged_packet_costs_its_pictures_and_not_the_clip(mjpeg: Path, tmp_path: Path) -> None:
    source = list(packets_of(mjpeg))
    source[10] = replace(source[10], data=b"not a picture")
    (file,) = clip_of(source, tmp_path)
    assert len(source) - 1 == len(play(file).shown)


def test_stamps_that_start_again_play_on(h264: Path, tmp_path: Path) -> None:
    """As of a camera that restarts its clock, or one that leaps ahead by an hour."""
    first = list(packets_of(h264))[:90]
    again = [replace(packet, clock=packet.clock + 6) for packet in list(packets_of(h264))[:60]]
    hour = 3600 * first[0].stream.time_base.denominator
    leap = [
        replace(p, clock=p.clock + 10, dts=(p.dts or 0) + hour, pts=(p.pts or 0) + hour)
        for p in list(packets_of(h264))[:60]
    ]
    (file,) = clip_of([*first, *again, *leap], tmp_path)
    played = play(file)
    assert len(played.shown) == 210
    assert played.duration == pytest.approx(14.0, abs=0.1)
    steps = [after - before for before, after in itertools.pairwise(played.shown)]
    assert max(steps) < 0.25
    assert min(steps) > 0


def test_a_changed_stream_goes_on_in_a_next_file(h264: Path, mjpeg: Path, tmp_path: Path) -> None:
    first = list(packets_of(h264))[:60]
    second = list(packets_of(mjpeg, clock=10))
    files = clip_of([*first, *second], tmp_path)
    assert [tmp_path / "1.mp4", tmp_path / "2.mp4"] == files
    assert [(320, 180), (160, 90)] == [play(file).size for file in files]
    assert [60, len(second)] == [len(play(file).packets) for file in files]


def test_a_picture_that_changes_size_without_a_word_goes_on_in_a_next_file(tmp_path: Path) -> None:
    """As of a camera whose address says one thing for ever: only its key frames tell."""
    small = make_video(tmp_path, Made(suffix=".ts", seconds=4))
    large = make_video(tmp_path, Made(suffix=".ts", seconds=4, width=640, height=360))
    source = list(packets_of(small))
    source += [replace(p, stream=source[0].stream) for p in packets_of(large, clock=4)]
    files = clip_of(source, tmp_path)
    assert [(320, 180), (640, 360)] == [play(file).size for file in files]


def test_sets_within_the_stream_only_now_and_then_do_not_cut_a_clip(tmp_path: Path) -> None:
    """As of a camera whose address says less than its stream, which repeats it rarely."""
    source = list(packets_of(make_video(tmp_path, Made(suffix=".ts", seconds=8))))
    first = next(n for n, packet in enumerate(source[1:], 1) if packet.key)
    bare = b"\0\0\1" + units(source[first].data)[-1]
    source[first] = replace(source[first], data=bare)
    stale = replace(
        source[0].stream, extradata=source[0].stream.extradata.replace(b"\x67", b"\x47")
    )
    (file,) = clip_of((replace(packet, stream=stale) for packet in source), tmp_path)
    assert len(source) == len(play(file).shown)


def test_a_camera_of_key_frames_only_does_not_wear_out_the_disk(tmp_path: Path) -> None:
    made = Made(seconds=4, rate=30, key_seconds=1 / 30, options=(("bf", "0"),))
    source = list(packets_of(make_video(tmp_path, made)))
    assert all(packet.key for packet in source)
    clip = Clip(ring_of(source), lambda part: tmp_path / f"{part}.mp4", 0.0, 3600)
    clip.pump(4.0)
    written = (tmp_path / "1.mp4").read_bytes()
    clip.close(4.0)
    assert written.count(b"moof") == 3


def test_a_very_long_clip_goes_on_in_next_files(h264: Path, tmp_path: Path) -> None:
    source = list(packets_of(h264))
    files = clip_of(source, tmp_path, longest=6)
    played = [play(file) for file in files]
    assert [packet.data for packet in source] == [data for one in played for data in one.packets]
    assert all(one.keys[0] for one in played)
    assert [6, 6, 6, 2] == [round(one.duration) for one in played]


def test_a_disk_that_stalls_loses_nothing(h264: Path, tmp_path: Path) -> None:
    """The writer comes back after seconds and finds all that it missed in the ring."""
    ring = ring_of([], seconds=20)
    clip = Clip(ring, lambda part: tmp_path / f"{part}.mp4", 0.0, 3600)
    source = list(packets_of(h264))
    for number, packet in enumerate(source):
        ring.add(packet)
        if number in {0, 100, 290}:
            clip.pump(packet.clock)
    clip.pump(20.0)
    clip.close(20.0)
    assert [packet.data for packet in source] == play(clip.files[0].path).packets


def test_a_stall_longer_than_the_ring_goes_on_with_a_key_frame(h264: Path, tmp_path: Path) -> None:
    ring = ring_of([], seconds=4)
    clip = Clip(ring, lambda part: tmp_path / f"{part}.mp4", 0.0, 3600)
    source = list(packets_of(h264))
    for packet in source[:30]:
        ring.add(packet)
    clip.pump(2.0)
    for packet in source[30:]:
        ring.add(packet)
    clip.pump(20.0)
    clip.close(20.0)
    first, second = (play(file.path) for file in clip.files)
    assert [packet.data for packet in source[:30]] == first.packets
    assert second.keys[0]
    assert source[-1].data == second.packets[-1]


def test_the_clip_of_an_earlier_run_is_replaced_and_nothing_behind_a_link(
    h264: Path, tmp_path: Path
) -> None:
    """A recording that is analysed again gives the same incidents."""
    holiday = tmp_path / "holiday.mp4"
    holiday.write_bytes(b"of last summer")
    (tmp_path / "1.mp4").symlink_to(holiday)
    (file,) = clip_of(packets_of(h264), tmp_path)
    (again,) = clip_of(packets_of(h264), tmp_path)
    assert file == again == tmp_path / "1.mp4"
    assert len(play(again).shown) == 300
    assert holiday.read_bytes() == b"of last summer"


def _labelled() -> list[Path]:
    return sorted((footage() / "videos").glob("*/*.*"))


@pytest.mark.slow
@pytest.mark.skipif(not _labelled(), reason="the labelled clips are not on this machine")
def test_all_labelled_clips_can_be_recorded(tmp_path: Path) -> None:
    for video in _labelled():
        folder = tmp_path / video.stem
        source = list(packets_of(video))
        (file,) = clip_of(source, folder)
        played = play(file)
        assert len(source) == len(played.shown), video
        assert all(a < b for a, b in zip(played.dts, played.dts[1:], strict=False)), video
        shutil.rmtree(folder)
