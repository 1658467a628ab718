"""The life of the archive's thread: sends what waits, compares, and does not give up.

One file at a time, the most urgent first. Trouble with the archive as a whole makes all of it wait,
ever longer; trouble with one file only that file. A file counts as copied when the archive has
said so and its size and checksum were compared, and never before.
"""

import logging
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from whosthere.core.errors import ArchiveTrouble, StoreTrouble
from whosthere.core.ports import Archive, Copy, Resume
from whosthere.storage.archive import things
from whosthere.storage.archive.forgetting import Forgetting, remove_copies
from whosthere.storage.archive.outbox import LONGEST_PAUSE, ArchiveOutbox, Waiting
from whosthere.storage.archive.pace import Pace, Stopped
from whosthere.storage.archive.things import OUTGOING, Kind

log = logging.getLogger(__name__)

FIRST_PAUSE, MOST_PAUSE = 2.0, 900.0  # seconds between attempts, doubling
JITTER = 0.2  # of a pause
LOOK_EVERY = 30.0  # seconds, when nothing waits
TEND_EVERY = 3600.0
NICE = 10  # of the thread: what watches goes first


class FileTrouble(Exception):
    """One file cannot be sent; others may."""


@dataclass(slots=True, eq=False)
class Uploading:
    """Copies one file after the other. `run` is for a thread, `wake` and `stop` for all others."""

    outbox: ArchiveOutbox
    archive: Archive
    folder: Path  # of the data
    kinds: Sequence[Kind]
    pace: Pace
    at_once: bool = True
    may_delete: bool = True  # copies of what was forgotten
    tend: Callable[[datetime], None] = lambda _: None  # scans, nightly copies, deleting
    on_trouble: Callable[[str | None], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: random.Random = field(default_factory=random.Random)
    sent_bytes: int = field(default=0, init=False)
    _failures: int = field(default=0, init=False)
    _told: str | None = field(default=None, init=False)
    _resume: float = field(default=float("-inf"), init=False)
    _obeying: bool = field(default=False, init=False)
    _tended: float = field(default=float("-inf"), init=False)
    _woken: threading.Event = field(default_factory=threading.Event, init=False)

    def run(self) -> None:
        """Send until stopped."""
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)  # of this thread
        while not self.pace.stopping.is_set():
            pause = self.step()
            if pause > 0 and not self.pace.stopping.is_set():
                self._woken.wait(pause)

    def wake(self) -> None:
        """Something urgent may be there: look at once."""
        self._woken.set()

    def stop(self) -> None:
        self.pace.stopping.set()
        self._woken.set()

    def step(self) -> float:
        """Send one file if one is due. Returns the seconds until it is worth to ask again."""
        clock = self.clock()
        if self._woken.is_set():
            self._woken.clear()
            self._resume = self._resume if self._obeying else clock
        try:
            if clock - self._tended >= TEND_EVERY:
                self._tended = clock
                self._try(partial(self.tend, self.now()))
            return self._send_next(clock)
        except Stopped:
            return 0.0
        except StoreTrouble as trouble:
            self._note(str(trouble))
            return LOOK_EVERY

    def send_all(self) -> tuple[int, str | None]:
        """Send all that is due, until the first trouble. Returns how many, and that trouble."""
        self._try(partial(self.tend, self.now()))
        sent = 0
        while not self._failures:
            self._look_again()
            waiting = self._next()
            if waiting is None:
                break
            went = self._try(partial(self._do, waiting), waiting)
            sent += went and waiting.state == "waiting"
        return sent, self._told

    def _send_next(self, clock: float) -> float:
        if clock < self._resume:
            return self._resume - clock
        self._look_again()
        waiting = self._next()
        if waiting is None:
            return LOOK_EVERY
        self._try(partial(self._do, waiting), waiting)
        return 0.0

    def _next(self) -> Waiting | None:
        """What is to be sent, or to be taken out: that goes before all but what is urgent."""
        waiting = self.outbox.due(self.now(), self.kinds, at_once=self.at_once)
        if not self.may_delete or (waiting is not None and waiting.urgent):
            return waiting
        return Forgetting(self.outbox.database).due(self.now()) or waiting

    def _do(self, waiting: Waiting) -> None:
        if waiting.state == "waiting":
            self._send(waiting)
            return
        try:
            remove_copies(self.archive, waiting.thing.name)
        except ArchiveTrouble as trouble:  # copies may well be made while none may be deleted
            raise FileTrouble(f"{waiting.thing.name} is still there. {trouble}") from None
        Forgetting(self.outbox.database).forgotten(waiting.thing.name)

    def _try(self, work: Callable[[], None], waiting: Waiting | None = None) -> bool:
        """Do something with the archive; note how it went."""
        try:
            work()
        except ArchiveTrouble as trouble:
            self._failures += 1
            pause = self._pause(self._failures)
            self._obeying = trouble.wait_seconds is not None
            if trouble.wait_seconds is not None:
                pause = max(pause, min(trouble.wait_seconds, MOST_PAUSE))
            until = self.now() + timedelta(seconds=pause)
            self._resume = self.clock() + pause  # by then, it is due
            self._note(str(trouble))
            if waiting is not None:
                self.outbox.put_off(waiting.thing.name, waiting.attempts + 1, until, str(trouble))
            return False
        except FileTrouble as trouble:
            if waiting is not None:
                pause = min(self._pause(waiting.attempts + 1), LONGEST_PAUSE.total_seconds())
                until = self.now() + timedelta(seconds=pause)
                self.outbox.put_off(waiting.thing.name, waiting.attempts + 1, until, str(trouble))
            log.log(logging.WARNING if waiting and not waiting.attempts else logging.DEBUG,
                    "archive: %s", trouble)  # fmt: skip
            return False
        if waiting is not None:  # tending may have had nothing to ask the archive
            self._failures, self._obeying = 0, False
        if self._told is not None and not self._failures:
            self._note(None)
        return True

    def _note(self, why: str | None) -> None:
        """Tell once, and once that it is over."""
        if why is not None and self._told is None:
            log.warning("archive: %s It is tried again.", why)
        if why is None and self._told is not None:
            log.info("archive: works again")
        self._told = why
        self.on_trouble(why)

    def _pause(self, attempts: int) -> float:
        pause = min(FIRST_PAUSE * 2.0 ** min(attempts - 1, 20), MOST_PAUSE)
        return pause * self.chance.uniform(1 - JITTER, 1 + JITTER)

    def _look_again(self) -> None:
        """Queue anew what has changed since it was copied, as a picture for a better one."""
        for one in self.outbox.unlooked():
            try:
                about = (self.folder / one.thing.name).stat()
            except OSError:  # it was deleted; there is a copy
                self.outbox.looked(one.thing.name)
                continue
            if (about.st_size, about.st_mtime_ns) == (one.size, one.changed):
                self.outbox.looked(one.thing.name)
            else:
                self.outbox.again(one.thing.name)

    def _send(self, waiting: Waiting) -> None:
        name = waiting.thing.name
        path = self.folder / name
        if path.is_symlink() or not path.resolve().is_relative_to(self.folder.resolve()):
            self.outbox.gone(name, "it is no file of ours")
            return
        try:
            with path.open("rb") as source:
                self._send_file(waiting, source)
        except FileNotFoundError:
            log.warning("archive: %s was deleted before it was copied", name)
            self.outbox.gone(name, "deleted here before it was copied")
        except OSError as error:
            raise FileTrouble(f"{path} cannot be read: {error.strerror}.") from None
        else:
            if name.startswith(f"{OUTGOING}/"):
                path.unlink(missing_ok=True)

    def _send_file(self, waiting: Waiting, source: BinaryIO) -> None:
        name, before = waiting.thing.name, os.fstat(source.fileno())
        size, sha256 = things.digest(source, self.pace.check)
        known = waiting.sha256
        self.outbox.measured(name, size, before.st_mtime_ns, sha256)
        key = self._place(waiting, source, size, sha256)
        after = os.fstat(source.fileno())
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            self.outbox.again(name)
            raise FileTrouble(f"{name} changed while it was copied. It is copied again.")
        if things.is_version(key) and known in {None, sha256} and not waiting.finished:
            log.warning("archive: another %s is there already; this one is %s", name, key)
        self.sent_bytes += size
        self.outbox.done(name, key, self.now())

    def _place(self, waiting: Waiting, source: BinaryIO, size: int, sha256: str) -> str:
        """Put the file where nothing else is; what is there already need not be sent."""
        first = things.key_of(waiting.thing.name)
        for key in (first, things.version_of(first, sha256)):
            copy = Copy(key, size, sha256)
            if waiting.finished or waiting.attempts or key != first:
                there = self.archive.find(key)  # it may have arrived though we did not hear of it
                if there is not None and there.size >= 0:
                    if (there.size, there.sha256) == (size, sha256):
                        return key
                    continue
            source.seek(0)
            note = partial(self.outbox.noted, waiting.thing.name)
            if self.archive.put(copy, source, Resume(waiting.upload, note)):
                return key
            there = self.archive.find(key)
            if there is None:
                raise ArchiveTrouble(f"{key} is in the way and yet not there.")
            if (there.size, there.sha256) == (size, sha256) or (there.size < 0 and key != first):
                return key
        raise ArchiveTrouble(
            f"What the archive holds as {things.version_of(first, sha256)} is not what was sent."
        )
