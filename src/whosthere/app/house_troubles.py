"""Tells the house of parts in trouble, since whoever arms it should know."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from whosthere.app.health import PartState
from whosthere.core.messages import Trouble

PARTS = {"recorder", "database", "detector"}
MESSENGER = "messenger "


@dataclass(slots=True)
class HouseTroubles:
    """Remembers what the house knows of. Cameras tell of themselves."""

    known: dict[str, str] = field(default_factory=dict)

    def news(self, parts: Iterable[PartState], at: datetime, clock: float) -> list[Trouble]:
        now = {
            part.name: part.why.rstrip(".")
            for part in parts
            if not part.ok and (part.name in PARTS or part.name.startswith(MESSENGER))
        }
        news = [
            Trouble(name, now.get(name), at, clock)
            for name in sorted({*now, *self.known})
            if (name in now) is not (name in self.known)
        ]
        self.known = now
        return news
