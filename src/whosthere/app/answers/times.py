"""Durations and moments as people write them, in their own zone, right across clock changes.

Each reader takes words from a place on, and returns what they mean with how many they were, or
nothing if they are no such thing.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple, TypeAlias

Words: TypeAlias = Sequence[str]

UNITS = {
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
    "w": 604800, "week": 604800, "weeks": 604800,
}  # fmt: skip
SAID = {
    ("half", "an", "hour"): timedelta(minutes=30),
    ("an", "hour"): timedelta(hours=1),
    ("one", "hour"): timedelta(hours=1),
    ("a", "minute"): timedelta(minutes=1),
    ("a", "day"): timedelta(days=1),
    ("a", "week"): timedelta(days=7),
}
LONGEST = timedelta(days=31)
LONGEST_AGO = timedelta(days=3650)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NAMED_TIMES = {"noon": time(12), "midday": time(12), "midnight": time(0)}
PIECES = re.compile(r"(?:\d{1,6}[a-z]+)+", re.ASCII)
PIECE = re.compile(r"(\d{1,6})([a-z]+)", re.ASCII)
NUMBER = re.compile(r"\d{1,6}", re.ASCII)
CLOCK = re.compile(r"(\d{1,2})(?::(\d\d)(?::(\d\d))?)?(am|pm)?", re.ASCII)
LIKE_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?", re.ASCII)
NOON = 12


class Span(NamedTuple):
    """A duration, and how many words said it."""

    length: timedelta
    words: int


class TimeOfDay(NamedTuple):
    """A time of day as precisely as it was said."""

    at: time
    to_the_second: bool
    words: int


class Until(NamedTuple):
    """When something is over."""

    at: datetime
    words: int


def read_span(words: Words) -> Span | None:
    """Read '30m', '1h30m', '2 hours', 'half an hour'."""
    total, used = timedelta(), 0
    while used < len(words):
        if words[used] == "and" and used:
            more = read_span(words[used + 1 :])
            return Span(total + more.length, used + 1 + more.words) if more else None
        piece, count = _piece(words[used:])
        if not count:
            break
        total, used = total + piece, used + count
    return Span(total, used) if used and total else None


def _piece(words: Words) -> tuple[timedelta, int]:
    for said, length in SAID.items():
        if tuple(words[: len(said)]) == said:
            return length, len(said)
    if PIECES.fullmatch(words[0]):
        pieces = PIECE.findall(words[0])
        if all(unit in UNITS for _, unit in pieces):
            return timedelta(seconds=sum(int(n) * UNITS[unit] for n, unit in pieces)), 1
    elif NUMBER.fullmatch(words[0]) and len(words) > 1 and words[1] in UNITS:
        return timedelta(seconds=int(words[0]) * UNITS[words[1]]), 2
    return timedelta(), 0


def read_time(words: Words, *, bare_hour: bool = False) -> TimeOfDay | None:
    """Read '14:32', '14:32:07', '7pm', '7 pm', 'noon'; a bare '7' only where that is expected."""
    if not words:
        return None
    if words[0] in NAMED_TIMES:
        return TimeOfDay(NAMED_TIMES[words[0]], to_the_second=False, words=1)
    found = CLOCK.fullmatch(words[0])
    if not found:
        return None
    half, used = found[4], 1
    if half is None and len(words) > 1 and words[1] in {"am", "pm"}:
        half, used = words[1], 2
    if found[2] is None and half is None and not bare_hour:
        return None
    hour = int(found[1])
    if half is not None:
        if not 1 <= hour <= NOON:
            return None
        hour = hour % NOON + (NOON if half == "pm" else 0)
    try:
        at = time(hour, int(found[2] or 0), int(found[3] or 0))
    except ValueError:
        return None
    return TimeOfDay(at, to_the_second=found[3] is not None, words=used)


def read_until(words: Words, now: datetime, zone: tzinfo | None) -> Until | None:
    """Read what follows 'until': '7:00', 'monday', 'tomorrow 8:00', '2026-11-30 7:00', 'noon'."""
    if not words:
        return None
    days, used = _days(words[0], now.astimezone(zone).date())
    rest = list(words[used:])
    if used and rest[:1] == ["at"]:
        used, rest = used + 1, rest[1:]
    at = read_time(rest, bare_hour=True)
    if at is None and not used:
        return None
    if at is not None:
        used += at.words
    if words[0] == "midnight":
        days = days[1:]
    moments = (moment for day in days for moment in moments_of(day, at.at if at else time(), zone))
    ahead = next((moment for moment in moments if moment > now), None)
    return Until(ahead, used) if ahead is not None else None


def _days(word: str, today: date) -> tuple[list[date], int]:
    """Which days a word may mean, in order, and whether it names any."""
    usual = [today, today + timedelta(days=1)]
    if word == "today":
        return [today], 1
    if word == "tomorrow":
        return usual[1:], 1
    for number, name in enumerate(WEEKDAYS):
        if word in {name, name[:3]}:
            ahead = (number - today.weekday()) % 7
            return [today + timedelta(days=ahead), today + timedelta(days=ahead + 7)], 1
    try:
        return [date.fromisoformat(word)], 1
    except ValueError:
        return usual, 0


def read_past_day(word: str, today: date) -> date | None:
    """Read 'today', 'yesterday', 'monday' (the last one) or '2026-11-30'; none to come."""
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    if word in named:
        return named[word]
    for number, name in enumerate(WEEKDAYS):
        if word in {name, name[:3]}:
            return today - timedelta(days=(today.weekday() - number) % 7)
    try:
        day = date.fromisoformat(word)
    except ValueError:
        return None
    return day if today - LONGEST_AGO <= day <= today else None


def no_such_time(words: Words) -> str | None:
    """Return the first word that is written as a time of day and is none, as '25:99'."""
    return next(
        (word for word in words if LIKE_CLOCK.fullmatch(word) and not read_time([word])), None
    )


def moments_of(day: date, at: time, zone: tzinfo | None) -> Iterator[datetime]:
    """Give the moments at which clocks show this, in UTC: two where they are put back.

    A time that clocks skip is taken as if they had not been put forward yet.
    """
    seen = set()
    for fold in (0, 1):
        shown = datetime.combine(day, at).replace(fold=fold)
        try:
            moment = (shown.replace(tzinfo=zone) if zone else shown.astimezone()).astimezone(UTC)
        except (OverflowError, ValueError):  # the ends of the calendar
            continue
        if moment not in seen:
            seen.add(moment)
            yield moment


def last_past(at: TimeOfDay, now: datetime, zone: tzinfo | None, day: date | None) -> datetime:
    """When clocks showed this last: on the day that is named, or today or yesterday."""
    today = now.astimezone(zone).date()
    days = [day] if day else [today - timedelta(days=1), today]
    found = [moment for one in days for moment in moments_of(one, at.at, zone)]
    past = [moment for moment in found if moment <= now]
    return past[-1] if past else found[0]


def whole_day(day: date, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """Begin and end of a day, which has 23 to 25 hours."""
    begin = next(moments_of(day, time(), zone))
    return begin, next(moments_of(day + timedelta(days=1), time(), zone))
