"""Looks for rules of one camera that keep all visits, drop false alarms, and find missed visits.

All candidates are decided through the live `decide`, on tagged scenes of the ledger. One number is
moved at a time, always to the move that brings most, until none does any more (coordinate
descent). A candidate is given up at the first visit that it loses; visits that were lost lately are
asked first. What is taken must keep all visits with something to spare, since the next visitor may
be smaller or less clear than all before: a tenth of each limit, and more where visits are few.

Where people tagged visits of which nobody was told, limits are lowered too. A visit that is found
makes good for one false alarm, so what is found is never outnumbered by what it costs. Here too
something is to spare: visits count with the limit less low, false alarms with it lower yet.

Chosen on older days, reported on newer ones that nothing was chosen on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from whosthere.core.policy import CameraPolicy
from whosthere.learning import masks
from whosthere.learning.examples import ENOUGH_OF_EACH
from whosthere.learning.tune_cases import Case, Cases
from whosthere.learning.tune_counts import LEAST_MISSED, Count, Price, counted, missing, prices
from whosthere.learning.tune_model import with_model
from whosthere.learning.tune_moves import (
    bolder,
    candidates,
    distance,
    looser,
    loosest,
    spare_of,
    stricter,
)

MOST_ROUNDS = 8

Show = Callable[[str], object]


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
    overlooked: int = 0  # missed visits, too few to look for more of them

    @property
    def proposed(self) -> bool:
        return not self.why_not

    @property
    def found(self) -> int:
        """Missed visits of which people would be told."""
        return sum(now.told - then.told for then, now in (self.chosen, self.held))


class Stand(NamedTuple):
    """How rules do on the days that are chosen on."""

    told: list[Case]  # false alarms, with limits that were lowered somewhat lower yet
    found: int  # missed visits

    @property
    def cost(self) -> int:
        return len(self.told) - self.found


@dataclass(slots=True)
class Search:
    """Decides on candidates, and remembers which visits are easily lost."""

    visits: list[Case]  # of which people are told
    alarms: list[Case]  # all that is tagged false
    missed: list[Case] = field(default_factory=list)
    places: Sequence[masks.Place] = ()
    tried: int = 0
    show: Show = field(default=lambda _: None)

    @property
    def spare(self) -> float:
        return spare_of(len(self.visits))

    def best(self, rules: CameraPolicy) -> CameraPolicy:
        start, now = rules, Stand([one for one in self.alarms if one.told(rules)], 0)
        for _ in range(MOST_ROUNDS):
            if not now.told and now.found == len(self.missed):
                break
            better = self._round(start, rules, now)
            if better is None:
                break
            rules, now = better
            self.show(f"{len(now.told)} false alarms left, {now.found} missed visits found")
        return rules

    def _round(
        self, start: CameraPolicy, rules: CameraPolicy, now: Stand
    ) -> tuple[CameraPolicy, Stand] | None:
        best: tuple[CameraPolicy, Stand] | None = None
        key: tuple[float, float] = (now.cost, 0.0)
        loose = looser(rules) if self.missed else ()
        for one in chain(candidates(rules, self.places), loose):
            size, cautious = distance(start, one), stricter(start, one, self.spare)
            found = sum(case.told(cautious) and case.told(one) for case in self.missed)
            most = int(key[0]) + found - (0 if best and size < key[1] else 1)
            alarms = self._order(now) if self.missed else now.told
            left = self._left(bolder(start, one, self.spare), alarms, most)
            if left is None or (len(left) - found, size) >= key:
                continue
            if self._keeps_all(cautious) and self._keeps_all(one):
                best, key = (one, Stand(left, found)), (len(left) - found, size)
        return best

    def _order(self, now: Stand) -> list[Case]:
        """What is told first: it most likely still is."""
        told = set(map(id, now.told))
        return [*now.told, *(one for one in self.alarms if id(one) not in told)]

    def _left(self, rules: CameraPolicy, alarms: Sequence[Case], most: int) -> list[Case] | None:
        """The false alarms that remain; None if they are more than that."""
        self.tried += 1
        left: list[Case] = []
        for case in alarms if most >= 0 else ():
            if case.told(rules):
                left.append(case)
                if len(left) > most:
                    return None
        return left if most >= 0 else None

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
    chosen, held = _of_times_to_tell(rules, chosen), _of_times_to_tell(rules, held)
    judge = Judge(camera, rules, chosen, held)
    lacking = missing(chosen, held, enough)
    if lacking:
        return replace(judge.plain, why_not=lacking)
    visits = [one for one in chosen.visits if one.told(rules)]
    missed = [one for one in chosen.visits if not one.told(rules)]
    overlooked = len(missed) + sum(not one.told(rules) for one in held.visits)
    if overlooked >= LEAST_MISSED:
        overlooked = 0
    else:
        missed = []
    search = Search(visits, list(chosen.false), missed, masks.places(chosen), show=show)
    found = _found(judge, search, rules)
    return replace(found, tried=search.tried, overlooked=overlooked)


def _found(judge: "Judge", search: Search, rules: CameraPolicy) -> Outcome:
    if not search.missed and not any(one.told(rules) for one in search.alarms):
        why = "there were no false alarms to drop in the days to choose on"
        return replace(judge.plain, why_not=why)
    after = search.best(rules)
    limits = judge.of(after)
    alarms = [one for one in search.alarms if one.told(after)]
    visits = [*search.visits, *(one for one in search.missed if one.told(after))]
    weighed = with_model(after, visits, alarms, search.spare)
    if weighed is not None:
        richer, last = judge.of(weighed), limits.held[1 if limits.proposed else 0]
        if richer.proposed and richer.held[1].cost < last.cost:
            return judge.priced(richer)
    return judge.priced(limits)


@dataclass(frozen=True, slots=True)
class Judge:
    """Compares rules with those of then, on the days that they were chosen on and on the others."""

    camera: str
    before: CameraPolicy
    chosen: Cases
    held: Cases

    @property
    def plain(self) -> Outcome:
        """Nothing changes."""
        then = counted(self.before, self.chosen), counted(self.before, self.held)
        both = (then[0], then[0]), (then[1], then[1])
        return Outcome(self.camera, self.before, self.before, *both)

    def of(self, after: CameraPolicy) -> Outcome:
        plain = self.plain
        if after == self.before:
            why = ("no move of a number drops a false alarm and keeps every visit with something to"
                   " spare")  # fmt: skip
            return replace(plain, why_not=why)
        made = replace(
            plain,
            after=after,
            chosen=(plain.chosen[0], counted(after, self.chosen)),
            held=(plain.held[0], counted(after, self.held)),
        )
        return replace(made, why_not=self._not_better(made))

    def _not_better(self, made: Outcome) -> str:
        before, after = made.before, made.after
        lost = sum(one.told(before) and not one.told(after) for one in self.held.visits)
        if lost:
            few = "a visit" if lost == 1 else f"{lost} visits"
            return f"what was found loses {few} on days that it was not chosen on"
        then, now = made.held
        if now.cost < then.cost:
            return ""
        if now.told > then.told or now.alarms > then.alarms:
            return ("what was found brings no fewer false alarms than visits on days that it was"
                    " not chosen on")  # fmt: skip
        return "what was found drops no false alarm on days that it was not chosen on"

    def priced(self, made: Outcome) -> Outcome:
        if not made.proposed:
            return made
        return replace(made, prices=prices(self.before, made.after, self.chosen, self.held))


def _of_times_to_tell(rules: CameraPolicy, cases: Cases) -> Cases:
    """What no rules would tell, as nobody wanted to be told, is no visit missed."""
    free = loosest(rules)
    return Cases.of(one for one in cases.all if one.told(free))
