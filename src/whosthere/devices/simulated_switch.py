"""A light or siren that only says what it would do: to try settings out, and for tests."""

import logging
from dataclasses import dataclass, field
from threading import Event, Lock

log = logging.getLogger(__name__)


@dataclass
class SimulatedSwitch:
    """Fulfils `core.ports.Switch`."""

    name: str
    on: bool = False
    done: list[tuple[bool, float | None]] = field(default_factory=list)  # all that was asked
    changed: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def switch(self, *, on: bool, seconds: float | None = None) -> None:
        with self._lock:
            self.on = on
            self.done.append((on, seconds))
        log.info("%s: would be %s now", self.name, "on" if on else "off")
        self.changed.set()

    def state(self) -> bool | None:
        return self.on

    def close(self) -> None:
        pass
