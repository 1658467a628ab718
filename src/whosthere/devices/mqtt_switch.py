"""A switch that is told by one MQTT topic, and tells how it is by another.

So Zigbee2MQTT, ESPHome, Tasmota and Home Assistant have it. Where no topic tells its state, all
that is known is that the broker has the command.
"""

import json
import math
import threading
from dataclasses import dataclass
from typing import Any

from whosthere.devices.mqtt_line import MqttLine

CONFIRM_SECONDS = 4.0  # for the device to tell that it did as it was told


@dataclass
class MqttSwitch:
    """Fulfils `core.ports.Switch`; `line.run` must run."""

    line: MqttLine
    command_topic: str
    payload_on: str = "ON"
    payload_off: str = "OFF"
    payload_on_for: str | None = None  # with {seconds} in it
    state_topic: str | None = None
    state_path: str = ""
    state_on: frozenset[str] = frozenset({"on", "true", "1"})
    availability_topic: str | None = None
    unavailable: frozenset[str] = frozenset({"offline", "false", "0"})

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._on: bool | None = None
        self._away = False
        self.line.hear = self._hear
        self.line.cut = self._cut

    def switch(self, *, on: bool, seconds: float | None = None) -> None:
        text = self.payload_on if on else self.payload_off
        if on and seconds and self.payload_on_for is not None:
            text = self.payload_on_for.replace("{seconds}", str(math.ceil(seconds)))
        self.line.send(self.command_topic, text)
        if self.state_topic is None:
            return
        with self._changed:
            if not self._changed.wait_for(lambda: self._on is on, CONFIRM_SECONDS):
                why = "the device is away" if self._away else "the device does not confirm"
                raise self.line.trouble(f"{why} that it is {'on' if on else 'off'}")

    def state(self) -> bool | None:
        with self._changed:
            if self._away:
                raise self.line.trouble(f"'{self.availability_topic}' says that it is away")
            return self._on

    def close(self) -> None:
        pass

    def _cut(self) -> None:
        with self._changed:
            self._on = None

    def _hear(self, topic: str, text: str) -> None:
        with self._changed:
            if topic == self.availability_topic:
                self._away = said(text, "").casefold() in self.unavailable
            elif topic == self.state_topic:
                word = said(text, self.state_path).casefold()
                self._on = None if word in {"", "unknown", "unavailable"} else word in self.state_on
            self._changed.notify_all()


def said(text: str, path: str) -> str:
    """Return what a message says: all of it, or what is in its JSON at a path as 'light.on'."""
    if not path:
        return text
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return "" if found is None else str(found)
