"""The one decision function. Same house, message and policy in: same house and actions out."""

import math

from whosthere.core import (
    alerts,
    arming,
    arming_by_presence,
    arming_by_schedule,
    controls,
    driving,
    entry,
    escalation,
    incidents,
    lights,
    sensing,
    tampering,
    training,
    troubles,
    tuning,
    walk_marking,
)
from whosthere.core.messages import (
    Action,
    ArmNow,
    AskAbout,
    BackToNormal,
    CameraBack,
    CameraLost,
    Change,
    Heard,
    Kept,
    LeavePolicy,
    Message,
    Outage,
    Propose,
    Remember,
    SensorReading,
    SetLight,
    SetMode,
    SetNotifications,
    SetSiren,
    SetSwitch,
    SetWalkTest,
    Snooze,
    StayOff,
    Tampered,
    Tick,
    Trouble,
    UsePolicy,
)
from whosthere.core.model import House, Tag
from whosthere.core.people import Reaction
from whosthere.core.policy import Policy
from whosthere.core.presence import SourceFailed, SourceReport
from whosthere.core.sighting import Sighting
from whosthere.core.standing import is_another, standing_of


def decide(house: House, message: Message, policy: Policy) -> tuple[House, list[Action]]:
    """Say what a message changes, and what must be done about it."""
    after, actions = _decided(house, message, policy)
    after, settled = _settled(house, after, policy)
    after, driven = _devices(house, after, message, actions, policy)
    if settled or driven:
        actions = [*actions, *settled, *driven]
    if is_another(house, after):  # must survive a restart
        has_people = bool(policy.arming.people)
        has_sensors = bool(policy.devices.sensors)
        standing = standing_of(after, has_people=has_people, has_sensors=has_sensors)
        actions.append(Remember(standing))
    return after, actions


def _decided(house: House, message: Message, policy: Policy) -> tuple[House, list[Action]]:
    match message:
        case Sighting():
            seen = lights.in_own_light(house, message, policy)
            return incidents.on_sighting(house, seen, policy)
        case Tick():
            return _on_tick(house, message, policy)
        case Kept():
            return alerts.on_kept(entry.with_files(house, message), message)
        case AskAbout():
            return training.on_ask_about(house, message)
        case Propose() | UsePolicy() | LeavePolicy():
            return house, tuning.on_tuning(house, message)
        case (
            CameraLost()
            | CameraBack()
            | SourceReport()
            | SourceFailed()
            | SensorReading()
            | Trouble()
            | Tampered()
            | Outage()
        ):
            return _on_part(house, message, policy)
        case Tag() | Reaction():
            return _on_answer(house, message)
        case _:
            return _on_change(house, message, policy)


def _on_part(house: House, message: Heard, policy: Policy) -> tuple[House, list[Action]]:
    """A part of the program tells how it is, or what it sees."""
    match message:
        case CameraLost():
            return alerts.on_camera_lost(house, message, policy)
        case CameraBack():
            return alerts.on_camera_back(house, message)
        case SourceReport():
            return arming_by_presence.on_report(house, message, policy)
        case SourceFailed():
            return arming_by_presence.on_failed(house, message, policy)
        case SensorReading():
            return sensing.on_reading(house, message, policy)
        case Trouble():
            return troubles.on_trouble(house, message), []
        case Tampered():
            return tampering.on_tampered(house, message, policy)
        case Outage():
            return house, tampering.on_outage(house, message)


def _on_change(  # noqa: PLR0911 - one for each kind of change
    house: House, change: Change, policy: Policy
) -> tuple[House, list[Action]]:
    """Do as a person says."""
    match change:
        case SetMode():
            return arming.on_set_mode(house, change, policy)
        case StayOff():
            return arming.on_stay_off(house, change)
        case ArmNow():
            return arming.on_arm_now(house, change, policy)
        case Snooze():
            return controls.on_snooze(house, change)
        case SetNotifications():
            return controls.on_set_notifications(house, change)
        case SetSwitch():
            return controls.on_set_switch(house, change)
        case SetLight() | SetSiren():
            return house, []  # see `driving`
        case SetWalkTest():
            return walk_marking.on_set_walk_test(house, change)
        case BackToNormal():
            return controls.on_back_to_normal(house, change)


def _on_answer(house: House, message: Tag | Reaction) -> tuple[House, list[Action]]:
    """Somebody says something about an incident or an alert."""
    if isinstance(message, Tag):
        house = entry.without_alarm_of(house, message)
    return escalation.on_answer(house, message)


def _on_tick(house: House, tick: Tick, policy: Policy) -> tuple[House, list[Action]]:
    """Time ends many things, each by rules of its own."""
    house = sensing.on_tick(house, tick, policy)
    house, ended = incidents.on_tick(house, tick, policy)
    if math.isinf(tick.clock):  # the program ends: what is going on goes on after the next start
        return house, ended
    house, people = arming_by_presence.on_time(house, tick, policy)  # who comes now is in time
    house, raised = entry.on_time(house, tick, policy)
    house, modes = arming.on_time(house, tick, policy)
    house, planned = arming_by_schedule.on_time(house, tick, policy)
    house, over = controls.on_time(house, tick.at)
    house, tested = walk_marking.on_time(house, tick)
    house, louder = escalation.on_time(house, tick, policy)
    house, amiss = troubles.on_time(house, tick)
    return house, [*ended, *people, *raised, *modes, *planned, *over, *tested, *louder, *amiss]


def _settled(before: House, house: House, policy: Policy) -> tuple[House, list[Action]]:
    """Where a mode has changed, alerts that were held back may be over."""
    state, controls = house.arm_state, house.controls
    if state is not before.arm_state:
        return entry.settle(house, policy, state.since, state.reason)
    if controls.modes is not before.controls.modes and controls.since is not None:
        return entry.settle(house, policy, controls.since, "the camera has another mode now")
    return house, []


def _devices(
    before: House, house: House, message: Message, actions: list[Action], policy: Policy
) -> tuple[House, list[Action]]:
    """What all that means for sensors, lights and sirens. A house without any has no work."""
    if not policy.devices:
        return house, []
    told: list[Action] = []
    house = sensing.passed_by(house, actions, policy)
    if isinstance(message, Tick) and not math.isinf(message.clock):
        for trouble in sensing.news(house, message, policy):
            house, made = _on_part(house, trouble, policy)
            told += made
    house, driven = driving.follow(before, house, message, actions, policy)
    return house, [*told, *driven]
