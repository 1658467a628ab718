"""All that is known of one scene, seen by one camera at one picture size."""

from typing import NamedTuple

import cv2
import numpy as np

from whosthere.core.model import Scene
from whosthere.vision.background import Background, weight
from whosthere.vision.blobs import Blob, Blobs, Mask, Nature, blobs_of, nature, same_structure
from whosthere.vision.light import relit
from whosthere.vision.shaking import Steadying, shifted
from whosthere.vision.small import Plane

_BLANK_CONTRAST = 3.0  # standard deviation, grey levels; below is a white-out or a black picture
_USUAL_SPREAD = 25.0  # of a picture with good contrast; below that, less of a change counts
_FAINT = 0.5
_DARK, _BRIGHT = 20, 225
_BLANK_SECONDS = 3.0  # then a blank picture is what the camera shows now
_SHAKE_SHARE = 0.05  # of the picture that must have changed before it is worth asking
_SHAKE_SPREAD = 0.35  # share of the picture's cells that must have changed
_LIGHT_SHARE = 0.2
_NEW_SHARE = 0.7  # if so much changed and nothing explains it, this is another scene
_NEW_SECONDS = 0.5
_EXPLAINED = 0.5  # share of the changes that a cause must explain
_ALIKE = 0.6
_CALM_SHARE = 0.15
_CALM_SECONDS = 0.8  # without a change until a new light is taken for lasting
_USUAL_SECONDS = 5.0  # of light that does not rest, until it counts as usual
_AFTERMATH = 0.5  # s after the last change in which a scene is not called steady
_SUSPECT_SECONDS = 5.0
_FOLLOW_SECONDS = 0.4  # how fast the background follows light and ghosts
_STOPPED_SECONDS = 10.0  # a thing of which nothing at all moves for so long is absorbed
_CELLS = (16, 9)
_CELL_LEAST = 8  # of 255
_JUDGED = 10  # blobs
_BEFORE = 0.15  # s
_SOON = 0.6  # s; with larger gaps between frames things may appear anywhere


class Seen(NamedTuple):
    """What one picture shows."""

    scene: Scene
    things: tuple[Blob, ...]
    blobs: Blobs
    changed: float  # share of the watched picture
    brightness: float
    reference: Plane


class _Cause(NamedTuple):
    """What a picture is held against, and what has come over the whole of it."""

    scene: Scene
    picture: Plane
    reference: Plane
    changed: Mask
    is_new: bool = False


class Scenery:
    """Learns a scene and says what in it moves."""

    def __init__(
        self,
        picture: Plane,
        watched: Mask,
        *,
        least_contrast: float,
        least_area: float,
        background_seconds: float,
        absorb_seconds: float,
    ) -> None:
        shape = picture.shape
        self.background = Background(picture)
        self._watched = watched
        self._all_watched = bool(watched.all())
        self.total = max(1, cv2.countNonZero(watched))
        self._least_contrast = least_contrast
        self._least_pixels = max(4, round(least_area * self.total))
        self._background_seconds = background_seconds
        self._absorb_seconds = absorb_seconds
        self._steadying = Steadying((shape[0], shape[1]))
        self._clock = 0.0
        self._unsteady_until = -1.0
        self._blank = self._calm = self._odd = self._unsteady = 0.0  # seconds
        self._known = np.zeros(shape, np.uint8)  # what was there before the light changed
        self._suspect = np.zeros(shape, np.float32)  # seconds
        self._still = np.zeros(shape, np.float32)  # seconds
        self._masks: list[tuple[float, Mask]] = []

    def see(self, picture: Plane, seconds: float) -> Seen:
        self._clock += seconds
        mean, spread = (float(part[0, 0]) for part in cv2.meanStdDev(picture))
        step = self.background.step(picture, seconds)
        jump = np.abs(step)
        if self._is_blank(mean, spread, seconds):
            nothing = Blobs(
                [], np.zeros(picture.shape, np.uint16), np.zeros(picture.shape, np.uint8)
            )
            return Seen(Scene.LIGHT_CHANGE, (), nothing, 1.0, mean, self.background.picture)
        cause = self._explained(picture, jump, seconds)
        cause = self._if_unsteady(cause, seconds)
        changed = cause.changed
        share = round(cv2.countNonZero(changed) / self.total, 4)
        if cause.is_new:
            blobs = Blobs([], np.zeros(picture.shape, np.uint16), changed)
            return Seen(cause.scene, (), blobs, share, mean, cause.reference)
        if cause.scene is not Scene.LIGHT_CHANGE:
            self.background.observe(
                cause.picture,
                cause.reference,
                step,
                jump,
                seconds,
                self._least_contrast * min(1.0, max(_FAINT, spread / _USUAL_SPREAD)),
            )
        blobs = blobs_of(changed, self._least_pixels)
        things = self._judged(blobs, cause, jump, seconds)
        self._learn(blobs, things, cause, jump, seconds)
        return Seen(cause.scene, tuple(things), blobs, share, mean, cause.reference)

    def _if_unsteady(self, cause: _Cause, seconds: float) -> _Cause:
        """Call it a light change for a while; light that never rests is how this scene looks."""
        if self._clock >= self._unsteady_until:
            self._unsteady = max(0.0, self._unsteady - seconds / 2)
            return cause
        self._unsteady = min(self._unsteady + seconds, 2 * _USUAL_SECONDS)
        if cause.scene is Scene.STEADY and self._unsteady < _USUAL_SECONDS:
            return cause._replace(scene=Scene.LIGHT_CHANGE)
        return cause

    def _is_blank(self, mean: float, spread: float, seconds: float) -> bool:
        """Whether the picture is white or black: a camera that changes its filter or exposure."""
        if spread >= _BLANK_CONTRAST or _DARK <= mean <= _BRIGHT:
            self._blank = 0.0
            return False
        self._blank += seconds
        self._unsteady_until = self._clock + 1.0
        self._known[:] = 0
        return self._blank < _BLANK_SECONDS

    def _compared(self, picture: Plane, reference: Plane) -> Mask:
        changed = self.background.compared(picture, reference)
        return changed if self._all_watched else cv2.bitwise_and(changed, self._watched)

    def _explained(self, picture: Plane, jump: Plane, seconds: float) -> _Cause:
        """Find out whether one cause, light or a shake, explains most of what has changed."""
        background = self.background.picture
        changed = self._compared(picture, background)
        plain = _Cause(Scene.STEADY, picture, background, changed)
        share = cv2.countNonZero(changed) / self.total
        if share > _SHAKE_SHARE and _spread(changed) > _SHAKE_SPREAD:
            shift = self._steadying.shift(picture, background)
            if shift is not None:
                back = shifted(picture, *shift)
                left = self._compared(back, background)
                if cv2.countNonZero(left) < _EXPLAINED * share * self.total:
                    return _Cause(Scene.SHAKING, back, background, left)
        if share <= _LIGHT_SHARE:
            self._odd = 0.0
            return plain
        lit = relit(background, picture, (self._known == 0).astype(np.float32))
        left = self._compared(picture, lit)
        is_light = cv2.countNonZero(left) < _EXPLAINED * share * self.total
        if is_light and same_structure(picture, lit, changed & ~left) > _ALIKE:
            return self._new_light(picture, lit, left, jump, seconds)
        if share <= _NEW_SHARE:
            self._odd = 0.0
            return plain
        return self._new_scene(picture, changed, seconds)

    def _new_light(
        self, picture: Plane, lit: Plane, left: Mask, jump: Plane, seconds: float
    ) -> _Cause:
        self._odd = 0.0
        jumps = cv2.countNonZero(cv2.compare(jump, self.background.limit, cv2.CMP_GT))
        if jumps > _CALM_SHARE * jump.size:
            self._calm = 0.0
            self._unsteady_until = self._clock + _AFTERMATH
        self._calm += seconds
        if self._calm > _CALM_SECONDS:
            self._calm = 0.0
            self.background.picture = lit
        return _Cause(Scene.STEADY, picture, lit, left)

    def _new_scene(self, picture: Plane, changed: Mask, seconds: float) -> _Cause:
        self._odd += seconds
        self._unsteady_until = self._clock + 2 * _AFTERMATH
        if self._odd > _NEW_SECONDS:
            self._odd = 0.0
            self.background.picture = picture.copy()
            self._still[:] = 0
            self._known[:] = 0
        return _Cause(Scene.LIGHT_CHANGE, picture, self.background.picture, changed, is_new=True)

    def _judged(self, blobs: Blobs, cause: _Cause, jump: Plane, seconds: float) -> list[Blob]:
        """Return the blobs that are things; let the background follow those that are not."""
        if cause.scene is not Scene.LIGHT_CHANGE:
            self._known = blobs.mask
        else:
            self._suspect[(blobs.mask > 0) & (self._known == 0)] = _SUSPECT_SECONDS
        self._suspect -= np.float32(seconds)
        self._suspect[blobs.mask == 0] = 0
        before = self._mask_before()
        if not blobs.found:
            return []
        quiet = cv2.compare(jump, self.background.noise * 2 + 5, cv2.CMP_LT)
        things = []
        background = self.background.picture
        quick = weight(seconds, _FOLLOW_SECONDS)
        for blob in blobs.found[:_JUDGED]:
            part = blob.around(jump.shape)
            inside = cv2.compare(blobs.labels[part], blob.label, cv2.CMP_EQ)
            share = blob.pixels / self.total
            kind = nature(inside, cause.picture[part], cause.reference[part], share)
            calm = _share(quiet[part], inside)
            if kind is Nature.GHOST and calm < 0.7:
                kind = Nature.THING
            if kind is Nature.THING:
                kind = self._history(part, inside, share, calm, seconds, before, cause.scene)
            if kind is Nature.THING:
                things.append(blob)
            elif kind is not None and cause.reference is background:
                cv2.accumulateWeighted(cause.picture[part], background[part], quick, inside)
        return things + blobs.found[_JUDGED:]

    def _history(self, part, inside, share, calm, seconds, before, scene):
        """Judge what looks like a thing by how it came and whether it moves."""
        suspect = self._suspect[part]
        if seconds < _SOON and before is not None:
            overlap = _share(before[part], inside)
            if overlap == 0 and self.background.age > 1:
                cv2.copyTo(np.full_like(suspect, _SUSPECT_SECONDS), inside, suspect)
            if share < 0.01 and overlap < 0.2:
                return None
        still = self._still[part]
        if _share(cv2.compare(suspect, 0, cv2.CMP_GT), inside) > 0.6:
            if _share(cv2.compare(still, 0.5, cv2.CMP_GT), inside) > 0.6:
                return Nature.LIGHT
            if scene is Scene.STEADY and calm < 0.5:
                suspect[inside > 0] = 0
        if _share(cv2.compare(still, _STOPPED_SECONDS, cv2.CMP_GT), inside) > 0.95:
            return Nature.GHOST
        return Nature.THING

    def _mask_before(self) -> Mask | None:
        while len(self._masks) > 1 and self._clock - self._masks[1][0] >= _BEFORE:
            self._masks.pop(0)
        return self._masks[0][1] if self._masks else None

    def _learn(
        self, blobs: Blobs, things: list[Blob], cause: _Cause, jump: Plane, seconds: float
    ) -> None:
        self._masks.append((self._clock, blobs.mask))
        if blobs.found:
            quiet = cv2.compare(jump, self.background.noise * 2 + 5, cv2.CMP_LT)
            still = cv2.bitwise_and(blobs.mask, quiet)
            cv2.add(self._still, seconds, self._still, mask=still)
            cv2.subtract(self._still, 2 * seconds, self._still, mask=blobs.mask & ~still)
            cv2.max(self._still, 0.0, self._still)
            np.copyto(self._still, 0, where=blobs.mask == 0)
        else:
            self._still[:] = 0
        if cause.reference is not self.background.picture or cause.picture is None:
            return
        if cause.scene is not Scene.SHAKING:
            near = None
            if things:
                near = np.zeros_like(blobs.mask)
                for thing in things:
                    near[thing.around(near.shape)] = 255
            self.background.learn(
                cause.picture, blobs.mask, near, seconds, self._background_seconds
            )
        if blobs.found and float(self._still.max()) > self._absorb_seconds:
            done = self._still > self._absorb_seconds
            self.background.picture[done] = cause.picture[done]
            self._still[done] = 0


def _share(mask: Mask, inside: Mask) -> float:
    """How much of a place a mask covers."""
    return float(cv2.mean(mask, inside)[0]) / 255


def _spread(changed: Mask) -> float:
    """The share of the picture's cells in which something changed."""
    cells = cv2.resize(changed, _CELLS, interpolation=cv2.INTER_AREA)
    return float(np.count_nonzero(cells > _CELL_LEAST)) / cells.size
