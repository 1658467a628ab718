"""The short animated picture of a clip."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.recording.making import Made, clip_of, make_video, packets_of
from whosthere.recording.preview import MOST_BYTES, Span, make_preview


def preview_of(clip: Path, span: Span) -> list[bytes]:
    return [step for step in make_preview(clip, span) if step is not None]


def decoded(gif: bytes, path: Path) -> list[av.VideoFrame]:
    path.write_bytes(gif)
    with av.open(str(path)) as container:
        assert container.format.name == "gif"
        return list(container.decode(video=0))


def test_it_shows_the_visit_in_a_few_seconds(h264: Path, tmp_path: Path) -> None:
    (clip,) = clip_of(packets_of(h264), tmp_path)
    (gif,) = preview_of(clip, Span(4.0, 16.0))
    frames = decoded(gif, tmp_path / "preview.gif")
    assert len(gif) <= MOST_BYTES
    assert (320, 180) == (frames[0].width, frames[0].height)
    assert 20 <= len(frames) <= 24
    assert float(frames[-1].time or 0) < 5
    with av.open(str(clip)) as container:
        shown = [frame for frame in container.decode(video=0) if 4.0 <= (frame.time or 0) <= 16.0]
    for mine, original in ((frames[0], shown[0]), (frames[-1], shown[-8])):
        likeness = np.abs(
            mine.to_ndarray(format="rgb24").astype(int) - original.to_ndarray(format="rgb24")
        )
        assert likeness.mean() < 12


def test_a_wide_noisy_picture_is_made_smaller_until_it_fits(tmp_path: Path) -> None:
    made = Made(
        seconds=4, width=1280, height=720, rate=5, options=(("preset", "ultrafast"), ("qp", "1"))
    )
    (clip,) = clip_of(packets_of(make_video(tmp_path, made)), tmp_path)
    (gif,) = preview_of(clip, Span(0.0, 4.0))
    frames = decoded(gif, tmp_path / "preview.gif")
    assert len(gif) <= MOST_BYTES
    assert 240 <= frames[0].width <= 400
    assert frames[0].height == round(frames[0].width * 9 / 16)


def test_of_a_long_clip_only_key_frames_are_decoded(tmp_path: Path) -> None:
    made = Made(seconds=40, width=160, height=90)
    (clip,) = clip_of(packets_of(make_video(tmp_path, made)), tmp_path)
    steps = list(make_preview(clip, Span(0.0, 40.0)))
    assert steps[-1] is not None
    assert len(decoded(steps[-1], tmp_path / "preview.gif")) == 20  # one each two seconds


def test_the_work_is_done_in_small_steps(h264: Path, tmp_path: Path) -> None:
    (clip,) = clip_of(packets_of(h264), tmp_path)
    steps = list(make_preview(clip, Span(0.0, 20.0)))
    assert len(steps) > 100
    assert [step is None for step in steps] == [True] * (len(steps) - 1) + [False]


@pytest.mark.parametrize("span", [Span(30.0, 40.0), Span(5.0, 4.0)])
def test_a_part_with_no_pictures_gives_none(span: Span, h264: Path, tmp_path: Path) -> None:
    (clip,) = clip_of(packets_of(h264), tmp_path)
    assert preview_of(clip, span) == []
