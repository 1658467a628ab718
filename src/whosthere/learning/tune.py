"""Looks for rules of one camera that keep every tagged visit and drop most false alarms.

All candidates are decided through the live `decide`, on tagged scenes of the ledger. One number is
moved at a time, always to the move that drops most, until none drops any more (coordinate
descent). A candidate is given up at the first visit that it loses; visits that were lost lately are
asked first. What is taken must keep all visits with something to spare, since the next visitor may
be smaller or less clear than all before: a tenth of each limit, and more where visits are few.

Chosen on older days, reported on newer ones that nothing was chosen on.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from whosthere.core.policy import CameraPolicy
from whosthere.learning import masks
from whosthere.learning.examples import ENOUGH_OF_EACH
from whosthere.learning.tune_bounds import at_most
from whosthere.learning.tune_cases import Case, Cases

AREA_STEPS = (1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)  # times what it was
LARGEST_AREA = 0.2
CONFIDENCE_STEP, SURE_OF_ALL = 0.04, 0.9
UNSURE_BELOW = 0.05  # so much less than for a person is asked of what is told as unclassified
SHARE_STEP = 0.1
WINDOWS = (1.5, 2.0, 4.0, 5.0)  # s; in a longer one, an alert would come too late
LONGEST_WINDOW = 30.0  # s
LEAST_SPARE = 0.1  # of a raised limit: that much further up, every visit must still be kept
MOST_ROUNDS = 8
PLACE_SIZE = 0.5  # how large a move it is to overlook a place, beside those of numbers
HELD_OUT = 0.2  # of the tags that are needed in all must be in the days that are reported on

Show = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Count:
    """What people would have been told in some days."""

    visits: int  # tagged, in all
    told: int  # of these
    false: int  # tagged, in all
    alarms: int  # of these, people would have been told

    @property
    def lost_at_most(self) -> float:
        """The share of visits that may be missed, with 90 % confidence."""
        return at_most(self.visits - self.told, self.visits)


@dataclass(frozen=True, slots=True)
class Price:
    """What one part of a proposal is worth."""

    what: str
    fewer: int  # false alarms
    lost: int  # visits


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of looking for better rules of one camera."""

    camera: str
    before: CameraPolicy
    after: CameraPolicy
    chosen: tuple[Count, Count]  # then and now, on the days that were chosen on
    held: tuple[Count, Count]  # and on those that were not
    why_not: str = ""  # nothing is proposed; empty: it is
    prices: tuple[Price, ...] = ()
    tried: int = 0  # candidates

    @property
    def proposed(self) -> bool:
        return not self.why_not


@dataclass(slots=True)
class Search:
    """Decides on candidates, and remembers which visits are easily lost."""

    visits: list[Case]
    alarms: list[Case]
    places: Sequence[masks.Place] = ()
    tried: int = 0
    show: Show = field(default=lambda _: None)

    @property
    def spare(self) -> float:
        return spare_of(len(self.visits))

    def best(self, rules: CameraPolicy) -> CameraPolicy:
        start, told = rules, self.alarms
        for _ in range(MOST_ROUNDS):
            if not told:
                break
            found = self._round(start, rules, told)
            if found is None:
                break
            rules, told = found
            self.show(f"{len(told)} false alarms left")
        return rules

    def _round(
        self, start: CameraPolicy, rules: CameraPolicy, told: list[Case]
    ) -> tuple[CameraPolicy, list[Case]] | None:
        best: tuple[CameraPolicy, list[Case]] | None = None
        key: tuple[float, float] = (len(told), 0.0)
        for one in candidates(rules, self.places):
            size = distance(start, one)
            left = self._left(one, told, int(key[0]) - (0 if best and size < key[1] else 1))
            if left is None or (len(left), size) >= key:
                continue
            if self._keeps_all(stricter(start, one, self.spare)) and self._keeps_all(one):
                best, key = (one, left), (len(left), size)
        return best

    def _left(self, rules: CameraPolicy, told: list[Case], most: int) -> list[Case] | None:
        """The false alarms that remain; None if they are more than that."""
        self.tried += 1
        left: list[Case] = []
        for case in told:
            if case.told(rules):
                left.append(case)
                if len(left) > most:
                    return None
        return left

    def _keeps_all(self, rules: CameraPolicy) -> bool:
        for number, case in enumerate(self.visits):
            if not case.told(rules):
                self.visits.insert(0, self.visits.pop(number))
                return False
        return True


def tune(
    camera: str,
    rules: CameraPolicy,
    chosen: Cases,
    held: Cases,
    *,
    enough: int = ENOUGH_OF_EACH,
    show: Show = lambda _: None,
) -> Outcome:
    """Look for better rules on `chosen`, and judge them on `held`."""
    before = counted(rules, chosen), counted(rules, held)
    plain = Outcome(camera, rules, rules, (before[0], before[0]), (before[1], before[1]))
    lacking = missing(chosen, held, enough)
    if lacking:
        return replace(plain, why_not=lacking)
    visits = [one for one in chosen.visits if one.told(rules)]
    alarms = [one for one in chosen.false if one.told(rules)]
    if not alarms:
        return replace(plain, why_not="there were no false alarms to drop in the days to choose on")
    search = Search(visits, alarms, masks.places(chosen), show=show)
    after = search.best(rules)
    if after == rules:
        why = (
            "no move of a number drops a false alarm and keeps every visit with something to spare"
        )
        return replace(plain, why_not=why, tried=search.tried)
    made = replace(
        plain,
        after=after,
        chosen=(before[0], counted(after, chosen)),
        held=(before[1], counted(after, held)),
        tried=search.tried,
    )
    why = _not_better(rules, after, held)
    return replace(made, why_not=why, prices=() if why else prices(rules, after, chosen, held))


def missing(chosen: Cases, held: Cases, enough: int) -> str:
    """Say which tags are missing, if some are."""
    said, part = [], max(1, round(HELD_OUT * enough))
    for kind, one, other in (
        ("visits", chosen.visits, held.visits),
        ("false alarms", chosen.false, held.false),
    ):
        lacking = max(enough - len(one) - len(other), part - len(other), part - len(one))
        if lacking > 0:
            said.append(f"{lacking} more tagged {kind}")
    return f"too few tags: {' and '.join(said)} are needed" if said else ""


def _not_better(before: CameraPolicy, after: CameraPolicy, held: Cases) -> str:
    lost = [one for one in held.visits if one.told(before) and not one.told(after)]
    if lost:
        few = "a visit" if len(lost) == 1 else f"{len(lost)} visits"
        return f"what was found loses {few} on days that it was not chosen on"
    then, now = counted(before, held), counted(after, held)
    if now.alarms >= then.alarms:
        return "what was found drops no false alarm on days that it was not chosen on"
    return ""


def counted(rules: CameraPolicy, cases: Cases) -> Count:
    return Count(
        len(cases.visits),
        sum(one.told(rules) for one in cases.visits),
        len(cases.false),
        sum(one.told(rules) for one in cases.false),
    )


def prices(before: CameraPolicy, after: CameraPolicy, *parts: Cases) -> tuple[Price, ...]:
    """What each place, and all numbers together, are worth beside the rest of it."""
    both = Cases(
        tuple(one for part in parts for one in part.visits),
        tuple(one for part in parts for one in part.false),
    )
    now = counted(after, both)
    found = []
    for place in [one for one in after.ignored if one not in before.ignored]:
        rest = tuple(one for one in after.ignored if one != place)
        other = counted(replace(after, ignored=rest), both)
        what = f"nothing counts in the {masks.in_words(place)}"
        found.append(Price(what, other.alarms - now.alarms, other.told - now.told))
    for name in moved(before, after):
        if name == "ignored":
            continue
        other = counted(_with(after, name, getattr(before, name)), both)
        what = f"{name} {getattr(before, name):g} → {getattr(after, name):g}"
        found.append(Price(what, other.alarms - now.alarms, other.told - now.told))
    return tuple(found)


def moved(before: CameraPolicy, after: CameraPolicy) -> list[str]:
    """Which numbers differ."""
    names = (one.name for one in fields(CameraPolicy))
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def candidates(rules: CameraPolicy, places: Sequence[masks.Place] = ()) -> Iterator[CameraPolicy]:
    """All moves of one number, to where less is told; and one more place to overlook."""
    areas = {round(rules.least_area * step, 4) for step in AREA_STEPS}
    for area in sorted(areas):
        if rules.least_area < area <= LARGEST_AREA:
            yield replace(rules, least_area=area)
    for sure in _up(rules.person_confidence, CONFIDENCE_STEP):
        yield replace(rules, person_confidence=sure)
        unsure = round(max(rules.unsure_confidence, sure - UNSURE_BELOW), 2)
        yield replace(rules, person_confidence=sure, unsure_confidence=unsure)
    for unsure in _up(rules.unsure_confidence, CONFIDENCE_STEP):
        yield replace(rules, unsure_confidence=unsure)
    for share in _up(rules.occupied_share, SHARE_STEP):
        yield replace(rules, occupied_share=share)
    for seconds in WINDOWS:
        if seconds != rules.window_seconds:
            yield replace(rules, window_seconds=seconds)
    for place in places:
        if place.box not in rules.ignored:
            yield replace(rules, ignored=(*rules.ignored, place.box))


def _up(value: float, step: float) -> list[float]:
    """From a value up, in steps."""
    count = int((SURE_OF_ALL - value) / step + 1e-9)
    return [round(value + step * number, 2) for number in range(1, count + 1)]


def spare_of(visits: int) -> float:
    """How much further up a limit must be without losing any of so many visits.

    A rule of caution, no theorem: what few visits show is known to about one part in the root of
    their number.
    """
    return max(LEAST_SPARE, 1 / math.sqrt(max(1, visits)))


def stricter(start: CameraPolicy, rules: CameraPolicy, spare: float = LEAST_SPARE) -> CameraPolicy:
    """The same with each raised limit further up yet, and new places larger."""
    for name, most in (
        ("least_area", 1.0),
        ("person_confidence", 1.0),
        ("unsure_confidence", 1.0),
        ("occupied_share", 1.0),
        ("window_seconds", LONGEST_WINDOW),
    ):
        value = getattr(rules, name)
        if value > getattr(start, name):
            rules = _with(rules, name, round(min(most, value * (1 + spare)), 4))
    places = tuple(
        one if one in start.ignored else masks.grown(one, spare / 2) for one in rules.ignored
    )
    return replace(rules, ignored=places)


def distance(start: CameraPolicy, rules: CameraPolicy) -> float:
    """How far rules are from others. Of those that are as good, the nearest are taken."""
    numbers = ("least_area", "person_confidence", "unsure_confidence", "occupied_share",
               "window_seconds")  # fmt: skip
    size = 0.0
    for name in numbers:
        was, now = getattr(start, name), getattr(rules, name)
        size += abs(now - was) / max(abs(was), abs(now), 1e-9)
    return size + PLACE_SIZE * len(set(rules.ignored) - set(start.ignored))


def _with(rules: CameraPolicy, name: str, value: Any) -> CameraPolicy:  # noqa: ANN401 # any number
    changes: dict[str, Any] = {name: value}
    return replace(rules, **changes)
