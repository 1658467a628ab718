"""The memory of the house in one SQLite file.

Everything remembered in one call is in one transaction, together with what is to be told. Those
transactions are flushed to the disk at once (`synchronous=FULL`): an incident or alert must survive
a power cut from the moment that anyone is told, and there are only a few of them for each visit.

When the disk fails, nothing is lost as long as the program lives: things wait in memory, alerts
go out from there, and all is written when the disk works again. The row of an alert and the mark
that it was sent are then written together, so nobody is told twice.
"""

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from whosthere.core.errors import StoreTrouble
from whosthere.core.messages import SetMode
from whosthere.core.model import Alert, Incident
from whosthere.core.modes import Mode
from whosthere.core.policy import Policy
from whosthere.core.ports import Delivery, Storable
from whosthere.storage import policies, records
from whosthere.storage.database import BUSY_SECONDS, MEMORY, DiskTrouble, plain_words
from whosthere.storage.lock import OneProgram
from whosthere.storage.migrations import HOUSE, open_database, visit_database
from whosthere.storage.moments import as_moment, as_text, now
from whosthere.storage.outbox import Outbox, save
from whosthere.storage.pending import Pending
from whosthere.storage.reading import Reading
from whosthere.storage.tidy import copy_of_the_day, forget_old_rows, give_up_orphans
from whosthere.storage.writer import NotInTimeError, Writer

log = logging.getLogger(__name__)

WRITER_SECONDS = 3.0  # for which the house waits for the disk
MARK_SECONDS = 1.0  # for which a messenger does, which has a delivery to note
ASKED_SECONDS, CLOSE_SECONDS = 0.2, 1.0

Told = Callable[[str | None], None]  # what is wrong; None when it is well again


class SqliteStore(Reading):
    """Remembers, finds again, and keeps what is yet to be told. Safe to use from any thread."""

    def __init__(
        self,
        path: Path,
        *,
        messengers: Sequence[str] = (),
        on_trouble: Told | None = None,
        clock: Callable[[], datetime] = now,
        busy_seconds: float = BUSY_SECONDS,
        visiting: bool = False,
        copied_from: Path | None = None,
    ) -> None:
        self.path = path
        self.goes_back_to: Path | None = None  # from memory, once that file can be written to
        self._tell = on_trouble or (lambda _: None)
        self._now = clock
        self._trouble: str | None = None
        self._wakers: list[Callable[[], None]] = []
        self._sent_to: list[Callable[[Delivery], None]] = []
        self._pending = Pending()
        self._messengers = tuple(messengers)
        self._outbox = Outbox(messengers, clock)
        self._seen_version: int | None = None
        self._last_request = 0
        with contextlib.ExitStack() as undo:
            self._lock_file = self._take_folder(undo, visiting=visiting)
            opened = visit_database if visiting else partial(open_database, copied_from=copied_from)
            super().__init__(opened(path, HOUSE, busy_seconds=busy_seconds))
            undo.callback(self.database.close)
            self._lock = self.database.lock
            self._memory = threading.RLock()  # of what waits there; never held while writing
            self.writer = Writer(self._write_aside)
            if not visiting:
                with self.database.reading() as connection:
                    self._outbox.load(connection)
            undo.pop_all()

    def _take_folder(self, undo: contextlib.ExitStack, *, visiting: bool) -> OneProgram | None:
        if visiting or self.path == MEMORY:
            return None
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiskTrouble(
                f"The data folder {folder} cannot be made ({error.strerror}). Choose another one."
            ) from error
        lock = OneProgram(folder)
        undo.callback(lock.close)
        return lock

    @classmethod
    def visit(cls, path: Path) -> "SqliteStore":
        """Look into the database of a program that may be running, or ask it for something."""
        return cls(path, visiting=True)

    # --- remembering

    def remember(self, things: Sequence[Storable]) -> None:
        """Put all of it on disk, with a delivery for each alert and messenger.

        Raises StoreTrouble if the disk fails. Then the things are kept in memory and written as
        soon as possible, and the alerts among them go out nevertheless.
        """
        fresh = self._keep(things)
        try:
            self._write(durable=True)
        finally:
            self._settle(fresh)

    def remember_within(self, things: Sequence[Storable], seconds: float = WRITER_SECONDS) -> None:
        """As `remember`, but by the writer's thread, for whom a disk must not hold up.

        Never fails: a trouble is told. A disk that does not answer for so long is one.
        """
        fresh = self._keep(things)
        try:
            if self.writer.running:
                self.writer.ask(seconds)
            else:
                self._write_aside()
        except NotInTimeError:
            if self.writer.running:
                self._note_trouble(str(self.database.no_answer()))
            else:  # it ended just now
                self._write_aside()
        finally:
            self._settle(fresh)

    def _keep(self, things: Sequence[Storable]) -> bool:
        """Take it into memory. Tell whether there is something new to be told."""
        alerts = [thing for thing in things if isinstance(thing, Alert)]
        fresh = [a for a in alerts if self._told_at(a.id, a.revision) is None]
        raised = [self._raised(alert) for alert in fresh]
        with self._memory:
            self._pending.add(things)
            for alert, at in zip(fresh, raised, strict=True):
                self._outbox.add(alert, at)
        return bool(fresh)

    def _settle(self, fresh: bool) -> None:  # noqa: FBT001 - what `_keep` said
        """What is on disk, or cannot be put there now, is to be told."""
        if fresh:
            with self._memory:
                self._outbox.show()
            self._wake()

    def when_queued(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever there is something new to tell."""
        self._wakers.append(wake)

    def when_sent(self, tell: Callable[[Delivery], None]) -> None:
        """Call `tell` for each delivery that arrived."""
        self._sent_to.append(tell)

    def tend(self) -> None:
        """Write what could not be written before. Cheap; to be called every second or so."""
        if not (len(self._pending) or self._outbox.unsaved):
            return
        with contextlib.suppress(StoreTrouble, NotInTimeError):  # told already
            if self.writer.running:
                self.writer.ask(ASKED_SECONDS)
            else:
                self._write(durable=True)

    def _write_aside(self) -> None:
        with contextlib.suppress(StoreTrouble):  # `tend` comes again
            self._write(durable=True)

    def _write(self, *, durable: bool, patience: float | None = None) -> None:
        """Write all that is pending in one transaction."""
        try:
            with self.database.writing(durable=durable, patience=patience) as connection:
                with self._memory:
                    things, entries = self._pending.all(), self._outbox.changed()
                for _, (_, (sql, values)) in things:
                    connection.execute(sql, values)
                save(connection, entries)
        except StoreTrouble as error:
            self._note_trouble(str(error))
            raise
        with self._memory:
            self._pending.written(things)
            self._outbox.saved(entries)
            told, self._trouble = self._trouble, None
        if told:
            log.info("%s: all that waited in memory is written", self.path)
            self._tell(None)

    def _note_trouble(self, text: str) -> None:
        with self._memory:
            self._noted_trouble(text)

    def _noted_trouble(self, text: str) -> None:
        for lost in self._pending.dropped:
            if isinstance(lost, Alert):
                self._outbox.forget(lost)
        lost_text = (
            f" {len(self._pending.dropped)} things are lost." if self._pending.dropped else ""
        )
        told = f"{text} {len(self._pending)} things wait in memory.{lost_text}"
        if self._trouble is None:
            log.error("%s", told)
        self._trouble = told
        self._tell(told)

    def _raised(self, alert: Alert) -> datetime:
        if alert.revision == 1:
            return alert.at
        return self._told_at(alert.id, 1) or self._outbox.raised(alert.id) or alert.at

    def _told_at(self, alert_id: str, revision: int) -> datetime | None:
        """Find a revision on disk. One that cannot be read counts as new: rather tell twice."""
        try:
            rows = self._rows(
                "SELECT at FROM alert WHERE id = ? AND revision = ?", (alert_id, revision)
            )
        except StoreTrouble:
            return None
        return as_moment(rows[0]["at"]) if rows else None

    def _wake(self) -> None:
        for wake in self._wakers:
            wake()

    # --- telling

    def waiting(self, messenger: str) -> list[tuple[Delivery, datetime | None]]:
        """What this messenger has not delivered yet, oldest first."""
        with self._memory:
            return self._outbox.waiting(messenger)

    def sending(self, delivery: Delivery) -> None:
        """Mark before the attempt, so that a crash in it is known to be one."""
        self._mark(lambda: self._outbox.sending(delivery.key), durable=False)

    def sent(self, delivery: Delivery) -> None:
        self._mark(lambda: self._outbox.sent(delivery.key), durable=True)
        for tell in self._sent_to:
            tell(delivery)

    def put_off(self, delivery: Delivery, until: datetime, why: str) -> None:
        self._mark(lambda: self._outbox.put_off(delivery.key, until, why), durable=False)

    def failed(self, delivery: Delivery, why: str) -> None:
        self._mark(lambda: self._outbox.failed(delivery.key, why), durable=True)

    def _mark(self, change: Callable[[], None], *, durable: bool) -> None:
        """Change a delivery; a disk that fails delays only the writing."""
        with self._memory:
            change()
        with contextlib.suppress(StoreTrouble):  # told by _write, and tried again by tend
            self._write(durable=durable, patience=MARK_SECONDS)

    # --- starting and stopping

    def close_interrupted(self) -> list[Incident]:
        """End the incidents that a crash or power cut left open, where they were last seen."""
        ids = [incident.id for incident in self.open_incidents()]
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE incident SET ended = last_seen, interrupted = 1 WHERE ended IS NULL"
            )
        return [incident for name in ids if (incident := self.incident(name))]

    def close(self) -> None:
        """Write what waits, if the disk lets us, and let go of the folder."""
        self.tend()
        if self._lock.acquire(timeout=CLOSE_SECONDS):  # else its disk does not answer
            try:
                if self.goes_back_to is not None:
                    with contextlib.suppress(StoreTrouble):
                        self._copy_to(self.goes_back_to)
                self.database.close()
            finally:
                self._lock.release()
        if self._lock_file:
            self._lock_file.close()
            self._lock_file = None

    def _copy_to(self, path: Path) -> None:
        """Put all of it into a file, whose contents were the beginning of what is here."""
        with (
            contextlib.closing(OneProgram(path.parent)),
            plain_words(path),
            contextlib.closing(sqlite3.connect(path, timeout=1.0)) as file,
        ):
            self.database.writer.backup(file)

    # --- asking the running program

    def ask(self, request: SetMode) -> None:
        """Ask the program that runs on this database, now or when it starts."""
        with self.database.writing() as connection:
            connection.execute(
                "INSERT INTO request (mode, by, at, force) VALUES (?, ?, ?, ?)",
                (request.mode, request.by, as_text(request.at), request.force),
            )

    def asked(self) -> list[SetMode]:
        """Take what other processes asked for, each once. Cheap when there is nothing."""
        if not self._lock.acquire(timeout=ASKED_SECONDS):
            return []  # somebody writes for long; later then
        try:
            rows = self._new_requests()
            if rows:
                self._last_request = rows[-1]["id"]
                with contextlib.suppress(StoreTrouble), self.database.writing() as connection:
                    connection.execute("DELETE FROM request WHERE id <= ?", (self._last_request,))
        finally:
            self._lock.release()
        return [
            SetMode(Mode(row["mode"]), row["by"], as_moment(row["at"]), force=bool(row["force"]))
            for row in rows
        ]

    def _new_requests(self) -> list[sqlite3.Row]:
        writer = self.database.writer
        with plain_words(self.path):
            version = writer.execute("PRAGMA data_version").fetchone()[0]
            if version == self._seen_version:  # no other process has written
                return []
            rows = writer.execute(
                "SELECT * FROM request WHERE id > ? ORDER BY id", (self._last_request,)
            ).fetchall()
        self._seen_version = version
        return rows

    # --- policies and retention

    def use_policy(self, policy: Policy, *, author: str, reason: str) -> int:
        """Keep a policy as the current one. Returns its version, which changes with its numbers."""
        numbers = policies.as_json(policy)
        with self.database.writing() as connection:
            row = connection.execute(
                "SELECT version, numbers FROM policy ORDER BY version DESC LIMIT 1"
            ).fetchone()
            if row and row["numbers"] == numbers:
                return int(row["version"])
            version = row["version"] + 1 if row else 1
            connection.execute(
                "INSERT INTO policy (version, numbers, author, reason, at) VALUES (?, ?, ?, ?, ?)",
                (version, numbers, author, reason, as_text(self._now())),
            )
        return int(version)

    def forget_files(self, incident_ids: Sequence[str]) -> None:
        """Drop the names of files that were deleted."""
        names = ", ".join(f"{name} = NULL" for name in records.FILES)
        with self.database.writing() as connection:
            connection.executemany(
                f"UPDATE incident SET {names} WHERE id = ?",  # noqa: S608 - our own column names
                [(name,) for name in incident_ids],
            )

    def tidy(self, at: datetime, *, incident_days: float, give_up_days: float = 3.0) -> None:
        """Let go of old rows and keep a copy of the day. To be called every hour or so."""
        forget_old_rows(self.database, at - timedelta(days=incident_days))
        copy_of_the_day(self.database, at)
        orphans = give_up_orphans(
            self.database, self._messengers, at - timedelta(days=give_up_days)
        )
        if orphans:
            text = "%s: %d messages were for messengers that are no longer in the settings"
            log.warning(text, self.path, orphans)
