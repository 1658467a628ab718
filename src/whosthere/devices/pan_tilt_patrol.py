"""Looking at one place after the other, at the times that people chose."""

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True, slots=True)
class Patrol:
    """Where to look, for how long, and when. Without stops there is none."""

    stops: tuple[str, ...] = ()  # names of presets
    dwell_seconds: float = 30.0
    begins: time | None = None  # local time of day
    ends: time | None = None

    def is_on(self, local: datetime) -> bool:
        """Whether this is the time for it; a night may go over midnight."""
        if not self.stops:
            return False
        if self.begins is None or self.ends is None:
            return True
        now = local.time()
        if self.begins < self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends
