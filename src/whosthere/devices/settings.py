"""What may be set about devices, and which class stands for each kind."""

import importlib
from collections.abc import Callable
from typing import Any

from whosthere.core.ports import PanTilt
from whosthere.devices.pan_tilt_settings import (
    HatPanTilt as HatPanTilt,  # noqa: PLC0414 - found here by all others
)
from whosthere.devices.pan_tilt_settings import (
    OnvifPanTilt as OnvifPanTilt,  # noqa: PLC0414 - found here by all others
)
from whosthere.devices.pan_tilt_settings import PanTiltBase
from whosthere.devices.pan_tilt_settings import (
    PanTiltSettings as PanTiltSettings,  # noqa: PLC0414 - found here by all others
)
from whosthere.devices.pan_tilt_settings import (
    SimulatedPanTilt as SimulatedPanTilt,  # noqa: PLC0414 - found here by all others
)

PAN_TILTS = {  # kind → module:function, imported only when used
    "hat": "whosthere.devices.hat:make",
    "onvif": "whosthere.devices.onvif:make",
    "simulated": "whosthere.devices.simulated_pan_tilt:make",
}


def make_pan_tilt(camera: str, asked: PanTiltBase, wait: Callable[[float], object]) -> PanTilt:
    """Build what turns a camera. Nothing is opened before it is asked to turn.

    `wait` passes seconds; a program that ends cuts it short.
    """
    kind: str = asked.kind  # type: ignore[attr-defined] # each kind has one
    made: PanTilt = made_by(PAN_TILTS[kind])(camera, asked, wait)
    return made


def made_by(place: str) -> Callable[..., Any]:
    """Import what `module:name` says."""
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found
