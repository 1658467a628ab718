"""Thirty days of a household: who arms with people at home, who is late, who lets guests disarm.

    python -m benchmarks.household [--days 30] [--seed 1] [--households 1]

The household is a model, which `benchmarks/household_world.py` states. Our own rules run as they
run in the house: reports and ticks go through `decide`. Beside them are the loop of the talk
(whoever has a known host name on the router's list is home; an answer without any arms at once) and
the usual rule of home automation (12 s between looks, gone after 180 s; a router that fails counts
for nothing, so time stands still).
"""

import argparse
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.household_world import (
    DAY,
    GUEST,
    HOUR,
    MINUTE,
    RESIDENTS,
    START,
    World,
    make_world,
)
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.decide import decide
from whosthere.core.messages import LookAgain, Message, Tick
from whosthere.core.model import House
from whosthere.core.modes import ArmState, Controls, Mode
from whosthere.core.people import Switch
from whosthere.core.policy import Policy
from whosthere.core.presence import DeviceSeen, Person, SourceFailed, SourceReport, SourceRule
from whosthere.presence.own_settings import NeighboursSettings
from whosthere.presence.router_settings import RouterSettings
from whosthere.presence.waking import RESTS, SHARE

TICK_SECONDS = 10.0
LOOKS_AGAIN_AFTER = 2.0  # s that a thorough look takes
TALK_SECONDS, USUAL_SECONDS, USUAL_AWAY = 10.0, 12.0, 180.0
SHORT_ABSENCE = 20 * MINUTE  # nobody expects a shorter one to arm
LATE = 10 * MINUTE
KNOWN_HOSTS = {"iPhone", "Bens-Pixel"}  # as people of the talk's program would have noted them

Modes = Iterator[tuple[float, bool]]  # second, armed


def talks_loop(world: World) -> Modes:
    for second in _every(TALK_SECONDS, world):
        listed = world.listed(second)
        if listed is not None:
            yield second, not any(one.host in KNOWN_HOSTS for one in listed)


def usual_rule(world: World) -> Modes:
    """Gone after 180 s; the clock stands while the router fails."""
    waited = dict.fromkeys(RESIDENTS, 0.0)
    for second in _every(USUAL_SECONDS, world):
        listed = world.listed(second)
        if listed is None:
            continue
        owners = {one.owner for one in listed}
        for name in RESIDENTS:
            waited[name] = 0.0 if name in owners else waited[name] + USUAL_SECONDS
        yield second, all(one > USUAL_AWAY for one in waited.values())


@dataclass(slots=True)
class Ours:
    """The house itself, with some of its sources at their defaults."""

    sources: tuple[str, ...]
    looked_again: int = 0

    def __call__(self, world: World) -> Modes:
        rules = _rules(self.sources)
        policy = Policy(arming=rules)
        controls = Controls(switches=frozenset({Switch.AUTO_DETECT}))
        house = House(ArmState(Mode.OFF, START, "the beginning"), controls=controls)
        again, calls = list[float](), Calls(rules.sources[0].leave_seconds)
        times = {"tick": _every(TICK_SECONDS, world)}
        times |= {one.name: _every(one.every_seconds, world) for one in rules.sources}
        for second, what in _merged(times):
            messages: list[Message] = []
            while again and again[0] <= second:
                asked = again.pop(0)
                messages += [
                    _report(world, one.name, asked, calls, asked=True) for one in rules.sources
                ]
            messages.append(
                Tick(START + timedelta(seconds=second), second)
                if what == "tick"
                else _report(world, what, second, calls)
            )
            for message in messages:
                house, actions = decide(house, message, policy)
                if any(isinstance(one, LookAgain) for one in actions):
                    again.append(second + LOOKS_AGAIN_AFTER)
                    self.looked_again += 1
            yield second, house.arm_state.mode is Mode.AWAY


def _rules(sources: tuple[str, ...]) -> ArmingRules:
    usual = {
        "network": NeighboursSettings(kind="neighbours"),
        "router": RouterSettings(kind="router", router="unifi", url="https://192.168.1.1"),
    }
    return ArmingRules(
        people=(
            *(Person(name, (name,)) for name in RESIDENTS),
            Person(GUEST, (GUEST,), guest=True),
        ),
        sources=tuple(
            SourceRule(name, usual[name].leave_seconds, usual[name].every_seconds)
            for name in sources
        ),
    )


def _report(
    world: World, source: str, second: float, calls: "Calls", *, asked: bool = False
) -> SourceReport | SourceFailed:
    at = START + timedelta(seconds=second)
    if source == "router":
        listed = world.listed(second)
        if listed is None or world.blank.at(second):  # our own box is missing on an empty list
            return SourceFailed(source, "no answer", at, second)
        called = calls.due(second, asked=asked)
        woken = world.answering(second, thorough=asked)
        found = [*listed, *(one for one in woken if one.owner in called)]
        calls.saw({one.owner for one in found}, second)
    else:
        found = world.answering(second, thorough=asked)
    seen = tuple(DeviceSeen(one.owner) for one in found)
    return SourceReport(source, at, second, seen, asked=asked)


@dataclass(slots=True)
class Calls:
    """Whom `presence/waking.py` would call before it asks the router."""

    leaves: float
    seen: dict[str, float] = field(default_factory=dict)
    called: dict[str, float] = field(default_factory=dict)

    def due(self, second: float, *, asked: bool) -> set[str]:
        due = set()
        for name, seen in self.seen.items():
            unseen = second - seen
            rested = second - self.called.get(name, -RESTS) >= RESTS
            if asked or (rested and SHARE * self.leaves <= unseen <= 2 * self.leaves):
                due.add(name)
                self.called[name] = second
        return due

    def saw(self, names: set[str], second: float) -> None:
        self.seen |= dict.fromkeys(names, second)


def _every(seconds: float, world: World) -> Iterator[float]:
    for number in range(1, int(world.days * DAY / seconds)):
        yield number * seconds


def _merged(times: dict[str, Iterator[float]]) -> Iterator[tuple[float, str]]:
    following = {name: next(one, None) for name, one in times.items()}
    while any(at is not None for at in following.values()):
        name = min((name for name in following if following[name] is not None),
                   key=lambda name: following[name] or 0.0)  # fmt: skip
        at = following[name]
        assert at is not None  # noqa: S101 - those that are over were left out
        yield at, name
        following[name] = next(times[name], None)


@dataclass(frozen=True, slots=True)
class Score:
    """How an algorithm did in one household."""

    false_arms: int  # armed while a resident was home
    armed_minutes: float  # with a resident at home, in all
    guest_arms: int  # armed on a guest who was alone
    absences: int  # of all residents, of 20 min at least, without a guest
    missed: int  # of these: never armed
    late: int  # armed more than 10 min after the last had left
    arming: tuple[float, ...]  # seconds from the last leaving to armed
    false_disarms: int  # while nobody of the residents was home
    disarming: tuple[float, ...]  # seconds from the first phone on the network to disarmed

    def __add__(self, other: "Score") -> "Score":
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__slots__)
        return Score(*(mine + theirs for mine, theirs in pairs))


def scored(world: World, modes: Modes) -> Score:
    armed_at, changes, armed_minutes, before = False, list[tuple[float, bool]](), 0.0, 0.0
    for second, armed in modes:
        if armed_at and world.anybody(second):
            armed_minutes += (second - before) / MINUTE
        before = second
        if armed is not armed_at:
            changes.append((second, armed))
            armed_at = armed
    arms = [second for second, armed in changes if armed]
    disarms = [second for second, armed in changes if not armed]
    absences = [
        (start, end)
        for start, end in zip(world.absences().starts, world.absences().ends, strict=True)
        if end - start >= SHORT_ABSENCE
        and not any(world.home[GUEST].at(start + part * (end - start) / 20) for part in range(21))
    ]
    first = [next((at for at in arms if start <= at < end), None) for start, end in absences]
    delays = [at - start for at, (start, _) in zip(first, absences, strict=True) if at is not None]
    returns = [
        (min(one for phone in world.phones if phone.owner in RESIDENTS
             for one in phone.joined.starts if one >= end), at)
        for (_, end), at in zip(absences, first, strict=True)
        if at is not None and end < world.days * DAY - HOUR
    ]  # fmt: skip
    disarming = [
        next(at for at in disarms if at >= joined) - joined
        for joined, _ in returns
        if any(at >= joined for at in disarms)
    ]
    return Score(
        false_arms=sum(world.anybody(at) for at in arms),
        armed_minutes=armed_minutes,
        guest_arms=sum(world.home[GUEST].at(at) and not world.anybody(at) for at in arms),
        absences=len(absences),
        missed=first.count(None),
        late=sum(delay > LATE for delay in delays),
        arming=tuple(delays),
        false_disarms=sum(not world.anybody(at) for at in disarms),
        disarming=tuple(disarming),
    )


ALGORITHMS: dict[str, Callable[[], Callable[[World], Modes]]] = {
    "the talk's loop": lambda: talks_loop,
    "180 s, as usual": lambda: usual_rule,
    "ours, router alone": lambda: Ours(("router",)),
    "ours, network alone": lambda: Ours(("network",)),
    "ours, both": lambda: Ours(("router", "network")),
}


def compared(days: int, seeds: range) -> dict[str, Score]:
    """Let each algorithm live in the same households."""
    scores: dict[str, Score] = {}
    runs = [(name, seed) for name in ALGORITHMS for seed in seeds]
    for name, seed in track(runs, "Living", transient=True, disable=not sys.stdout.isatty()):
        world = make_world(days, seed)
        score = scored(world, ALGORITHMS[name]()(world))
        scores[name] = scores[name] + score if name in scores else score
    return scores


def table(days: int, households: int, scores: dict[str, Score]) -> Table:
    view = Table(title=f"{households} household(s) of {days} days")
    view.add_column("")
    for name in scores:
        view.add_column(name, justify="right")

    def row(name: str, said: Callable[[Score], str]) -> None:
        view.add_row(name, *(said(score) for score in scores.values()))

    row("armed with a resident at home", lambda one: f"{one.false_arms} times")
    row("  minutes of it", lambda one: f"{one.armed_minutes:.0f}")
    row("armed on a guest alone at home", lambda one: f"{one.guest_arms} times")
    row("absences of 20 min and more", lambda one: str(one.absences))
    row("  never armed", lambda one: str(one.missed))
    row("  armed after more than 10 min", lambda one: str(one.late))
    row("  last leaving to armed, median", lambda one: _seconds(one.arming, statistics.median))
    row("  and at most", lambda one: _seconds(one.arming, max))
    row("disarmed with no resident at home", lambda one: f"{one.false_disarms} times")
    row("phone on the network to disarmed, median",
        lambda one: _seconds(one.disarming, statistics.median))  # fmt: skip
    row("  and at most", lambda one: _seconds(one.disarming, max))
    return view


def _seconds(values: tuple[float, ...], of: Callable[[tuple[float, ...]], float]) -> str:
    return f"{of(values):.0f} s" if values else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1, help="of the first household")
    parser.add_argument("--households", type=int, default=1)
    args = parser.parse_args()
    seeds = range(args.seed, args.seed + args.households)
    scores = compared(args.days, seeds)
    Console(width=None if sys.stdout.isatty() else 130).print(
        table(args.days, args.households, scores)
    )


if __name__ == "__main__":
    main()
