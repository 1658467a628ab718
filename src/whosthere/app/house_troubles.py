"""Tells the house of parts in trouble, since whoever arms it should know."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from whosthere.app.health import PartState
from whosthere.core.messages import Trouble

PARTS = frozenset({
    "recorder", "database", "ledger", "detector", "archive", "house", "clock", "upkeep", "requests",
    "web", "health", "program", "outbox", "disk", "temperature", "power", "clock of the machine",
    "age clock", "data folder", "database writer", "ledger writer",
})  # fmt: skip
QUIET_START = 60.0  # s in which people are not told, since much only begins
FAMILIES = ("messenger ", "light ", "siren ", "sensor ")


@dataclass(slots=True)
class HouseTroubles:
    """Remembers what the house knows of. Cameras tell of themselves."""

    known: dict[str, str] = field(default_factory=dict)
    began: float | None = None

    def news(self, parts: Iterable[PartState], at: datetime, clock: float) -> list[Trouble]:
        if self.began is None:
            self.began = clock
        now = {
            part.name: part.why.rstrip(".")
            for part in parts
            if not part.ok and (part.name in PARTS or part.name.startswith(FAMILIES))
        }
        news = [
            Trouble(name, now.get(name), at, clock, round(self.began + QUIET_START, 3))
            for name in sorted({*now, *self.known})
            if (name in now) is not (name in self.known)
        ]
        self.known = now
        return news
