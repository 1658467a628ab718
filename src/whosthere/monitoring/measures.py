"""Numbers for monitoring, as plain data: what is read when somebody asks, and what is counted.

Their shapes are those of Prometheus (https://prometheus.io/docs/concepts/metric_types/), but
nothing here needs its library.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from typing import TypeAlias

Labels: TypeAlias = tuple[str, ...]

FAST = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)  # seconds, of work on a frame
SLOW = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)  # seconds, of telling people


class Kind(StrEnum):
    """What a measure does over time."""

    COUNTER = "counter"  # grows; begins anew with the program
    GAUGE = "gauge"  # is as it is now
    HISTOGRAM = "histogram"


@dataclass(slots=True)
class Spread:
    """How long something took, in classes. One thread notes, others may read."""

    limits: Sequence[float] = FAST
    total: float = 0.0
    _counts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._counts = [0] * (len(self.limits) + 1)

    def note(self, seconds: float) -> None:
        self._counts[bisect_left(self.limits, seconds)] += 1
        self.total += seconds

    def classes(self) -> list[tuple[str, float]]:
        """How many took at most so long, as Prometheus writes it."""
        names = [*(str(limit) for limit in self.limits), "+Inf"]
        until = map(float, accumulate(self._counts))
        return list(zip(names, until, strict=True))


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure with all its values now. `name` is without unit or kind at its end."""

    name: str
    kind: Kind
    meaning: str
    values: Mapping[Labels, float | Spread]
    labels: Labels = ()
    unit: str = ""


def gauge(name: str, meaning: str, value: float, unit: str = "") -> Measure:
    """Make a measure of one value."""
    return Measure(name, Kind.GAUGE, meaning, {(): value}, unit=unit)


def each(
    name: str,
    meaning: str,
    label: str,
    values: Mapping[str, float] | Mapping[str, Spread],
    unit: str = "",
    kind: Kind = Kind.GAUGE,
) -> Measure:
    """Make a measure with a value for each camera, or part, or person."""
    return Measure(
        name, kind, meaning, {(one,): values[one] for one in list(values)}, (label,), unit
    )
