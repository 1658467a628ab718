"""Groups changed pixels into moving things."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from whosthere.core.model import Box, rounded_share

Mask = NDArray[np.uint8]  # 0 or 255


class Blob(NamedTuple):
    """Changed pixels that hang together, in the small picture."""

    pixels: int
    left: int
    top: int
    right: int
    bottom: int
    label: int

    def box(self, width: int, height: int) -> Box:
        return Box(
            rounded_share(self.left / width),
            rounded_share(self.top / height),
            rounded_share(self.right / width),
            rounded_share(self.bottom / height),
        )


_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def blobs_of(changed: Mask, least_pixels: int) -> tuple[list[Blob], NDArray[np.uint16], Mask]:
    """Return what hangs together, largest first, with the labels and the dilated mask.

    Lone pixels go, then two dilations join the parts of one thing, as in the talk. The size is that
    of the changed pixels, not of the dilated ones.
    """
    clean = cv2.medianBlur(changed, 3)
    joined = cv2.dilate(clean, None, iterations=2)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8, ltype=cv2.CV_16U)
    counts = np.bincount(labels[clean > 0], minlength=len(stats))
    counts[0] = 0
    found = [
        Blob(int(counts[i]), int(x), int(y), int(x + w), int(y + h), int(i))
        for i, (x, y, w, h, _) in enumerate(stats)
        if counts[i] >= least_pixels
    ]
    found.sort(key=lambda blob: -blob.pixels)
    return found, labels, joined


def grouped(blobs: list[Blob], near: int) -> list[Blob]:
    """Join blobs whose boxes are at most `near` pixels apart, largest first."""
    groups: list[Blob] = []
    for blob in blobs:
        merged = blob
        rest: list[Blob] = []
        for group in groups:
            if _gap(group, merged) <= near:
                merged = Blob(
                    group.pixels + merged.pixels,
                    min(group.left, merged.left),
                    min(group.top, merged.top),
                    max(group.right, merged.right),
                    max(group.bottom, merged.bottom),
                    group.label,
                )
            else:
                rest.append(group)
        groups = [*rest, merged]
    return sorted(groups, key=lambda group: -group.pixels)


def _gap(one: Blob, other: Blob) -> int:
    across = max(one.left, other.left) - min(one.right, other.right)
    down = max(one.top, other.top) - min(one.bottom, other.bottom)
    return max(across, down)
