"""Tells systemd that we live, as long as there is progress, and how we are in a line."""

import logging
from dataclasses import dataclass, field
from threading import Event

from whosthere.app.vitals import Vitals
from whosthere.monitoring.systemd import Systemd, status

log = logging.getLogger(__name__)

OFTEN = 10.0  # seconds between looks, or a third of what systemd asks for
BEGINNING = 0.25  # seconds between looks for the first tick


@dataclass(slots=True, eq=False)
class Watchdog:
    """Looks at the vitals until stopped. When this thread hangs too, systemd hears nothing.

    READY comes when the house has taken its first message: then everything is at work.
    """

    systemd: Systemd
    vitals: Vitals
    stopping: Event = field(default_factory=Event)
    ready: Event = field(default_factory=Event)
    _stuck: list[str] = field(default_factory=list)

    @property
    def every(self) -> float:
        asked = self.systemd.watchdog_seconds
        return OFTEN if asked is None else min(OFTEN, asked / 3)

    def run(self) -> None:
        while self.vitals.ticked is None:
            if self.stopping.wait(BEGINNING):
                return
        self.systemd.tell("READY=1")
        self.ready.set()
        self.look()
        while not self.stopping.wait(self.every):
            self.look()

    def look(self) -> None:
        """Give the sign of life, or say in the log why not."""
        stuck = self.vitals.stuck()
        if stuck and not self._stuck:
            log.error("no progress: %s", "; ".join(stuck))
        self._stuck = stuck
        if stuck:
            self.systemd.tell(status(f"no progress: {'; '.join(stuck)}"))
        else:
            self.systemd.tell("WATCHDOG=1", status(self.vitals.in_short()))

    def stop(self) -> None:
        self.stopping.set()
        self.systemd.tell("STOPPING=1")
