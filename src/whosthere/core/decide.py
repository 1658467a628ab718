"""The one decision function. Same house, message and policy in: same house and actions out."""

from whosthere.core import alerts, arming, controls, escalation, incidents, training
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
    Message,
    SetMode,
    SetNotifications,
    SetSwitch,
    Snooze,
    StayOff,
    Tick,
    Trouble,
)
from whosthere.core.model import House, Sighting, Tag
from whosthere.core.people import Reaction
from whosthere.core.policy import Policy
from whosthere.core.presence import SourceFailed, SourceReport


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
        case CameraLost() | CameraBack() | SourceReport() | SourceFailed() | Trouble():
            return _on_part(house, message, policy)
        case (
            SetMode()
            | StayOff()
            | ArmNow()
            | Snooze()
            | SetNotifications()
            | SetSwitch()
            | BackToNormal()
        ):
            return _on_change(house, message)
        case Tag() | Reaction():
            return escalation.on_answer(house, message)


def _on_part(house: House, message: Heard, policy: Policy) -> tuple[House, list[Action]]:
    """A part of the program tells how it is, or what it sees."""
    match message:
        case CameraLost():
            return alerts.on_camera_lost(house, message, policy)
        case CameraBack():
            return alerts.on_camera_back(house, message)
        case SourceReport() | SourceFailed() | Trouble():
            return house, []


def _on_change(house: House, change: Change) -> tuple[House, list[Action]]:
    """Do as a person says."""
    match change:
        case SetMode():
            return arming.on_set_mode(house, change)
        case StayOff() | ArmNow():
            return house, []
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
