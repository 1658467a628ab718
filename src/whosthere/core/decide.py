"""The one decision function. Same house, message and policy in: same house and actions out."""

from whosthere.core import alerts, arming, incidents
from whosthere.core.messages import (
    Action,
    CameraBack,
    CameraLost,
    Kept,
    Message,
    Remember,
    SetMode,
    Tick,
)
from whosthere.core.model import House, Sighting, Tag
from whosthere.core.policy import Policy


def decide(house: House, message: Message, policy: Policy) -> tuple[House, list[Action]]:
    """Say what a message changes, and what must be done about it."""
    match message:
        case Sighting():
            return incidents.on_sighting(house, message, policy)
        case Tick():
            return incidents.on_tick(house, message, policy)
        case Kept():
            return alerts.on_kept(house, message)
        case CameraLost():
            return alerts.on_camera_lost(house, message)
        case CameraBack():
            return alerts.on_camera_back(house, message)
        case SetMode():
            return arming.on_set_mode(house, message)
        case Tag():
            return house, [Remember(message)]
