"""How often a camera's detector looks, and how it comes back after it failed."""

import logging

from whosthere.core.sighting import Frame

log = logging.getLogger(__name__)

SPARE_RUNS = 5.0  # of the net, above the mean rate, after a rest
LONGEST_PAUSE = 60.0


class Pace:
    """Keeps a mean rate of looks, and of runs of the net, although frames come when they come.

    After a rest a few more runs are allowed, since the first seconds of a visit matter most.
    """

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._due = self._last = float("-inf")
        self._runs = SPARE_RUNS

    def due(self, clock: float, pause: float) -> bool:
        """Whether it is time; `pause` asks for more time than usual since the last look."""
        rested = self._runs + (clock - self._last) * self._per_second
        if clock < max(self._due, self._last + pause) or rested < 1.0:
            return False
        step = 1.0 / self._per_second
        self._due = max(self._due, clock - step / 2) + step
        self._runs = min(SPARE_RUNS, rested)
        self._last = clock
        return True

    def took(self, runs: int) -> None:
        self._runs -= runs


class Trouble:
    """Remembers that the detector failed: told once, tried again after growing pauses."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._pause = 0.0
        self._until = float("-inf")

    def pausing(self, clock: float) -> bool:
        return clock < self._until

    def note(self, frame: Frame, error: Exception) -> None:
        self._pause = min(max(1.0, 2 * self._pause), LONGEST_PAUSE)
        self._until = frame.clock + self._pause
        kind = f"{type(error).__name__}: {error}"
        if kind not in self._told:
            self._told.add(kind)
            log.error(
                "%s: the detector failed, so motion alone is told until it works again. %s",
                frame.camera,
                str(error) or type(error).__name__,
            )

    def over(self, frame: Frame) -> None:
        if self._pause:
            log.info("%s: the detector works again", frame.camera)
        self._told.clear()
        self._pause = 0.0
