"""How much fine detail a picture keeps, beside its coarse detail: what a lens out of focus takes.

Detail is what brightness does from one pixel to the next (fine) or over several (coarse). How much
of the *usual* detail is still in a picture is found by regression. Noise, rain, shadows and who
walks by are not in the usual picture, and so do not count; light makes fine and coarse detail
fainter alike; a lens out of focus takes the fine one.

Where the picture sways or drifts, fine detail does not fall on the usual one. Then it is asked what
the picture shares with the one before, or has of its own, less the noise.
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from whosthere.core.sighting import Luma
from whosthere.vision.planes import Plane

_ROWS, _WIDTH = 90, 320
_FINE, _COARSE = 1, 12  # pixels of the narrow picture over which brightness is compared
_NEWEST = 0.6  # weight of the newest picture's numbers
_LEAST = 0.05  # power of fine detail that can be told from nothing
_LEAST_GAIN, _LEAST_ALIKE = 0.05, 0.25  # of coarse detail; below, it is another picture
_SURE, _SURER = 1.3, 3.0  # standard errors
_FALLS_ON = 0.25  # of the usual fine detail does so, if nothing sways
_FADED, _IN_FOG = 0.5, 1.6  # of the usual contrast; what sharpness counts then
_ACROSS, _DOWN = 8, 6  # places of which some show noise alone
_CALM, _MIDDLE = 0.25, 0.5  # shares of them
_SWAYS, _STILL = 1.6, 0.5  # times the noise; power of changes that are none
_LESS = 0.85  # of the noise is taken off, to be sure
_LOUDER = 2.0  # times the usual, more is not noise where it sways
_NOISY = 5.0  # times the fine detail
_SMEARED = 0.8  # of the sharpness is left to a picture that sways
_QUIETER, _NOISIER = 1 / 3, 1 / 150  # how fast the usual noise follows, each look
_TINY = 1e-6


class _Steps(NamedTuple):
    """By how much brightness differs along rows."""

    narrow: Plane
    fine: Plane
    coarse: Plane

    @classmethod
    def of(cls, narrow: Plane) -> "_Steps":
        return cls(
            narrow,
            narrow[:, _FINE:] - narrow[:, :-_FINE],
            narrow[:, _COARSE:] - narrow[:, :-_COARSE],
        )


@dataclass(slots=True)
class _Picture:
    """The usual picture, and what is needed of it each time."""

    narrow: Plane
    steps: _Steps
    around: Plane  # its own mean
    fine: float  # powers
    coarse: float
    contrast: float

    @classmethod
    def of(cls, narrow: Plane) -> "_Picture":
        steps, around = _Steps.of(narrow), narrow - narrow.mean()
        powers = (_power(one, one) + _TINY for one in (steps.fine, steps.coarse, around))
        return cls(narrow, steps, around, *powers)

    def followed(self, narrow: Plane, weight: float) -> "_Picture":
        cv2.accumulateWeighted(narrow, self.narrow, weight)
        return _Picture.of(self.narrow)


class _Detail(NamedTuple):
    """What is left of the usual detail, and what a picture has of its own."""

    fine: float  # gain
    coarse: float
    contrast: float  # gain of the whole
    alike: float  # correlation of coarse detail with the usual one
    own_fine: float  # power
    own_coarse: float
    shared_fine: float  # power that the picture before has too, so that it is no noise
    shared_coarse: float
    changes: float  # power of what differs from the picture before, at half of the places
    noise: float  # the same at the calmest places

    @classmethod
    def of(cls, now: _Steps, then: _Steps, usual: _Picture) -> "_Detail":
        changes, noise = _changes(now.narrow, then.narrow)
        common, own = _power(now.coarse, usual.steps.coarse), _power(now.coarse, now.coarse)
        still = max(own - noise, 0.1 * own)
        return cls(
            fine=_power(now.fine, usual.steps.fine) / usual.fine,
            coarse=common / usual.coarse,
            contrast=_power(now.narrow, usual.around) / usual.contrast,
            alike=common / float(np.sqrt(usual.coarse * still + _TINY)),
            own_fine=_power(now.fine, now.fine),
            own_coarse=own,
            shared_fine=_power(now.fine, then.fine),
            shared_coarse=_power(now.coarse, then.coarse),
            changes=changes,
            noise=noise,
        )

    @property
    def sways(self) -> bool:
        """Whether edges move: much changes where they are, and little elsewhere."""
        return self.changes > _SWAYS * self.noise + _STILL

    @property
    def kept(self) -> float:
        return self.fine / max(self.coarse, _LEAST_GAIN)

    def shared(self, noise: float) -> float:
        return _ratio(self.shared_fine - noise, self.shared_coarse)

    def own(self, noise: float) -> float:
        return _ratio(self.own_fine - noise, self.own_coarse - noise)

    def mixed(self, other: "_Detail", weight: float) -> "_Detail":
        return _Detail(*(a + (b - a) * weight for a, b in zip(self, other, strict=True)))


class Sharpness:
    """Compares the sharpness of each picture with the usual one."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._steps: _Steps | None = None
        self._picture: _Picture | None = None
        self._detail: _Detail | None = None
        self._usual: _Detail | None = None
        self._learnt = 0

    def see(self, luma: Luma) -> float:
        """Return the sharpness beside the usual one: 1 is as ever, 0 is no detail at all."""
        now = _Steps.of(_narrow(luma))
        before, self._steps = self._steps, now
        if before is None or self._picture is None:
            return 1.0
        if before.narrow.shape != now.narrow.shape:
            self._forget()
            return 1.0
        new = _Detail.of(now, before, self._picture)
        self._detail = self._detail.mixed(new, _NEWEST) if self._detail else new
        if self._usual is None or self._picture.fine < _LEAST:
            return 1.0
        return _beside(self._detail, self._usual, self._picture)

    def learn(self) -> None:
        """Take what was seen last for the usual."""
        self._learnt += 1
        self._take(1 / self._learnt)

    def follow(self, weight: float) -> None:
        """Let the usual follow slowly."""
        self._learnt += 1
        weight = max(weight, 1 / self._learnt)
        if self._detail is not None:
            now, usual = self._detail, self._usual or self._detail
            speed = _QUIETER if now.noise < usual.noise else _NOISIER
            noise = usual.noise + (now.noise - usual.noise) * speed
            self._usual = usual.mixed(now, weight)._replace(noise=noise)
        self._take(weight)

    def _take(self, weight: float) -> None:
        if self._steps is None:
            return
        if self._picture is None:
            self._picture = _Picture.of(self._steps.narrow.copy())
        else:
            self._picture = self._picture.followed(self._steps.narrow, weight)


def _beside(now: _Detail, usual: _Detail, picture: _Picture) -> float:
    """The sharpness beside the usual one, when in doubt the higher one."""
    if now.coarse < _LEAST_GAIN * usual.coarse or now.alike < _LEAST_ALIKE:
        return 1.0
    size = picture.steps.fine.size
    error = float(np.sqrt(now.noise / picture.fine / size))
    if usual.kept < _SURER * error:  # noise hides the usual detail itself
        return 1.0
    sways, kept = now.sways or usual.sways, 0.0
    if usual.kept > _FALLS_ON or not sways:
        kept = (now.fine + _SURE * error) / now.coarse / usual.kept
        if now.contrast < _FADED:  # fog takes contrast, and some detail
            kept *= _IN_FOG
    if usual.noise < _NOISY * picture.fine:  # what drifts slowly is as sharp as ever
        shared = now.shared(_SURER * now.noise / float(np.sqrt(size)))
        kept = max(kept, shared / max(usual.shared(0.0), 0.01))
    if sways:
        own = now.own(_LESS * min(now.noise, _LOUDER * usual.noise))
        kept = max(kept, own / max(usual.own(_LESS * usual.noise), 0.1) / _SMEARED)
    return kept


def _changes(now: Plane, then: Plane) -> tuple[float, float]:
    """Power of what differs between two pictures, at half and at the calmest of the places."""
    changed = now - then
    places = cv2.resize(changed * changed, (_ACROSS, _DOWN), interpolation=cv2.INTER_AREA)
    sorted_ = np.sort(places, axis=None)
    return float(sorted_[round(_MIDDLE * places.size)]), float(sorted_[round(_CALM * places.size)])


def _ratio(fine: float, coarse: float) -> float:
    return float(np.sqrt(max(fine, 0.0) / (max(coarse, 0.0) + _LEAST)))


def _narrow(luma: Luma) -> Plane:
    rows = luma[:: max(1, luma.shape[0] // _ROWS)][:_ROWS]
    size = min(_WIDTH, luma.shape[1]), rows.shape[0]
    return np.asarray(cv2.resize(rows, size, interpolation=cv2.INTER_AREA), np.float32)


def _power(one: Plane, other: Plane) -> float:
    return float(np.vdot(one, other)) / one.size
