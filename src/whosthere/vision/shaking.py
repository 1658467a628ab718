"""Finds by how much a camera has moved, and undoes it."""

import math
from typing import NamedTuple

import cv2
import numpy as np

from whosthere.vision.planes import Mask, Plane, no_pixels, resized

_LEAST_PIXELS = 0.3  # of the small picture
_MOST_SHARE = 0.12  # of its width
_LEAST_PEAK = 0.15  # of the correlation; below that the two pictures have little in common


class Shift(NamedTuple):
    """How far a picture has moved, in its pixels."""

    right: float
    down: float

    def near(self, other: "Shift | None", pixels: float) -> bool:
        return other is not None and (
            max(abs(self.right - other.right), abs(self.down - other.down)) < pixels
        )


class Steadying:
    """Compares pictures of one size by phase correlation (Kuglin and Hines, 1975)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        height, width = shape
        self._size = max(8, width // 2), max(8, height // 2)
        self._scale = width / self._size[0], height / self._size[1]
        self._window = cv2.createHanningWindow(self._size, cv2.CV_32F)
        self._most = _MOST_SHARE * width

    def shift(self, picture: Plane, background: Plane) -> Shift | None:
        """Return how far the picture has moved against the background; none if it has not."""
        old, new = resized(background, *self._size), resized(picture, *self._size)
        (right, down), peak = cv2.phaseCorrelate(old, new, self._window)
        found = Shift(right * self._scale[0], down * self._scale[1])
        far = max(abs(found.right), abs(found.down))
        return found if peak >= _LEAST_PEAK and _LEAST_PIXELS <= far <= self._most else None


def moved(picture: Plane, shift: Shift) -> Plane:
    """Return the picture moved to the right and down."""
    height, width = picture.shape
    matrix = np.array([[1, 0, shift.right], [0, 1, shift.down]], np.float32)
    result = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(result, np.float32)


def moved_back(picture: Plane, shift: Shift) -> Plane:
    """Return the picture where it would be had the camera not moved."""
    return moved(picture, Shift(-shift.right, -shift.down))


def still_in_view(picture: Plane, shift: Shift) -> Mask:
    """The part of a picture that has not left the view with the shift."""
    height, width = picture.shape
    across, down = math.ceil(shift.right), math.ceil(shift.down)
    mask = no_pixels(picture)
    rows = slice(max(0, -down) + 1, height - max(0, down) - 1)
    columns = slice(max(0, -across) + 1, width - max(0, across) - 1)
    mask[rows, columns] = 255
    return mask
