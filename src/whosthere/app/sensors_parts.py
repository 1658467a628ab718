"""Builds what listens to motion sensors, and tells the house what they say."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock

from whosthere.app.health import HealthBoard
from whosthere.app.settings import Settings
from whosthere.app.workers import Worker
from whosthere.core.messages import SensorReading
from whosthere.core.ports import MotionSensor
from whosthere.devices.making import make_sensor
from whosthere.devices.sensors import PushedSensor

NEVER = object()


@dataclass(eq=False)
class Listening:
    """Tells news of one sensor; that it cannot say is news too."""

    name: str
    sensor: MotionSensor
    put: Callable[[SensorReading], None]
    _last: object = NEVER
    _stopping: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def run(self) -> None:
        try:
            self.sensor.listen(self.report)
        finally:
            if not self._stopping.is_set():
                self.report(None)

    def report(self, active: bool | None) -> None:  # noqa: FBT001 - a state
        with self._lock:
            if active is self._last:
                return
            self._last = active
        now, clock = datetime.now(UTC), round(time.monotonic(), 3)
        self.put(SensorReading(self.name, active, now, clock))

    def stop(self) -> None:
        self._stopping.set()
        self.sensor.stop()


def make_sensors(
    settings: Settings,
    put: Callable[[SensorReading], None],
    health: HealthBoard,
    pushed: dict[str, PushedSensor],
) -> list[Worker]:
    """Build a listener for each sensor; those that call us are found in `pushed` by their names."""
    workers = []
    for name, asked in settings.sensors.items():
        sensor = make_sensor(name, asked)
        if isinstance(sensor, PushedSensor):
            pushed[name] = sensor
        listening = Listening(name, sensor, put)
        workers.append(Worker(f"sensor {name}", listening.run, health, listening.stop))
    return workers
