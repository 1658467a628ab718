"""When lights and sirens go on and off.

Both follow from what the house hears and decides, so they need no word from other rules: `follow`
looks at the message and at the actions it led to. A light goes on by motion at night; what a person
says of it goes before. A siren sounds for an alert of mode away that nobody answers, never longer
than its time, and whatever people do about the alert ends it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from whosthere.core import lights, siren_telling
from whosthere.core.devices import SirenRule, SirenState, Unheeded
from whosthere.core.messages import (
    Action,
    ArmNow,
    BackToNormal,
    Drive,
    Message,
    Notify,
    Remember,
    SensorReading,
    SetLight,
    SetMode,
    SetNotifications,
    SetSiren,
    Snooze,
    StayOff,
    Tick,
)
from whosthere.core.model import WALK_TEST, Alert, AlertKind, House, News, Tag
from whosthere.core.modes import Mode
from whosthere.core.people import ITSELF, AuditEntry, Reaction
from whosthere.core.policy import Policy
from whosthere.core.sighting import Sighting
from whosthere.core.spans import span

SIREN = "siren "  # before the name of one, where it is driven
SIREN_NEWS = frozenset({News.FIRST, News.RECOGNISED})


class Pattern(StrEnum):
    """What a light-emitting diode shows of the house."""

    OFF = "off"
    ARMING = "arming"  # or about to alert: somebody should disarm now
    ARMED = "armed"
    ALARM = "alarm"
    TROUBLE = "trouble"


def pattern(house: House) -> Pattern:
    if house.triggered is not None or house.devices.siren.until:
        return Pattern.ALARM
    if house.countdown is not None or any(one.pending for one in house.cameras.values()):
        return Pattern.ARMING
    if house.troubles or any(one.lost for one in house.cameras.values()):
        return Pattern.TROUBLE
    return Pattern.OFF if house.arm_state.mode is Mode.OFF else Pattern.ARMED


def follow(
    before: House, house: House, message: Message, actions: Sequence[Action], policy: Policy
) -> tuple[House, list[Action]]:
    """Say what a message, and what came of it, means for lights and sirens."""
    if not policy.devices or (isinstance(message, Tick) and math.isinf(message.clock)):
        return house, []
    made: list[Action] = []
    if policy.devices.lights:
        house, made = _lights(house, message, policy)
    if policy.devices.sirens:
        house, more = _sirens(before, house, message, actions, policy)
        house, told = siren_telling.tell(before, house, message, policy.devices.sirens)
        made += [*more, *told]
    return house, made


def _lights(house: House, message: Message, policy: Policy) -> tuple[House, list[Action]]:
    match message:
        case Sighting():
            return lights.on_sighting(house, message, policy)
        case SensorReading():
            return lights.on_reading(house, message, policy)
        case Tick():
            return lights.on_tick(house, message, policy)
        case SetLight():
            return lights.on_set_light(house, message, policy)
        case BackToNormal():
            return lights.on_set_light(house, SetLight(None, message.by, message.at), policy)
        case _:
            return house, []


# --- sirens


def _sirens(
    before: House, house: House, message: Message, actions: Sequence[Action], policy: Policy
) -> tuple[House, list[Action]]:
    if isinstance(message, SetSiren):
        return _by_hand(house, message, policy)
    if house.arm_state is not before.arm_state:
        house, made = _silenced(house, message, f"the mode is {house.arm_state.mode} now")
        state = replace(house.devices.siren, times={})
    elif _is_answer(house, message):
        house, made = _silenced(house, message, "somebody has answered")
        state = house.devices.siren
    else:
        made, state = [], house.devices.siren
    clock = getattr(message, "clock", None)
    if isinstance(clock, float | int):
        rules = policy.devices.sirens.values()
        state = _heeding(house, state, actions, rules, float(clock))
    house = _with(house, state)
    if isinstance(message, Tick):
        house, more = _on_tick(house, message, policy.devices.sirens)
        made += more
    return house, made


def _heeding(
    house: House,
    state: SirenState,
    actions: Sequence[Action],
    rules: Iterable[SirenRule],
    clock: float,
) -> SirenState:
    """From an alert of mode away on, wait for somebody's answer."""
    for action in actions:
        if not isinstance(action, Notify) or house.arm_state.mode is not Mode.AWAY:
            continue
        alert = action.alert
        if _is_for_sirens(alert, rules) and (state.unheeded is None or _is_over(state)):
            waiting = Unheeded(alert.id, alert.camera, clock, alert.kind)
            state = replace(state, unheeded=waiting)
        elif state.unheeded is not None and state.unheeded.alert_id == alert.id:
            state = replace(state, unheeded=replace(state.unheeded, evidence=alert.kind))
    return state


def _is_for_sirens(alert: Alert, rules: Iterable[SirenRule]) -> bool:
    is_test = WALK_TEST in alert.labels
    if alert.mode is not Mode.AWAY or alert.news not in SIREN_NEWS or is_test:
        return False
    return any(_counts(alert.kind, rule) for rule in rules)


def _counts(evidence: str, rule: SirenRule) -> bool:
    if rule.after_seconds <= 0:
        return False
    return evidence == AlertKind.PERSON or (rule.unclassified and evidence == "unclassified")


def _is_over(state: SirenState) -> bool:
    """Whether sirens have sounded for the alert before, and are silent again."""
    one = state.unheeded
    return one is not None and bool(one.sounded) and not one.sounded & state.until.keys()


def _is_answer(house: House, message: Message) -> bool:
    """Whether somebody did something about the alert, or about all alerts of its camera."""
    one = house.devices.siren.unheeded
    match message:
        case Reaction(alert_id=alert_id) if siren_telling.is_notice(house, alert_id):
            return False  # somebody asks below it, perhaps for silence
        case Reaction(alert_id=alert_id):
            return one is None or alert_id in (None, one.alert_id)
        case Tag(incident_id=incident_id):
            return one is None or incident_id in _incidents_of(house, one)
        case Snooze(camera=camera) | SetMode(camera=camera):
            return camera is None or one is None or camera == one.camera
        case StayOff() | ArmNow() | SetNotifications() | BackToNormal():
            return True
        case _:
            return False


def _incidents_of(house: House, one: Unheeded) -> set[str]:
    alerts = house.camera(one.camera).alerts
    return {name for alert in alerts if alert.id == one.alert_id for name in alert.incident_ids}


def _on_tick(
    house: House, tick: Tick, rules: Mapping[str, SirenRule]
) -> tuple[House, list[Action]]:
    state, made = house.devices.siren, list[Action]()
    until = dict(state.until)
    for name, end in state.until.items():
        if end is None:
            until[name] = round(tick.clock + rules[name].longest_seconds, 3)
        elif tick.clock >= end:
            del until[name]
            made += [
                Drive(SIREN + name, on=False),
                _audit(tick.at, ITSELF, ITSELF, f"siren {name} off"),
            ]
    state, one = replace(state, until=until), state.unheeded
    for name, rule in rules.items() if one is not None else ():
        assert one is not None  # noqa: S101 - see above
        waited, times = tick.clock - one.clock, state.times.get(name, 0)
        due = _counts(one.evidence, rule) and waited >= rule.after_seconds
        if not due or name in one.sounded or name in state.until or times >= rule.most_times:
            continue
        one = replace(one, sounded=one.sounded | {name})
        state = replace(
            state,
            unheeded=one,
            until={**state.until, name: round(tick.clock + rule.longest_seconds, 3)},
            times={**state.times, name: times + 1},
        )
        why = f"nobody has answered the alert of {one.camera} for {span(waited)}"
        made += [
            Drive(SIREN + name, on=True, seconds=rule.longest_seconds),
            _audit(tick.at, ITSELF, ITSELF, f"siren {name} on: {why}"),
        ]
    return _with(house, state), made


def _by_hand(house: House, asked: SetSiren, policy: Policy) -> tuple[House, list[Action]]:
    entry = _audit(asked.at, asked.by, asked.origin, f"siren {'on' if asked.on else 'off'}")
    rules, state = policy.devices.sirens, house.devices.siren
    if not asked.on:
        drives = [
            Drive(SIREN + name, on=False) for name in rules
        ]  # also one that we believe to be silent
        return _with(house, SirenState(times=state.times)), [*drives, entry]
    on = [
        Drive(SIREN + name, on=True, seconds=rule.longest_seconds) for name, rule in rules.items()
    ]
    return _with(house, replace(state, until=dict.fromkeys(rules))), [*on, entry]


def _silenced(house: House, message: Message, why: str) -> tuple[House, list[Action]]:
    """Nobody need be called any more."""
    state, at = house.devices.siren, getattr(message, "at", house.arm_state.since)
    made: list[Action] = []
    for name in state.until:
        made += [
            Drive(SIREN + name, on=False),
            _audit(at, ITSELF, ITSELF, f"siren {name} off: {why}"),
        ]
    return _with(house, SirenState(times=state.times)), made


def _audit(at: datetime, who: str, origin: str, what: str) -> Remember:
    return Remember(AuditEntry(at, who, origin, what))


def _with(house: House, state: SirenState) -> House:
    if state == house.devices.siren:
        return house
    return replace(house, devices=replace(house.devices, siren=state))
