"""What a camera looks at, place by place: where its edges are and how steep they are.

Edges stay where they are when the light changes, and go when the lens is covered or turned. So
each place of the picture is asked how well its brightness gradients agree with those it used to
have: their normalised correlation, as Ribnick et al. compare old and new frames (Real-Time
Detection of Camera Tampering, 2006), but on gradients instead of grey levels.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from whosthere.core.model import Luma
from whosthere.vision.planes import Plane

WIDTH, HEIGHT = 160, 90
ACROSS, DOWN = 8, 6  # places
_NOISE = 0.5  # power of gradients that is nothing

Places = NDArray[np.float32]  # one number for each place


def view_of(luma: Luma) -> Plane:
    """A small picture of a frame, softened. Rows are skipped before anything is computed."""
    rows = luma[:: max(1, luma.shape[0] // (2 * HEIGHT))]
    small = cv2.resize(rows, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.blur(small, (3, 3)), np.float32)


class Edges(NamedTuple):
    """How brightness rises in a small picture."""

    right: Plane
    down: Plane
    power: Places

    @classmethod
    def of(cls, view: Plane) -> "Edges":
        right = np.asarray(cv2.Sobel(view, cv2.CV_32F, 1, 0, scale=0.125), np.float32)
        down = np.asarray(cv2.Sobel(view, cv2.CV_32F, 0, 1, scale=0.125), np.float32)
        return cls(right, down, _places(right * right + down * down))

    def agreement(self, other: "Edges") -> Places:
        """How well both agree at each place: 1 is the same but for the contrast, 0 is unlike."""
        common = _places(self.right * other.right + self.down * other.down)
        power = np.sqrt((self.power + _NOISE) * (other.power + _NOISE))
        return np.asarray(common / power, np.float32)


def _places(plane: Plane) -> Places:
    """The mean of each place."""
    return np.asarray(cv2.resize(plane, (ACROSS, DOWN), interpolation=cv2.INTER_AREA), np.float32)


def change(one: Plane, other: Plane) -> Places:
    """By how many grey levels two small pictures differ at each place."""
    return _places(np.asarray(cv2.absdiff(one, other), np.float32))
