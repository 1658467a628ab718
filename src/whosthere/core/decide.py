"""The one decision function. Same house, message and policy in: same house and actions out."""

from whosthere.core import alerts, arming, controls, escalation, incidents, training
from whosthere.core.messages import (
    Action,
    AskAbout,
    BackToNormal,
    CameraBack,
    CameraLost,
    Change,
    Kept,
    Message,
    SetMode,
    SetNotifications,
    SetSwitch,
    Snooze,
    Tick,
)
from whosthere.core.model import House, Sighting, Tag
from whosthere.core.people import Reaction
from whosthere.core.policy import Policy


def decide(house: House, message: Message, policy: Policy) -> tuple[House, list[Action]]:
    """Say what a message changes, and what must be done about it."""
    match message:
        case Sighting():
            return incidents.on_sighting(house, message, policy)
        case Tick():
            return _on_tick(house, message, policy)
        case Kept():
            return alerts.on_kept(house, message)
        case AskAbout():
            return training.on_ask_about(house, message)
        case CameraLost():
            return alerts.on_camera_lost(house, message, policy)
        case CameraBack():
            return alerts.on_camera_back(house, message)
        case SetMode() | Snooze() | SetNotifications() | SetSwitch() | BackToNormal():
            return _on_change(house, message)
        case Tag() | Reaction():
            return escalation.on_answer(house, message)


def _on_change(house: House, change: Change) -> tuple[House, list[Action]]:
    """Do as a person says."""
    match change:
        case SetMode():
            return arming.on_set_mode(house, change)
        case Snooze():
            return controls.on_snooze(house, change)
        case SetNotifications():
            return controls.on_set_notifications(house, change)
        case SetSwitch():
            return controls.on_set_switch(house, change)
        case BackToNormal():
            return controls.on_back_to_normal(house, change)


def _on_tick(house: House, tick: Tick, policy: Policy) -> tuple[House, list[Action]]:
    """Time ends many things, each by rules of its own."""
    house, ended = incidents.on_tick(house, tick, policy)
    house, modes = arming.on_time(house, tick.at)
    house, over = controls.on_time(house, tick.at)
    house, louder = escalation.on_time(house, tick, policy)
    return house, [*ended, *modes, *over, *louder]
