"""Motion sensors that others tell of: by MQTT, or by a call of our API."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from whosthere.devices.mqtt_line import MqttLine
from whosthere.devices.mqtt_switch import said

Report = Callable[[bool | None], None]


@dataclass
class MqttSensor:
    """A topic that tells whether a sensor sees something. Fulfils `core.ports.MotionSensor`."""

    line: MqttLine
    topic: str
    path: str = ""
    active: frozenset[str] = frozenset({"on", "true", "1"})
    unknown: frozenset[str] = frozenset({"", "unknown", "unavailable", "none"})
    availability_topic: str | None = None
    unavailable: frozenset[str] = frozenset({"offline", "false", "0"})

    def listen(self, report: Report) -> None:
        self.line.hear = lambda topic, text: self._hear(topic, text, report)
        self.line.cut = lambda: report(None)
        self.line.run()

    def stop(self) -> None:
        self.line.stop()

    def _hear(self, topic: str, text: str, report: Report) -> None:
        if topic == self.availability_topic:
            if text.casefold() in self.unavailable:
                report(None)
            return
        word = said(text, self.path).casefold()
        report(None if word in self.unknown else word in self.active)


@dataclass
class PushedSensor:
    """A sensor that calls us. Fulfils `core.ports.MotionSensor`."""

    listens: threading.Event = field(default_factory=threading.Event)  # from then on it is heard
    _report: Report | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, *, active: bool) -> bool:
        """Take its word. Return False if nobody listens yet."""
        with self._lock:
            report = self._report
        if report is None:
            return False
        report(active)
        return True

    def listen(self, report: Report) -> None:
        with self._lock:
            self._report = report
        report(False)  # noqa: FBT003 - a state
        self.listens.set()
        self._stopping.wait()

    def stop(self) -> None:
        self._stopping.set()
