"""Groups changed pixels into blobs, and says whether a blob is a thing, light or a ghost."""

import math
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from whosthere.core.sighting import Box, rounded_share
from whosthere.vision.planes import (
    Mask,
    Place,
    Plane,
    apart,
    both,
    mean_inside,
    no_pixels,
    over,
    place_of,
    power_apart,
    power_inside,
    slopes,
)

Labels: TypeAlias = NDArray[np.uint16]

_SQUARE = np.ones((3, 3), np.uint8)
_DILATIONS = 2
_NOWHERE = (slice(0, 0), slice(0, 0))
_MARGIN = 3  # pixels around a blob that are looked at with it
_FLAT = 2.0  # squared grey levels a pixel; weaker edges are noise
_BLUNT = 5.0  # the same, for whole pictures
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

    def around(self, shape: tuple[int, ...]) -> Place:
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
    place: Place = _NOWHERE  # that holds them all


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
    if not cv2.countNonZero(changed):
        return no_blobs(changed)
    clean = np.asarray(cv2.medianBlur(changed, 3), np.uint8)
    place = place_of(clean, _DILATIONS)  # the rest of the picture is empty
    if place is None or cv2.countNonZero(clean) < least_pixels:
        return no_blobs(changed)
    blobs = no_blobs(changed)._replace(place=place)
    blobs.mask[place] = cv2.dilate(clean[place], _SQUARE, iterations=_DILATIONS)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(
        blobs.mask[place], connectivity=8, ltype=cv2.CV_16U
    )
    blobs.labels[place] = parts
    top, left = place[0].start, place[1].start
    counts = np.bincount(parts[clean[place] > 0], minlength=len(stats))
    blobs.found.extend(
        Blob(int(counts[n]), left + x, top + y, left + x + wide, top + y + high, int(n))
        for n in np.argsort(-counts)
        if counts[n] >= least_pixels
        for x, y, wide, high, _ in [stats[n].tolist()]
    )
    return blobs


def no_blobs(like: Mask) -> Blobs:
    return Blobs([], np.zeros(like.shape, np.uint16), no_pixels(like))


def nature(inside: Mask, new: Plane, old: Plane, share: float, *, rests: bool) -> Nature:
    """Judge a blob, that covers a share of the picture, by its edges.

    A thing brings edges of its own, at least its outline. Light leaves the edges of the background
    as they are, up to their strength, and has soft borders (the idea of Li and Leung: Integrating
    Intensity and Texture Differences for Robust Change Detection, 2002). A ghost, where the
    background has learnt something that is gone, takes an outline away, and `rests`.
    """
    edges = _Edges.of(new, old, inside)
    if edges.old > _FLAT and edges.common > _SAME * math.sqrt(edges.new * edges.old):
        return Nature.LIGHT
    difference = apart(new, old)
    least = max(2.0, 0.26 * mean_inside(difference, inside))
    own = both(over(edges.own_strength(), least**2), inside)
    hardness = _HARD_SMALL + (_HARD_LARGE - _HARD_SMALL) * min(1.0, share / _LARGE)
    outline = 4 * math.sqrt(cv2.countNonZero(inside))
    if cv2.countNonZero(own) < hardness * outline:
        return Nature.LIGHT
    if not rests:
        return Nature.THING
    shape = both(over(difference, _VISIBLE), inside)
    out = slopes(np.asarray(cv2.blur(shape, (3, 3)), np.float32))
    across_new = _crossing(edges.new_slopes, out)
    across_old = _crossing(edges.old_slopes, out)
    return Nature.GHOST if across_old > _GHOSTLY * across_new else Nature.THING


def same_structure(new: Plane, old: Plane, where: Mask) -> float:
    """Return how alike the edges are within a mask: 1 is the same, 0 has nothing in common."""
    if not cv2.countNonZero(where):
        return 1.0
    edges = _Edges.of(new, old, where)
    # where neither has edges, nothing differs
    return (edges.common + _BLUNT) / (math.sqrt(edges.new * edges.old) + _BLUNT)


class _Edges(NamedTuple):
    """The edges of two pictures, and their mean squared strength in a place."""

    new_slopes: tuple[Plane, Plane]
    old_slopes: tuple[Plane, Plane]
    new: float
    old: float
    common: float

    @classmethod
    def of(cls, new: Plane, old: Plane, inside: Mask) -> "_Edges":
        (new_x, new_y), (old_x, old_y) = slopes(new), slopes(old)
        pixels = max(1, cv2.countNonZero(inside))
        new_power = (power_inside(new_x, inside) + power_inside(new_y, inside)) / pixels
        old_power = (power_inside(old_x, inside) + power_inside(old_y, inside)) / pixels
        apart = (power_apart(new_x, old_x, inside) + power_apart(new_y, old_y, inside)) / pixels
        common = (new_power + old_power - apart) / 2  # since (a - b)² = a² + b² - 2ab
        return cls((new_x, new_y), (old_x, old_y), new_power, old_power, common)

    def own_strength(self) -> Plane:
        """The squared strength of the new picture's edges that the old one's do not explain."""
        gain = np.float32((self.common + 1) / (self.old + 1))
        own_x = self.new_slopes[0] - gain * self.old_slopes[0]
        own_y = self.new_slopes[1] - gain * self.old_slopes[1]
        strength: Plane = own_x * own_x + own_y * own_y
        return strength


def _crossing(edges: tuple[Plane, Plane], outline: tuple[Plane, Plane]) -> float:
    """How much edge runs along an outline."""
    return float(cv2.norm(edges[0] * outline[0] + edges[1] * outline[1], cv2.NORM_L1))


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
