"""One SQLite file: a writer behind a lock, readers beside it, and troubles in plain words.

In WAL mode a commit survives a crash of the program in any case. It survives a power cut only if
the log was flushed to the disk, which `synchronous=FULL` does at each commit and `NORMAL` only at
each checkpoint (https://www.sqlite.org/pragma.html#pragma_synchronous). A flush costs an SD card
time and life, so each transaction says whether it needs one.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from whosthere.core.errors import StoreTrouble

MEMORY = Path(":memory:")
BUSY_SECONDS = 5.0
LONGEST_SECONDS = 15.0  # that one transaction may take, before others count the disk as failing

TROUBLES = {
    sqlite3.SQLITE_FULL: "the disk is full. Free some space",
    sqlite3.SQLITE_READONLY: "it cannot be written to. Make its folder and disk writable",
    sqlite3.SQLITE_PERM: "it may not be written to. Set its owner and rights",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened. See whether its folder is there and writable",
    sqlite3.SQLITE_IOERR: "the disk does not read or write. See whether it is full or failing",
    sqlite3.SQLITE_BUSY: "another program holds it. See which one does, and end that",
    sqlite3.SQLITE_LOCKED: "another program holds it. See which one does, and end that",
    sqlite3.SQLITE_CORRUPT: "it is damaged. Start whosthere anew, which puts it aside",
    sqlite3.SQLITE_NOTADB: "it is no database. Start whosthere anew, which puts it aside",
    sqlite3.SQLITE_NOLFS: "the disk takes no files so large. Use another disk",
}


DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Damaged(StoreTrouble):
    """What stands in the file is no whole database."""


class DiskTrouble(StoreTrouble):
    """The file cannot be used now; nothing is known against what stands in it."""


def trouble(error: sqlite3.Error, path: Path) -> StoreTrouble | None:
    """Say what people can do about an error of SQLite; None when it is a mistake of ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the extended part
    advice, kind = TROUBLES.get(code), Damaged if code in DAMAGE else DiskTrouble
    return kind(f"The database {path}: {advice}.") if advice else None


@contextmanager
def plain_words(path: Path) -> Iterator[None]:
    """Turn what people can put right into StoreTrouble."""
    try:
        yield
    except sqlite3.Error as error:
        if told := trouble(error, path):
            raise told from error
        raise


class Database:
    """Transactions on one file. Safe to use from any thread."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self.lock = threading.RLock()
        self._busy_seconds = busy_seconds
        self._readers: deque[sqlite3.Connection] = deque()
        self._durable: bool | None = None
        self._closed = False
        with plain_words(path):
            self.writer = self._connect(path, "rwc")

    @property
    def in_memory(self) -> bool:
        return self.path == MEMORY

    def prepare(self) -> None:
        """Set what SQLite forgets with each connection, after the file is known to be ours."""
        with plain_words(self.path):
            self.writer.execute("PRAGMA foreign_keys=ON")
            self.writer.execute("PRAGMA journal_mode=WAL")
            self.writer.execute("PRAGMA journal_size_limit=4194304")

    @contextmanager
    def writing(
        self, *, durable: bool = True, patience: float | None = None
    ) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing; `durable` ones survive a power cut.

        Who finds another one at it waits for `patience` seconds at most.
        """
        with self._turn(LONGEST_SECONDS if patience is None else patience), plain_words(self.path):
            if durable != self._durable:
                self.writer.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            self.writer.execute("BEGIN IMMEDIATE")
            try:
                yield self.writer
                self.writer.execute("COMMIT")
            except BaseException:
                if self.writer.in_transaction:
                    with suppress(sqlite3.Error):  # the first error says more
                        self.writer.execute("ROLLBACK")
                raise

    @contextmanager
    def _turn(self, seconds: float) -> Iterator[None]:
        if not self.lock.acquire(timeout=seconds):
            raise self.no_answer()
        try:
            yield
        finally:
            self.lock.release()

    def no_answer(self) -> DiskTrouble:
        """Say that a write does not end."""
        return DiskTrouble(
            f"The database {self.path}: a write does not end. Another program holds it, or the disk"
            " fails."
        )

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection for this reader alone, so that a slow reader holds up nobody."""
        return self._shared() if self.in_memory else self._lent()

    @contextmanager
    def _shared(self) -> Iterator[sqlite3.Connection]:
        with self.lock:
            yield self.writer

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        with plain_words(self.path):
            try:
                reader = self._readers.pop()
            except IndexError:
                reader = self._connect(self.path, "ro")
            try:
                yield reader
            finally:
                self._readers.append(reader)
                if self._closed:
                    self._close_readers()

    def _connect(self, path: Path, mode: str) -> sqlite3.Connection:
        address = (
            ":memory:" if self.in_memory else f"file:{quote(str(path.absolute()))}?mode={mode}"
        )
        connection = sqlite3.connect(
            address,
            uri=not self.in_memory,
            timeout=self._busy_seconds,
            isolation_level=None,  # transactions begin where the code says so
            check_same_thread=False,
        )
        connection.row_factory = sqlite3.Row
        return connection

    def size(self) -> int:
        """Bytes on disk, the log included."""
        names = ("", "-wal")
        files = [self.path.with_name(self.path.name + name) for name in names]
        return sum(file.stat().st_size for file in files if file.exists())

    def give_back_space(self, pages: int = 2000) -> None:
        """Return free pages to the disk, a bounded number at a time."""
        with self.lock, plain_words(self.path):
            # each step frees one page, and only a script is stepped to its end
            self.writer.executescript(f"PRAGMA incremental_vacuum({int(pages)});")

    def close(self) -> None:
        with self.lock:
            self._closed = True
            self._close_readers()
            self.writer.close()

    def _close_readers(self) -> None:
        with suppress(IndexError):
            while True:
                self._readers.pop().close()
