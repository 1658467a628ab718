"""Real pictures for the tests, and frames made of them."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from whosthere.cameras.pixels import ArrayPixels
from whosthere.core.sighting import Box, Frame, Image, rounded_clock

DATA = Path(__file__).parents[1] / "data"
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

MAN = Box(0.875, 0.442, 0.929, 0.64)  # the man in the dark jacket, right of the middle
MAN_AND_AROUND = Box(0.855, 0.42, 0.95, 0.665)  # cut out with room for a shadow


@cache
def street_with_people() -> Image:
    return cv2.imread(str(DATA / "vtest_people.jpg"))


@cache
def empty_street() -> Image:
    return cv2.imread(str(DATA / "vtest_empty.jpg"))


def street_with_man(shift: float = 0.0) -> Image:
    """The empty street and the man alone, moved to the left by a share of the width."""
    picture = empty_street().copy()
    height, width = picture.shape[:2]
    left, top, right, bottom = MAN_AND_AROUND
    rows = slice(round(top * height), round(bottom * height))
    columns = slice(round(left * width), round(right * width))
    by = round(shift * width)
    picture[rows, columns.start - by : columns.stop - by] = street_with_people()[rows, columns]
    return picture


def moved(box: Box, shift: float) -> Box:
    return Box(box.left - shift, box.top, box.right - shift, box.bottom)


def frame_of(picture: Image, clock: float, camera: str = "street") -> Frame:
    at = START + timedelta(seconds=clock)
    return Frame(camera, at, rounded_clock(clock), ArrayPixels(picture))


def grey_frame(clock: float, width: int = 640, height: int = 360, camera: str = "hall") -> Frame:
    return frame_of(np.full((height, width, 3), 90, np.uint8), clock, camera)
