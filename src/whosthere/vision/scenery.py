"""All that is known of one scene, seen by one camera at one picture size."""

from typing import NamedTuple

import cv2
import numpy as np

from whosthere.core.sighting import Luma, Scene
from whosthere.vision.background import Background
from whosthere.vision.blobs import Blob, Blobs, blobs_of, no_blobs
from whosthere.vision.causes import Cause, Causes
from whosthere.vision.judging import Judge, boxes_of, still_known, where_quiet
from whosthere.vision.planes import Mask, Plane, follow

_USUAL_SPREAD = 25.0  # of brightness in a clear picture; in a fainter one, less of a change counts
_FAINTEST = 0.5
_FOLLOW_SECONDS = 0.4  # how fast the background follows light and ghosts


class Seen(NamedTuple):
    """What one picture shows."""

    scene: Scene
    things: list[Blob]
    blobs: Blobs
    changed: float  # share of the watched picture
    brightness: float
    reference: Plane


class Scenery:
    """Learns a scene and says what in it moves."""

    def __init__(
        self,
        small: Luma,
        watched: Mask,
        *,
        least_contrast: float,
        least_area: float,
        background_seconds: float,
        absorb_seconds: float,
    ) -> None:
        picture = small.astype(np.float32)
        self.total = max(1, cv2.countNonZero(watched))  # pixels that are watched
        self.background = Background(picture, least_contrast)
        self._causes = Causes(self.background, None if watched.all() else watched, self.total)
        self._judge = Judge(picture)
        self._least_contrast = least_contrast
        self._least_pixels = max(4, round(least_area * self.total))
        self._background_seconds = background_seconds
        self._absorb_seconds = absorb_seconds

    def see(self, small: Luma, seconds: float) -> Seen:
        """Hold a small picture against the background, and learn from it."""
        mean, spread = (float(part[0][0]) for part in cv2.meanStdDev(small))
        picture = small.astype(np.float32)
        step = self.background.step(picture, seconds)
        cause = self._causes.of(picture, step, spread, mean, seconds)
        share = round(cv2.countNonZero(cause.changed) / self.total, 4)
        if not cause.is_known:
            self._judge.forget()
            blobs = no_blobs(cause.changed)._replace(mask=cause.changed)
            return Seen(cause.scene, [], blobs, share, mean, cause.reference)
        if cause.scene is not Scene.LIGHT_CHANGE:
            faint = min(1.0, max(_FAINTEST, spread / _USUAL_SPREAD))
            contrast = self._least_contrast * faint
            self.background.observe(cause.picture, cause.reference, step, seconds, contrast)
        blobs = blobs_of(cause.changed, self._least_pixels)
        things = self._things(blobs, cause, step, seconds)
        return Seen(cause.scene, things, blobs, share, mean, cause.reference)

    def _things(self, blobs: Blobs, cause: Cause, step: Plane, seconds: float) -> list[Blob]:
        """Judge the blobs, and let the background learn what is none of the things."""
        if cause.scene is not Scene.LIGHT_CHANGE:
            self._causes.known = blobs.mask
        quiet = where_quiet(step, self.background.noise, blobs.place) if blobs.found else None
        pictures = cause.picture, cause.reference
        known = self._causes.known
        judged = self._judge.judge(blobs, pictures, quiet, cause.scene, known, seconds)
        if cause.scene is Scene.LIGHT_CHANGE:
            self._causes.known = still_known(judged.things, blobs, known)
        learnt = self.background.picture
        if cause.reference is not learnt:
            return judged.things
        for blob, inside in judged.apparent:
            part = blob.around(learnt.shape)
            follow(learnt[part], cause.picture[part], seconds, _FOLLOW_SECONDS, inside)
        if cause.scene is not Scene.SHAKING:
            near = boxes_of(judged.things, blobs.mask) if judged.things else None
            patience = self._background_seconds
            self.background.learn(cause.picture, blobs.mask, near, seconds, patience)
        done = self._judge.still_for(self._absorb_seconds)
        if done is not None:
            np.copyto(learnt, cause.picture, where=done != 0)
        return judged.things
