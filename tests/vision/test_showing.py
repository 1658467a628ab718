"""The film of how motion is found."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.vision.scenes import frames, with_person, yard
from whosthere.core.errors import WhosThereError
from whosthere.vision.motion import BackgroundMotion
from whosthere.vision.showing import show_motion

YARD = yard()


def walking(clock: float) -> np.ndarray:
    return with_person(YARD, 0.2 * clock - 0.2) if clock > 1 else YARD


def pictures(film: Path) -> list[tuple[float, np.ndarray]]:
    with av.open(str(film)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        return [
            (frame.time or 0.0, frame.to_ndarray(format="rgb24"))
            for frame in container.decode(video=0)
        ]


def test_a_film_shows_every_frame_that_was_compared_at_its_time(tmp_path: Path):
    film = tmp_path / "new" / "front.mp4"
    told: list[float] = []
    count = show_motion(frames(walking, 3, starts=7), BackgroundMotion(), film, told.append)
    shown = pictures(film)
    assert count == len(shown) == 14
    assert [round(at, 1) for at, _ in shown[:3]] == [0.2, 0.4, 0.6]
    assert told == pytest.approx([number / 5 for number in range(15)])


def test_the_four_pictures_show_what_moves(tmp_path: Path):
    show_motion(frames(walking, 3), BackgroundMotion(), tmp_path / "front.mp4")
    _, picture = pictures(tmp_path / "front.mp4")[-1]
    height, width = picture.shape[:2]
    differing = picture[height // 2 + 40 :, : width // 2]
    background = picture[40 : height // 2 - 4, width // 2 + 4 :]
    assert (width, height) == (1284, 792)
    assert 0.01 < np.mean(differing.min(axis=2) > 200) < 0.1
    assert np.mean(background.min(axis=2) > 200) == 0
    assert np.mean(picture[:40].max(axis=2) > 150) > 0.005  # titles


def test_upright_films_lie_beside_each_other(tmp_path: Path):
    upright = yard(640, 360)
    show_motion(frames(lambda _: upright, 1), BackgroundMotion(), tmp_path / "hall.mp4")
    _, picture = pictures(tmp_path / "hall.mp4")[-1]
    assert picture.shape[1] > 2 * picture.shape[0]


def test_a_picture_that_changes_its_size_goes_on_in_the_same_film(tmp_path: Path):
    film = [*frames(walking, 1), *frames(lambda _: yard(288, 352), 1, starts=1)]
    assert show_motion(film, BackgroundMotion(), tmp_path / "front.mp4") == 8
    assert len({picture.shape for _, picture in pictures(tmp_path / "front.mp4")}) == 1


def test_nothing_to_show_makes_no_film(tmp_path: Path):
    assert show_motion([], BackgroundMotion(), tmp_path / "front.mp4") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WhosThereError, match=r"Cannot write the film .*front\.mp4"):
        show_motion(frames(walking, 1), BackgroundMotion(), tmp_path / "file" / "front.mp4")
