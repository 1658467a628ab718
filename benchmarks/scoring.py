"""Found, missed and false: what a way of watching made of a labelled clip.

Ends of labels are good to a fifth of a second and a background needs some time to settle, so an
answer counts if it lies within `TOLERANCE` of the labelled interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.footage import Interval

TOLERANCE = 1.0  # s


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that people were told of: what it spans, and when it was told."""

    started: float
    ended: float
    at: float


@dataclass(frozen=True, slots=True)
class Score:
    """How many visits were found and missed, and how much was told of nothing."""

    found: int = 0
    missed: int = 0
    false: int = 0
    delays: tuple[float, ...] = ()  # s from the labelled start of each visit that was found

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.found + other.found,
            self.missed + other.missed,
            self.false + other.false,
            self.delays + other.delays,
        )


def score(told: Sequence[Told], visits: Sequence[Interval]) -> Score:
    """Compare what was told with the labelled visits.

    A visit is found by what was told during it, or told before and still going on. What
    was told while nobody was there is false.
    """
    delays = []
    for start, end in visits:
        spans = (max(0.0, one.at - start) for one in told if _touches(one, start, end))
        delay = min(spans, default=None)
        if delay is not None:
            delays.append(delay)
    false = sum(not any(_touches(one, *visit) for visit in visits) for one in told)
    return Score(len(delays), len(visits) - len(delays), false, tuple(delays))


def _touches(told: Told, start: float, end: float) -> bool:
    return told.at <= end + TOLERANCE and told.ended >= start - TOLERANCE
