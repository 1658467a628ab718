"""Tells people that the house stands still, since it cannot itself, and has it begin anew.

All alerts come from the thread that keeps the house. While it hangs, cameras see and nobody hears
of it. So this goes round the house: its alert goes straight to the outbox, from where messengers
take it as any other. A thread that hangs in a library or in the kernel cannot be ended from within;
what mends it is a new start of the program. Under systemd the watchdog does that. Elsewhere, as in
a container or a terminal, the program puts itself in its own place, with the same process id.
"""

import faulthandler
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from whosthere.app.vitals import Vitals
from whosthere.core import notices
from whosthere.core.errors import StoreTrouble
from whosthere.core.model import Alert, AlertKind, News
from whosthere.monitoring.systemd import Systemd

log = logging.getLogger(__name__)

EVERY = 1.0  # s
SURE = 3  # looks in a row: after a pause of the whole machine, the house needs a moment too
WELL_FOR, WELL_AFTER_START = 10.0, 60.0  # s of progress until people are told that it is well
LOOKS_BACK = timedelta(days=2)
NAME = "standstill"
TOLD = (
    "house: it takes no messages, so nobody is told of visits; if that lasts for 45 s,"
    " the program starts anew"
)


def _stay() -> None:
    """Nobody said what else to do: as in tests, where the program is not all of the process."""


@dataclass(slots=True)
class Standstill:
    """`run` is for a thread. Whoever runs the whole process says how it begins anew."""

    vitals: Vitals
    seconds: float  # without a message taken, that count as standing still
    begin_anew: Callable[[], None] = _stay
    stopping: Event = field(default_factory=Event)
    _told: Alert | None = None
    _still: int = 0  # looks in a row
    _stuck: int = 0
    _moving: float | None = None  # since when it moves again
    _well_for: float = WELL_FOR

    def run(self) -> None:
        """Look until stopped; first, whether an earlier run ended in a standstill."""
        with suppress(StoreTrouble):
            self._told = self._left_open()
        self._well_for = WELL_AFTER_START if self._told else WELL_FOR
        while not self.stopping.wait(EVERY):
            self.look()

    def look(self) -> None:
        still = self.vitals.tick_age > self.seconds
        self._still = self._still + 1 if still else 0
        self._stuck = self._stuck + 1 if self.vitals.stuck() else 0
        if self._still >= SURE and self._told is None:
            self._tell(self._first())
        if self._stuck == SURE:
            log.error("no progress: %s; the program begins anew", "; ".join(self.vitals.stuck()))
            self.begin_anew()
        self._look_whether_well(still=still)
        self._look_at_health()

    def _look_at_health(self) -> None:
        """Who reads all values may hang too, on a disk or a tool that does not answer."""
        looked, board = self.vitals.looked, self.vitals.parts.health
        if looked is None:
            return
        old = self.vitals.clock() - looked > 2 * self.seconds
        if old and board.of("health").ok:
            board.changed("health", "its readings are old: one of them does not come to an end")
        elif not old:
            board.recovered("health")

    def _look_whether_well(self, *, still: bool) -> None:
        clock = self.vitals.clock()
        if still or self._told is None or self.vitals.ticked is None:
            self._moving = None
            return
        if self._moving is None:
            self._moving = clock
        if clock - self._moving >= self._well_for:
            over = notices.later(self._told, self._now(), News.STOPPED, "house")
            self._tell(replace(over, kind=AlertKind.WELL_AGAIN))
            self._told, self._well_for = None, WELL_FOR

    def _first(self) -> Alert:
        mode = self.vitals.parts.house().arm_state.mode
        return notices.notice(AlertKind.TROUBLE, self._now(), mode, TOLD, name=NAME)

    def _tell(self, alert: Alert) -> None:
        self._told = alert
        self.vitals.parts.store.remember_within([alert])

    def _left_open(self) -> Alert | None:
        """What people were told, and never that it is over."""
        told = self.vitals.parts.store.alerts(self._now() - LOOKS_BACK)
        last = [one for one in told if one.id.endswith(f"-{NAME}")][-1:]
        return next((one for one in last if one.kind is AlertKind.TROUBLE), None)

    def _now(self) -> datetime:
        return self.vitals.parts.now()


def begin_process_anew() -> None:
    """Say in the log where each thread is; then have systemd, or do oneself, start it again."""
    faulthandler.dump_traceback()
    systemd = Systemd.of()
    if systemd.watchdog_seconds is not None:
        systemd.tell("WATCHDOG=trigger")
        return
    _execute_itself()


def begin_anew_after_end() -> None:
    """All has ended well. systemd starts it again by itself."""
    if not Systemd.of().address:
        _execute_itself()


def _execute_itself() -> None:
    for number in _open_files():
        with suppress(OSError):
            os.set_inheritable(number, False)  # noqa: FBT003 - cameras, pins and locks are let go of
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves


def _open_files() -> Iterator[int]:
    with suppress(OSError):
        yield from (int(one.name) for one in list(Path("/proc/self/fd").iterdir())
                    if int(one.name) > 2)  # fmt: skip # noqa: PLR2004 - not those of the terminal
