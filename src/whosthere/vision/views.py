"""What a camera looks at, place by place: where its edges are and how steep they are.

Edges stay where they are when the light changes, and go when the lens is covered or turned. So
each place of the picture is asked how well its brightness gradients agree with those it used to
have: their normalised correlation, as Ribnick et al. compare old and new frames (Real-Time
Detection of Camera Tampering, 2006), but on gradients instead of grey levels. Light that rises
softly over a wall is no edge, and is taken off before; so is the power of noise.
"""

from collections.abc import Collection
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from whosthere.core.sighting import Luma
from whosthere.vision.planes import Plane

WIDTH, HEIGHT = 160, 90
ACROSS, DOWN = 8, 6  # places
_SOFT = 17, 17  # pixels over which light alone changes brightness
_NOTHING = 0.003  # power of gradients that rounding leaves
_OWN = 0.25  # at least so much of a picture's gradients counts as not noise
_CALM = 0.25  # of the places show noise alone, also while something moves

Places = NDArray[np.float32]  # one number for each place


class View(NamedTuple):
    """A small picture of a frame: its details, and how bright each place is."""

    detail: Plane
    level: Places

    @classmethod
    def of(cls, luma: Luma) -> "View":
        # a mean of whole grey levels keeps parts of them: faint edges are less than a level high
        small = np.asarray(cv2.boxFilter(_small(luma), cv2.CV_32F, (3, 3)), np.float32)
        return cls(np.asarray(small - cv2.blur(small, _SOFT), np.float32), _places(small))

    @classmethod
    def mean(cls, views: "Collection[View]") -> "View":
        """What several pictures show together: the same edges, and less noise."""
        share = np.float32(1 / len(views))
        details, levels = zip(*views, strict=True)
        return cls(sum(details[1:], details[0]) * share, sum(levels[1:], levels[0]) * share)

    def copy(self) -> "View":
        return View(self.detail.copy(), self.level.copy())

    def follow(self, newer: "View", weight: float) -> None:
        cv2.accumulateWeighted(newer.detail, self.detail, weight)
        cv2.accumulateWeighted(newer.level, self.level, weight)


class Edges(NamedTuple):
    """How brightness rises in a small picture."""

    right: Plane
    down: Plane
    power: Places

    @classmethod
    def of(cls, detail: Plane) -> "Edges":
        right = np.asarray(cv2.Sobel(detail, cv2.CV_32F, 1, 0, scale=0.125), np.float32)
        down = np.asarray(cv2.Sobel(detail, cv2.CV_32F, 0, 1, scale=0.125), np.float32)
        return cls(right, down, _places(right * right + down * down))

    def agreement(self, other: "Edges", noise: Places) -> Places:
        """How well both agree at each place: 1 is the same but for the contrast, 0 is unlike.

        Noise, which only this picture has, is no disagreement.
        """
        common = _places(self.right * other.right + self.down * other.down)
        own = np.maximum(self.power - noise, _OWN * self.power + _NOTHING)
        return np.asarray(common / np.sqrt(own * (other.power + _NOTHING)), np.float32)


def noise_between(one: View, other: View) -> Places:
    """Power of the gradients of noise, and of what moves, in one of two pictures."""
    return np.asarray(Edges.of(one.detail - other.detail).power / 2, np.float32)


def calmest(noise: Places) -> float:
    """Noise alone, without what moves."""
    return float(np.partition(noise.ravel(), round(_CALM * noise.size))[round(_CALM * noise.size)])


def _small(luma: Luma) -> Luma:
    """Rows are skipped before anything is computed."""
    rows = luma[:: max(1, luma.shape[0] // (2 * HEIGHT))]
    return np.asarray(cv2.resize(rows, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def _places(plane: Plane) -> Places:
    """The mean of each place."""
    return np.asarray(cv2.resize(plane, (ACROSS, DOWN), interpolation=cv2.INTER_AREA), np.float32)
