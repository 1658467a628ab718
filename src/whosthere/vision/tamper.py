"""Notices that somebody has covered, turned or defocused a camera.

Once a second a small picture is held against what the camera has looked at so far. A lamp, the
night, fog or an infrared filter change how bright and steep edges are, but leave them where they
are; what somebody does to the camera takes them away. A person close to the lens does so too, but
moves on, and rarely stands still before most of the picture.
"""

from enum import StrEnum
from typing import NamedTuple

import cv2
import numpy as np

from whosthere.core.model import Frame
from whosthere.vision.planes import Plane
from whosthere.vision.sharpness import Sharpness
from whosthere.vision.views import ACROSS, DOWN, Edges, Places, view_of

_EVERY = 1.0  # s between looks
_NEWEST = 0.6  # weight of the newest picture, so that noise is not taken for edges
_LEARNING = 4  # looks until there is something to compare with
_HOLDS = 5  # looks for which it must last
_WELL = 4  # looks after which it is over
_PATIENCE, _CHANGED_PATIENCE = 30.0, 300.0  # s in which the usual view follows
_GIVE_UP = 600  # looks; what is neither steady nor as before is learnt anew
_LONGEST_STEP = 3600.0  # s; after a longer gap it is learnt anew
_UNLIKE = 0.6  # of its usual agreement, below which a place shows something else
_RELIABLE = 0.65  # places that usually agree less than this say nothing
_EDGES, _FLAT = 3.0, 1.0  # power of gradients: enough to go by; next to nothing
_FLATTER = 0.1  # share of the usual power
_LEAST_PLACES = 8
_COVERED, _TURNED, _BACK = 0.5, 0.45, 0.35  # shares of the places that can be judged
_MOSTLY = 0.7  # of the changed places that are flat, for it to be a cover
_STEADY = 0.6  # agreement with the new view, while it is to be believed
_BLURRED, _SHARP = 0.48, 0.75  # of the usual sharpness


class Tampering(StrEnum):
    """What seems to have been done to a camera."""

    COVERED = "covered"
    TURNED = "turned"  # or something else is before it
    OUT_OF_FOCUS = "out of focus"


class Numbers(NamedTuple):
    """What one look gave, for people who tune."""

    judged: int  # places that can be judged
    lost: float  # share of these that show something else
    flat: float  # share of these that show nothing
    sharpness: float  # beside the usual one


class TamperWatch:
    """Watches the view of one camera. Returns what is done to it as long as it lasts."""

    def __init__(self) -> None:
        self.numbers = Numbers(0, 0.0, 0.0, 1.0)
        self._due = 0.0
        self._seen = 0.0
        self._forget()

    def __call__(self, frame: Frame) -> Tampering | None:
        """Look once a second; between looks, the answer is the last one."""
        if frame.clock < self._due and frame.clock >= self._seen:
            self._seen = frame.clock
            return self.now
        passed = frame.clock - self._seen
        self._seen, self._due = frame.clock, frame.clock + _EVERY
        if not 0 <= passed <= _LONGEST_STEP and self.now is None:
            self._forget()
        self._look(frame)
        return self.now

    def accept(self) -> None:
        """What it sees now is right: learn it anew. For turns of our own, and at people's word."""
        self._forget()

    def _forget(self) -> None:
        self.now: Tampering | None = None
        self._sharpness = Sharpness()
        self._view: Plane | None = None
        self._usual: Plane | None = None
        self._usual_edges: Edges | None = None
        self._usual_agreement: Places = np.ones((DOWN, ACROSS), np.float32)
        self._new: Edges | None = None
        self._looks = 0
        self._suspect: Tampering | None = None
        self._suspected = 0
        self._well = 0
        self._strange = 0

    def _look(self, frame: Frame) -> None:
        small = view_of(frame.luma)
        sharpness = self._sharpness.see(frame.luma)
        if self._view is None or self._usual is None:
            self._view, self._usual = small.copy(), small.copy()
            return
        cv2.accumulateWeighted(small, self._view, _NEWEST)
        edges = Edges.of(self._view)
        self._looks += 1
        if self._looks <= _LEARNING or self._usual_edges is None:
            cv2.accumulateWeighted(small, self._usual, 1 / (self._looks + 1))
            self._usual_edges = Edges.of(self._usual)
            self._sharpness.learn()
            return
        agreement = edges.agreement(self._usual_edges)
        self._judge(edges, self._usual_edges, agreement, sharpness)
        found = self._found(edges)
        self._conclude(found)
        if found is None and self.now is None:
            self._follow(small, agreement)

    def _judge(self, edges: Edges, usual: Edges, agreement: Places, sharpness: float) -> None:
        judged = (usual.power >= _EDGES) & (self._usual_agreement >= _RELIABLE)
        lost = judged & (agreement < _UNLIKE * self._usual_agreement)
        gone = (edges.power < _FLAT) | (edges.power < _FLATTER * usual.power)
        number = int(judged.sum())
        self.numbers = Numbers(
            number,
            float(lost.sum()) / max(1, number),
            float((lost & gone).sum()) / max(1, number),
            sharpness,
        )

    def _found(self, edges: Edges) -> Tampering | None:
        """What this look alone suggests."""
        judged, lost, flat, sharpness = self.numbers
        if judged < _LEAST_PLACES:
            return None
        if lost >= _COVERED and flat >= _MOSTLY * lost:
            return Tampering.COVERED
        if lost >= _TURNED:
            return Tampering.TURNED if self._is_steady(edges) else None
        self._new = None
        still = self.now is not None and lost > _BACK  # not yet as before
        if still:
            return self.now
        blunt = _SHARP if self.now is Tampering.OUT_OF_FOCUS else _BLURRED
        return Tampering.OUT_OF_FOCUS if sharpness < blunt else None

    def _is_steady(self, edges: Edges) -> bool:
        """Whether the new view is the same for a while; people who walk past are not."""
        known, self._new = self._new, self._new or edges
        if known is None:
            return True
        there = (known.power >= _EDGES) | (edges.power >= _EDGES)
        if int(there.sum()) < _LEAST_PLACES:  # it shows next to nothing, and goes on to do so
            return True
        if float(np.median(edges.agreement(known)[there])) >= _STEADY:
            return True
        self._new = edges
        return False

    def _conclude(self, found: Tampering | None) -> None:
        """Believe what lasts, and that it is over once it has been well for a while."""
        if found is None:
            self._suspect, self._suspected = None, 0
            self._well += 1
            if self._well >= _WELL:
                self.now = None
            return
        self._well = 0
        self._suspected = self._suspected + 1
        self._suspect = found
        if self._suspected >= _HOLDS and self.now is None:
            self.now = found

    def _follow(self, small: Plane, agreement: Places) -> None:
        """Let the usual view follow slow changes: light, growth, what was parked."""
        lost = self.numbers.lost
        self._strange = self._strange + 1 if lost >= _COVERED else 0
        if self._strange >= _GIVE_UP:
            self._forget()
            return
        if lost >= _COVERED or self._usual is None:
            return
        patience = _PATIENCE if lost < _BACK else _CHANGED_PATIENCE
        weight = _EVERY / patience  # so little that who passes by leaves no edges
        cv2.accumulateWeighted(small, self._usual, weight)
        cv2.accumulateWeighted(agreement, self._usual_agreement, weight)
        self._usual_edges = Edges.of(self._usual)
        if self.numbers.sharpness > _SHARP:
            self._sharpness.follow()
