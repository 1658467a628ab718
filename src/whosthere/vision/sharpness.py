"""How much fine detail a picture has, beside its coarse detail: what a lens out of focus takes.

Detail is the mean product of the brightness steps of two pictures, a second apart, at the same
places. Noise is another in each picture, so it does not count. Where the whole picture sways, fine
steps do not fall on each other either; it is known by coarse steps that do not, and then each
picture is taken for itself, less the noise that there usually is.
"""

from typing import NamedTuple

import cv2
import numpy as np

from whosthere.core.model import Luma
from whosthere.vision.planes import Plane

_ROWS, _WIDTH = 90, 320
_FINE, _COARSE = 1, 24  # pixels of the narrow picture over which brightness is compared
_NEWEST = 0.6  # weight of the newest picture's numbers
_SWAYS = 2.0  # times as much is lost of coarse steps as of fine ones
_NOISIER = 1.5  # times the usual noise
_SMEARED = 0.8  # of the sharpness is left to a picture that sways
_FADED, _IN_FOG = 0.35, 1.6  # of the usual contrast; what sharpness counts then
_LEAST = 0.3  # power of fine steps that can be told from nothing
_SHARPER, _BLUNTER = 1 / 30, 1 / 150  # how fast the usual follows, each look


class _Detail(NamedTuple):
    """Powers of fine and coarse steps: shared with the picture before, and its own."""

    fine: float
    coarse: float
    own_fine: float
    own_coarse: float

    def mixed(self, other: "_Detail", weight: float) -> "_Detail":
        return _Detail(*(a + (b - a) * weight for a, b in zip(self, other, strict=True)))

    def sways(self, noise: float) -> bool:
        """Whether more is lost from one picture to the next than noise takes."""
        lost, coarse_lost = self.own_fine - self.fine, self.own_coarse - self.coarse
        return lost > _NOISIER * noise + _LEAST or coarse_lost > _SWAYS * lost + _LEAST

    @property
    def shared_ratio(self) -> float:
        return _ratio(self.fine, self.coarse)

    @property
    def noise(self) -> float:
        return max(0.0, self.own_fine - self.fine)

    def own_ratio(self, noise: float) -> float:
        return _ratio(self.own_fine - noise, self.own_coarse - noise)


class Sharpness:
    """Compares the sharpness of each picture with the usual one."""

    def __init__(self) -> None:
        self._before: tuple[Plane, Plane] | None = None
        self._detail: _Detail | None = None
        self._usual = self._usual_own = self._usual_coarse = 0.0
        self._noise = float("inf")

    def see(self, luma: Luma) -> float:
        """Return the sharpness beside the usual one: 1 is as ever, 0 is no detail at all."""
        now = _steps(luma)
        before, self._before = self._before, now
        if before is None or before[0].shape != now[0].shape:
            self._detail = None
            return 1.0
        new = _Detail(
            _power(now[0], before[0]),
            _power(now[1], before[1]),
            _power(now[0], now[0]),
            _power(now[1], now[1]),
        )
        detail = self._detail.mixed(new, _NEWEST) if self._detail else new
        self._detail = detail
        if self._usual <= 0:
            return 1.0
        shared = detail.shared_ratio / self._usual
        if detail.coarse < _FADED * self._usual_coarse:  # fog takes contrast, and some detail
            shared *= _IN_FOG
        if not detail.sways(self._noise) or self._usual_own <= 0:
            return shared
        return max(shared, detail.own_ratio(self._noise) / self._usual_own / _SMEARED)

    def learn(self) -> None:
        """Take what was seen last for the usual, if it is sharper than what was usual."""
        if self._detail is not None and self._detail.fine >= _LEAST:
            self._noise = min(self._noise, self._detail.noise)
            self._usual = max(self._usual, self._detail.shared_ratio)
            self._usual_coarse = max(self._usual_coarse, self._detail.coarse)
            self._usual_own = max(self._usual_own, self._detail.own_ratio(self._noise))

    def follow(self) -> None:
        """Let the usual follow slowly."""
        if self._detail is None or self._detail.fine < _LEAST:
            return
        self._usual = _followed(self._usual, self._detail.shared_ratio)
        if self._noise == float("inf"):
            self._noise = self._detail.noise
        elif not self._detail.sways(self._noise):  # else it is not all noise
            self._noise += (self._detail.noise - self._noise) * _SHARPER
        self._usual_coarse += (self._detail.coarse - self._usual_coarse) * _BLUNTER
        own = self._detail.own_ratio(self._noise)
        self._usual_own = _followed(self._usual_own, own)


def _followed(usual: float, now: float) -> float:
    return usual + (now - usual) * (_SHARPER if now > usual else _BLUNTER)


def _ratio(fine: float, coarse: float) -> float:
    return float(np.sqrt(max(fine, 0.0) / (max(coarse, 0.0) + _LEAST)))


def _steps(luma: Luma) -> tuple[Plane, Plane]:
    """Differences of brightness along some rows, over a little and over more."""
    rows = luma[:: max(1, luma.shape[0] // _ROWS)][:_ROWS]
    width = min(_WIDTH, luma.shape[1])
    narrow = np.asarray(
        cv2.resize(rows, (width, rows.shape[0]), interpolation=cv2.INTER_AREA), np.float32
    )
    return narrow[:, _FINE:] - narrow[:, :-_FINE], narrow[:, _COARSE:] - narrow[:, :-_COARSE]


def _power(one: Plane, other: Plane) -> float:
    return float(np.vdot(one, other)) / one.size
