"""What a motion sensor's word is worth, and the gate by which camera and sensor agree.

A passive infrared sensor fails in two ways: it never says anything, or it never stops. One that is
known to do so is not asked, so that people are rather told once too often than not at all.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from whosthere.core.devices import DevicesState, How, SensorRule, SensorState
from whosthere.core.gates import Asked
from whosthere.core.model import Gate, House
from whosthere.core.people import Switch
from whosthere.core.policy import Policy
from whosthere.core.sighting import Sighting

SENSOR = "sensor"  # the gate


class Worth(StrEnum):
    """Whether a sensor is believed."""

    BELIEVED = "believed"
    OFF = "off"  # people turned motion sensors off
    UNKNOWN = "cannot say"
    WARMING = "warming up"
    STUCK = "stuck"
    DEAD = "dead"


def worth(house: House, name: str, rule: SensorRule, at: datetime, clock: float) -> Worth:
    """Say whether a sensor is believed, or why not."""
    if Switch.MOTION_SENSORS not in house.controls.switches:
        return Worth.OFF
    state = house.devices.sensors.get(name)
    if state is None or state.active is None:
        return Worth.UNKNOWN
    if clock - state.began_clock < rule.warm_up_seconds:
        return Worth.WARMING
    if is_stuck(state, rule, clock):
        return Worth.STUCK
    return Worth.DEAD if is_dead(house.devices, name, rule, at) else Worth.BELIEVED


def is_stuck(state: SensorState, rule: SensorRule, clock: float) -> bool:
    return bool(state.active) and clock - state.since_clock >= rule.stuck_seconds


def is_dead(devices: DevicesState, name: str, rule: SensorRule, at: datetime) -> bool:
    """Whether people passed again and again, for days, and it said nothing."""
    record = devices.lasting.records.get(name)
    if record is None or record.persons < rule.dead_persons:
        return False
    return (at - record.since).total_seconds() >= rule.dead_days * 86400


def active_ago(state: SensorState, clock: float) -> float | None:
    """Seconds since it was active; 0 while it is."""
    if state.active:
        return 0.0
    return None if state.last_active_clock is None else round(clock - state.last_active_clock, 3)


def active_now(
    house: House, policy: Policy, at: datetime, clock: float
) -> Iterable[tuple[str, SensorRule]]:
    """Each sensor that sees something now, and is believed."""
    for name, rule in policy.devices.sensors.items():
        state = house.devices.sensors.get(name)
        active = state is not None and state.active
        if active and worth(house, name, rule, at, clock) is Worth.BELIEVED:
            yield name, rule


def agreed(asked: Asked, house: House, sighting: Sighting, policy: Policy) -> Asked:
    """Add the gate of a camera that must agree with a sensor, if it has any such."""
    if not policy.devices.sensors:
        return asked
    both = [
        (name, rule)
        for name, rule in policy.devices.sensors.items()
        if rule.camera == sighting.camera and rule.how is How.BOTH
    ]
    if not both:
        return asked
    return asked.with_gate(_gate(house, both, sighting.at, sighting.clock))


def _gate(house: House, both: list[tuple[str, SensorRule]], at: datetime, clock: float) -> Gate:
    """Any of several is enough. One that is not believed has no say; if none is, none is asked."""
    limit = max(rule.within_seconds for _, rule in both)
    worths = [worth(house, name, rule, at, clock) for name, rule in both]
    if Worth.BELIEVED not in worths:
        return Gate(SENSOR, worths[0], limit, passed=True)
    best: float | None = None
    for (name, rule), one in zip(both, worths, strict=True):
        ago = active_ago(house.devices.sensors[name], clock) if one is Worth.BELIEVED else None
        if ago is not None and ago <= rule.within_seconds:
            return Gate(SENSOR, ago, rule.within_seconds, passed=True)
        if ago is not None:
            best = ago if best is None else min(best, ago)
    return Gate(SENSOR, "silent" if best is None else best, limit, passed=False)
