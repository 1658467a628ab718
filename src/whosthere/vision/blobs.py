"""Groups changed pixels into blobs, and says whether a blob is a thing, light or a ghost."""

import math
from enum import StrEnum
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from whosthere.core.model import Box, rounded_share
from whosthere.vision.small import Plane

Mask = NDArray[np.uint8]  # 0 or 255
Labels = NDArray[np.uint16]

_MARGIN = 3  # pixels around a blob that are looked at with it


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

    def around(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        return (
            slice(max(self.top - _MARGIN, 0), min(self.bottom + _MARGIN, shape[0])),
            slice(max(self.left - _MARGIN, 0), min(self.right + _MARGIN, shape[1])),
        )


class Nature(StrEnum):
    """What a blob is."""

    THING = "thing"
    LIGHT = "light"  # the same structure, or none, in another light
    GHOST = "ghost"  # the background shows something that is gone


def blobs_of(changed: Mask, least_pixels: int) -> tuple[list[Blob], Labels, Mask]:
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


def nature(blob: Blob, labels: Labels, picture: Plane, background: Plane) -> Nature:
    """Judge a blob by its edges, as proposed by Li and Leung (2002) for texture differences.

    A thing brings edges of its own, at least its outline. Light leaves the edges of the background
    as they are, up to their strength, and has soft borders. A ghost takes edges away.
    """
    part = blob.around(picture.shape)
    inside = labels[part] == blob.label
    new, old = picture[part], background[part]
    new_x, new_y = _slopes(new)
    old_x, old_y = _slopes(old)
    new_edges, old_edges = new_x**2 + new_y**2, old_x**2 + old_y**2
    size = float(np.count_nonzero(inside))
    energy_new = float(new_edges[inside].sum()) / size
    energy_old = float(old_edges[inside].sum()) / size
    common = float((new_x * old_x + new_y * old_y)[inside].sum()) / size
    if energy_old > 2 and common > 0.95 * np.sqrt(energy_new * energy_old):
        return Nature.LIGHT
    gain = (common + 1) / (energy_old + 1)
    contrast = float(np.percentile(cv2.absdiff(new, old)[inside], 75))
    least = max(2.0, 0.2 * contrast) ** 2
    changed = ((new_x - gain * old_x) ** 2 + (new_y - gain * old_y) ** 2 > least) & inside
    outline = 4 * np.sqrt(size)
    hardness = 0.4 + 0.6 * min(1.0, size / (0.05 * labels.size))
    if np.count_nonzero(changed) < hardness * outline:
        return Nature.LIGHT
    shape = (inside & (cv2.absdiff(new, old) > 8)).astype(np.float32)
    out_x, out_y = _slopes(cv2.blur(shape, (3, 3)))
    across_new = float(np.abs(new_x * out_x + new_y * out_y).sum())
    across_old = float(np.abs(old_x * out_x + old_y * out_y).sum())
    if across_old > 1.3 * across_new:
        return Nature.GHOST
    return Nature.THING


def same_structure(picture: Plane, background: Plane, where: Mask) -> float:
    """Return how alike the edges are within a mask: 1 is the same, 0 has nothing in common."""
    new_x, new_y = _slopes(picture)
    old_x, old_y = _slopes(background)
    inside = where > 0
    flat = 2.0 * np.count_nonzero(inside)  # where nothing has edges, nothing differs
    common = float((new_x * old_x + new_y * old_y)[inside].sum())
    energy = float((new_x**2 + new_y**2)[inside].sum()) * float((old_x**2 + old_y**2)[inside].sum())
    return (common + flat) / (math.sqrt(energy) + flat + 1e-6)


def _slopes(plane: Plane) -> tuple[Plane, Plane]:
    return (
        cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=0.125),
        cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=0.125),
    )


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
