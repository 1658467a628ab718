"""How a schedule arms and disarms. A restart or a jump of the wall clock never disarms."""

from dataclasses import replace
from datetime import datetime, timedelta

from whosthere.core import notices
from whosthere.core.arming import acts, amiss, is_away, take_effect
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.household import who_is_home, wish_of
from whosthere.core.messages import Action, Notify, Remember, Tick
from whosthere.core.model import AlertKind, House
from whosthere.core.modes import ARMED, ArmedBy, ArmState, Mode, Wish
from whosthere.core.people import ITSELF, AuditEntry
from whosthere.core.policy import Policy
from whosthere.core.replacing import replaced
from whosthere.core.schedule import DAY, Point, points

JUMP = 5.0  # seconds by which the wall clock may leave the other one between two ticks
BACK = timedelta(hours=1)  # a smaller jump back repeats no point


def on_time(house: House, tick: Tick, policy: Policy) -> tuple[House, list[Action]]:
    """Deal with the points that have come since the last tick: the last of them counts."""
    rules = policy.arming
    if not rules.schedule:
        return house, []
    seen, ticked = house.schedule_seen, house.ticked
    house = replaced(house, ticked=(tick.at, tick.clock))
    if seen is None or tick.at < seen - BACK:
        return replace(house, schedule_seen=tick.at), []
    come = points(rules, seen, tick.at)
    if come or tick.at - seen > DAY:
        house = replace(house, schedule_seen=max(seen, tick.at))
    if not come:
        return house, []
    return _act(house, come[-1], tick.at, rules, missed=ticked is None or _jumped(ticked, tick))


def _jumped(ticked: tuple[datetime, float], tick: Tick) -> bool:
    at, clock = ticked
    return abs((tick.at - at).total_seconds() - (tick.clock - clock)) > JUMP


def _act(
    house: House, point: Point, at: datetime, rules: ArmingRules, *, missed: bool
) -> tuple[House, list[Action]]:
    if house.countdown is not None:  # it arms anyway, as a person said or for an empty house
        return house, []
    what = _named(point, rules)
    if point.scheduled.mode in ARMED:
        return _arm(house, point.scheduled.mode, what, at, rules)
    wish = wish_of(house.presence, rules) if acts(house) else None
    if wish is Wish.NOBODY:  # whoever comes home ends it
        return house, []
    return _disarm(house, point.scheduled.mode, what, at, missed=missed)


def _arm(
    house: House, mode: Mode, what: str, at: datetime, rules: ArmingRules
) -> tuple[House, list[Action]]:
    state = house.arm_state
    if state.mode in ARMED or state.until is not None or state.stays:
        return house, []
    wish = wish_of(house.presence, rules) if acts(house) else None
    if wish is Wish.NOBODY:
        mode = rules.away_mode  # whoever comes home shall not find it in mode night
    if wish is Wish.SOMEBODY and is_away(mode, rules):
        why = f"{who_is_home(house.presence, rules)} is home"
        return house, [Remember(AuditEntry(at, ITSELF, ITSELF, f"not mode {mode}, {what}: {why}"))]
    house, actions = take_effect(house, ArmState(mode, at, what, source=ArmedBy.SCHEDULE))
    lines = "\n".join([what, *amiss(house)])
    alert = notices.notice(AlertKind.ARMING, at, mode, lines, name="schedule")
    return house, [*actions, Notify(alert)]


def _disarm(
    house: House, mode: Mode, what: str, at: datetime, *, missed: bool
) -> tuple[House, list[Action]]:
    """End what the schedule began, and nothing else."""
    state = house.arm_state
    if state.source is not ArmedBy.SCHEDULE or state.mode not in ARMED:
        return house, []
    why_not = ""
    if missed:
        why_not = "its time came while the program did not run, or its clock was wrong"
    elif house.triggered is not None:
        why_not = f"there is an alarm at {house.triggered.camera}"
    if why_not:
        detail = f"not mode {mode}, {what}: {why_not}"
        alert = notices.notice(AlertKind.STILL_ARMED, at, state.mode, detail, name="missed")
        return house, [Remember(AuditEntry(at, ITSELF, ITSELF, detail)), Notify(alert)]
    house, actions = take_effect(house, ArmState(mode, at, what, source=ArmedBy.SCHEDULE))
    alert = notices.notice(AlertKind.DISARMED, at, mode, what, name="schedule-off")
    return house, [*actions, Notify(alert)]


def _named(point: Point, rules: ArmingRules) -> str:
    name = f" '{point.scheduled.name}'" if point.scheduled.name else ""
    return f"schedule{name} at {point.at.astimezone(rules.zone):%H:%M}"
