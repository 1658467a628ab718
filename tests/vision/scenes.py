"""A yard that exists only in numbers: walls, a path and noise, through which somebody may walk."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import cv2
import numpy as np

from whosthere.core.sighting import WHOLE, Box, Frame, Image, Luma, Motion, rounded_clock
from whosthere.vision.motion import BackgroundMotion

STARTS = datetime(2026, 1, 1, tzinfo=UTC)
HEIGHT, WIDTH = 360, 640
Picture = np.ndarray  # grey levels as floats


class Grey:
    """A picture without colours."""

    def __init__(self, luma: Luma) -> None:
        self.luma = luma

    def bgr(self, box: Box = WHOLE) -> Image:  # noqa: ARG002 - all of it is grey
        return cv2.cvtColor(self.luma, cv2.COLOR_GRAY2BGR)


def yard(height: int = HEIGHT, width: int = WIDTH) -> Picture:
    """A wall with windows above a path of slabs."""
    picture = np.full((HEIGHT, WIDTH), 110, np.float32)
    picture[220:] = 80
    for left in range(40, WIDTH, 150):
        cv2.rectangle(picture, (left, 40), (left + 70, 150), 60, -1)
        cv2.rectangle(picture, (left, 40), (left + 70, 150), 160, 3)
    for left in range(-200, WIDTH, 60):
        cv2.line(picture, (left + 120, 220), (left, HEIGHT), 100, 2)
    coarse = np.random.default_rng(7).normal(0, 8, (HEIGHT // 8, WIDTH // 8)).astype(np.float32)
    picture += cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def with_person(picture: Picture, across: float, size: float = 0.4, shade: float = 35) -> Picture:
    """Put somebody with a dark coat and a light face on the path; `across` is where he stands."""
    height, width = picture.shape
    tall = int(size * height)
    left, top = int(across * width - tall / 6), int(0.85 * height) - tall
    drawn = picture.copy()
    cv2.rectangle(drawn, (left, top + tall // 5), (left + tall // 3, top + tall), shade, -1)
    cv2.line(drawn, (left + tall // 6, top + tall // 2), (left + tall // 6, top + tall), 90, 2)
    cv2.circle(drawn, (left + tall // 6, top + tall // 8), tall // 8, 190, -1)
    return drawn


@cache
def noise_of(shape: tuple[int, int]) -> np.ndarray:
    """More noise than a picture needs, so that each may take another part of it."""
    height, width = shape
    return np.random.default_rng(11).standard_normal((height + 41, width + 43), np.float32)


def with_noise(picture: Picture, number: int, strength: float = 2.0) -> Luma:
    height, width = picture.shape
    top, left = number * 17 % 41, number * 29 % 43
    noise = noise_of((height, width))[top : top + height, left : left + width]
    return np.clip(np.round(picture + np.float32(strength) * noise), 0, 255).astype(np.uint8)


def frames(
    draw: Callable[[float], Picture],
    seconds: float,
    *,
    starts: float = 0.0,
    per_second: float = 5.0,
    noise: float = 2.0,
) -> Iterator[Frame]:
    """Film what `draw` shows at each second."""
    for number in range(round(seconds * per_second)):
        clock = rounded_clock(starts + number / per_second)
        luma = with_noise(draw(clock), number, noise)
        yield Frame("front", STARTS + timedelta(seconds=clock), clock, Grey(luma))


def seen(
    draw: Callable[[float], Picture],
    seconds: float,
    *,
    motion: BackgroundMotion | None = None,
    per_second: float = 5.0,
    noise: float = 2.0,
) -> list[tuple[float, Motion]]:
    """Play a film to a motion detector."""
    detector = motion or BackgroundMotion()
    film = frames(draw, seconds, per_second=per_second, noise=noise)
    return [(frame.clock, detector(frame)) for frame in film]
