"""All that the house heard, the numbers of every analysed frame above all, for weeks, in a file.

The ledger is large and can be replaced; the house's database is small and cannot. So they are two
files: a clean-up here never holds up an alert there, the check at the start stays quick, and damage
to one leaves the other alone. Sightings wait in memory and are written in batches, without a flush
of the disk (`synchronous=NORMAL`): a crash costs at most the last batch, a power cut maybe some
before it, and neither damages what was written earlier.

A batch of quiet seconds is far smaller than a page of the disk, so it goes into the chunk before
as long as that stays within a page: as many pages are written, and a tenth are needed to keep.

Who decides again on all of it, from a note of what the house was like, decides as was decided then.
The first note of a run stands before its first message, others some minutes apart.
"""

import heapq
import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, TypeAlias

from whosthere.core.errors import StoreTrouble
from whosthere.core.history import EPOCH, History
from whosthere.core.messages import Message
from whosthere.core.model import House
from whosthere.core.policy import Policy
from whosthere.core.sighting import Sighting
from whosthere.storage import plain
from whosthere.storage.chunks import Numbered, pack, unpack
from whosthere.storage.heard import NO_CAMERA, Unseen, heard_at, heard_clock, pack_heard
from whosthere.storage.migrations import LEDGER, open_database, visit_database
from whosthere.storage.moments import as_text, now
from whosthere.storage.recall import END, START, milliseconds, recall
from whosthere.storage.writer import NotInTimeError, Writer

log = logging.getLogger(__name__)

BATCH_SECONDS = 30.0
CHUNK_FRAMES = 1500  # a batch is written early when it has so many, as in a fast scan
CHUNK_BYTES = 3500  # a chunk that has so many is left as it is
MOST_WAITING = 50_000  # while the disk fails; some 50 MB
OLDEST_AT_ONCE = 20  # chunks deleted in one transaction
SOON_SECONDS, LATE_SECONDS = 0.5, 3.0  # that the house waits for the disk; that is too long
NOTE_SECONDS = 300.0  # between notes of what the house is like

Waiting: TypeAlias = Numbered | Unseen


class Note(NamedTuple):
    """What the house was like right before a message, ready to be written."""

    sequence: int
    at: datetime
    begins: bool  # a start, or other rules than before
    policy: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _OpenChunk:
    """The newest chunk of a camera, which may still grow."""

    id: int
    frames: tuple[Waiting, ...]


class SqliteLedger:
    """Adds messages in batches and reads them back in the order in which they were added."""

    def __init__(
        self,
        path: Path,
        *,
        batch_seconds: float = BATCH_SECONDS,
        on_trouble: Callable[[str | None], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        visiting: bool = False,
    ) -> None:
        self.path = path
        self.writer = Writer(self.flush)
        opened = visit_database if visiting else open_database
        self._database = opened(path, LEDGER)
        self._batch_seconds = batch_seconds
        self._tell = on_trouble or (lambda _: None)
        self._clock = clock
        self._lock = threading.Lock()  # of what waits; never held while writing
        self._writing = threading.Lock()
        self._waiting: list[Waiting] = []
        self._notes: list[Note] = []
        self._noted: tuple[Policy | None, float] = None, 0.0
        self._heard: tuple[datetime, float] = EPOCH, 0.0  # of the newest message that says it
        self._batch_began = clock()
        self._sequence = 0
        self._run: int | None = None
        self._open: dict[str, _OpenChunk] = {}
        self._lost = 0
        self._trouble: str | None = None

    @classmethod
    def visit(cls, path: Path) -> "SqliteLedger":
        """Read what another process writes."""
        return cls(path, visiting=True)

    def note(self, house: House, policy: Policy) -> None:
        """Keep what the house is like before its next message, if it is time. Cheap."""
        before, clock = self._noted
        if policy is before and abs(self._heard[1] - clock) < NOTE_SECONDS:
            return
        body = zlib.compress(plain.to_json(house).encode(), 9)
        with self._lock:
            at, clock = self._heard
            begins, rules = policy is not before, plain.to_json(policy)
            self._notes.append(Note(self._sequence + 1, at, begins, rules, body))
            self._noted = policy, clock

    def add(self, message: Message) -> None:
        """Keep a message; a picture is let go of at once. Never fails: a trouble is told."""
        with self._lock:
            self._bound()
            self._sequence += 1
            self._heard = heard_at(message, self._heard[0]), heard_clock(message, self._heard[1])
            if isinstance(message, Sighting):
                numbers = replace(message, frame=None) if message.frame else message
                self._waiting.append(Numbered(self._sequence, numbers))
            else:
                self._waiting.append(Unseen(self._sequence, message, *self._heard))
            full = len(self._waiting) % CHUNK_FRAMES == 0
        if full:
            self.flush_soon()
        else:
            self.tend()

    def tend(self) -> None:
        """Write the batch if it is time. Cheap."""
        if self._clock() - self._batch_began >= self._batch_seconds:
            self.flush_soon()
        if self._trouble is None and self.writer.late(LATE_SECONDS):
            with self._lock:
                self._note_trouble(str(self._database.no_answer()))

    def flush_soon(self) -> None:
        """Have the writer's thread write what waits, or write it, if there is none.

        Who calls this is not held up by a disk that does not answer, which is told.
        """
        self._batch_began = self._clock()
        if not self.writer.running:
            self.flush()
            return
        with suppress(NotInTimeError):  # `tend` tells if it is late
            self.writer.ask(SOON_SECONDS)

    def flush(self) -> None:
        """Write what waits. If the disk fails, that is told, and all waits for the next time."""
        if not self._writing.acquire(timeout=LATE_SECONDS):
            return  # told by `flush_soon`
        try:
            self._batch_began = self._clock()
            with self._lock:
                waiting, notes = list(self._waiting), list(self._notes)
            if waiting:
                self._write_batch(waiting, notes)
        finally:
            self._writing.release()

    def _write_batch(self, waiting: list[Waiting], notes: list[Note]) -> None:
        try:
            self._write(waiting, notes)
        except StoreTrouble as error:
            with self._lock:
                self._note_trouble(str(error))
            return
        except BaseException:  # a mistake in this batch must not stop all that follow
            self._written(waiting, notes)
            raise
        self._written(waiting, notes)
        with self._lock:
            told, self._trouble = self._trouble, None
        if told:
            self._tell(None)

    def _written(self, waiting: list[Waiting], notes: list[Note]) -> None:
        """Let go of what is on disk. Of what came first, some may have been dropped meanwhile."""
        last = waiting[-1].sequence
        with self._lock:
            self._waiting = [one for one in self._waiting if one.sequence > last]
            self._notes = self._notes[len(notes) :]

    def _write(self, waiting: list[Waiting], notes: list[Note]) -> None:
        grown = dict(self._open)
        with self._database.writing(durable=False) as connection:
            run = self._run
            if run is None:
                run = connection.execute(
                    "INSERT INTO run (started) VALUES (?)", (as_text(now()),)
                ).lastrowid
            for note in notes:
                _save_note(connection, run, note, waiting[0].at)
            for camera in dict.fromkeys(frame.camera for frame in waiting):
                fresh = [frame for frame in waiting if frame.camera == camera]
                for first in range(0, len(fresh), CHUNK_FRAMES):
                    part = fresh[first : first + CHUNK_FRAMES]
                    chunk = _save(connection, run, part, grown.pop(camera, None))
                    if chunk:
                        grown[camera] = chunk
        self._run, self._open = run, grown

    def _bound(self) -> None:
        excess = len(self._waiting) - MOST_WAITING
        if excess > 0:
            del self._waiting[:excess]
            self._lost += excess

    def _note_trouble(self, text: str) -> None:
        self._bound()
        if self._trouble is None:
            log.error("%s The numbers of sightings wait in memory.", text)
        lost = f" The numbers of {self._lost} frames are lost." if self._lost else ""
        self._trouble = text + lost
        self._tell(self._trouble)

    def read(
        self,
        camera: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[Sighting]:
        """Give back sightings, of one camera or all, in the order in which the house heard them.

        That is the order of starts of the program and of adding within each, whatever the wall
        clock did. Only a chunk of each camera is in memory at a time.
        """
        self.flush()
        streams = [
            self._stream(name, since, until)
            for name in ([camera] if camera is not None else self.cameras())
        ]
        for _, _, sighting in heapq.merge(*streams, key=itemgetter(0, 1)):
            if (since is None or since <= sighting.at) and (until is None or sighting.at < until):
                yield sighting

    def _stream(
        self, camera: str, since: datetime | None, until: datetime | None
    ) -> Iterator[tuple[int, int, Sighting]]:
        with self._database.reading() as connection:  # ids first: a slow reader holds nothing up
            ids = connection.execute(
                "SELECT id FROM chunk WHERE camera = ? AND latest >= ? AND earliest < ?"
                " ORDER BY run, first_sequence",
                (camera, milliseconds(since, START), milliseconds(until, END) + 1),
            ).fetchall()
        for (number,) in ids:
            with self._database.reading() as connection:
                row = connection.execute(
                    "SELECT run, body FROM chunk WHERE id = ?", (number,)
                ).fetchone()
            if row is None:  # deleted meanwhile
                continue
            try:
                frames = list(unpack(camera, row["body"]))
            except (ValueError, TypeError, IndexError, KeyError) as error:
                log.warning(
                    "%s: chunk %d of %s is damaged and left out: %s",
                    self.path, number, camera, error,
                )  # fmt: skip
                continue
            for sequence, sighting in frames:
                yield row["run"], sequence, sighting

    def history(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        every_note: bool = False,
    ) -> Iterator[History]:
        """Give back all that the house heard, from the last note before `since` on."""
        self.flush()
        return recall(self._database, since, until, every_note=every_note)

    def cameras(self) -> list[str]:
        """Return the names of all cameras that have numbers."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT DISTINCT camera FROM chunk ORDER BY camera")
            return [row["camera"] for row in rows if row["camera"] != NO_CAMERA]

    def tidy(self, at: datetime, *, days: float, most_bytes: int | None = None) -> None:
        """Let go of what is too old, and of the oldest while there is too much."""
        while self._delete_oldest(milliseconds(at - timedelta(days=days), END)):
            pass
        while most_bytes is not None and self.used_bytes() > most_bytes and self._delete_oldest():
            pass
        self._database.give_back_space()

    def _delete_oldest(self, before: int = END) -> int:
        """Delete some chunks, few at a time so that others may write in between."""
        with self._database.writing(durable=False) as connection:
            deleted = connection.execute(
                "DELETE FROM chunk WHERE id IN"
                " (SELECT id FROM chunk WHERE latest < ? ORDER BY id LIMIT ?)",
                (before, OLDEST_AT_ONCE),
            ).rowcount
            if deleted:  # of what came before all that is left, nothing can be decided
                connection.execute("DELETE FROM note WHERE at < (SELECT min(earliest) FROM chunk)")
            return deleted

    def used_bytes(self) -> int:
        """Bytes that hold something; the file may be larger for a while."""
        with self._database.reading() as connection:
            pages, free, size = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
        return int((pages - free) * size)

    def close(self) -> None:
        self.flush()
        self._database.close()


def _save(
    connection: sqlite3.Connection,
    run: int | None,
    fresh: list[Waiting],
    before: _OpenChunk | None,
) -> _OpenChunk | None:
    """Write frames into the chunk before, or a new one. Returns it while it may still grow."""
    if before is not None and len(before.frames) + len(fresh) > CHUNK_FRAMES:
        before = None
    frames = (*before.frames, *fresh) if before else tuple(fresh)
    moments = [frame.at for frame in frames]
    body = _packed(frames)
    number = connection.execute(
        "INSERT OR REPLACE INTO chunk (id, run, camera, first_sequence, earliest, latest, frames,"
        " body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            before.id if before else None,
            run,
            frames[0].camera,
            frames[0].sequence,
            milliseconds(min(moments), START),
            milliseconds(max(moments), END) + 1,
            len(frames),
            body,
        ),
    ).lastrowid
    return _OpenChunk(number, frames) if number and len(body) < CHUNK_BYTES else None


def _packed(frames: tuple[Waiting, ...]) -> bytes:
    """Write what is of one origin."""
    sightings = [frame for frame in frames if isinstance(frame, Numbered)]
    if sightings:
        return pack(sightings)
    return pack_heard([frame for frame in frames if isinstance(frame, Unseen)])


def _save_note(
    connection: sqlite3.Connection, run: int | None, note: Note, first: datetime
) -> None:
    connection.execute("INSERT OR IGNORE INTO rules (body) VALUES (?)", (note.policy,))
    at = note.at if note.at > EPOCH else first
    connection.execute(
        "INSERT INTO note (run, sequence, at, begins, rules, body)"
        " VALUES (?, ?, ?, ?, (SELECT id FROM rules WHERE body = ?), ?)",
        (run, note.sequence, milliseconds(at, START), note.begins, note.policy, note.body),
    )
