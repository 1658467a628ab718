"""What a scene usually looks like, pixel by pixel, and how much each pixel may differ from that.

All times are in seconds, so that they mean the same at any frame rate.
"""

import math

import cv2
import numpy as np

from whosthere.vision.planes import (
    Mask,
    Plane,
    apart,
    at_most,
    between,
    both,
    either,
    follow,
    inverse,
    median,
    no_pixels,
    not_negative,
    over,
    place_of,
    smaller,
    softened,
    weighed,
    without,
)

_MOMENT = 0.25  # s; what is called "a moment ago"
_NOISE_SECONDS = 6.0
_NOISE_MOST = 10.0  # grey levels; a larger jump is something that moves and not noise
_NOISE_TIMES = 3.5
_NOISE_AT_FIRST = 2.0
_SWAY_SECONDS = 8.0
_SWAY_MOST = 40.0
_COUNT_SECONDS = 10.0  # for so long it is remembered how often a pixel changed
_TURN = 0.3  # what a turn from brighter to darker counts, beside a change from the background
_AROUND = 9  # pixels; restlessness is that of a place, not of one pixel
_STRICT_FROM, _STRICT = 0.05, 0.5  # changes remembered, from where and to where it grows
_HARD_FROM, _HARD = 0.8, 2.3
_HARD_TIMES = 2.5  # how many times its usual sway a restless pixel may differ
_NEIGHBOURS = np.ones((3, 3), np.uint8)


class Background:
    """The running average of a scene and the habits of its pixels."""

    def __init__(self, picture: Plane, least_contrast: float) -> None:
        self.picture = picture.copy()
        self.noise = np.full_like(picture, _NOISE_AT_FIRST)
        self.age = 0.0
        self._measured = False
        self._recent = picture.copy()
        self._sway = np.zeros_like(picture)
        self._density = np.zeros_like(picture)  # changes of a place that were counted lately
        self._was_on = no_pixels(picture)
        self._was_up = no_pixels(picture)
        self._was_down = no_pixels(picture)
        self._is_strict = False
        self._base = least_contrast + _NOISE_TIMES * self.noise
        self.limit = self._base

    def step(self, picture: Plane, seconds: float) -> Plane:
        """Return how the picture differs from a moment ago, and go on."""
        self.age += seconds
        step: Plane = picture - self._recent
        follow(self._recent, picture, seconds, _MOMENT)
        return step

    def compared(self, picture: Plane, reference: Plane) -> Mask:
        """Return the pixels that differ by more than they usually do.

        Where pixels keep changing (leaves, water, edges seen by a camera that sways) a pixel only
        counts if it differs from all its neighbours in the background too: what sways by a pixel
        shows nothing new (the idea of Elgammal, Harwood and Davis: Non-parametric Model for
        Background Subtraction, 2000).
        """
        difference = apart(picture, reference)
        changed = over(difference, self.limit)
        place = place_of(changed, 1) if self._is_strict else None
        if place is not None:  # strictness only ever takes away
            strictness = at_most(self._density[place] * np.float32(1 / _STRICT), 1.0)
            new, old, off = picture[place], reference[place], difference[place]
            low = np.asarray(cv2.erode(old, _NEIGHBOURS), np.float32)
            high = np.asarray(cv2.dilate(old, _NEIGHBOURS), np.float32)
            strict = apart(new, between(new, low, high))
            off += strictness * (strict - off)
            changed[place] = over(off, self.limit[place])
        return changed

    def observe(
        self, picture: Plane, reference: Plane, step: Plane, seconds: float, contrast: float
    ) -> None:
        """Learn how much the pixels jump and how often they change.

        `contrast` is what a pixel without noise must differ by.
        """
        difference = apart(picture, reference)
        jump = smaller(np.abs(step), difference)  # what the light explains is no noise
        if not self._measured:
            self._measured = True
            self.noise[:] = 1.5 * median(jump) + 0.3
        follow(self.noise, at_most(jump, _NOISE_MOST), seconds, _NOISE_SECONDS)
        follow(self._sway, at_most(jump, _SWAY_MOST), seconds, _SWAY_SECONDS)
        on = over(difference, self._base)
        restless = self._is_strict or cv2.countNonZero(on) > 0
        if restless:
            self._count(on, step, jump, seconds)
        self._was_on = on
        self._base = self.limit = contrast + _NOISE_TIMES * self.noise
        if restless:
            self._raise_limits()

    def _count(self, on: Mask, step: Plane, jump: Plane, seconds: float) -> None:
        """Count each pixel's changes: away from the background, and turns of its brightness.

        What sways comes and goes many times, and what passes by only once or twice.
        """
        self._density *= np.float32(math.exp(-seconds / _COUNT_SECONDS))
        leap = over(jump, self._base * np.float32(0.5))
        came = without(on, self._was_on)
        place = place_of(either(leap, came), 2 * _AROUND)
        if place is None:
            return
        leap, was_up, was_down = leap[place], self._was_up[place], self._was_down[place]
        up = both(leap, over(step[place], 0.0))
        down = without(leap, up)
        turned = either(both(up, was_down), both(down, was_up))
        was_up[:] = either(up, without(was_up, down))
        was_down[:] = either(down, without(was_down, up))
        self._density[place] += softened(weighed(came[place], turned, _TURN), _AROUND)

    def _raise_limits(self) -> None:
        self._is_strict = float(self._density.max()) >= _STRICT_FROM
        place = place_of(over(self._density, _HARD_FROM), 0) if self._is_strict else None
        if place is not None:
            restless = at_most(self._density[place] - np.float32(_HARD_FROM), _HARD - _HARD_FROM)
            times = np.float32(_HARD_TIMES / (_HARD - _HARD_FROM))
            self.limit = self._base.copy()
            self.limit[place] += times * not_negative(restless) * self._sway[place]

    def learn(
        self, picture: Plane, busy: Mask, near: Mask | None, seconds: float, patience: float
    ) -> None:
        """Follow the picture where nothing moves.

        What differs `near` a moving thing without being counted may be a part of it.
        """
        if near is not None:
            busy = either(busy, both(self._was_on, near))
        sooner = min(patience, max(self.age, seconds))  # at first, it is a plain average
        follow(self.picture, picture, seconds, sooner, inverse(busy))
