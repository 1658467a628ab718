"""Has a thread of its own write, so that a disk that does not answer holds up nobody else.

A card that fails may take minutes for one write, or never end it, and nothing ends such a thread.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


class NotInTimeError(Exception):
    """What was asked for is not done yet; it may be done later."""


@dataclass(slots=True, eq=False)
class _Ask:
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class Writer:
    """`run` is for a thread, all else for others."""

    def __init__(
        self, work: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._work = work
        self._clock = clock
        self._asks: list[_Ask] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._began: float | None = None
        self.running = False

    def run(self) -> None:
        """Work whenever somebody asks, until stopped."""
        with self._changed:
            self.running = True
        try:
            while asks := self._next():
                self._serve(asks)
        finally:
            with self._changed:
                self.running = False
                for one in self._asks:  # who came last is not kept waiting
                    one.error = NotInTimeError()
                    one.done.set()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def ask(self, seconds: float) -> None:
        """Have the work done, and wait for it, but not behind one that is late already.

        Raises what the work raised, or NotInTimeError.
        """
        ask = _Ask()
        with self._changed:
            if self._late(seconds) or (self._stopping and not self.running):
                raise NotInTimeError
            self._asks.append(ask)
            self._changed.notify_all()
        if not ask.done.wait(seconds):
            raise NotInTimeError
        if ask.error is not None:
            raise ask.error

    def late(self, seconds: float) -> bool:
        """Whether one piece of work takes longer than that."""
        with self._changed:
            return self._late(seconds)

    def _late(self, seconds: float) -> bool:
        return self._began is not None and self._clock() - self._began > seconds

    def _next(self) -> list[_Ask]:
        with self._changed:
            self._changed.wait_for(lambda: self._asks or self._stopping)
            asks, self._asks = self._asks, []
            self._began = self._clock() if asks else None
            return asks

    def _serve(self, asks: list[_Ask]) -> None:
        error: BaseException | None = None
        try:
            self._work()
        except BaseException as raised:
            error = raised
            raise
        finally:
            with self._changed:
                self._began = None
            for one in asks:
                one.error = error
                one.done.set()
