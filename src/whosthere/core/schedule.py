"""When the points of a schedule are, in local time and right across clock changes.

As in PEP 495, a time that clocks show twice has two folds: only the first counts. A time that they
skip begins at the first moment after the gap.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from whosthere.core.arming_rules import ArmingRules, Scheduled

DAY = timedelta(days=1)
FURTHEST = timedelta(days=8)  # that is looked back: every point has come by then


class Point(NamedTuple):
    """A moment at which a scheduled mode begins."""

    at: datetime
    scheduled: Scheduled


def moment_of(day: date, at: time, zone: tzinfo | None) -> datetime:
    """When clocks in the zone (the system's if None) first show this time, in UTC."""
    wanted = datetime.combine(day, at)
    first, second = (_utc(wanted.replace(fold=fold), zone) for fold in (0, 1))
    if _shown(first, zone) == wanted:
        return first
    low, high = min(first, second), max(first, second)  # the clocks change between these
    before = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        middle = middle if middle > low else low + timedelta(seconds=1)
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high


def _utc(shown: datetime, zone: tzinfo | None) -> datetime:
    return (shown.replace(tzinfo=zone) if zone else shown.astimezone()).astimezone(UTC)


def _shown(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _offset(moment: datetime, zone: tzinfo | None) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


def points(rules: ArmingRules, after: datetime, up_to: datetime) -> list[Point]:
    """Points after one moment and up to another, in order."""
    if not rules.schedule or up_to <= after:
        return []
    after = max(after, up_to - FURTHEST)
    found = [point for point in _candidates(rules, after, up_to) if after < point.at <= up_to]
    return sorted(found, key=lambda point: point.at)


def next_point(rules: ArmingRules, after: datetime) -> Point | None:
    """The next point after a moment."""
    found = [one for one in _candidates(rules, after, after + FURTHEST) if one.at > after]
    return min(found, key=lambda point: point.at, default=None)


def _candidates(rules: ArmingRules, after: datetime, up_to: datetime) -> Iterator[Point]:
    day = after.astimezone(rules.zone).date() - DAY
    last = up_to.astimezone(rules.zone).date() + DAY
    while day <= last:
        for one in rules.schedule:
            if day.weekday() in one.days:
                yield Point(moment_of(day, one.at, rules.zone), one)
        day += DAY
