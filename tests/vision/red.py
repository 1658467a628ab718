"""A finder that needs no net: whatever is red is a person, or what its size says."""

from collections.abc import Sequence

import cv2
import numpy as np

from tests.vision.pictures import frame_of
from whosthere.core.sighting import PERSON, Box, Frame, Image
from whosthere.vision.detector import Found

WIDTH, HEIGHT = 640, 360
RED = (0, 0, 220)


class FindsRed:
    """Finds red rectangles, and remembers the sizes of the pictures that it was shown."""

    input_side = 320

    def __init__(self, confidence: float = 0.8) -> None:
        self.confidence = confidence
        self.shown: list[tuple[int, int]] = []

    def find(self, image: Image) -> list[Found]:
        height, width = image.shape[:2]
        self.shown.append((width, height))
        red = (image[:, :, 2] > 180) & (image[:, :, 0] < 120)
        _, _, stats, _ = cv2.connectedComponentsWithStats(red.astype(np.uint8))
        boxes = [
            Box(x / width, y / height, (x + wide) / width, (y + high) / height)
            for x, y, wide, high, _ in stats[1:].tolist()
        ]
        return [Found(PERSON, self.confidence, box) for box in boxes]


class Fails:
    """A finder that is out of order until it is repaired."""

    input_side = 320

    def __init__(self, trouble: Exception) -> None:
        self.trouble: Exception | None = trouble
        self.asked = 0

    def find(self, _image: Image) -> list[Found]:
        self.asked += 1
        if self.trouble:
            raise self.trouble
        return []


def room(clock: float, *red: Box, light: int = 90, camera: str = "hall") -> Frame:
    """A frame of a grey room with red things in it."""
    picture = np.full((HEIGHT, WIDTH, 3), light, np.uint8)
    picture[::40] += 10  # some structure
    for box in red:
        left, right = round(box.left * WIDTH), round(box.right * WIDTH)
        top, bottom = round(box.top * HEIGHT), round(box.bottom * HEIGHT)
        picture[top:bottom, left:right] = RED
    return frame_of(picture, clock, camera)


def at(x: float, y: float, width: float = 0.08, height: float = 0.3) -> Box:
    """A box with its foot at x, y."""
    return Box(x - width / 2, y - height, x + width / 2, y)


def clocks(start: float, end: float, per_second: float = 5.0) -> Sequence[float]:
    return [start + step / per_second for step in range(round((end - start) * per_second))]
