"""Finds what moves by comparing each frame with what the scene usually looks like.

The steps are those of the talk that this project grew from: grey, shrink, blur, running average,
difference, threshold, dilate, blobs, area. What is new is around them: how much a pixel must differ
follows its noise and its habits, and what changed is asked whether it is a thing, or light, or the
camera itself.
"""

from typing import NamedTuple

import numpy as np

from whosthere.core.sighting import Frame, Luma, Motion, Scene, rounded_share
from whosthere.vision.blobs import grouped
from whosthere.vision.masks import Areas
from whosthere.vision.planes import Mask, Plane, mean
from whosthere.vision.scenery import Scenery, Seen
from whosthere.vision.small import shrunk, small_size

_NEAR = 0.02  # of the width: blobs closer than this are one thing
_LONGEST_STEP = 1.0  # s; after a gap the background is not trusted to have learnt it all
_BRIGHTER = 2.0  # grey levels; within these, a scene is as bright as it was said to be


class Stages(NamedTuple):
    """The last frame, step by step, for people to look at."""

    picture: Luma
    background: Plane
    changed: Mask
    motion: Motion


class BackgroundMotion:
    """Says how much of each frame moves, and where."""

    def __init__(  # noqa: PLR0913 - each is a number people may set
        self,
        *,
        areas: Areas | None = None,
        least_contrast: float = 8.0,
        least_area: float = 0.0005,
        most_boxes: int = 6,
        learning_seconds: float = 0.3,
        background_seconds: float = 4.0,
        absorb_seconds: float = 35.0,
        restart_seconds: float = 60.0,
    ) -> None:
        self._areas = areas or Areas()
        self._least_contrast = least_contrast
        self._least_area = least_area
        self._most_boxes = most_boxes
        self._learning_seconds = learning_seconds
        self._background_seconds = background_seconds
        self._absorb_seconds = absorb_seconds
        self._restart_seconds = restart_seconds
        self._scenery: Scenery | None = None
        self._shape = (0, 0)
        self._size = (0, 0)
        self._clock = 0.0
        self._brightness = 0.0
        self._zones: dict[str, Mask] = {}
        self._last: tuple[Luma, Seen, Motion] | None = None

    def __call__(self, frame: Frame) -> Motion:
        luma = frame.luma
        passed = frame.clock - self._clock
        self._clock = frame.clock
        if luma.shape != self._shape:
            self._shape = luma.shape
            self._size = small_size(luma.shape)
            self._zones = self._areas.zones(*self._size)
            self._scenery = None
        picture = shrunk(luma, self._size)
        if self._scenery is None or not 0 <= passed <= self._restart_seconds:
            return self._start(picture)
        seen = self._scenery.see(picture, min(max(passed, 0.01), _LONGEST_STEP))
        motion = self._told(seen, self._scenery)
        self._last = picture, seen, motion
        return motion

    def stages(self) -> Stages | None:
        """Return the steps of the last frame; none before there is something to compare."""
        if self._last is None:
            return None
        picture, seen, motion = self._last
        return Stages(picture, seen.reference, seen.blobs.mask, motion)

    def _start(self, picture: Luma) -> Motion:
        self._scenery = Scenery(
            picture,
            self._areas.watched(*self._size),
            least_contrast=self._least_contrast,
            least_area=self._least_area,
            background_seconds=self._background_seconds,
            absorb_seconds=self._absorb_seconds,
        )
        self._last = None
        return Motion(Scene.LEARNING, brightness=round(float(picture.mean()), 1))

    def _told(self, seen: Seen, scenery: Scenery) -> Motion:
        height, width = self._size
        things = grouped(list(seen.things), max(2, round(_NEAR * width)))
        learning = scenery.background.age < self._learning_seconds
        return Motion(
            Scene.LEARNING if learning else seen.scene,
            rounded_share(things[0].pixels / scenery.total) if things else 0.0,
            tuple(thing.box(height, width) for thing in things[: self._most_boxes]),
            seen.changed,
            round(mean(scenery.background.noise), 2),
            self._steady(seen.brightness),
            self._zones_of(seen),
        )

    def _steady(self, brightness: float) -> float:
        """Follow the brightness in steps: frames of a quiet scene are alike, and kept as one."""
        if abs(brightness - self._brightness) >= _BRIGHTER:
            self._brightness = round(brightness, 1)
        return self._brightness

    def _zones_of(self, seen: Seen) -> frozenset[str]:
        if not self._zones or not seen.things:
            return frozenset()
        moving = np.isin(seen.blobs.labels, [thing.label for thing in seen.things])
        return frozenset(name for name, zone in self._zones.items() if (zone[moving] > 0).any())
