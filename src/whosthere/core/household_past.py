"""What is known of a household's past: what sources saw, what people asked, who was at the door.

Words used here: a *pause* is a time in which a source that worked did not see a device. A pause
is *sleep* if the device cannot have left: another source saw it meanwhile or another device of the
same person was seen; or, less certain, it was short and no camera saw a person when it ended.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from whosthere.core.model import ArmState
from whosthere.core.periods import Period, PeriodKey, PeriodKind, join_seconds, joined
from whosthere.core.presence import Person, SourceRule

AGAIN_SECONDS = 1800.0  # who is seen again so soon, with nobody coming through, was there
BEFORE_SEEN, AFTER_SEEN = timedelta(minutes=5), timedelta(minutes=1)  # of a camera's person


@dataclass(frozen=True)
class Past:
    """All of a time, in the form that replays need. Periods are joined and sorted."""

    since: datetime
    until: datetime
    periods: Sequence[Period]
    people: tuple[Person, ...]
    sources: tuple[SourceRule, ...]
    modes: Sequence[ArmState] = ()  # as they were set, oldest first
    came: Sequence[datetime] = ()  # when cameras saw persons, oldest first
    again_seconds: float = AGAIN_SECONDS
    _by_key: dict[PeriodKey, list[Period]] = field(default_factory=dict, repr=False)

    @cached_property
    def by_key(self) -> dict[PeriodKey, list[Period]]:
        every = {source.name: source.every_seconds for source in self.sources}
        found: defaultdict[PeriodKey, list[Period]] = defaultdict(list)
        for one in self.periods:
            found[one.key].append(one)
        return {
            key: joined(periods, join_seconds(every.get(key.source, 0.0)))
            for key, periods in found.items()
        }

    @cached_property
    def holders(self) -> dict[str, Person]:
        """Those whose being home keeps the house from arming, by each of their devices."""
        return {name: one for one in self.people if one.holds_arming for name in one.devices}

    @property
    def days(self) -> float:
        """How much of it a source worked at all."""
        working = [p for k, ps in self.by_key.items() if k.kind is PeriodKind.WORKING for p in ps]
        return sum(one.seconds for one in joined(working)) / 86400

    def of(self, kind: PeriodKind, source: str, about: str = "") -> list[Period]:
        return self.by_key.get(PeriodKey(kind, source, about), [])

    def somebody_came(self, at: datetime) -> bool:
        """Whether a camera saw a person around that moment."""
        first = bisect_left(self.came, at - BEFORE_SEEN)
        return first < bisect_right(self.came, at + AFTER_SEEN)


@dataclass(frozen=True, slots=True)
class Pause:
    """A source that worked did not see a device from a moment to another."""

    device: str
    since: datetime
    until: datetime
    is_sleep: bool
    is_certain: bool = False

    @property
    def seconds(self) -> float:
        return (self.until - self.since).total_seconds()


def pauses(past: Past, source: str) -> list[Pause]:
    """List the pauses of all devices that count for arming, as one source saw them."""
    working = past.of(PeriodKind.WORKING, source)
    found = []
    for key, periods in past.by_key.items():
        if key.kind is not PeriodKind.SEEN or key.source != source:
            continue
        person = past.holders.get(key.about)
        if person is None:
            continue
        for before, after in pairwise(periods):
            if any(one.covers(before.until) and one.covers(after.since) for one in working):
                found.append(_judged(past, person, key, before.until, after.since))
    return found


def _judged(past: Past, person: Person, key: PeriodKey, since: datetime, until: datetime) -> Pause:
    certain = any(
        _overlaps(periods, since, until)
        for other, periods in past.by_key.items()
        if other.kind is PeriodKind.SEEN and other.about in person.devices and other != key
    )
    short = (until - since).total_seconds() <= past.again_seconds
    sleeps = certain or (short and not past.somebody_came(until))
    return Pause(key.about, since, until, sleeps, certain)


def _overlaps(periods: Sequence[Period], since: datetime, until: datetime) -> bool:
    """Whether one of these sorted periods goes on between two moments."""
    place = bisect_left(periods, until, key=lambda one: one.since) - 1
    return place >= 0 and periods[place].until > since
