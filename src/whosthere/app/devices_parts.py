"""Builds what drives lights, sirens and the diode. Each has a thread, so none holds up another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition
from typing import TypeAlias

from whosthere.app.health import HealthBoard
from whosthere.app.settings import Settings
from whosthere.app.workers import Pauses, Worker
from whosthere.core.devices import LightState
from whosthere.core.driving import SIREN, Pattern, pattern
from whosthere.core.lights import LIGHT, SLACK_SECONDS
from whosthere.core.messages import Drive, Message
from whosthere.core.model import House
from whosthere.core.ports import Switch
from whosthere.devices.driver import Driver
from whosthere.devices.gpio import GpioLed
from whosthere.devices.making import make_led, make_light, make_siren
from whosthere.devices.mqtt_switch import MqttSwitch

LINE_PAUSE = 5.0  # s at most, since a siren may sound meanwhile that somebody wants silent

Tell: TypeAlias = Callable[[str | None], None]


@dataclass(frozen=True, slots=True)
class DeviceParts:
    """All that can be switched."""

    lights: dict[str, Driver] = field(default_factory=dict)
    sirens: dict[str, Driver] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)
    by_part: dict[str, Driver] = field(default_factory=dict)

    def drive(self, asked: Drive) -> None:
        """Have it done, and return at once."""
        driver = self.by_part.get(asked.device)
        if driver is not None:
            driver.drive(on=asked.on, seconds=asked.seconds)

    def go_on(self, lights: Mapping[str, LightState], at: datetime) -> None:
        """Turn lights on that were so when the program ended; a relay at a pin went off then."""
        for name, state in lights.items():
            if name not in self.lights or not state.on:
                continue
            left = None if state.due is None else (state.due - at).total_seconds()
            if left is None:
                self.lights[name].drive(on=True)
            elif left > 0:
                self.lights[name].drive(on=True, seconds=left + SLACK_SECONDS)


def make_devices(
    settings: Settings,
    told: Callable[[str], Tell],
    health: HealthBoard,
    lights: dict[str, Driver],
    sirens: dict[str, Driver],
) -> DeviceParts:
    """Build them, into the tables that answers look at."""
    parts = DeviceParts(lights, sirens)
    for name, light in settings.lights.items():
        part, switch = LIGHT + name, make_light(name, light)
        lights[name] = parts.by_part[part] = Driver(part, switch, told(part))
        parts.workers.extend(_workers(part, switch, lights[name], health))
    for name, siren in settings.sirens.items():
        part, switch = SIREN + name, make_siren(name, siren)
        longest = siren.longest_seconds
        driver = Driver(part, switch, told(part), longest_seconds=longest)
        sirens[name] = parts.by_part[part] = driver
        parts.workers.extend(_workers(part, switch, driver, health))
    return parts


def _workers(part: str, switch: Switch, driver: Driver, health: HealthBoard) -> list[Worker]:
    workers = [Worker(part, driver.run, health, driver.stop)]
    if isinstance(switch, MqttSwitch):
        line = switch.line
        soon = Pauses(longest=LINE_PAUSE)
        workers.append(Worker(f"{part} line", line.run, health, line.stop, pauses=soon))
    return workers


@dataclass(eq=False)
class LedKeeping:
    """Shows by a diode how the house is."""

    led: GpioLed
    house: Callable[[], House]
    _changed: Condition = field(default_factory=Condition)
    _wanted: Pattern | None = None
    _stopping: bool = False

    def heard(self, message: Message) -> None:
        """After each message, on the thread of the house: cheap."""
        del message
        wanted = pattern(self.house())
        if wanted is not self._wanted:
            with self._changed:
                self._wanted = wanted
                self._changed.notify_all()

    def run(self) -> None:
        shown: Pattern | None = None
        try:
            while not self._stopping:
                wanted = self._wanted or pattern(self.house())
                self.led.show(wanted)
                shown = wanted
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._stopping or self._wanted not in {None, shown}  # noqa: B023 - waits here
                    )
        finally:
            self.led.close()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()


def join_led(
    settings: Settings,
    house: Callable[[], House],
    listeners: list[Callable[[Message], None]],
    health: HealthBoard,
) -> list[Worker]:
    """Build what keeps the diode, if there is one."""
    led = make_led(settings.led)
    if led is None:
        return []
    keeping = LedKeeping(led, house)
    listeners.append(keeping.heard)
    return [Worker("led", keeping.run, health, keeping.stop)]
