"""How good arming by presence was, or would have been.

A *false arm*: the house armed by presence, and a device that counts was seen again within
`Past.again_seconds` of the last sighting of any, by a source that knew it before, while no camera
saw a person come (5 min before to 1 min after). So somebody was home all along, as far as the
history can tell. How *late* an arm is counts from that last sighting.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from whosthere.core.household_past import Past
from whosthere.core.modes import ArmedBy, ArmState, Mode
from whosthere.core.periods import PeriodKind


@dataclass(frozen=True, slots=True)
class Arm:
    """The house armed by presence."""

    at: datetime
    device: str = ""  # the one seen last
    source: str = ""  # by which
    last_seen: datetime | None = None
    again: datetime | None = None  # when a device was seen again that had been there all along

    @property
    def is_false(self) -> bool:
        return self.again is not None

    @property
    def late_seconds(self) -> float:
        """From the last sighting to armed."""
        return (self.at - self.last_seen).total_seconds() if self.last_seen else 0.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of it in all."""

    arms: tuple[Arm, ...]
    disarms: int  # by presence

    @property
    def false_arms(self) -> tuple[Arm, ...]:
        return tuple(arm for arm in self.arms if arm.is_false)

    @property
    def late(self) -> list[float]:
        """Seconds from the last sighting to armed, of the true arms, shortest first."""
        return sorted(arm.late_seconds for arm in self.arms if not arm.is_false)


def judged(past: Past, states: Sequence[ArmState], home: Mode = Mode.OFF) -> Judgement:
    """Judge changes of the mode by what was seen before and after."""
    mine = [
        one
        for one in states
        if one.source is ArmedBy.PRESENCE and past.since <= one.since <= past.until
    ]
    arms = tuple(arm_at(past, one.since) for one in mine if one.mode is not home)
    return Judgement(arms, sum(one.mode is home for one in mine))


def arm_at(past: Past, at: datetime) -> Arm:
    """Judge one moment of arming."""
    arm, again = Arm(at), list[datetime]()
    for key, periods in past.by_key.items():
        if key.kind is not PeriodKind.SEEN or key.about not in past.holders:
            continue
        place = bisect_right(periods, at, key=lambda one: one.since)
        if place == 0:
            continue  # this source did not know it before
        last = min(periods[place - 1].until, at)
        if arm.last_seen is None or last > arm.last_seen:
            arm = Arm(at, key.about, key.source, last)
        if place < len(periods):
            again.append(periods[place].since)
    first = min(again, default=None)
    if first is None or arm.last_seen is None:
        return arm
    if (first - arm.last_seen).total_seconds() > past.again_seconds:
        return arm
    if past.somebody_came(first):
        return arm
    return Arm(arm.at, arm.device, arm.source, arm.last_seen, first)
