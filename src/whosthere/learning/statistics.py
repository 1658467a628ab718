"""How sure a figure is that rests on a few answers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NINETY_FIVE = 1.959964  # standard deviations that hold 95 % of a normal distribution
DRAWS = 10_000
PRIOR = 1 / 3  # hits and misses, before anybody is asked


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the interval that holds it with 95 %; None: nothing is known yet."""

    value: float | None
    low: float
    high: float
    tags: int  # that it rests on


UNKNOWN = Estimate(None, 0.0, 1.0, 0)


def share(hits: int, of: int) -> Estimate:
    """A proportion with Wilson's interval, which stays right for few answers and near 0 and 1.

    E. B. Wilson, Probable inference, Journal of the American Statistical Association 22 (1927),
    209-212; recommended by Brown, Cai and DasGupta, Statistical Science 16 (2001), 101-133.
    """
    if not of:
        return UNKNOWN
    p, z2 = hits / of, NINETY_FIVE**2
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = NINETY_FIVE / (1 + z2 / of) * math.sqrt(p * (1 - p) / of + z2 / (4 * of * of))
    return Estimate(p, max(0.0, middle - half), min(1.0, middle + half), of)


@dataclass(frozen=True, slots=True)
class Stratum:
    """Things of one kind, about some of which people were asked.

    `known` are all answers; `drawn` are those that were drawn at random, each with its weight: how
    many it stands for. Only the latter say something of the rest.
    """

    name: str
    units: float  # how many there are
    known: tuple[bool, ...] = ()
    drawn: tuple[tuple[bool, float], ...] = ()

    @property
    def hits(self) -> int:
        return sum(self.known)

    @property
    def rest(self) -> float:
        return max(0.0, self.units - len(self.known))

    def effective(self) -> tuple[float, float]:
        """Hits and answers, as if all weights were alike (L. Kish, Survey Sampling, 1965)."""
        weights = np.array([weight for _, weight in self.drawn], float)
        if not weights.size:
            return 0.0, 0.0
        hits = np.array([hit for hit, _ in self.drawn], float)
        size = float(weights.sum() ** 2 / (weights**2).sum())
        return size * float((weights * hits).sum() / weights.sum()), size

    def estimate(self) -> float | None:
        """How many hits there are in all; None if nobody was asked of what is left."""
        hits, size = self.effective()
        if not self.rest:
            return float(self.hits)
        return self.hits + self.rest * hits / size if size else None

    def draws(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """How many hits there may be in all, many times."""
        hits, size = self.effective()
        p = rng.beta(hits + PRIOR, size - hits + PRIOR, DRAWS)
        more: NDArray[np.float64] = rng.binomial(round(self.rest), p).astype(np.float64)
        return more + self.hits


def recall(found: Sequence[Stratum], missed: Sequence[Stratum]) -> Estimate:
    """Of all that should have been told, the share that was.

    The point is the stratified estimate (Cochran, Sampling Techniques, 1977, chapter 5). For its
    interval, each stratum's unknown share is drawn many times from the posterior under a neutral
    prior (J. Kerman, Electronic Journal of Statistics 5 (2011), 1450-1470), what was answered
    counts as it is, recall is drawn in the same way from what follows (this month's visits are
    few of all that may come), and the middle 95 % are taken.
    """
    rng = np.random.default_rng(1)
    told = sum((one.draws(rng) for one in found), np.zeros(DRAWS))
    lost = sum((one.draws(rng) for one in missed), np.zeros(DRAWS))
    low, high = np.quantile(rng.beta(told + PRIOR, lost + PRIOR), [0.025, 0.975])
    value = _ratio(found, missed)
    if value is not None:  # as where no answer was a hit: there the interval reaches to none at all
        low, high = min(low, value), max(high, value)
    answers = sum(max(len(one.known), len(one.drawn)) for one in (*found, *missed))
    return Estimate(value, float(low), float(high), answers)


def _ratio(found: Iterable[Stratum], missed: Iterable[Stratum]) -> float | None:
    told = [one.estimate() for one in found if one.units]
    lost = [one.estimate() for one in missed if one.units]
    if None in told or None in lost:
        return None
    sums = sum(filter(None, told)), sum(filter(None, lost))
    return sums[0] / sum(sums) if sum(sums) else None


def quantile(values: Sequence[float], share_below: float) -> float | None:
    return float(np.quantile(values, share_below)) if values else None
