"""Builds what turns cameras, and lets each watch with the masks and zones of where it looks."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from threading import Event
from typing import TypeAlias

from whosthere.app.health import Health
from whosthere.app.settings import CameraSection, Settings
from whosthere.app.workers import Worker
from whosthere.core import ports
from whosthere.core.model import House
from whosthere.core.pan_tilt import HOME, PanTiltTrouble, Position, Turnable
from whosthere.devices.pan_tilt import Manners, Preset, Turner
from whosthere.devices.pan_tilt_patrol import Patrol
from whosthere.devices.pan_tilt_settings import PanTiltBase
from whosthere.devices.settings import make_pan_tilt
from whosthere.devices.simulated_pan_tilt import Simulated
from whosthere.vision.masks import Areas
from whosthere.vision.turning import TurnedEyes

Eyes: TypeAlias = tuple[ports.MotionDetector, ports.ObjectDetector]
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Turners:
    """All cameras that can be turned, by their names."""

    by_name: Mapping[str, Turner] = field(default_factory=dict)
    zones_asked: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by the rules of each

    def eyes(self, name: str, section: CameraSection, make: Callable[[Areas], Eyes]) -> Eyes:
        """What looks at the frames of a camera, whether it turns or not."""
        turner = self.by_name.get(name)
        if turner is None:
            return make(section.motion.areas())
        asked = self.zones_asked.get(name, frozenset())
        turned = TurnedEyes(turner.view, lambda place: make(areas_at(place, section, asked)))
        return turned.see, turned.recognise

    def shown(self, name: str, camera: ports.Camera) -> ports.Camera:
        """What the camera sees: a part of its picture, if its turning is simulated."""
        turner = self.by_name.get(name)
        if turner is None or not isinstance(turner.driver, Simulated):
            return camera
        return turner.driver.shown(camera)

    def workers(self, health: Health) -> list[Worker]:
        return [
            Worker(f"{name} pan/tilt", turner.run, health, turner.stopping.set)
            for name, turner in self.by_name.items()
        ]


def make_turners(
    settings: Settings, house: Callable[[], House], turnables: dict[str, Turnable]
) -> Turners:
    """Build them, and put each into `turnables`, for people to ask. Nothing is opened yet."""
    policy = settings.policy()
    made = {
        name: turner_of(name, section.pan_tilt, settings.house.zone, house)
        for name, section in settings.cameras.items()
        if section.pan_tilt is not None
    }
    turnables.update(made)
    return Turners(made, {name: policy.of(name).zones for name in made})


def turner_of(
    name: str, asked: PanTiltBase, zone: tzinfo | None, house: Callable[[], House]
) -> Turner:
    stopping = Event()
    rounds = asked.patrol

    def wait(seconds: float) -> None:
        if stopping.wait(seconds):  # what turns must not rush through the rest of its way
            raise PanTiltTrouble(f"Camera '{name}' was not turned on: the program ends.")

    return Turner(
        name,
        make_pan_tilt(name, asked, wait),
        presets_of(asked),
        Manners(
            asked.limits,
            asked.settle_seconds,
            asked.home_after_seconds,
            getattr(asked, "idle_seconds", 0.0),
            Patrol(rounds.presets, rounds.dwell_seconds, rounds.begins, rounds.ends),
        ),
        now=lambda: datetime.now(zone).astimezone(zone),
        wait=wait,
        busy=lambda: house().camera(name).incident is not None,
        stopping=stopping,
    )


def where_it_looks(name: str, asked: PanTiltBase) -> str:
    """Ask what turns a camera, and turn nothing. Raises PanTiltTrouble when it does not answer."""
    driver = make_pan_tilt(name, asked, time.sleep)
    try:
        at = driver.position()
    finally:
        driver.close()
    return f"looks at {at}; it was not turned"


def presets_of(asked: PanTiltBase) -> dict[str, Preset]:
    """Home comes first; it is straight ahead unless people set it."""
    found = {HOME: Preset(Position(0.0, 0.0))}
    return found | {
        name: Preset(one.position, one.camera_preset) for name, one in asked.presets.items()
    }


def areas_at(place: str, section: CameraSection, asked: frozenset[str]) -> Areas:
    """The masks and zones of a place.

    Where none were drawn, all counts as every zone that the rules ask for: better an alert too many
    than a camera that is blind because it looks elsewhere.
    """
    everywhere = dict.fromkeys(asked, WHOLE)
    preset = section.pan_tilt.presets.get(place) if section.pan_tilt else None
    if preset is not None and (preset.masks or preset.zones):
        return Areas(preset.masks, preset.zones or everywhere)
    if place == HOME:
        return section.motion.areas()
    return Areas((), everywhere)
