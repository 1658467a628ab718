"""The past of a household, put to the live rules of presence and arming with other numbers.

Reports are made again from periods: what was seen through a period is seen by each report in it.
Where nothing can change, reports are made only every few minutes; where a device is missing, every
ten seconds. So a replay of weeks takes seconds, and arms within ten seconds of the live rules.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from whosthere.core.arming_rules import ArmingRules
from whosthere.core.decide import decide
from whosthere.core.household_past import Past
from whosthere.core.messages import LookAgain, Message, SetMode, SetSwitch, Tick
from whosthere.core.model import House
from whosthere.core.modes import ArmedBy, ArmState
from whosthere.core.people import Switch
from whosthere.core.periods import Period, PeriodKind
from whosthere.core.policy import Policy
from whosthere.core.presence import DeviceSeen, SourceFailed, SourceReport

FINE, COARSE = 10.0, 300.0  # seconds between steps
LOOKS_LAST = 2.0  # seconds that a thorough look takes
AFTERWARDS = 60.0  # fine steps go on for so long after arming
NOT_RUNNING = "it did not report"
HISTORY = "history"


def with_waiting(
    rules: ArmingRules, leave: Mapping[str, float], countdown: float | None = None
) -> ArmingRules:
    """Return the rules with other waiting times of some sources."""
    sources = tuple(
        replace(one, leave_seconds=leave.get(one.name, one.leave_seconds)) for one in rules.sources
    )
    kept = rules.countdown_seconds if countdown is None else countdown
    return replace(rules, sources=sources, countdown_seconds=kept)


def replayed(past: Past, rules: ArmingRules) -> list[ArmState]:
    """Return each change of the mode that the rules would have made, and people's own words."""
    run = _Run(past, Policy(arming=_slow(rules)), House(_first(past, rules)))
    for seconds in _steps(past, rules):
        while (sooner := run.wanted()) < seconds:
            run.step(sooner)
        run.step(seconds)
    return run.states


@dataclass(slots=True)
class _Run:
    past: Past
    policy: Policy
    house: House
    clock: float = -1.0
    look_due: float = math.inf  # when sources have looked again
    states: list[ArmState] = field(default_factory=list)
    _words: list[ArmState] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._words = [one for one in self.past.modes if one.source is ArmedBy.HAND]
        self._words = [one for one in self._words if one.since >= self.past.since][::-1]
        self._put(SetSwitch(Switch.AUTO_DETECT, True, HISTORY, self.past.since))  # noqa: FBT003 - what it is set to

    def wanted(self) -> float:
        """When the rules must hear something at the latest."""
        counting = self.clock + FINE if self.house.countdown is not None else math.inf
        return min(counting, self.look_due)

    def step(self, seconds: float) -> None:
        at = self.past.since + timedelta(seconds=seconds)
        self.clock = seconds
        while self._words and self._words[-1].since <= at:
            word = self._words.pop()
            self._put(SetMode(word.mode, HISTORY, at, HISTORY, until=word.until, force=True))
        asked = self.look_due <= seconds
        self.look_due = math.inf if asked else self.look_due
        messages = [*self._reports(at, asked=asked), Tick(at, seconds)]
        for message in messages:
            if self._put(message):
                self.look_due = seconds + LOOKS_LAST

    def _put(self, message: Message) -> bool:
        """Decide on a message; tell whether sources are to look again."""
        before = self.house.arm_state
        self.house, actions = decide(self.house, message, self.policy)
        if self.house.arm_state is not before:
            self.states.append(self.house.arm_state)
        return any(isinstance(action, LookAgain) for action in actions)

    def _reports(self, at: datetime, *, asked: bool) -> Iterator[Message]:
        past = self.past
        for source in self.policy.arming.sources:
            if _covering(past.of(PeriodKind.WORKING, source.name), at) is None:
                failing = _covering(past.of(PeriodKind.FAILING, source.name), at)
                why = failing.how if failing else NOT_RUNNING
                yield SourceFailed(source.name, why, at, self.clock)
                continue
            seen = tuple(
                DeviceSeen(key.about, how=one.how)
                for key, periods in past.by_key.items()
                if key.kind is PeriodKind.SEEN and key.source == source.name
                and (one := _covering(periods, at)) is not None
            )  # fmt: skip
            yield SourceReport(source.name, at, self.clock, seen, asked=asked)


def _covering(periods: Sequence[Period], at: datetime) -> Period | None:
    place = bisect_right(periods, at, key=lambda one: one.since) - 1
    return periods[place] if place >= 0 and at <= periods[place].until else None


def _first(past: Past, rules: ArmingRules) -> ArmState:
    before = [one for one in past.modes if one.since < past.since]
    return before[-1] if before else ArmState(rules.home_mode, past.since, "as it began")


def _slow(rules: ArmingRules) -> ArmingRules:
    """The rules for sources that report so seldom, and for people whose wishes hold at once."""
    sources = tuple(replace(one, every_seconds=COARSE) for one in rules.sources)
    return replace(rules, sources=sources, exit_seconds={})


def _steps(past: Past, rules: ArmingRules) -> list[float]:
    """When reports are made, in seconds since the beginning."""
    whole = (past.until - past.since).total_seconds()
    steps = {COARSE * number for number in range(int(whole / COARSE) + 1)}
    leave = max((one.leave_seconds for one in rules.sources), default=0.0)
    lasts = leave + rules.countdown_seconds + AFTERWARDS
    for key, periods in past.by_key.items():
        if key.kind is PeriodKind.PERSON:
            continue
        for number, one in enumerate(periods):
            begin, end = (_seconds(past, moment) for moment in (one.since, one.until))
            steps |= {begin, end}
            if key.kind is PeriodKind.WORKING:
                steps.add(end + 0.001)  # it does not any more
            if key.kind is PeriodKind.SEEN:
                last = number + 1 == len(periods)
                after = whole if last else _seconds(past, periods[number + 1].since)
                fine = int(max(0.0, min(after - end, lasts)) / FINE)
                steps |= {end + FINE * count for count in range(1, fine + 1)}
    return sorted(one for one in {round(step, 3) for step in steps} if 0 <= one <= whole)


def _seconds(past: Past, at: datetime) -> float:
    return (at - past.since).total_seconds()
