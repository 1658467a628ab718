"""What follows from the word of a motion sensor, and how one is noticed that is dead or stuck."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from whosthere.core import entry, gates, incidents
from whosthere.core.devices import (
    SENSOR_PART,
    DevicesState,
    How,
    Lasting,
    SensorRecord,
    SensorRule,
    SensorState,
)
from whosthere.core.gates import Answers, Asked
from whosthere.core.messages import Action, Record, Remember, SensorReading, Tick, Trouble, Wake
from whosthere.core.model import (
    CameraState,
    Decision,
    Evidence,
    Gate,
    House,
    Incident,
    Verdict,
    named_moment,
)
from whosthere.core.policy import Policy
from whosthere.core.sensors import SENSOR, Worth, active_now, is_dead, is_stuck, worth
from whosthere.core.sighting import PERSON, Look, Motion, Scene, Sighting
from whosthere.core.spans import span

NOTED_EVERY = 3600.0  # s; that a sensor works is written down no more often
EARLIER = 10.0  # s; a sensor may see somebody before the camera does


def on_reading(house: House, reading: SensorReading, policy: Policy) -> tuple[House, list[Action]]:
    """Note what a sensor says. One that is enough alone makes an incident, and maybe an alert."""
    rule = policy.devices.sensors.get(reading.sensor)
    if rule is None:
        return house, []
    house = _noted(house, reading, rule)
    how = worth(house, reading.sensor, rule, reading.at, reading.clock)
    if not reading.active or how is not Worth.BELIEVED:
        return house, []
    wake = Wake(rule.camera)
    if rule.how is not How.EITHER:
        return house, [wake]
    house, actions = _alone(house, reading, rule, policy)
    return house, [wake, *actions]


def _noted(house: House, reading: SensorReading, rule: SensorRule) -> House:
    name, clock = reading.sensor, reading.clock
    before = house.devices.sensors.get(name)
    if before is None or (before.active is None and reading.active is not None):
        state = SensorState(reading.active, clock, reading.at, clock)
    elif before.active is reading.active:
        state = before
    else:
        last = clock if before.active and not is_stuck(before, rule, clock) else None
        state = replace(
            before,
            active=reading.active,
            since_clock=clock,
            since=reading.at,
            last_active_clock=before.last_active_clock if last is None else last,
        )
    devices = house.devices
    if state is not before:
        devices = replace(devices, sensors={**devices.sensors, name: state})
    return replace(house, devices=_with_record(devices, reading))


def _with_record(devices: DevicesState, reading: SensorReading) -> DevicesState:
    """Note now and then that a sensor works."""
    records, name = devices.lasting.records, reading.sensor
    known = records.get(name)
    old = known is not None and (
        known.persons or (reading.at - known.since).total_seconds() >= NOTED_EVERY
    )
    if known is not None and not (reading.active and old):
        return devices
    return _lasting(devices, {**records, name: SensorRecord(reading.at)})


def _lasting(devices: DevicesState, records: Mapping[str, SensorRecord]) -> DevicesState:
    return replace(devices, lasting=Lasting(records, devices.lasting.lights))


def _alone(
    house: House, reading: SensorReading, rule: SensorRule, policy: Policy
) -> tuple[House, list[Action]]:
    """What a sensor says is an incident, whatever its camera sees."""
    camera, at, clock = rule.camera, reading.at, reading.clock
    rules = policy.of(camera)
    house, due = entry.raise_due(house, [camera], policy, at, clock)
    state = house.camera(camera)
    state, closed = incidents.close_if_quiet(state, clock, rules, state.unseen)
    asked = _asked(house, state, reading, rule, policy)
    incident = _incident(state, reading, camera)
    verdict = incidents.verdict_of(incident, asked)
    sighting = Sighting(camera, at, clock, Motion(Scene.STEADY), Look.NOT_NEEDED)
    held = entry.why_hold(house, state, sighting, policy) if verdict is Verdict.ALERT else None
    verdict = Verdict.PENDING if held else verdict
    decision = Decision(camera, at, clock, verdict, asked.gates())
    state = replace(state, incident=incident, decision=decision)
    house = replace(house, cameras={**house.cameras, camera: state})
    if held is not None:
        house, notes = entry.hold(house, sighting, held, asked.answers.evidence, policy)
    else:
        house, notes = incidents.tell(house, decision, asked, sighting, rules)
    now = house.camera(camera).incident or incident
    return house, [*due, *closed, Remember(now), Record(now), *notes]


def _asked(
    house: House, state: CameraState, reading: SensorReading, rule: SensorRule, policy: Policy
) -> Asked:
    camera, rules = rule.camera, policy.of(rule.camera)
    mode = house.mode_of(camera)
    all_gates = (
        *gates.of_people(camera, reading.at, rules, mode, house.controls),
        Gate(SENSOR, 0.0, rule.within_seconds, passed=True),
        gates.cooldown(reading.clock, state.alert_clock, rules),
    )
    return Asked(lambda: Answers(all_gates, Evidence.UNCLASSIFIED))


def _incident(state: CameraState, reading: SensorReading, camera: str) -> Incident:
    at, clock, label = reading.at, reading.clock, SENSOR_PART + reading.sensor
    known = state.incident
    if known is None:
        name = named_moment(at, camera)
        return Incident(name, camera, at, at, clock, at, clock, {label: 1.0})
    labels = {**known.labels, label: 1.0}
    return replace(known, labels=labels, last_seen=known.later(clock), last_seen_clock=clock)


# --- as time passes


def on_tick(house: House, tick: Tick, policy: Policy) -> House:
    """While a sensor sees something, the incident that it made goes on."""
    if math.isinf(tick.clock):
        return house
    for name, rule in active_now(house, policy, tick.at, tick.clock):
        state = house.camera(rule.camera)
        one = state.incident
        if one is not None and SENSOR_PART + name in one.labels:
            one = replace(one, last_seen=one.later(tick.clock), last_seen_clock=tick.clock)
            cameras = {**house.cameras, rule.camera: replace(state, incident=one)}
            house = replace(house, cameras=cameras)
    return house


def passed_by(house: House, actions: Iterable[Action], policy: Policy) -> House:
    """Count the people that a camera saw and its sensors did not."""
    for action in actions:
        match action:
            case Remember(Incident() as incident) if incident.ended is not None:
                house = _counted(house, incident, policy)
            case _:
                pass
    return house


def _counted(house: House, incident: Incident, policy: Policy) -> House:
    sure = incident.labels.get(PERSON, 0.0) >= policy.of(incident.camera).person_confidence
    for name in policy.devices.sensors_of(incident.camera) if sure else ():
        rule, state = policy.devices.sensors[name], house.devices.sensors.get(name)
        record = house.devices.lasting.records.get(name)
        if state is None or record is None or (rule.zones and not rule.zones & incident.zones):
            continue
        at, clock = incident.last_seen, incident.last_seen_clock
        known = worth(house, name, rule, at, clock) in {Worth.BELIEVED, Worth.DEAD}
        last = state.last_active_clock
        saw = state.active or (last is not None and last >= incident.started_clock - EARLIER)
        if known and not saw:
            record = replace(record, persons=record.persons + 1)
            records = {**house.devices.lasting.records, name: record}
            house = replace(house, devices=_lasting(house.devices, records))
    return house


def news(house: House, tick: Tick, policy: Policy) -> Iterator[Trouble]:
    """Tell of sensors that are dead or stuck, and when they are well again."""
    for name, rule in policy.devices.sensors.items():
        part, why = SENSOR_PART + name, _trouble(house, name, rule, tick)
        if (why is None) is (part in house.troubles):
            yield Trouble(part, why, tick.at, tick.clock)


def _trouble(house: House, name: str, rule: SensorRule, tick: Tick) -> str | None:
    state = house.devices.sensors.get(name)
    if state is not None and is_stuck(state, rule, tick.clock):
        lasted = span(tick.clock - state.since_clock)
        return f"it has seen something for {lasted} on end, so it is not believed any more"
    if is_dead(house.devices, name, rule, tick.at):
        record = house.devices.lasting.records[name]
        silent = span((tick.at - record.since).total_seconds())
        return (
            f"it has seen nothing for {silent}, in which camera {rule.camera} saw"
            f" {record.persons} people"
        )
    return None
