"""How a frame looked, kept small, to say what changed from one look of the detector to the next."""

import cv2
import numpy as np

from whosthere.core.sighting import Box, Luma

WIDTH = 160
FRESH_SECONDS = 2.0  # an older glance says nothing about this moment
LEAST_CHANGE = 12.0  # grey levels
MARGIN = 0.2  # of a box's sides
NOISES = 4.0  # or so many times the sensor's noise


class Glance:
    """The brightness of one frame at a glance."""

    def __init__(self, luma: Luma, clock: float) -> None:
        height, width = luma.shape
        size = (min(WIDTH, width), max(1, round(height * min(WIDTH, width) / width)))
        self.clock = clock
        self._small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.float32)

    def changed_since(self, before: "Glance | None", box: Box, noise: float) -> float | None:
        """The share of a box that differs, other than by its light; None if nobody can say."""
        if before is None or self.clock - before.clock > FRESH_SECONDS:
            return None
        if self._small.shape != before._small.shape:  # noqa: SLF001 - of the same class
            return None
        rows, columns = self._around(box)
        now, old = self._small[rows, columns], before._small[rows, columns]  # noqa: SLF001
        gain = float(np.clip((now.std() + 1) / (old.std() + 1), 0.25, 4.0))
        relit = (old - old.mean()) * gain + now.mean()
        limit = max(LEAST_CHANGE, NOISES * noise)
        return float(np.mean(np.abs(now - relit) > limit))

    def _around(self, box: Box) -> tuple[slice, slice]:
        """A box with some background, without which a light cannot be told from a thing."""
        height, width = self._small.shape
        high, wide = MARGIN * box.height, MARGIN * box.width
        top, left = max(0, int((box.top - high) * height)), max(0, int((box.left - wide) * width))
        bottom, right = int((box.bottom + high) * height) + 1, int((box.right + wide) * width) + 1
        return slice(top, bottom), slice(left, right)
