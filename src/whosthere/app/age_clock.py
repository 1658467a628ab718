"""The time by which what is kept grows old.

What is deleted for its age is gone for good, and a machine's clock may be wrong by years: its
battery is empty, or its time server is. So age goes by the clock of the machine only as long as
that moves on as the program runs. After a leap ahead, age goes on from the moment that was
believed before, second by second, and the clock is believed again once it has kept its new time
for a day of running. A clock that says of itself that it follows nobody has to be set first.

A clock that was put back makes things younger, which deletes nothing. It is believed at once.
"""

import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from whosthere.core.spans import span
from whosthere.devices.board import Board
from whosthere.storage.moments import as_moment, as_text
from whosthere.whole_files import write_whole

log = logging.getLogger(__name__)

LEAP = timedelta(hours=12)  # a night without power, or hours in the wrong zone, are none
BELIEVED_AFTER = timedelta(days=1)
NAME = "age-clock.json"


@dataclass(slots=True)
class AgeClock:
    """Safe to use from any thread. `moment` is asked once an hour, or when the disk is full."""

    file: Path  # what was believed, for the next start
    tell: Callable[[str | None], None] = lambda _: None
    is_set: Callable[[], bool | None] = field(default_factory=lambda: Board().clock_is_set)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    newest: Callable[[], datetime | None] = lambda: None  # what an earlier version left, if any
    _believed: datetime | None = None
    _waited: timedelta | None = None  # since a leap, if there was one
    _asked: float | None = None
    _was_off: bool = False  # which explains the leap, and is no trouble
    _lock: Lock = field(default_factory=Lock)

    def moment(self) -> datetime:
        """Return the moment by which to count ages."""
        with self._lock:
            now, clock = self.now(), self.clock()
            if self._believed is None or self._asked is None:
                self._believed, self._waited = self._earlier(now)
                ran, first = timedelta(0), True
            else:
                ran, first = timedelta(seconds=clock - self._asked), False
            self._asked = clock
            self._go_on(now, self._believed + ran, ran, first=first)
            self._write()
            return self._believed

    def _go_on(self, now: datetime, expected: datetime, ran: timedelta, *, first: bool) -> None:
        leap = now - expected
        waited = timedelta(0) if self._waited is None else self._waited + ran
        if leap < LEAP or (waited >= BELIEVED_AFTER and self.is_set() is not False):
            self._believed, self._waited, self._was_off = now, None, False
            self.tell(None)
            return
        self._believed, self._waited = expected, waited
        ahead = span(leap.total_seconds())
        if first:
            self._was_off = True
            log.info("the clock is %s further than when this ran last; ages wait for a day", ahead)
        elif not self._was_off:
            self.tell(
                f"The clock leapt ahead by {ahead}. Nothing counts as older by that until the"
                " clock has kept its time for a day; see whether it is right, with 'timedatectl'."
            )

    def _earlier(self, now: datetime) -> tuple[datetime, timedelta | None]:
        """What was believed last."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads(self.file.read_text(encoding="utf-8"))
            waited = found["waited"]
            believed = as_moment(str(found["believed"])).astimezone(UTC)
            return believed, None if waited is None else timedelta(seconds=float(waited))
        return self.newest() or now, None

    def _write(self) -> None:
        if self._believed is None:
            return
        waited = None if self._waited is None else self._waited.total_seconds()
        known = {"believed": as_text(self._believed), "waited": waited}
        with suppress(OSError):  # a full disk: what is in memory goes on
            write_whole(self.file, json.dumps(known))
