"""The history of presence: periods through which a device was seen, or a source worked or failed.

A device that answers every 10 seconds all day is one period, not 8640 reports. Pauses of up to a
minute belong to it: no waiting time is shorter than that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from whosthere.core.messages import Message
from whosthere.core.presence import DeviceSeen, PersonState, SourceFailed, SourceReport

JOIN_SECONDS = 60.0  # pauses up to this are none
MISSED_REPORTS = 3  # without so many, a source did not work


class PeriodKind(StrEnum):
    """What went on through a period."""

    SEEN = "seen"  # a source saw a device
    WORKING = "working"  # a source reported, whomever it saw
    FAILING = "failing"  # a source could not look
    PERSON = "person"  # somebody was home, away or nobody knew


class PeriodKey(NamedTuple):
    """What it is about; at one moment there is one such period at most."""

    kind: PeriodKind
    source: str
    about: str = ""  # a device or a person


@dataclass(frozen=True, slots=True)
class Period:
    """Something held from a moment to another."""

    key: PeriodKey
    since: datetime
    until: datetime
    how: str = ""  # recognised by; why it fails; whereabouts

    @property
    def seconds(self) -> float:
        return (self.until - self.since).total_seconds()

    def covers(self, at: datetime) -> bool:
        return self.since <= at <= self.until


@dataclass(slots=True)
class Growing:
    """Joins reports into periods, as they come. Memory is one period for each device and source."""

    every_seconds: Mapping[str, float] = field(default_factory=dict)  # of sources
    _open: dict[PeriodKey, Period] = field(default_factory=dict)
    _people: dict[str, tuple[PeriodKey, Period]] = field(default_factory=dict)
    _changed: dict[tuple[PeriodKey, datetime], Period] = field(default_factory=dict)

    def hear(self, message: Message) -> None:
        match message:
            case SourceReport():
                self._open.pop(PeriodKey(PeriodKind.FAILING, message.source), None)
                self._grow(PeriodKey(PeriodKind.WORKING, message.source), message.at)
                for seen in message.seen:
                    self._saw(message, seen)
            case SourceFailed():
                self._open.pop(PeriodKey(PeriodKind.WORKING, message.source), None)
                key = PeriodKey(PeriodKind.FAILING, message.source)
                self._grow(key, message.at, message.why)
            case _:
                pass

    def people(self, people: Mapping[str, PersonState], at: datetime) -> None:
        """Note where everybody is. To be called at each change, and now and then."""
        for name, state in people.items():
            known = self._people.get(name)
            if known is not None and known[1].how == state.whereabouts:
                self._keep_person(name, replace(known[1], until=max(at, known[1].until)))
                continue
            if known is not None:
                self._note(replace(known[1], until=max(at, known[1].since)))
            key = PeriodKey(PeriodKind.PERSON, state.source, name)
            self._keep_person(name, Period(key, at, at, state.whereabouts))

    def take(self) -> list[Period]:
        """Return what is new or has grown since the last time."""
        changed, self._changed = list(self._changed.values()), {}
        return changed

    def put_back(self, periods: list[Period]) -> None:
        """Take back what could not be written; what has grown meanwhile stays."""
        self._changed = {(one.key, one.since): one for one in periods} | self._changed

    def _saw(self, report: SourceReport, seen: DeviceSeen) -> None:
        at = report.at - timedelta(seconds=seen.ago)
        self._grow(PeriodKey(PeriodKind.SEEN, report.source, seen.device), at, seen.how)

    def _grow(self, key: PeriodKey, at: datetime, how: str = "") -> None:
        known, pause = self._open.get(key), self._joined(key)
        if known is None or not known.since - pause <= at <= known.until + pause:
            known = Period(key, at, at, how)
        self._open[key] = replace(known, until=max(at, known.until), how=how)
        self._note(self._open[key])

    def _joined(self, key: PeriodKey) -> timedelta:
        return timedelta(seconds=join_seconds(key, self.every_seconds.get(key.source)))

    def _keep_person(self, name: str, period: Period) -> None:
        self._people[name] = period.key, period
        self._note(period)

    def _note(self, period: Period) -> None:
        self._changed[period.key, period.since] = period


def join_seconds(key: PeriodKey, every_seconds: float | None) -> float:
    """How long a pause may be that is none. A source is taken at its word: it failed, or did not.

    A device that is not in a few reports is still there; a source that misses them has failed.
    """
    missed = MISSED_REPORTS * (every_seconds or 0.0)
    if key.kind is PeriodKind.SEEN or every_seconds is None:
        return max(JOIN_SECONDS, missed)
    return missed


def joined(periods: list[Period], seconds: float = JOIN_SECONDS) -> list[Period]:
    """Join periods of one thing that follow each other closely, as after a restart; sorted."""
    found: list[Period] = []
    for one in sorted(periods, key=lambda period: period.since):
        last = found[-1] if found else None
        if last is not None and (one.since - last.until).total_seconds() <= seconds:
            found[-1] = replace(last, until=max(last.until, one.until), how=one.how)
        else:
            found.append(one)
    return found
