"""Judges which blobs are things that move, by their looks and by their past."""

import math
from typing import NamedTuple

import numpy as np

from whosthere.core.sighting import Scene
from whosthere.vision.blobs import Blob, Blobs, Nature, nature
from whosthere.vision.planes import (
    Mask,
    Place,
    Plane,
    add,
    both,
    either,
    equal,
    no_pixels,
    not_negative,
    only,
    over,
    put,
    share_inside,
    under,
    without,
)

_JUDGED = 12  # blobs of a picture, the largest
_KNOWN = 0.5
_RESTING = 0.7  # of a ghost must be still; one that changes is a thing
_SUSPECT_SECONDS = 5.0
_SUSPECT = 0.6  # of a blob must have come without moving there
_FIRST_SECONDS = 1.0  # in which all that moves is new
_STILL_SECONDS = 0.5
_STILL = 0.6
_MOVING = 0.5  # still share of a suspect below which it is seen to move
_STOPPED_SECONDS = 20.0  # a thing of which nothing at all moves for so long is absorbed
_STOPPED = 0.95
_SOON = 0.6  # s; with larger gaps between frames, things may appear anywhere
_BEFORE = 0.15  # s back, to see whether a thing was nearly there then
_OVERLAP_IN_RAIN = 0.3
_SMALL, _OVERLAP = 0.01, 0.2  # what is small must have overlapped what was there before
_RAIN, _RAIN_SECONDS = 1.0, 5.0  # flashes in a picture, and how long that is remembered
_QUIET, _QUIET_NOISE = 5.0, 2.0  # grey levels, and times the noise: less is no jump
_RESTLESS = 2.0  # how much faster a pixel's rest is forgotten than gained


class Judged(NamedTuple):
    """The blobs of a picture, judged."""

    things: list[Blob]
    apparent: list[tuple[Blob, Mask]]  # light and ghosts, which the background may follow


class _Past(NamedTuple):
    clock: float
    mask: Mask
    traced: Mask


class Judge:
    """Remembers the recent past of each pixel of a scene."""

    def __init__(self, picture: Plane) -> None:
        self._clock = 0.0
        self._suspect = np.zeros_like(picture)  # seconds for which it stays so
        self._still = np.zeros_like(picture)  # seconds for which it has differed without moving
        self._longest_still = 0.0
        self._suspect_until = 0.0
        self._traced = no_pixels(picture)  # what was nearly there a moment ago
        self._flashes = 0
        self._rain = 0.0  # flashes in a picture, on average
        self._pasts: list[_Past] = []

    def judge(
        self,
        blobs: Blobs,
        pictures: tuple[Plane, Plane],
        quiet: Mask | None,
        scene: Scene,
        known: Mask,
        seconds: float,
    ) -> Judged:
        """Tell things from light and ghosts.

        `pictures` are the picture and what it is held against, `quiet` is where nothing moves just
        now (none is needed where there are no blobs), and `known` is what was there before the
        light changed.
        """
        self._clock += seconds
        if scene is Scene.LIGHT_CHANGE:
            self._doubt(self._suspect, without(blobs.mask, known))
        if self._clock < self._suspect_until:
            self._suspect -= np.float32(seconds)
            self._suspect = only(self._suspect, blobs.mask)
        before = self._before() if seconds < _SOON else None
        self._traced, self._flashes = no_pixels(blobs.mask), 0
        judged = Judged([], [])
        if quiet is None:
            self._remember(blobs, None, seconds)
            return judged
        for blob in blobs.found[:_JUDGED]:
            part = blob.around(blobs.mask.shape)
            inside = equal(blobs.labels[part], blob.label)
            share = blob.pixels / blobs.mask.size
            if scene is Scene.LIGHT_CHANGE and share_inside(known[part], inside) > _KNOWN:
                judged.things.append(blob)  # it was there before the light changed
                continue
            rest = share_inside(quiet[part], inside)
            new, old = pictures[0][part], pictures[1][part]
            kind = nature(inside, new, old, share, rests=rest >= _RESTING)
            if kind is Nature.THING:
                if before is not None and self._is_fleeting(before, part, inside, share):
                    continue
                kind = self._by_its_past(part, inside, rest, scene)
            if kind is Nature.THING:
                judged.things.append(blob)
            else:
                judged.apparent.append((blob, inside))
        self._remember(blobs, quiet, seconds)
        return judged

    def _doubt(self, suspect: Plane, where: Mask) -> None:
        put(_SUSPECT_SECONDS, suspect, where)
        self._suspect_until = self._clock + _SUSPECT_SECONDS + 1

    def _is_fleeting(self, before: "_Past", part: Place, inside: Mask, share: float) -> bool:
        """Whether it was not nearly there a moment ago: a drop of rain, an insect, a flash.

        Where there are many of these, some meet by chance; then it must have been there twice.
        """
        overlap = share_inside(before.mask[part], inside)
        if overlap == 0 and self._clock > _FIRST_SECONDS:
            self._doubt(self._suspect[part], inside)
        rains = self._rain > _RAIN
        least = _OVERLAP_IN_RAIN if rains else _OVERLAP
        if overlap < least:
            self._flashes += share < _SMALL
            return share < _SMALL
        self._traced[part] = either(self._traced[part], inside)
        if share >= _SMALL or not rains:
            return False
        return share_inside(before.traced[part], inside) < least

    def _by_its_past(self, part: Place, inside: Mask, rest: float, scene: Scene) -> Nature:
        """Doubt what came without moving there and stands still, and what stopped long ago."""
        suspect, still = self._suspect[part], self._still[part]
        if self._clock < self._suspect_until and (
            share_inside(over(suspect, 0.0), inside) > _SUSPECT
        ):
            if share_inside(over(still, _STILL_SECONDS), inside) > _STILL:
                return Nature.LIGHT
            if scene is Scene.STEADY and rest < _MOVING:
                put(0.0, suspect, inside)
        if self._longest_still <= _STOPPED_SECONDS:
            return Nature.THING
        stopped = share_inside(over(still, _STOPPED_SECONDS), inside) > _STOPPED
        return Nature.GHOST if stopped else Nature.THING

    def _before(self) -> "_Past | None":
        while len(self._pasts) > 1 and self._clock - self._pasts[1].clock >= _BEFORE:
            self._pasts.pop(0)
        return self._pasts[0] if self._pasts else None

    def _remember(self, blobs: Blobs, quiet: Mask | None, seconds: float) -> None:
        self._pasts.append(_Past(self._clock, blobs.mask, self._traced))
        self._rain += (self._flashes - self._rain) * (1 - math.exp(-seconds / _RAIN_SECONDS))
        if quiet is None:
            if self._longest_still:
                self._still[:] = 0
                self._longest_still = 0.0
            return
        place = blobs.place  # all that differs is there
        mask, times = blobs.mask[place], only(self._still[place], blobs.mask[place])
        still = both(mask, quiet[place])
        add(seconds, times, still)
        add(-_RESTLESS * seconds, times, without(mask, still))
        times = not_negative(times)
        self._still = np.zeros_like(self._still)
        self._still[place] = times
        self._longest_still = float(times.max())

    def still_for(self, seconds: float) -> Mask | None:
        """Return the pixels that have differed for so long without moving, and forget them."""
        if self._longest_still <= seconds:
            return None
        done = over(self._still, seconds)
        put(0.0, self._still, done)
        return done

    def forget(self) -> None:
        """Start anew: this is another scene."""
        self._still[:] = 0
        self._suspect[:] = 0
        self._pasts.clear()


def where_quiet(step: Plane, noise: Plane, place: Place) -> Mask:
    """Return the pixels of a place in which nothing moves just now."""
    quiet = no_pixels(step)
    most = np.float32(_QUIET_NOISE) * noise[place] + np.float32(_QUIET)
    quiet[place] = under(np.abs(step[place]), most)
    return quiet


def boxes_of(blobs: list[Blob], like: Mask) -> Mask:
    """Draw the boxes of blobs."""
    drawn = no_pixels(like)
    for blob in blobs:
        drawn[blob.around(like.shape)] = 255
    return drawn


def still_known(things: list[Blob], blobs: Blobs, known: Mask) -> Mask:
    """Follow what was there before the light changed to where it is now."""
    found = no_pixels(known)
    for thing in things:
        part = thing.around(known.shape)
        inside = equal(blobs.labels[part], thing.label)
        if share_inside(known[part], inside) > _OVERLAP:
            found[part] = either(found[part], inside)
    return found if found.any() else known
