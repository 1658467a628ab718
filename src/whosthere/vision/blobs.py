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
_FLAT = 2.0  # squared grey levels a pixel; weaker edges are noise
_SAME = 0.95  # likeness of edges from which on two pictures show the same
_HARD_SMALL, _HARD_LARGE = 0.4, 1.0  # share of the outline that must be new edges
_LARGE = 0.05  # share of the picture
_VISIBLE = 8.0  # grey levels
_GHOSTLY = 1.3  # how much more edge the background has along the outline than the picture


class Blob(NamedTuple):
    """Changed pixels that hang together, in the small picture."""

    pixels: int
    left: int
    top: int
    right: int
    bottom: int
    label: int = 0

    def box(self, height: int, width: int) -> Box:
        return Box(
            rounded_share(self.left / width),
            rounded_share(self.top / height),
            rounded_share(self.right / width),
            rounded_share(self.bottom / height),
        )

    def around(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """The part of a picture that holds the blob and its surroundings."""
        return (
            slice(max(self.top - _MARGIN, 0), min(self.bottom + _MARGIN, shape[0])),
            slice(max(self.left - _MARGIN, 0), min(self.right + _MARGIN, shape[1])),
        )

    def joined(self, other: "Blob") -> "Blob":
        return Blob(
            self.pixels + other.pixels,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def gap(self, other: "Blob") -> int:
        """How far apart two blobs' boxes are, in pixels; negative if they overlap."""
        across = max(self.left, other.left) - min(self.right, other.right)
        down = max(self.top, other.top) - min(self.bottom, other.bottom)
        return max(across, down)


class Blobs(NamedTuple):
    """The blobs of a picture, largest first, and where they are."""

    found: list[Blob]
    labels: Labels  # the number of each pixel's blob
    mask: Mask  # their pixels and a little around


class Nature(StrEnum):
    """What a blob is."""

    THING = "thing"
    LIGHT = "light"  # the same structure, or none, in another light
    GHOST = "ghost"  # the background shows something that is gone


def blobs_of(changed: Mask, least_pixels: int) -> Blobs:
    """Find what hangs together.

    Lone pixels go, then two dilations join the parts of one thing, as in the talk. The size is that
    of the changed pixels, not of the dilated ones.
    """
    clean = cv2.medianBlur(changed, 3)
    if cv2.countNonZero(clean) < least_pixels:
        return Blobs([], np.zeros(changed.shape, np.uint16), clean)
    mask = cv2.dilate(clean, None, iterations=2)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    counts = np.bincount(labels[clean > 0], minlength=len(stats))
    counts[0] = 0
    order = np.argsort(-counts)
    found = [
        Blob(int(counts[n]), int(x), int(y), int(x + wide), int(y + high), int(n))
        for n in order
        if counts[n] >= least_pixels
        for x, y, wide, high, _ in [stats[n]]
    ]
    return Blobs(found, labels, mask)


def nature(inside: Mask, new: Plane, old: Plane, share: float) -> Nature:
    """Judge a blob, that covers a share of the picture, by its edges.

    A thing brings edges of its own, at least its outline. Light leaves the edges of the background
    as they are, up to their strength, and has soft borders (the idea of Li and Leung: Integrating
    Intensity and Texture Differences for Robust Change Detection, 2002). A ghost, where the
    background has learnt something that is gone, takes an outline away.
    """
    size = cv2.countNonZero(inside)
    new_x, new_y, old_x, old_y = *_slopes(new), *_slopes(old)
    energy_new = _mean(new_x * new_x + new_y * new_y, inside)
    energy_old = _mean(old_x * old_x + old_y * old_y, inside)
    common = _mean(new_x * old_x + new_y * old_y, inside)
    if energy_old > _FLAT and common > _SAME * math.sqrt(energy_new * energy_old):
        return Nature.LIGHT
    gain = np.float32((common + 1) / (energy_old + 1))
    difference = cv2.absdiff(new, old)
    contrast = 1.3 * _mean(difference, inside)
    least = max(2.0, 0.2 * contrast) ** 2
    own_x, own_y = new_x - gain * old_x, new_y - gain * old_y
    own = cv2.compare(own_x * own_x + own_y * own_y, least, cv2.CMP_GT)
    hardness = _HARD_SMALL + (_HARD_LARGE - _HARD_SMALL) * min(1.0, share / _LARGE)
    if cv2.countNonZero(cv2.bitwise_and(own, inside)) < hardness * 4 * math.sqrt(size):
        return Nature.LIGHT
    shape = cv2.bitwise_and(cv2.compare(difference, _VISIBLE, cv2.CMP_GT), inside)
    out_x, out_y = _slopes(cv2.blur(shape, (3, 3)).astype(np.float32))
    across_new = cv2.norm(new_x * out_x + new_y * out_y, cv2.NORM_L1)
    across_old = cv2.norm(old_x * out_x + old_y * out_y, cv2.NORM_L1)
    return Nature.GHOST if across_old > _GHOSTLY * across_new else Nature.THING


def same_structure(new: Plane, old: Plane, where: Mask) -> float:
    """Return how alike the edges are within a mask: 1 is the same, 0 has nothing in common."""
    size = cv2.countNonZero(where)
    new_x, new_y, old_x, old_y = *_slopes(new), *_slopes(old)
    common = _mean(new_x * old_x + new_y * old_y, where)
    energy_new = _mean(new_x * new_x + new_y * new_y, where)
    energy_old = _mean(old_x * old_x + old_y * old_y, where)
    # where nothing has edges, nothing differs
    return (common + _FLAT) / (math.sqrt(energy_new * energy_old) + _FLAT) if size else 1.0


def _slopes(plane: Plane) -> tuple[Plane, Plane]:
    return (
        cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=0.125),
        cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=0.125),
    )


def _mean(plane: Plane, inside: Mask) -> float:
    return float(cv2.mean(plane, inside)[0])


def grouped(blobs: list[Blob], near: int) -> list[Blob]:
    """Join blobs that are at most `near` pixels apart into one thing each, largest first."""
    groups: list[Blob] = []
    for blob in blobs:
        grown, apart = blob, []
        for group in groups:
            if group.gap(grown) <= near:
                grown = grown.joined(group)
            else:
                apart.append(group)
        groups = [*apart, grown]
    return sorted(groups, key=lambda group: -group.pixels)
