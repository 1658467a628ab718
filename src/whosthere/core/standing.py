"""What must survive a restart though it is neither mode nor controls: one value, stored whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter

from whosthere.core.devices import Lasting, LightState
from whosthere.core.model import Alert, House, Pending
from whosthere.core.modes import Countdown, Triggered, Wish

_held = attrgetter("countdown", "triggered", "wish", "unconfirmed", "schedule_seen", "notices")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the house is in the middle of. Its moments count; its clocks end with the program."""

    countdown: Countdown | None = None
    triggered: Triggered | None = None
    pending: Mapping[str, Pending] = field(default_factory=dict)  # by camera
    wish: Wish | None = None
    unconfirmed: bool = False
    schedule_seen: datetime | None = None
    notices: Mapping[str, Alert] = field(default_factory=dict)
    has_people: bool = False  # some were configured, so arming by presence has begun once
    devices: Lasting = field(default_factory=Lasting)
    has_sensors: bool = False  # some were configured, so they have been turned on once


def standing_of(house: House, *, has_people: bool = False, has_sensors: bool = False) -> Standing:
    return Standing(
        house.countdown,
        house.triggered,
        {name: one.pending for name, one in house.cameras.items() if one.pending is not None},
        house.wish,
        house.unconfirmed,
        house.schedule_seen,
        house.notices,
        has_people,
        house.devices.lasting,
        has_sensors,
    )


def is_another(before: House, after: House) -> bool:
    """Whether any of it has changed. Asked of every sighting, so it looks at identity first."""
    if before is after:
        return False
    if before.devices.lasting is not after.devices.lasting:
        return True
    if _held(before) != _held(after):
        return standing_of(before) != standing_of(after)
    if before.cameras is after.cameras:
        return False
    known = before.cameras
    for name, state in after.cameras.items():
        was = known.get(name)
        if was is not state and state.pending is not (was.pending if was is not None else None):
            return True
    return False


def resumed(house: House, standing: Standing, at: datetime, clock: float) -> House:
    """Go on with what was going on. What would have ended meanwhile ends with the next tick.

    Only wall time has passed for certain; what is left is never more than it was at first.
    """
    cameras = dict(house.cameras)
    for name, held in standing.pending.items():
        due = _clock_of(held.due, held.seconds, at, clock)
        cameras[name] = replace(house.camera(name), pending=replace(held, due_clock=due))
    return replace(
        house,
        cameras=cameras,
        countdown=_counting(standing.countdown, at, clock),
        triggered=_triggered(standing.triggered, at, clock),
        wish=standing.wish,
        unconfirmed=standing.unconfirmed,
        schedule_seen=standing.schedule_seen,
        notices=standing.notices,
        devices=replace(house.devices, lasting=_shining(standing.devices, at, clock)),
    )


def _shining(lasting: Lasting, at: datetime, clock: float) -> Lasting:
    """Lights that are on by motion go off when they would have."""
    lights = {name: _due(light, at, clock) for name, light in lasting.lights.items()}
    return replace(lasting, lights=lights)


def _due(light: LightState, at: datetime, clock: float) -> LightState:
    if light.due is None or light.due_clock is None:
        return light
    longest = (light.due - light.since).total_seconds()
    return replace(light, due_clock=_clock_of(light.due, longest, at, clock))


def _clock_of(due: datetime, longest: float, at: datetime, clock: float) -> float:
    left = (due - at).total_seconds()
    return round(clock + min(max(left, 0.0), longest), 3)


def _counting(countdown: Countdown | None, at: datetime, clock: float) -> Countdown | None:
    if countdown is None:
        return None
    due = _clock_of(countdown.due, countdown.seconds, at, clock)
    return replace(countdown, due_clock=due)


def _triggered(triggered: Triggered | None, at: datetime, clock: float) -> Triggered | None:
    if triggered is None:
        return None
    began, last = (
        round(clock - max(0.0, (at - moment).total_seconds()), 3)
        for moment in (triggered.since, triggered.last)
    )
    return replace(triggered, clock=began, last_clock=last)
