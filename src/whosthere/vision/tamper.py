"""Notices that somebody has covered, turned or defocused a camera.

Once a second a small picture is held against what the camera has looked at so far. A lamp, the
night, fog or an infrared filter change how bright and steep edges are, but leave them where they
are; what somebody does to the camera takes them away. Rain, snow and people who pass differ from
one picture to the next, and so are gone from the mean of several. Somebody close to the lens moves
on, and rarely stands still before most of the picture.
"""

from collections import deque
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from whosthere.core.sighting import Frame
from whosthere.core.tampering import DARK
from whosthere.vision.sharpness import Sharpness
from whosthere.vision.usual_view import EDGES, LEAST_PLACES, Likeness, UsualView, can_be_learnt
from whosthere.vision.views import Edges, Places, View, calmest, noise_between

_EVERY = 1.0  # s between looks
_TOGETHER, _SINCE = 2, 4  # pictures that are looked at as one: always, and for a strange view
_LEARNING = 4  # looks until there is something to compare with
_TRIES = 20  # looks in which a restless view may keep it from learning
_HOLDS, _HOLDS_RESTLESS = 5, 8  # looks for which it must last
_STEADY_LOOKS = 3  # of these, at least so many show the same
_WELL = 4  # looks after which it is over
_PATIENCE, _CHANGED_PATIENCE = 30.0, 300.0  # s in which the usual view follows
_GIVE_UP = 600  # looks; what is neither steady nor as before is learnt anew
_LONGEST_STEP = 3600.0  # s; after a longer gap it is learnt anew
_COVERED, _TURNED, _BACK = 0.5, 0.45, 0.35  # shares of the places that can be judged
_DARK = 0.6
_AT_ONCE, _LATELY = 6, 10  # looks in which light changes at once; looks since then
_OTHER_LIGHT, _LEAST_LIGHT = (
    0.15,
    4.0,
)  # share of it that changes then; at least so many grey levels
_RESTLESS = 0.75  # a view that never stands still must be lost more wholly
_MOSTLY = 0.7  # of the changed places that are flat, for it to be a cover; or dim, for the dark
_STEADY = 0.6  # agreement with the new view, while it is to be believed
_BLURRED, _SHARP = 0.58, 0.75  # of the usual sharpness


class Tampering(StrEnum):
    """What seems to have been done to a camera."""

    COVERED = "covered"
    TURNED = "turned"  # or something else is before it
    OUT_OF_FOCUS = "out of focus"
    DARK = DARK


class Numbers(NamedTuple):
    """What one look gave, for people who tune."""

    judged: int  # places that can be judged
    dim: int  # of these, in too little light to show anything
    lost: float  # share of the others that show something else
    flat: float  # share of these that show nothing
    sharpness: float  # beside the usual one


class TamperWatch:
    """Watches the view of one camera. Returns what is done to it as long as it lasts."""

    def __init__(self) -> None:
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

    @property
    def can_judge(self) -> bool:
        """Whether the view has enough edges to go by; it is believed to while it is learnt."""
        if self._looks <= _LEARNING:
            return True
        return self.now is not Tampering.DARK and self.numbers.judged >= LEAST_PLACES

    def _forget(self) -> None:
        self.numbers = Numbers(0, 0, 0.0, 0.0, 1.0)
        self.now: Tampering | None = None
        self._sharpness = Sharpness()
        self._views: deque[View] = deque(maxlen=_TOGETHER)
        self._usual: UsualView | None = None
        self._looks = 0
        self._changed: int | None = None  # the last look in which the light was another at once
        self._levels: deque[Places] = deque(maxlen=_AT_ONCE)
        self._tries = 0
        self._suspected = 0
        self._well = 0
        self._strange = 0
        self._see_nothing_strange()

    def _see_nothing_strange(self) -> None:
        self._since: deque[View] = deque(maxlen=_SINCE)  # what is seen since it is strange
        self._strangeness = 0.0  # share of lost places in the mean of these
        self._unlike = 0  # looks
        self._steady = 0  # looks that showed the same as those before

    def _look(self, frame: Frame) -> None:
        view = View.of(frame.luma)
        sharpness = self._sharpness.see(frame.luma)
        before = self._views[-1] if self._views else None
        self._views.append(view)
        if self._usual is None or before is None:
            self._usual = UsualView.beginning(view)
            return
        restless = noise_between(view, before)
        self._looks += 1
        self._see_light(view)
        if self._looks <= _LEARNING:
            self._learn(self._usual, before, view, restless)
            return
        mean, left = View.mean(self._views), np.float32(1 / _TOGETHER)
        edges = Edges.of(mean.detail)
        like = self._usual.compare(mean, edges, restless * left)
        self.numbers = Numbers(like.judged, like.dim, like.lost, like.flat, sharpness)
        found = self._found(self._usual, edges, restless)
        self._conclude(found)
        if found is None and self.now is None:
            self._follow(self._usual, like, calmest(restless) * float(left))

    def _see_light(self, view: View) -> None:
        if self._levels:
            before = self._levels[0]
            changed = float(np.median(np.abs(view.level - before)))
            if changed >= max(_LEAST_LIGHT, _OTHER_LIGHT * float(np.median(before))):
                self._changed = self._looks
        self._levels.append(view.level)

    def _went_dark_at_once(self) -> bool:
        """Whether somebody or something took the light; dusk takes its time."""
        if self.now is Tampering.DARK:
            return True
        return self._changed is not None and self._looks - self._changed < _LATELY

    def _learn(self, usual: UsualView, before: View, view: View, restless: Places) -> None:
        """Learn from a view that is steady: not from headlights that pass just then."""
        if self._tries < _TRIES and not can_be_learnt(view, before, restless):
            self._tries += 1
            self._looks = 0
            self._usual = UsualView.beginning(view)
            self._sharpness = Sharpness()
            return
        usual.learn(view, calmest(restless) / _TOGETHER, 1 / (self._looks + 1))
        self._sharpness.learn()

    def _found(self, usual: UsualView, edges: Edges, restless: Places) -> Tampering | None:
        """What this look suggests."""
        judged, dim, lost, _, sharpness = self.numbers
        if judged < LEAST_PLACES:
            return None
        changed = dim + lost * (judged - dim)
        if changed >= _DARK * judged and dim >= _MOSTLY * changed:
            return Tampering.DARK if self._went_dark_at_once() else None
        if lost >= _TURNED:
            return self._strange_view(usual, edges, restless)
        self._see_nothing_strange()
        if self.now is not None and lost > _BACK:  # not yet as before
            return self.now
        blunt = _SHARP if self.now is Tampering.OUT_OF_FOCUS else _BLURRED
        if sharpness >= blunt or usual.is_shaken(self._views[-1]):
            return None
        return Tampering.OUT_OF_FOCUS

    def _strange_view(self, usual: UsualView, edges: Edges, restless: Places) -> Tampering:
        """Tell a cover from a turn, by the mean of what was seen since."""
        self._unlike += 1
        if self._unlike == 1:  # it may be turning still
            return Tampering.TURNED
        if self._since:
            self._steady += self._is_as_since(edges, restless)
        self._since.append(self._views[-1])
        mean = View.mean(self._since)
        left = np.float32(1 / len(self._since))
        like = usual.compare(mean, Edges.of(mean.detail), restless * left)
        self._strangeness = like.lost
        covered = like.lost >= _COVERED and like.flat >= _MOSTLY * like.lost
        return Tampering.COVERED if covered else Tampering.TURNED

    def _is_as_since(self, edges: Edges, restless: Places) -> bool:
        """Whether the new view stays as it is; people who walk past do not."""
        known = Edges.of(View.mean(self._since).detail)
        there = (known.power >= EDGES) | (edges.power >= EDGES)
        if int(there.sum()) < LEAST_PLACES:  # it shows next to nothing, and goes on to do so
            return True
        agreement = edges.agreement(known, restless * np.float32(1 / _TOGETHER))
        return float(np.median(agreement[there])) >= _STEADY

    def _conclude(self, found: Tampering | None) -> None:
        """Believe what lasts, and that it is over once it has been well for a while."""
        if found is None:
            self._suspected = 0
            self._well += 1
            if self._well >= _WELL:
                self.now = None
            return
        self._well = 0
        self._suspected += 1
        if self.now is not None or self._suspected < _HOLDS:
            return
        if found is not Tampering.TURNED or self._is_turned():
            self.now = found

    def _is_turned(self) -> bool:
        if self._steady >= _STEADY_LOOKS:
            return self._strangeness >= _TURNED
        return self._suspected >= _HOLDS_RESTLESS and self._strangeness >= _RESTLESS

    def _follow(self, usual: UsualView, like: Likeness, noise: float) -> None:
        """Let the usual view follow slow changes: light, growth, what was parked."""
        self._strange = self._strange + 1 if like.lost >= _COVERED else 0
        if self._strange >= _GIVE_UP:
            self._forget()
            return
        if like.lost >= _COVERED:
            return
        patience = _PATIENCE if like.lost < _BACK else _CHANGED_PATIENCE
        weight = _EVERY / patience  # so little that who passes by leaves no edges
        usual.follow(self._views[-1], like.agreement, noise, weight)
        if self.numbers.sharpness > _SHARP:
            self._sharpness.follow(weight)
