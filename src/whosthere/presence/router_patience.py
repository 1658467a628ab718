"""Waits ever longer after a refused login: three wrong passwords lock many a router."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from whosthere.core.errors import PresenceTrouble

FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0  # seconds, doubling


@dataclass(slots=True)
class Patience:
    """What a source knows of its refused logins."""

    clock: Callable[[], float] = time.monotonic
    _not_before: float = 0.0
    _pause: float = 0.0
    _told: str = ""

    def wait(self) -> None:
        """Raise the same again as long as it is too early for another attempt."""
        if self._told and self.clock() < self._not_before:
            raise PresenceTrouble(self._told)

    def refused(self, why: str) -> PresenceTrouble:
        """Word a refusal, and begin to wait."""
        self._pause = min(2 * self._pause or FIRST_PAUSE, LONGEST_PAUSE)
        self._not_before = self.clock() + self._pause
        self._told = (
            f"{why} It is tried again in {self._pause / 60:.0f} min, so that the router does not"
            " lock us out."
        )
        return PresenceTrouble(self._told)

    def welcome(self) -> None:
        self._pause, self._told = 0.0, ""
