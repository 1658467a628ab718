"""How soon the disk will be full, from how it has filled so far."""

from collections import deque
from dataclasses import dataclass, field

EVERY, LONGEST = 600.0, 3 * 86400.0  # s between samples kept, and how far back they reach
LEAST = 6 * 3600.0  # s before anything is said: clips come and go in a night
DAY = 86400.0


@dataclass(slots=True)
class DiskTrend:
    """Fits a line through the free bytes of the last days."""

    _samples: deque[tuple[float, float]] = field(default_factory=deque)

    def note(self, clock: float, free: float) -> None:
        if self._samples and clock - self._samples[-1][0] < EVERY:
            return
        self._samples.append((clock, free))
        while clock - self._samples[0][0] > LONGEST:
            self._samples.popleft()

    def days_left(self) -> float | None:
        """Days until it is full; None: it does not fill, or that is not known yet."""
        if len(self._samples) < 2 or self._samples[-1][0] - self._samples[0][0] < LEAST:  # noqa: PLR2004
            return None
        number = len(self._samples)
        mean_clock = sum(clock for clock, _ in self._samples) / number
        mean_free = sum(free for _, free in self._samples) / number
        spread = sum((clock - mean_clock) ** 2 for clock, _ in self._samples)
        common = sum((c - mean_clock) * (f - mean_free) for c, f in self._samples)
        slope = common / spread  # bytes a second
        if slope >= 0:
            return None
        return self._samples[-1][1] / -slope / DAY
