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
        (covered_from_the_left(30, 1.0), Tampering.COVERED),
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


@pytest.mark.parametrize("noise", [2.0, 5.0])
def test_a_black_cover_is_found_though_it_may_be_the_dark(noise: float):
    found = answers(after(covered_from_the_left(12, 1.0)), BEGINS + WITHIN + 1, noise)
    assert found[-1][1] in {Tampering.COVERED, Tampering.DARK}


def test_a_view_with_faint_edges_is_guarded_too():
    faint = 100 + 0.06 * (yard() - 100)
    found = answers(lambda clock: faint if clock < 110 else np.full_like(faint, 100), 21.0, 1.0)
    assert {None} == {what for second, what in found if second < BEGINS}
    assert Tampering.COVERED is found[-1][1]


def test_a_dark_that_hides_everything_is_told_as_one():
    found = answers(lambda clock: yard() if clock < 110 else yard() * 0 + 6, 21.0)
    assert Tampering.DARK is found[-1][1]


def test_dusk_that_ends_in_a_dark_that_hides_everything_is_not_told():
    def dusk(clock: float) -> Picture:
        light = float(np.clip(1 - (clock - 110) / 240, 0, 1))
        return yard() * light + 6

    assert {None} == {what for _, what in answers(dusk, 280.0)}


def test_a_view_without_edges_cannot_be_judged():
    watch = TamperWatch()
    for frame in frames(lambda _clock: np.full((HEIGHT, WIDTH), 90.0), 8.0, starts=100.0):
        watch(frame)
    assert not watch.can_judge


def test_a_view_with_edges_can_be_judged():
    watch = TamperWatch()
    for frame in frames(lambda _clock: yard(), 8.0, starts=100.0):
        watch(frame)
    assert watch.can_judge


def rain(clock: float) -> Picture:
    """Other streaks in each picture."""
    picture, chance = yard() * 0.5, np.random.default_rng(round(clock * 4))
    for left, top in zip(
        chance.integers(0, WIDTH, 90), chance.integers(0, HEIGHT, 90), strict=True
    ):
        cv2.line(picture, (int(left), int(top)), (int(left) + 6, int(top) + 60), 170, 2)
    return picture


def headlights(clock: float) -> Picture:
    """A beam that is there while the view is learnt, and has gone then."""
    across = np.linspace(0, 1, WIDTH, dtype=np.float32)[None, :]
    beam = 200 * np.exp(-(((across - 0.3 * (clock - 100)) / 0.2) ** 2))
    return np.clip(yard() * 0.5 + beam, 0, 255) if clock < 104 else yard() * 0.5


@pytest.mark.parametrize(
    "draw",
    [
        rain,
        headlights,
        lambda clock: yard() * (0.3 if (clock // 8) % 2 else 1.0),
        lambda clock: yard() * 0.4 + 90 * min(1.0, (clock - 100) / 30),
        lambda clock: with_person(yard(), 0.2 + 0.5 * ((clock / 9) % 1), size=0.95),
        lambda clock: np.full((HEIGHT, WIDTH), 60 + 20 * ((clock // 20) % 2), np.float32),
        lambda clock: np.roll(yard(), round(2 * np.sin(clock * 7)), axis=1),
    ],
    ids=[
        "rain",
        "headlights",
        "a lamp",
        "fog",
        "somebody close",
        "nothing to see",
        "a camera that sways",
    ],
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
