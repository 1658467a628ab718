"""Answers about lights, sirens and motion sensors."""

from collections.abc import Iterator, Mapping

from whosthere.app.answers.house import Parts
from whosthere.app.answers.line import Line
from whosthere.core.devices import LightRule, SensorRule, When
from whosthere.core.messages import SetLight, SetSiren, SetSwitch
from whosthere.core.people import Switch
from whosthere.core.requests import Reply, Request
from whosthere.core.sensors import Worth, worth
from whosthere.core.spans import span
from whosthere.devices.driver import DeviceView, Driver

BUSY = "Asked for. The house is busy and follows as soon as it can."
PATIENCE = 3.0  # seconds for devices to do as they were told
NO_LIGHT = "No light is configured, so nothing was switched."
NO_SIREN = "No siren is configured, so nothing sounds."


def light(parts: Parts, line: Line, request: Request) -> Reply:
    """Turn one light, or all, on or off, or give it back to motion."""
    drivers = {n: one for n, one in parts.lights.items() if line.light in (None, n)}
    if not drivers:
        return Reply(NO_LIGHT)
    by = request.asker
    if not parts.tell(SetLight(line.on, by.name, request.at, by.origin, line.light)):
        return Reply(BUSY)
    views = _settled(drivers)
    lines = [_light_line(parts, name, view) for name, view in views.items()]
    return Reply("\n".join(lines))


def siren(parts: Parts, line: Line, request: Request) -> Reply:
    """Only a repeated word makes it sound; a single one ends it."""
    if not parts.sirens:
        return Reply(NO_SIREN)
    by, on = request.asker, bool(line.on)
    longest = max(rule.longest_seconds for rule in parts.policy().devices.sirens.values())
    if on and not line.really:
        return Reply(
            f"🚨 *This makes a siren sound, loudly, for up to {span(longest)}.*"
            " If you want that, say `siren on really`. Nothing was switched.",
            refused=True,
            offers=("siren on really",),
        )
    if not parts.tell(SetSiren(on, by.name, request.at, by.origin)):
        return Reply(BUSY)
    said = [_line(f"siren {name}", view) for name, view in _settled(parts.sirens).items()]
    if on:
        said.append(f"It ends after {span(longest)} at the latest; `siren off` ends it now.")
    return Reply("\n".join(said), offers=("siren off",) if on else ())


def gpio(parts: Parts, line: Line, request: Request) -> Reply:
    """Have motion sensors count, or not."""
    by, on = request.asker, bool(line.on)
    switch = Switch.MOTION_SENSORS
    if not parts.tell(SetSwitch(switch, on, by.name, request.at, by.origin)):
        return Reply(BUSY)
    said = f"`{switch}` is *{'on' if on else 'off'}*."
    sensors = parts.policy().devices.sensors
    if not sensors:
        return Reply(f"{said} No motion sensor is configured, so nothing follows from it.")
    names = ", ".join(sensors)
    if not on:
        return Reply(f"{said} What {names} say is not believed; cameras decide alone.")
    return Reply("\n".join([said, *(_sensor_line(parts, n, r) for n, r in sensors.items())]))


def devices(parts: Parts, line: Line, request: Request) -> Reply:
    """Say how each is."""
    del line, request
    return Reply("\n".join(_all(parts)) or "No light, siren or motion sensor is configured.")


def _all(parts: Parts) -> Iterator[str]:
    rules = parts.policy().devices
    for name, rule in rules.sensors.items():
        yield _sensor_line(parts, name, rule)
    for name, driver in parts.lights.items():
        yield _light_line(parts, name, driver.view)
    for name, driver in parts.sirens.items():
        yield _line(f"siren {name}", driver.view)


def _settled(drivers: Mapping[str, Driver]) -> dict[str, DeviceView]:
    """Wait a moment for devices; all of them are at work at once."""
    return {name: driver.wait_done(PATIENCE) for name, driver in drivers.items()}


def _line(name: str, view: DeviceView) -> str:
    if view.trouble is not None:
        return f"✗ {name}: {view.trouble}{' It is tried again.' * view.behind}"
    if view.behind:
        return f"• {name}: asked for, and not yet done"
    state = "cannot say how it is" if view.on is None else f"is *{'on' if view.on else 'off'}*"
    return f"✓ {name} {state}"


def _light_line(parts: Parts, name: str, view: DeviceView) -> str:
    said = _line(f"light {name}", view)
    rule: LightRule | None = parts.policy().devices.lights.get(name)
    state = parts.house().devices.lasting.lights.get(name)
    if rule is None or rule.when is When.NEVER or view.trouble is not None:
        return said
    moments = parts.moments()
    if state is None:
        return f"{said}, by motion ({rule.when})"
    if state.by_hand and state.due is not None:
        return f"{said}, by hand; motion leaves it so {moments.until(state.due)}"
    return f"{said}, by hand" if state.by_hand else f"{said}, by motion"


def _sensor_line(parts: Parts, name: str, rule: SensorRule) -> str:
    house = parts.house()
    state = house.devices.sensors.get(name)
    how = worth(house, name, rule, parts.now(), parts.clock())
    place = f"sensor {name} (camera {rule.camera}, {rule.how})"
    if state is None:
        return f"• {place} has said nothing yet"
    if state.active is None:
        return f"✗ {place} cannot say: see `health`"
    since = parts.moments().at(state.since)
    seen = f"sees {'something' if state.active else 'nothing'} since {since}"
    if how is Worth.BELIEVED:
        return f"✓ {place} {seen}"
    return f"✗ {place} {seen}, but is not believed: {how}"
