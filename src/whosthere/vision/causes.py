"""Asks whether one cause explains most of what changed: the light, or the camera itself."""

from typing import NamedTuple

import cv2
import numpy as np

from whosthere.core.sighting import Scene
from whosthere.vision.background import Background
from whosthere.vision.blobs import same_structure
from whosthere.vision.light import relit
from whosthere.vision.planes import Mask, Plane, both, no_pixels, over, without
from whosthere.vision.shaking import Shift, Steadying, moved, moved_back, still_in_view

_SHAKE_SHARE = 0.05  # of the picture must have changed before it is worth asking
_SHAKE_SPREAD = 0.35  # and in so many of its cells something
_SHAKY_SECONDS = 10.0  # after a shake, less is enough to ask again
_SHAKY_SHARE = 0.01
_CELLS = (16, 9)
_CELL_LEAST = 8  # of 255: a change in a cell
_TURNED_SECONDS = 3.0  # a camera that shows the same shift for so long will not come back
_LIGHT_SHARE = 0.2
_LATELY_SECONDS = 3.0  # after a new light, less is enough to ask again
_LATELY_SHARE = 0.02
_EXPLAINED = 0.5  # share of the changes that a cause must explain
_ALIKE = 0.6  # likeness of structure that is left when only the light changes
_DOUBTFUL_SHARE = 0.01  # of the picture, that is neither explained nor was there before
_SUDDEN = 15.0  # grey levels of all the picture in a moment
_CALM_SHARE = 0.15
_CALM_SECONDS = 0.8  # without a jump until a new light is taken for lasting
_NEW_SHARE = 0.7  # if so much changed and nothing explains it, this is another scene
_NEW_SECONDS = 0.5
_BLANK_SPREAD = 3.0  # standard deviation, grey levels
_DARK, _BRIGHT = 20, 225
_BLANK_SECONDS = 3.0  # then a blank picture is what the camera shows now
_AFTERMATH = 0.7  # s after the last jump in which a scene is not called steady
_USUAL_SECONDS = 5.0  # of light that does not rest, until that counts as usual


class Cause(NamedTuple):
    """What a picture is to be held against, and what differs."""

    scene: Scene
    picture: Plane  # moved back if the camera shook
    reference: Plane  # the background, in the light of the picture
    changed: Mask
    is_known: bool = True  # or there is nothing to hold it against


class Causes:
    """Follows the light and the movements of one camera."""

    def __init__(self, background: Background, watched: Mask | None, total: int) -> None:
        self._background = background
        self._watched = watched
        self._total = total
        self._steadying = Steadying(background.picture.shape)
        self._clock = 0.0
        self._unsteady_until = -1.0
        self._unsteady = self._calm = self._odd = self._blank = self._turned = 0.0  # seconds
        self._shift: Shift | None = None
        self._shook = -_SHAKY_SECONDS
        self._lit_at = -_LATELY_SECONDS
        self.known = no_pixels(background.picture)  # what was there before the light changed

    def of(self, picture: Plane, step: Plane, spread: float, mean: float, seconds: float) -> Cause:
        """Explain a picture, of which mean and spread of brightness are known."""
        self._clock += seconds
        if self._is_blank(mean, spread, seconds):
            self.known = no_pixels(picture)
            return self._unknown(picture, no_pixels(picture))
        cause = self._explained(picture, step, seconds)
        if self._clock >= self._unsteady_until:
            self._unsteady = max(0.0, self._unsteady - seconds / 2)
            return cause
        # light that never rests, as flicker or a television, is how this scene looks
        self._unsteady = min(self._unsteady + seconds, 2 * _USUAL_SECONDS)
        if cause.scene is Scene.STEADY and self._unsteady < _USUAL_SECONDS:
            return cause._replace(scene=Scene.LIGHT_CHANGE)
        return cause

    def _is_blank(self, mean: float, spread: float, seconds: float) -> bool:
        """Whether the picture is white or black: a camera that changes its filter or exposure."""
        if spread >= _BLANK_SPREAD or _DARK <= mean <= _BRIGHT:
            self._blank = 0.0
            return False
        self._blank += seconds
        return self._blank < _BLANK_SECONDS

    def _unknown(self, picture: Plane, changed: Mask) -> Cause:
        self._unsteady_until = self._clock + 2 * _AFTERMATH
        reference = self._background.picture
        return Cause(Scene.LIGHT_CHANGE, picture, reference, changed, is_known=False)

    def _compared(self, picture: Plane, reference: Plane) -> Mask:
        changed = self._background.compared(picture, reference)
        return changed if self._watched is None else both(changed, self._watched)

    def _explained(self, picture: Plane, step: Plane, seconds: float) -> Cause:
        reference = self._background.picture
        changed = self._compared(picture, reference)
        share = cv2.countNonZero(changed) / self._total
        cause = None
        if self._may_shake(changed, share):
            cause = self._shaken(picture, share, seconds)
        lately = self._clock - self._lit_at < _LATELY_SECONDS
        if cause is None and share > (_LATELY_SHARE if lately else _LIGHT_SHARE):
            cause = self._lit(picture, changed, share, step, seconds)
        if cause is None and share > _NEW_SHARE:
            return self._new_scene(picture, changed, seconds)
        self._odd = 0.0
        return cause or Cause(Scene.STEADY, picture, reference, changed)

    def _may_shake(self, changed: Mask, share: float) -> bool:
        if self._clock - self._shook < _SHAKY_SECONDS:
            return share > _SHAKY_SHARE
        return share > _SHAKE_SHARE and _spread(changed) > _SHAKE_SPREAD

    def _shaken(self, picture: Plane, share: float, seconds: float) -> Cause | None:
        background = self._background
        shift = self._steadying.shift(picture, background.picture)
        if shift is None:
            return None
        back = moved_back(picture, shift)
        left = both(self._compared(back, background.picture), still_in_view(back, shift))
        if cv2.countNonZero(left) > _EXPLAINED * share * self._total:
            return None
        self._shook = self._clock
        self._turned = self._turned + seconds if shift.near(self._shift, 0.5) else 0.0
        self._shift = shift
        if self._turned > _TURNED_SECONDS:
            self._turned = 0.0
            background.picture = moved(background.picture, shift)
            changed = self._compared(picture, background.picture)
            return Cause(Scene.SHAKING, picture, background.picture, changed)
        return Cause(Scene.SHAKING, back, background.picture, left)

    def _lit(
        self, picture: Plane, changed: Mask, share: float, step: Plane, seconds: float
    ) -> Cause | None:
        background = self._background
        lit = relit(background.picture, picture, (self.known == 0).astype(np.float32))
        left = self._compared(picture, lit)
        if cv2.countNonZero(left) > _EXPLAINED * share * self._total:
            return None
        if same_structure(picture, lit, without(changed, left)) < _ALIKE:
            return None
        jumps = cv2.countNonZero(over(np.abs(step), background.limit))
        if jumps > _CALM_SHARE * step.size:
            self._calm = 0.0
            doubtful = cv2.countNonZero(without(left, self.known))
            if doubtful > _DOUBTFUL_SHARE * self._total or abs(float(step.mean())) > _SUDDEN:
                self._unsteady_until = self._clock + _AFTERMATH
        self._lit_at = self._clock
        self._calm += seconds
        if self._calm > _CALM_SECONDS:
            self._lit_at = -_LATELY_SECONDS
            self._calm = 0.0
            background.picture = lit
        return Cause(Scene.STEADY, picture, lit, left)

    def _new_scene(self, picture: Plane, changed: Mask, seconds: float) -> Cause:
        self._odd += seconds
        if self._odd > _NEW_SECONDS:
            self._odd = 0.0
            self._background.picture = picture.copy()
            self.known = no_pixels(picture)
        return self._unknown(picture, changed)


def _spread(changed: Mask) -> float:
    """The share of the picture's cells in which something changed."""
    cells = np.asarray(cv2.resize(changed, _CELLS, interpolation=cv2.INTER_AREA))
    return float(np.count_nonzero(cells > _CELL_LEAST)) / cells.size
