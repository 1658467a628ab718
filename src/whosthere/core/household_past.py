"""What is known of a household's past: what sources saw, what people asked, who was at the door.

A *pause* is a time in which a source that worked did not see a device. It is *sleep* as long as its
owner was there: until the last sighting of any of their devices by any source, where a pause of all
of them counts as being there if it was short and no camera saw a person when it ended.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from whosthere.core.modes import ArmState
from whosthere.core.periods import (
    JOIN_SECONDS,
    Period,
    PeriodKey,
    PeriodKind,
    join_seconds,
    joined,
)
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

    @cached_property
    def by_key(self) -> dict[PeriodKey, list[Period]]:
        every = {source.name: source.every_seconds for source in self.sources}
        found: defaultdict[PeriodKey, list[Period]] = defaultdict(list)
        for one in self.periods:
            found[one.key].append(one)
        return {
            key: joined(periods, join_seconds(key, every.get(key.source)))
            if key.kind is PeriodKind.SEEN
            else periods  # each beginning of a source's work counts: then it knows nothing yet
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
    """A source that worked did not see a device for a while."""

    device: str
    since: datetime
    seconds: float
    sleep_seconds: float  # of these, its owner was still there; 0: they left at once
    is_certain: bool = False  # something else saw them meanwhile


def pauses(past: Past, source: str) -> list[Pause]:
    """List the pauses of all devices that count for arming, as one source saw them."""
    working = past.of(PeriodKind.WORKING, source)
    stays = {person.name: _stays(past, person) for person in past.holders.values()}
    found = []
    for key, periods in past.by_key.items():
        person = past.holders.get(key.about)
        if key.kind is not PeriodKind.SEEN or key.source != source or person is None:
            continue
        for before, after in pairwise(periods):
            if any(one.covers(before.until) and one.covers(after.since) for one in working):
                stay = _last_begun(stays[person.name], before.until)
                end = min(after.since, stay.until) if stay else before.until
                found.append(_pause(past, person, key, (before.until, after.since), end))
    return found


def _pause(
    past: Past, person: Person, key: PeriodKey, pause: tuple[datetime, datetime], end: datetime
) -> Pause:
    since, until = pause
    certain = any(
        _overlaps(periods, since, end)
        for other, periods in past.by_key.items()
        if other.kind is PeriodKind.SEEN and other.about in person.devices and other != key
    )
    lasts = (until - since).total_seconds()
    sleeps = max(0.0, (end - since).total_seconds())
    return Pause(key.about, since, lasts, sleeps, certain and sleeps > 0)


def _stays(past: Past, person: Person) -> list[Period]:
    """When somebody was there, as far as all sources and cameras together can tell."""
    seen = [
        one
        for key, periods in past.by_key.items()
        if key.kind is PeriodKind.SEEN and key.about in person.devices
        for one in periods
    ]
    stays: list[Period] = []
    for one in sorted(seen, key=lambda period: period.since):
        last = stays[-1] if stays else None
        if last is not None and _still_there(past, last.until, one.since):
            stays[-1] = replace(last, until=max(last.until, one.until))
        else:
            stays.append(one)
    return stays


def _still_there(past: Past, last: datetime, again: datetime) -> bool:
    seconds = (again - last).total_seconds()
    if seconds <= JOIN_SECONDS:
        return True
    return seconds <= past.again_seconds and not past.somebody_came(again)


def _last_begun(stays: Sequence[Period], at: datetime) -> Period | None:
    place = bisect_right(stays, at, key=lambda one: one.since) - 1
    return stays[place] if place >= 0 else None


def _overlaps(periods: Sequence[Period], since: datetime, until: datetime) -> bool:
    """Whether one of these sorted periods goes on between two moments."""
    place = bisect_left(periods, until, key=lambda one: one.since) - 1
    return place >= 0 and periods[place].until > since
