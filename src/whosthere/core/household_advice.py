"""Which waiting time the past advises for each source: the shortest that arms on nobody at home.

A replay is too slow to try many. So arming is found by plain arithmetic here: somebody is home from
each sighting until it is older than the source's waiting time, nobody knows right after a source
began to work, and the house arms where neither holds for longer than the countdown. The advice is
then put to the live rules once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from whosthere.core.arming_rules import ArmingRules
from whosthere.core.household_judging import Arm, arm_at
from whosthere.core.household_past import Past, pauses
from whosthere.core.periods import PeriodKind

STEPS = (180, 240, 300, 420, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200)  # worth advising
MARGIN_SHARE, LEAST_MARGIN = 0.2, 30.0  # above what just sufficed
ENOUGH_DAYS, ENOUGH_PAUSES = 7.0, 20
SHORT_SECONDS = 600.0  # who is unseen for longer may have been out, though no camera tells

Times = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Advice:
    """What the past says of the waiting time of one source, with those of the others advised."""

    source: str
    now_seconds: float
    just_enough: float  # with any shorter one, there would have been a false arm; 0: none at all
    seconds: float | None  # what is advised; None: no waiting time would do
    if_home: float | None  # what would be, had somebody been home in short absences too
    longest_sleep: float  # of a device whose owner was there, as this source saw it
    pauses: int
    sleeps: int
    days: float  # that the source worked

    @property
    def spare_seconds(self) -> float:
        return (self.seconds or 0.0) - self.just_enough

    @property
    def is_enough(self) -> bool:
        """Whether so much is known that the advice may be followed."""
        return self.days >= ENOUGH_DAYS and self.pauses >= ENOUGH_PAUSES


def advised(past: Past, rules: ArmingRules) -> list[Advice]:
    """Advise on one source after the other; each counts on what was advised for those before."""
    leave = {one.name: one.leave_seconds for one in rules.sources}
    found = []
    for source in rules.sources:
        one = _advice(past, source.name, leave, rules.countdown_seconds)
        if one.seconds is not None and one.is_enough:
            leave[source.name] = one.seconds
        found.append(one)
    return found


def _advice(past: Past, source: str, leave: Mapping[str, float], countdown: float) -> Advice:
    sure = replace(past, again_seconds=min(past.again_seconds, SHORT_SECONDS))
    enough = _just_enough(sure, source, leave, countdown)
    seconds = _with_margin(enough)
    if_home = _with_margin(_just_enough(past, source, leave, countdown))
    if seconds is not None and if_home != seconds:
        seconds = max(seconds, leave[source])  # where it is in doubt, nothing is made shorter
    seen = pauses(past, source)
    sleeps = [one.sleep_seconds for one in seen if one.sleep_seconds > 0]
    worked = past.of(PeriodKind.WORKING, source)
    return Advice(
        source=source,
        now_seconds=leave[source],
        just_enough=enough,
        seconds=seconds,
        if_home=if_home,
        longest_sleep=max(sleeps, default=0.0),
        pauses=len(seen),
        sleeps=len(sleeps),
        days=sum(one.seconds for one in worked) / 86400,
    )


def _with_margin(enough: float) -> float | None:
    least = enough + max(LEAST_MARGIN, MARGIN_SHARE * enough)
    return next((float(step) for step in STEPS if step >= least), None)


def _just_enough(past: Past, source: str, leave: Mapping[str, float], countdown: float) -> float:
    """Find it to the second. Infinite where even the longest would not do."""

    def is_wrong(seconds: int) -> bool:
        arms = likely_arms(past, {**leave, source: float(seconds)}, countdown)
        return any(arm.is_false for arm in arms)

    low, high = 0, STEPS[-1]
    if is_wrong(high):
        return float("inf")
    if not is_wrong(low):
        return 0.0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_wrong(middle) else (low, middle)
    return float(high)


def likely_arms(past: Past, leave: Mapping[str, float], countdown: float) -> list[Arm]:
    """Say when the house would have armed, by arithmetic."""
    arms, free = [], past.since
    for begin, end in sorted(_taken(past, leave)):
        if (begin - free).total_seconds() > countdown:
            arms.append(arm_at(past, free + timedelta(seconds=countdown)))
        free = max(free, end)
    if (past.until - free).total_seconds() > countdown:
        arms.append(arm_at(past, free + timedelta(seconds=countdown)))
    return arms


def _taken(past: Past, leave: Mapping[str, float]) -> Iterator[Times]:
    """Times in which the house does not arm: somebody is home, or nobody can know."""
    for key, periods in past.by_key.items():
        seconds = leave.get(key.source)
        if seconds is None:
            continue
        wait = timedelta(seconds=seconds)
        if key.kind is PeriodKind.SEEN and key.about in past.holders:
            yield from ((one.since, one.until + wait) for one in periods)
        elif key.kind is PeriodKind.WORKING:
            yield from ((one.since, one.since + wait) for one in periods)
    yield from _blind(past)


def _blind(past: Past) -> Iterator[Times]:
    """Times in which no source works."""
    free = past.since
    for begin, end in sorted(
        (one.since, one.until)
        for key, periods in past.by_key.items()
        if key.kind is PeriodKind.WORKING
        for one in periods
    ):
        if begin > free:
            yield free, begin
        free = max(free, end)
    yield free, past.until
