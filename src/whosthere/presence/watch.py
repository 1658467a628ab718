"""Asks one source again and again, and turns what it sees into reports for the house."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Protocol

from whosthere.core.errors import PresenceTrouble
from whosthere.core.ports import PresenceSource
from whosthere.core.presence import SourceFailed, SourceReport
from whosthere.presence.matching import Matcher, newest

log = logging.getLogger(__name__)

LONGEST = 4  # times the usual pause, between attempts at a source that fails


class Listening(Protocol):
    """A source that is told, instead of asking: its `seen()` returns what it was told so far.

    `listen` runs in a thread of its own until `stop` is called, raises what goes wrong (it is
    started again), and calls `heard` when there is news, so that a report follows at once.
    """

    def listen(self, heard: Callable[[], None]) -> None: ...
    def stop(self) -> None: ...


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Watch:
    """The life of one source's thread."""

    name: str
    source: PresenceSource
    matcher: Matcher
    report: Callable[[SourceReport | SourceFailed], None]
    every_seconds: float
    tell: Callable[[str | None], None] = lambda _trouble: None  # None: it works again
    now: Callable[[], datetime] = _now
    clock: Callable[[], float] = time.monotonic
    _wake: Event = field(default_factory=Event)
    _stopping: Event = field(default_factory=Event)
    _asked: Event = field(default_factory=Event)
    _failures: int = 0
    _why: str = ""  # what the house knows of the trouble
    _doubts: frozenset[str] = frozenset()

    def run(self) -> None:
        """Look until told to stop. What this does not expect goes to the worker, and is told."""
        while not self._stopping.is_set():
            self._wake.clear()
            began = self.clock()
            self.look()
            self._wake.wait(max(0.0, self.pause() - (self.clock() - began)))

    def look(self) -> None:
        """Look once, and report."""
        asked = self._asked.is_set()
        self._asked.clear()
        try:
            matches = self.matcher.match(self.source.seen(again=asked))
        except PresenceTrouble as trouble:
            self._failed(str(trouble), asked=asked)
            return
        if self._stopping.is_set():
            return  # a look that was cut short saw less than there is
        self._failures, self._why = 0, ""
        self.tell(None)
        self._doubt(frozenset(self.matcher.doubts))
        seen = newest(matches)
        self.report(SourceReport(self.name, self.now(), round(self.clock(), 3), seen, asked=asked))

    def look_again(self) -> None:
        """Look at once, as well as the source can; the report says that it was asked for."""
        self._asked.set()
        self._wake.set()

    def heard(self) -> None:
        """There is news: look at once."""
        self._wake.set()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        cut_short = getattr(self.source, "stop", None)  # a source need not have it
        if cut_short is not None:
            cut_short()

    def pause(self) -> float:
        """Return the seconds until the next look. Who fails is asked ever less often."""
        return float(self.every_seconds * min(2 ** max(0, self._failures - 1), LONGEST))

    def _failed(self, why: str, *, asked: bool) -> None:
        """Tell the house of the first failure, of another reason, and if it asked."""
        self._failures += 1
        self.tell(why)
        if why != self._why or asked:
            self._why = why
            self.report(SourceFailed(self.name, why, self.now(), round(self.clock(), 3)))

    def _doubt(self, doubts: frozenset[str]) -> None:
        for doubt in sorted(doubts - self._doubts):
            log.warning("%s: %s", self.name, doubt)
        self._doubts = doubts
