"""What a scene usually looks like, pixel by pixel, and how much each pixel may differ from that.

All times are in seconds, so that it means the same at any frame rate.
"""

import math

import cv2
import numpy as np

from whosthere.vision.blobs import Mask
from whosthere.vision.small import Plane

_MOMENT = 0.25  # s; what is called "a moment ago"
_NOISE_SECONDS = 6.0
_NOISE_MOST = 10.0  # grey levels; a larger jump is something that moves and not noise
_NOISE_TIMES = 3.0
_SWAY_SECONDS = 8.0
_SWAY_MOST = 40.0
_COUNT_SECONDS = 10.0  # for so long it is remembered how often a pixel changed
_TURN = 0.3  # what a turn from brighter to darker counts, beside a change from the background
_NEIGHBOURS = np.ones((3, 3), np.uint8)


class Background:
    """The running average of a scene and the habits of its pixels."""

    def __init__(self, picture: Plane) -> None:
        self.picture = picture.copy()
        self.noise = np.full_like(picture, 2.0)
        self.age = 0.0
        self._measured = False
        self._recent = picture.copy()
        self._sway = np.zeros_like(picture)
        self._changes = np.zeros_like(picture)
        self._was_on = np.zeros(picture.shape, np.uint8)
        self._was_up = np.zeros(picture.shape, np.uint8)
        self._was_down = np.zeros(picture.shape, np.uint8)
        self.limit = np.zeros_like(picture)
        self._strictness: Plane | None = None
        self._limits(8.0)

    def step(self, picture: Plane, seconds: float) -> Plane:
        """Return how the picture differs from a moment ago, and go on."""
        self.age += seconds
        step: Plane = picture - self._recent
        cv2.accumulateWeighted(picture, self._recent, weight(seconds, _MOMENT))
        return step

    def _limits(self, least_contrast: float) -> None:
        self._base = least_contrast + _NOISE_TIMES * self.noise
        density = cv2.blur(self._changes, (9, 9))
        self.density = density
        most = float(density.max())
        self._strictness = cv2.min(density * 2, 1) if most > 0.05 else None
        self.limit = self._base
        if most > 0.8:
            extra = np.clip((density - 0.8) * (2.5 / 1.5), 0, 2.5)
            self.limit = self._base + extra * self._sway

    def compared(self, picture: Plane, reference: Plane) -> Mask:
        """Return the pixels that differ by more than they usually do.

        Where pixels keep changing (leaves, water, edges seen by a camera that sways) a pixel only
        counts if it differs from all its neighbours in the background too: what sways by a pixel
        shows nothing new (as Elgammal, Harwood and Davis, 2000, suppress small movements).
        """
        difference = cv2.absdiff(picture, reference)
        if self._strictness is not None:
            above = picture - cv2.dilate(reference, _NEIGHBOURS)
            below = cv2.erode(reference, _NEIGHBOURS) - picture
            strict = cv2.max(cv2.max(above, below), 0)
            difference = difference + self._strictness * (strict - difference)
        return np.asarray(cv2.compare(difference, self.limit, cv2.CMP_GT), np.uint8)

    def observe(
        self,
        picture: Plane,
        reference: Plane,
        step: Plane,
        jump: Plane,
        seconds: float,
        least_contrast: float,
    ) -> None:
        """Learn how much the pixels jump, how often they change, and in what steps."""
        if not self._measured:
            self._measured = True
            self.noise[:] = 1.5 * float(np.median(jump)) + 0.3
        noise = cv2.min(jump, _NOISE_MOST)
        cv2.accumulateWeighted(noise, self.noise, weight(seconds, _NOISE_SECONDS))
        cv2.accumulateWeighted(
            cv2.min(jump, _SWAY_MOST), self._sway, weight(seconds, _SWAY_SECONDS)
        )
        on = cv2.compare(cv2.absdiff(picture, reference), self._base, cv2.CMP_GT)
        half = self._base * np.float32(0.5)
        leap = cv2.compare(jump, half, cv2.CMP_GT)
        up = cv2.bitwise_and(leap, cv2.compare(step, 0, cv2.CMP_GT))
        down = cv2.bitwise_xor(leap, up)
        turned = (up & self._was_down) | (down & self._was_up)
        self._was_up = up | (self._was_up & ~down)
        self._was_down = down | (self._was_down & ~up)
        self._changes *= np.float32(math.exp(-seconds / _COUNT_SECONDS))
        cv2.add(self._changes, 1.0, self._changes, mask=on & ~self._was_on)
        cv2.add(self._changes, _TURN, self._changes, mask=turned)
        self._was_on = on
        self._limits(least_contrast)

    def learn(
        self, picture: Plane, busy: Mask, near: Mask | None, seconds: float, usual_seconds: float
    ) -> None:
        """Follow the picture where nothing moves.

        What differs `near` a moving thing without being counted may be a part of it.
        """
        if near is not None:
            busy = cv2.bitwise_or(busy, cv2.bitwise_and(self._was_on, near))
        patience = min(usual_seconds, max(self.age, seconds))
        free = cv2.bitwise_not(busy)
        cv2.accumulateWeighted(picture, self.picture, weight(seconds, patience), free)


def weight(seconds: float, patience: float) -> float:
    """The weight of the newest picture in an average that follows with a time constant."""
    return 1 - math.exp(-seconds / patience)
