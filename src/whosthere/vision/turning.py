"""Watches through a camera that is turned: what it saw before says nothing of what it sees now.

While the camera turns, and until its picture stands still, nothing counts as motion and nobody is
looked for. Then the scene is learnt anew, with the masks and zones of the place it looks at now.
Somebody else may turn it too, as with the camera's own app, or its stream may come late; so the
picture is watched for moving as a whole. By how much it does is found by phase correlation (Kuglin
and Hines, 1975) of one picture with the one before.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np

from whosthere.core.pan_tilt import ELSEWHERE, View
from whosthere.core.ports import MotionDetector, ObjectDetector
from whosthere.core.sighting import Detection, Frame, Look, Luma, Motion, Scene
from whosthere.vision.planes import Plane
from whosthere.vision.shaking import Shift, Steadying, moved_back, still_in_view
from whosthere.vision.small import shrunk, small_size

Eyes: TypeAlias = tuple[MotionDetector, ObjectDetector]

LATE_SECONDS = 4.0  # after a turn, in which a picture that moves shows that turn
LONGEST_WAIT = 1.0  # seconds for a picture that stands still; some never do
_STILL = 1.5  # pixels of the small picture
_CHANGED = 10.0  # grey levels
_RESTLESS_SHARE = 0.5  # of the picture; so much changes while a camera turns
_LEAST_SHARE = 0.05  # below which no camera turns
_EXPLAINED = 0.5  # of what changed must be undone by moving the picture back
_DRIFT = 0.05  # of the width: so far a camera that shakes in the wind does not go one way


class _Step(NamedTuple):
    """How one picture differs from the one before."""

    share: float  # of the picture that changed
    shift: Shift | None  # the move of the whole that explains it

    @property
    def is_still(self) -> bool:
        return self.share < _RESTLESS_SHARE and self.shift is None


class TurnedEyes:
    """The motion detector and the object detector of one camera that can be turned.

    `view_at` says what it looked at in a moment; `eyes_for` makes new detectors for a place.
    """

    def __init__(self, view_at: Callable[[float], View], eyes_for: Callable[[str], Eyes]) -> None:
        self._view_at = view_at
        self._eyes_for = eyes_for
        self._eyes: Eyes | None = None
        self._place = ELSEWHERE
        self._left: str | None = None  # the place from which it was turned, and not by us
        self._waits_since: float | None = None  # for a picture that stands still
        self._turned_at = float("-inf")
        self._before: Luma | None = None
        self._clock = 0.0
        self._steadying: Steadying | None = None
        self._drift = 0.0, 0.0

    def see(self, frame: Frame) -> Motion:
        picture = shrunk(frame.luma, small_size(frame.luma.shape))
        step = self._step(picture)
        view = self._view_at(frame.clock)
        if view.turning:
            self._turn_away(frame.clock)
            self._left = None
            self._waits_since = None
            self._turned_at = frame.clock
            return _not_judged(Scene.TURNING, picture)
        if self._eyes is not None and self._is_turned_by_others(step, frame.clock):
            late = frame.clock - self._turned_at <= LATE_SECONDS
            self._left = None if late else view.place
            self._turn_away(frame.clock)
        if self._eyes is None and not self._has_come_to_rest(step, frame.clock):
            # that it was not us is said by another scene: it may be somebody who tampers with it
            return _not_judged(Scene.TURNING if self._left is None else Scene.SHAKING, picture)
        place = ELSEWHERE if view.place == self._left else view.place
        if self._eyes is None or place != self._place:
            self._place, self._eyes = place, self._eyes_for(place)
        return self._eyes[0](frame)

    def recognise(self, frame: Frame, motion: Motion) -> tuple[Look, tuple[Detection, ...]]:
        if self._eyes is None:
            return Look.NOT_NEEDED, ()
        return self._eyes[1](frame, motion)

    def _turn_away(self, clock: float) -> None:
        self._eyes = None
        self._waits_since = clock
        self._drift = 0.0, 0.0

    def _has_come_to_rest(self, step: _Step | None, clock: float) -> bool:
        if self._waits_since is None:
            self._waits_since = clock
        return step is None or step.is_still or clock - self._waits_since > LONGEST_WAIT

    def _is_turned_by_others(self, step: _Step | None, clock: float) -> bool:
        """Whether the picture goes one way as a whole, farther than wind would shake it."""
        if step is None or step.shift is None:
            self._drift = 0.0, 0.0
            return False
        right, down = self._drift[0] + step.shift.right, self._drift[1] + step.shift.down
        self._drift = right, down
        assert self._before is not None  # noqa: S101 - there was a step
        far = _DRIFT * self._before.shape[1]
        late = clock - self._turned_at < LATE_SECONDS
        return max(abs(right), abs(down)) > (_STILL if late else far)

    def _step(self, picture: Luma) -> _Step | None:
        before, self._before = self._before, picture
        if before is None or before.shape != picture.shape:
            self._steadying = Steadying(picture.shape)
            return None
        difference = cv2.absdiff(picture, before)
        share = float(np.count_nonzero(difference > _CHANGED)) / difference.size
        if share < _LEAST_SHARE or self._steadying is None:
            return _Step(share, None)
        new, old = picture.astype(np.float32), before.astype(np.float32)
        shift = self._steadying.shift(new, old)
        if shift is None or max(abs(shift.right), abs(shift.down)) < _STILL:
            return _Step(share, None)
        return _Step(share, shift if _explains(shift, new, old, share) else None)


def _explains(shift: Shift, new: Plane, old: Plane, share: float) -> bool:
    """Whether little differs any more once the picture is moved back."""
    seen = still_in_view(new, shift) != 0
    left = np.abs(moved_back(new, shift) - old)[seen] > _CHANGED
    return bool(left.size) and float(left.mean()) < _EXPLAINED * share


def _not_judged(scene: Scene, picture: Luma) -> Motion:
    return Motion(scene, brightness=round(float(picture.mean()), 1))
