"""Lights that motion turns on at night, and that people turn on and off.

A person's word goes before motion: "on" holds until "off", and after "off" motion leaves the light
alone for a while. While a light settles, its own doing is no motion: until then, only a person that
the detector recognises counts in the pictures of cameras that see it. Where an incident is open, it
was something else that began it, and it goes on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from whosthere.core.devices import Lasting, LightRule, LightState, When
from whosthere.core.gates import is_occupied
from whosthere.core.messages import Action, Drive, Remember, SensorReading, SetLight, Tick
from whosthere.core.model import House
from whosthere.core.people import AuditEntry
from whosthere.core.policy import Policy
from whosthere.core.sensors import active_now
from whosthere.core.sighting import Scene, Sighting

LIGHT = "light "  # before the name of one, where it is driven
SLACK_SECONDS = 30.0  # a light's own timer runs longer than ours, in case we cannot turn it off
BRIGHTER = 2.0  # grey levels; less is not worth remembering


def in_own_light(house: House, sighting: Sighting, policy: Policy) -> Sighting:
    """Say of a picture that its light changes, if a light of ours was switched just now."""
    until = house.devices.lit.get(sighting.camera)
    if until is None or sighting.motion.scene is not Scene.STEADY:
        return sighting
    if house.camera(sighting.camera).incident is not None:  # that was there before the light
        return sighting
    longest = max(one.settle_seconds for one in policy.devices.lights.values())
    if not 0 < (until - sighting.at).total_seconds() <= longest:  # the wall clock may have jumped
        return sighting
    return replace(sighting, motion=replace(sighting.motion, scene=Scene.LIGHT_CHANGE))


def on_sighting(house: House, sighting: Sighting, policy: Policy) -> tuple[House, list[Action]]:
    camera = sighting.camera
    if not any(camera in rule.cameras for rule in policy.devices.lights.values()):
        return house, []
    house = _with_brightness(house, sighting)
    state = house.camera(camera)
    if state.incident is None or not is_occupied(state.recent[-1], policy.of(camera)):
        return house, []
    return _moved(house, camera, sighting.at, sighting.clock, policy)


def on_reading(house: House, reading: SensorReading, policy: Policy) -> tuple[House, list[Action]]:
    return _sensed(house, reading.at, reading.clock, policy, [reading.sensor])


def on_tick(house: House, tick: Tick, policy: Policy) -> tuple[House, list[Action]]:
    """While a sensor sees something, its lights stay on. Others go off when it is time."""
    house, actions = _sensed(house, tick.at, tick.clock, policy, policy.devices.sensors)
    for name, state in list(house.devices.lasting.lights.items()):
        rule = policy.devices.lights.get(name)
        if rule is None:
            house = _with(house, name, None)
        elif not state.on and state.due is not None and tick.at >= state.due:
            house = _with(house, name, None)  # the word that it stay off is over
        elif state.on and state.due_clock is not None and tick.clock >= state.due_clock:
            house = _settling(_with(house, name, None), rule, tick.at)
            actions.append(Drive(LIGHT + name, on=False))
    return house, actions


def _sensed(
    house: House, at: datetime, clock: float, policy: Policy, names: Iterable[str]
) -> tuple[House, list[Action]]:
    actions: list[Action] = []
    for name, rule in active_now(house, policy, at, clock):
        if name in names:
            house, made = _moved(house, rule.camera, at, clock, policy)
            actions += made
    return house, actions


def _moved(
    house: House, camera: str, at: datetime, clock: float, policy: Policy
) -> tuple[House, list[Action]]:
    """Turn on the lights of a camera at which something moves, or leave them on for longer."""
    actions: list[Action] = []
    for name, rule in policy.devices.lights.items():
        if camera not in rule.cameras or rule.when is When.NEVER:
            continue
        state = house.devices.lasting.lights.get(name)
        if state is None and not _is_night(house, camera, rule, at, policy):
            continue
        if state is not None and not _may_be_longer(state, rule, clock):
            continue
        due = round(clock + rule.seconds, 3)
        ends = at + timedelta(seconds=rule.seconds)
        since = at if state is None else state.since
        lit = LightState(on=True, by_hand=False, since=since, due=ends, due_clock=due)
        house = _with(house, name, lit)
        if state is None:
            house = _settling(house, rule, at)
        actions.append(Drive(LIGHT + name, on=True, seconds=rule.seconds + SLACK_SECONDS))
    return house, actions


def _may_be_longer(state: LightState, rule: LightRule, clock: float) -> bool:
    """Whether it is on by motion, and half of its time is over: each change is written down."""
    if not state.on or state.by_hand or state.due_clock is None:
        return False
    return state.due_clock - clock <= rule.seconds / 2


def _is_night(house: House, camera: str, rule: LightRule, at: datetime, policy: Policy) -> bool:
    brightness = house.devices.brightness.get(camera)
    dark = brightness is not None and brightness < rule.dark_below
    match rule.when:
        case When.ALWAYS:
            return True
        case When.DARK:
            return dark
        case When.TIMES:
            return _is_time(rule, at, policy)
        case When.DARK_OR_TIMES:
            return dark or _is_time(rule, at, policy)
        case When.NEVER:
            return False


def _is_time(rule: LightRule, at: datetime, policy: Policy) -> bool:
    begins, ends = rule.begins, rule.ends
    if begins is None or ends is None:
        return False
    now = at.astimezone(policy.arming.zone).time()
    if begins <= ends:
        return begins <= now < ends
    return now >= begins or now < ends


def on_set_light(house: House, asked: SetLight, policy: Policy) -> tuple[House, list[Action]]:
    """Do as a person says; it holds, whatever moves."""
    rules = policy.devices.lights
    names = [name for name in rules if asked.light in (None, name)]
    actions: list[Action] = []
    for name in names:
        rule, before = rules[name], house.devices.lasting.lights.get(name)
        if asked.on is None:
            house, made = _given_back(house, name, rule, before, asked.at)
            actions += made
            continue
        until = None if asked.on else asked.at + timedelta(seconds=rule.word_seconds)
        state = LightState(asked.on, by_hand=True, since=asked.at, due=until)
        house = _settling(_with(house, name, state), rule, asked.at)
        actions.append(Drive(LIGHT + name, asked.on))
    if asked.on is not None and names:
        what = f"light {', '.join(names)} {'on' if asked.on else 'off'}"
        actions.append(Remember(AuditEntry(asked.at, asked.by, asked.origin, what)))
    return house, actions


def _given_back(
    house: House, name: str, rule: LightRule, before: LightState | None, at: datetime
) -> tuple[House, list[Action]]:
    if before is None or not before.by_hand:
        return house, []
    house = _with(house, name, None)
    if not before.on:
        return house, []
    return _settling(house, rule, at), [Drive(LIGHT + name, on=False)]


def _settling(house: House, rule: LightRule, at: datetime) -> House:
    until = at + timedelta(seconds=rule.settle_seconds)
    lit = {**house.devices.lit, **dict.fromkeys(sorted(rule.seen_by | rule.cameras), until)}
    return replace(house, devices=replace(house.devices, lit=lit))


def _with_brightness(house: House, sighting: Sighting) -> House:
    """Note how bright it is. While a light of ours is on, nobody asks: motion keeps it on."""
    now, known = sighting.motion.brightness, house.devices.brightness.get(sighting.camera)
    if known is not None and abs(now - known) < BRIGHTER:
        return house
    brightness: Mapping[str, float] = {**house.devices.brightness, sighting.camera: now}
    return replace(house, devices=replace(house.devices, brightness=brightness))


def _with(house: House, name: str, state: LightState | None) -> House:
    lasting = house.devices.lasting
    lights = {other: one for other, one in lasting.lights.items() if other != name}
    if state is not None:
        lights[name] = state
    return replace(house, devices=replace(house.devices, lasting=Lasting(lasting.records, lights)))
