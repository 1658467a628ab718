"""A household, as chance has it: who is home when, and when their phones can be seen.

The model, all of it seeded and none of it tuned to an algorithm:

- Ann and Ben live here. On weekdays they leave about 8:00 and 8:30 and come back about 17:30 and
  18:30 (normal, 15 to 60 minutes); on three of ten weekdays Ben works from home. Each runs an
  errand on half of the days, of 10 to 90 minutes. On one of seven evenings both go out. One weekend
  in four both are gone from Saturday morning to Sunday evening.
- Grandma, a guest whose phone is known, comes on two days a week for 2 to 5 hours, whoever is home.
  Friends come on one evening of five; one of them has a phone called "iPhone", as Ann's is, and
  waters the plants around noon on one day of ten, for 15 to 30 minutes, whoever is home.
- A phone joins the network 5 to 40 s after it comes. At home it sleeps now and then, and cannot
  be seen: by day once in 25 minutes on average, for 75 s in the median (log-normal, sigma 1: one
  of twenty sleeps lasts more than 6.5 minutes); from 23 to 7 h once in 40 minutes, for 150 s in the
  median (sigma 1.1: one of twenty lasts more than 15 minutes).
- The router lists who is connected. It is restarted twice a week, and is gone for 3 minutes; for
  the first 90 s after that its list is empty. Once in the month it answers nothing for 3 hours.
- A probe from our own box wakes a sleeping phone three times of ten; a thorough look, nine of ten.
"""

import random
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday; local time is UTC here
DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0
RESIDENTS, GUEST, FRIEND = ("Ann", "Ben"), "Grandma", "a friend"
WAKES, WAKES_THOROUGHLY = 0.3, 0.9
NIGHT_FROM, NIGHT_TO = 23, 7


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of time, in seconds since the start; sorted, none touching another."""

    starts: tuple[float, ...]
    ends: tuple[float, ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[float, float]]) -> "Spans":
        merged: list[list[float]] = []
        for start, end in sorted(pairs):
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(end, merged[-1][1])
            elif end > start:
                merged.append([start, end])
        return cls(tuple(one[0] for one in merged), tuple(one[1] for one in merged))

    def at(self, second: float) -> bool:
        place = bisect_right(self.starts, second) - 1
        return place >= 0 and second < self.ends[place]

    def without(self, others: "Spans") -> "Spans":
        pairs = []
        for start, end in zip(self.starts, self.ends, strict=True):
            at = start
            for other_start, other_end in zip(others.starts, others.ends, strict=True):
                if other_end > at and other_start < end:
                    pairs.append((at, other_start))
                    at = max(at, other_end)
            pairs.append((at, end))
        return Spans.of((a, b) for a, b in pairs if b > a)

    def with_(self, others: "Spans") -> "Spans":
        both = (*zip(self.starts, self.ends, strict=True),
                *zip(others.starts, others.ends, strict=True))  # fmt: skip
        return Spans.of(both)


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone: when it is on the network, and when it sleeps there."""

    owner: str
    host: str
    joined: Spans
    asleep: Spans


@dataclass(frozen=True, slots=True)
class World:
    """What is true for some days."""

    days: int
    home: dict[str, Spans]
    phones: tuple[Phone, ...]
    down: Spans  # the router does not answer
    blank: Spans  # its list is empty
    chance: random.Random = field(repr=False)

    def anybody(self, second: float, names: Iterable[str] = RESIDENTS) -> bool:
        return any(self.home[name].at(second) for name in names)

    def listed(self, second: float) -> list[Phone] | None:
        """What the router says; None: it does not answer."""
        if self.down.at(second):
            return None
        if self.blank.at(second):
            return []
        return [one for one in self.phones if one.joined.at(second) and not one.asleep.at(second)]

    def answering(self, second: float, *, thorough: bool) -> list[Phone]:
        """Who answers a probe from our own box."""
        wakes = WAKES_THOROUGHLY if thorough else WAKES
        return [
            one
            for one in self.phones
            if one.joined.at(second) and (not one.asleep.at(second) or self.chance.random() < wakes)
        ]

    def absences(self) -> Spans:
        """When no resident is home."""
        here = Spans.of([])
        for name in RESIDENTS:
            here = here.with_(self.home[name])
        return Spans.of([(0.0, self.days * DAY)]).without(here)


def make_world(days: int, seed: int) -> World:
    chance = random.Random(seed)  # noqa: S311 - a model, no secret
    outings = {name: list[tuple[float, float]]() for name in RESIDENTS}
    for day in range(days):
        _working_day(chance, day, outings) if day % 7 < 5 else None  # noqa: PLR2004 - Saturday is 5
        for name in RESIDENTS:
            if chance.random() < 0.5:  # noqa: PLR2004 - on half of the days
                begins = day * DAY + chance.uniform(9, 20) * HOUR
                outings[name].append((begins, begins + chance.uniform(10, 90) * MINUTE))
        if chance.random() < 1 / 7:
            begins = day * DAY + chance.gauss(19.5, 0.4) * HOUR
            for name in RESIDENTS:
                late = begins + chance.uniform(0, 8) * MINUTE
                outings[name].append((late, late + chance.gauss(3, 0.6) * HOUR))
        if day % 7 == 5 and chance.random() < 1 / 4:  # noqa: PLR2004 - Saturday is 5
            for name in RESIDENTS:
                outings[name].append((day * DAY + 9.5 * HOUR, day * DAY + (24 + 18) * HOUR))
    whole = Spans.of([(0.0, days * DAY)])
    home = {name: whole.without(Spans.of(away)) for name, away in outings.items()}
    home[GUEST] = Spans.of(_visits(chance, days, 2 / 7, (9, 16), (2, 5)))
    evenings = _visits(chance, days, 1 / 5, (18, 20), (2, 4))
    home[FRIEND] = Spans.of([*evenings, *_visits(chance, days, 1 / 10, (10, 14), (0.25, 0.5))])
    phones = (
        _phone(chance, "Ann", "iPhone", home["Ann"], days),
        _phone(chance, "Ben", "Bens-Pixel", home["Ben"], days),
        _phone(chance, GUEST, "Grandmas-Galaxy", home[GUEST], days),
        _phone(chance, FRIEND, "iPhone", home[FRIEND], days),
    )
    down, blank = _router(chance, days)
    return World(days, home, phones, down, blank, chance)


def _working_day(
    chance: random.Random, day: int, outings: dict[str, list[tuple[float, float]]]
) -> None:
    ben_stays = chance.random() < 0.3  # noqa: PLR2004 - on three of ten days
    for name, leaves, comes in (("Ann", 8.0, 17.5), ("Ben", 8.5, 18.5)):
        if name == "Ben" and ben_stays:
            continue
        left = day * DAY + chance.gauss(leaves, 0.25) * HOUR
        outings[name].append((left, day * DAY + chance.gauss(comes, 0.75) * HOUR))


def _visits(
    chance: random.Random,
    days: int,
    share: float,
    begin: tuple[float, float],
    hours: tuple[float, float],
) -> list[tuple[float, float]]:
    visits = []
    for day in range(days):
        if chance.random() < share:
            begins = day * DAY + chance.uniform(*begin) * HOUR
            visits.append((begins, begins + chance.uniform(*hours) * HOUR))
    return visits


def _phone(chance: random.Random, owner: str, host: str, home: Spans, days: int) -> Phone:
    joined = Spans.of(
        (start + (chance.uniform(5, 40) if start else 0.0), end)
        for start, end in zip(home.starts, home.ends, strict=True)
    )
    asleep, at = list[tuple[float, float]](), 0.0
    while at < days * DAY:
        hour = at % DAY / HOUR
        night = hour >= NIGHT_FROM or hour < NIGHT_TO
        at += chance.expovariate(1 / ((40 if night else 25) * MINUTE))
        lasts = (150 if night else 75) * chance.lognormvariate(0, 1.1 if night else 1.0)
        asleep.append((at, at + lasts))
        at += lasts
    return Phone(owner, host, joined, Spans.of(asleep))


def _router(chance: random.Random, days: int) -> tuple[Spans, Spans]:
    down = [(at, at + 3 * MINUTE) for at in _times(chance, days, round(days * 2 / 7))]
    blank = [(end, end + 90) for _, end in down]
    long = [(at, at + 3 * HOUR) for at in _times(chance, days, 1)]
    return Spans.of([*down, *long]), Spans.of(blank)


def _times(chance: random.Random, days: int, number: int) -> list[float]:
    return [chance.uniform(0, days * DAY) for _ in range(number)]
