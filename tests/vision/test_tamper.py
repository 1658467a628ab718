"""A camera that is covered, turned or defocused is noticed; light, weather and people are not."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.vision.scenes import HEIGHT, WIDTH, Picture, frames, with_person, yard
from whosthere.vision.tamper import Tampering, TamperWatch

BEGINS = 10.0  # s
WITHIN = 10.0
Draw = Callable[[float], Picture]


def answers(draw: Draw, seconds: float, noise: float = 2.0) -> list[tuple[float, Tampering | None]]:
    watch = TamperWatch()
    film = frames(draw, seconds, starts=100.0, per_second=4.0, noise=noise)
    return [(frame.clock - 100.0, watch(frame)) for frame in film]


def after(change: Draw) -> Draw:
    """From some second on, draw otherwise."""
    usual = yard()
    return lambda clock: change(clock - 100.0) if clock - 100.0 >= BEGINS else usual


def covered_from_the_left(level: float, share: float) -> Draw:
    def draw(clock: float) -> Picture:
        picture = yard().copy()
        reach = min(share, (clock - BEGINS) * share)
        picture[:, : round(reach * WIDTH)] = level
        return picture

    return draw


def moved(right: float, down: float, degrees: float = 0.0) -> Draw:
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, 1.0)
    matrix[:, 2] += right * WIDTH, down * HEIGHT
    picture = cv2.warpAffine(yard(), matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
    return lambda _clock: picture


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (covered_from_the_left(12, 1.0), Tampering.COVERED),
        (covered_from_the_left(120, 1.0), Tampering.COVERED),
        (covered_from_the_left(240, 0.8), Tampering.COVERED),
        (moved(0.37, 0.0), Tampering.TURNED),
        (moved(0.0, -0.5), Tampering.TURNED),
        (moved(0.0, 0.0, 30), Tampering.TURNED),
        (lambda _clock: cv2.GaussianBlur(yard(), (0, 0), 8), Tampering.OUT_OF_FOCUS),
    ],
    ids=["black", "grey", "bright", "right", "up", "rolled", "defocused"],
)
@pytest.mark.parametrize("noise", [2.0, 5.0])
def test_what_is_done_to_a_camera_is_found_in_time(change: Draw, expected: Tampering, noise: float):
    found = answers(after(change), BEGINS + WITHIN + 1, noise)
    assert {None} == {what for second, what in found if second < BEGINS}
    assert expected is found[-1][1]


@pytest.mark.parametrize(
    "draw",
    [
        lambda clock: yard() * (0.3 if (clock // 8) % 2 else 1.0),
        lambda clock: yard() * 0.4 + 90 * min(1.0, (clock - 100) / 30),
        lambda clock: with_person(yard(), 0.2 + 0.5 * ((clock / 9) % 1), size=0.95),
        lambda clock: np.full((HEIGHT, WIDTH), 60 + 20 * ((clock // 20) % 2), np.float32),
        lambda clock: np.roll(yard(), round(2 * np.sin(clock * 7)), axis=1),
    ],
    ids=["a lamp", "fog", "somebody close", "nothing to see", "a camera that sways"],
)
def test_nothing_else_is_taken_for_it(draw: Draw):
    assert {None} == {what for _, what in answers(draw, 60.0)}


def test_it_is_over_when_the_camera_sees_as_before():
    def draw(clock: float) -> Picture:
        return np.full((HEIGHT, WIDTH), 12.0) if 110 <= clock < 130 else yard()

    found = answers(draw, 45.0)
    assert Tampering.COVERED is found[4 * 29][1]
    assert None is found[-1][1]


def test_an_accepted_view_is_the_usual_one_from_then_on():
    watch, turned = TamperWatch(), moved(0.37, 0.0)
    for frame in frames(after(turned), 25.0, starts=100.0, per_second=4.0):
        watch(frame)
    assert Tampering.TURNED is watch.now
    watch.accept()
    later = [watch(frame) for frame in frames(turned, 30.0, starts=125.0, per_second=4.0)]
    assert {None} == set(later)
