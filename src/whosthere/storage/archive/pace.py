"""How fast copies may leave, all of them together, and that alerts go first."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

BURST_SECONDS = 1.0  # of the rate, that may go at once after a pause
YIELD_STEP, MOST_YIELD = 0.25, 2.0  # seconds; servers cut lines that are silent for long


class Stopped(Exception):
    """The program ends; what is under way goes on at the next start."""


@dataclass(slots=True)
class Pace:
    """A token bucket: who takes more than there is waits until it has been paid for.

    While `busy` says so, each piece waits two seconds longer, so that the line is free for an
    alert, and yet not so silent that the other side hangs up.
    """

    bytes_per_second: float | None = None
    busy: Callable[[], bool] = lambda: False
    stopping: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[float], object] | None = None  # in place of the event's, for tests
    _tokens: float = field(default=0.0, init=False)
    _since: float = field(default=float("-inf"), init=False)
    _asked: float = field(default=float("-inf"), init=False)

    def take(self, amount: int) -> None:
        """Return when so many bytes may go. Raises Stopped."""
        self.check()
        self._give_way()
        if self.bytes_per_second is None:
            return
        rate, now = self.bytes_per_second, self.clock()
        self._tokens = min(rate * BURST_SECONDS, self._tokens + rate * (now - self._since))
        self._since = now
        self._tokens -= amount
        if self._tokens < 0:
            self._wait(-self._tokens / rate)

    def check(self) -> None:
        if self.stopping.is_set():
            raise Stopped

    def _give_way(self) -> None:
        now = self.clock()
        if now - self._asked < YIELD_STEP:
            return
        waited = 0.0
        while waited < MOST_YIELD and self.busy():
            self._wait(YIELD_STEP)
            waited += YIELD_STEP
        self._asked = self.clock()

    def _wait(self, seconds: float) -> None:
        (self.wait or self.stopping.wait)(seconds)
        self.check()
