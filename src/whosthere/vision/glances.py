"""How a frame looked, kept small, to say what changed from one look of the detector to the next."""

import cv2
import numpy as np

from whosthere.core.model import Box, Luma

WIDTH = 160
FRESH_SECONDS = 2.0  # an older glance says nothing about this moment
LEAST_CHANGE = 12.0  # grey levels
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
        height, width = self._small.shape
        rows = slice(
            int(box.top * height), max(int(box.top * height) + 1, int(box.bottom * height))
        )
        columns = slice(
            int(box.left * width), max(int(box.left * width) + 1, int(box.right * width))
        )
        now, old = self._small[rows, columns], before._small[rows, columns]  # noqa: SLF001
        gain = float(np.clip((now.std() + 1) / (old.std() + 1), 0.25, 4.0))
        relit = (old - old.mean()) * gain + now.mean()
        limit = max(LEAST_CHANGE, NOISES * noise)
        return float(np.mean(np.abs(now - relit) > limit))
