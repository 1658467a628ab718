"""Finds by how much a camera has moved."""

import cv2
import numpy as np

from whosthere.vision.small import Plane

_LEAST_SHIFT = 0.3  # pixels of the small picture
_MOST_SHIFT = 0.12  # of the picture's width
_LEAST_PEAK = 0.15


class Steadying:
    """Undoes the shift of a picture against the background, by phase correlation."""

    def __init__(self, shape: tuple[int, int]) -> None:
        height, width = shape
        self._half = max(8, width // 2), max(8, height // 2)
        self._window = cv2.createHanningWindow(self._half, cv2.CV_32F)
        self._scale = width / self._half[0], height / self._half[1]

    def shift(self, picture: Plane, background: Plane) -> tuple[float, float] | None:
        """Return how far the picture has moved to the right and down; none if it has not."""
        old = cv2.resize(background, self._half, interpolation=cv2.INTER_AREA)
        new = cv2.resize(picture, self._half, interpolation=cv2.INTER_AREA)
        (right, down), peak = cv2.phaseCorrelate(old, new, self._window)
        right, down = right * self._scale[0], down * self._scale[1]
        far = max(abs(right), abs(down))
        if peak < _LEAST_PEAK or not _LEAST_SHIFT <= far <= _MOST_SHIFT * picture.shape[1]:
            return None
        return right, down


def shifted(picture: Plane, right: float, down: float) -> Plane:
    """Return the picture moved back by a shift."""
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    height, width = picture.shape
    moved = cv2.warpAffine(
        picture,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, np.float32)
