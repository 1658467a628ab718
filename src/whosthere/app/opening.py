"""Opens the databases, or the best there is in their place: a house has to be watched.

A damaged file is put aside, never deleted, and the newest copy of it takes its place; of the
ledger, which only explains the past, there is none, and it begins anew. If the disk takes nothing,
or another program holds the file, the house begins with what can be read of it and keeps all in
memory; alerts go out from there. All of this is told. Whoever starts it for the first time is told
to correct the settings instead, and so is who shares the folder with another program or version.
"""

import logging
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from whosthere.core.errors import StoreTrouble
from whosthere.storage.database import MEMORY, Damaged, Database, DiskTrouble
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.lock import OneProgram
from whosthere.storage.migrations import backups
from whosthere.storage.sqlite import SqliteStore

log = logging.getLogger(__name__)

ASIDE = "damaged"
KEPT_ASIDE = 3  # of each database
PROBE_BYTES = 2**20
T = TypeVar("T", SqliteStore, SqliteLedger)


class Told(Protocol):
    """Who passes on what is wrong with a part."""

    def of(self, part: str) -> Callable[[str | None], None]: ...


@dataclass(slots=True)
class Opening:
    """Opens a store and a ledger, once each."""

    told: Told
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    waits_for: Path | None = None  # a database that is kept in memory meanwhile
    _said: list[str] = field(default_factory=list)

    def store(self, path: Path, make: Callable[[Path, Path | None], SqliteStore]) -> SqliteStore:
        """Open the house's database. `make` takes where it is, and what it begins as a copy of."""

        def plainly(path: Path) -> SqliteStore:
            made = make(path, None)
            try:
                _try_writing(made.database)
            except BaseException:
                made.close()
                raise
            return made

        try:
            return plainly(path)
        except Damaged as trouble:
            mended = self._mended(path, plainly)
            if mended is not None:
                return mended
            copies = [*backups(path)][-1:]
            return self._in_memory(
                "database", path, make(MEMORY, next(iter(copies), None)), trouble
            )
        except DiskTrouble as trouble:
            if not _is_file(path):
                raise
            store = make(MEMORY, path)
            store.goes_back_to = self.waits_for = path
            return self._in_memory("database", path, store, trouble)

    def ledger(self, path: Path, make: Callable[[Path], SqliteLedger]) -> SqliteLedger:
        """Open the ledger."""
        try:
            if self.waits_for is None:
                return make(path)
        except Damaged as trouble:
            mended = self._mended(path, make)
            return mended or self._in_memory("ledger", path, make(MEMORY), trouble)
        except DiskTrouble as trouble:
            return self._in_memory("ledger", path, make(MEMORY), trouble)
        return make(MEMORY)

    def works_again(self) -> bool:
        """Whether the disk takes what is kept in memory meanwhile."""
        if self.waits_for is None:
            return False
        probe = self.waits_for.with_name(".probe")
        try:
            probe.write_bytes(bytes(PROBE_BYTES))
            with (
                closing(OneProgram(self.waits_for.parent)),
                closing(Database(self.waits_for, busy_seconds=0.0)) as database,
            ):
                _try_writing(database)
        except (OSError, StoreTrouble):
            return False
        finally:
            with suppress(OSError):
                probe.unlink()
        return True

    def _mended(self, path: Path, make: Callable[[Path], T]) -> T | None:
        """Put it aside, and go on with the newest copy that is whole; None if that cannot be."""
        try:
            aside = _put_aside(path, self.now())
            for copy in reversed(backups(path)):
                shutil.copyfile(copy, path)
                with suppress(Damaged):
                    made = make(path)
                    self._say(
                        f"{path.name} was damaged and lies in {aside} now. The copy of"
                        f" {_day_of(copy)} took its place; what came later is missing."
                    )
                    return made
                path.unlink()
            made = make(path)
        except (OSError, DiskTrouble) as trouble:
            log.warning("%s: it cannot be put aside: %s", path, trouble)
            return None
        self._say(f"{path.name} was damaged and lies in {aside} now. It begins anew.")
        return made

    def _in_memory(self, part: str, path: Path, made: T, trouble: StoreTrouble) -> T:
        self.told.of(part)(f"{trouble} Until then {path.name} is kept in memory alone.")
        return made

    def _say(self, text: str) -> None:
        """Tell it for the whole run, since only people can see to the disk."""
        self._said.append(text)
        said = " ".join(self._said)
        self.told.of("data folder")(f"{said} See whether the disk or card is failing.")


def _try_writing(database: Database) -> None:
    """Write what stands there already."""
    with database.writing() as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA user_version={int(version)}")


def _is_file(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _day_of(copy: Path) -> str:
    return f"{datetime.fromtimestamp(copy.stat().st_mtime, UTC):%Y-%m-%d %H:%M} UTC"


def _put_aside(path: Path, now: datetime) -> Path:
    """Move a database away, with what belongs to it; of earlier ones the newest few stay."""
    folder = path.parent / ASIDE
    folder.mkdir(exist_ok=True)
    aside = folder / f"{path.stem}-{now:%Y%m%dT%H%M%S}{path.suffix}"
    for more in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + more).rename(aside.with_name(aside.name + more))
    for old in sorted(folder.glob(f"{path.stem}-*{path.suffix}"))[:-KEPT_ASIDE]:
        for more in ("-wal", "-shm", ""):
            old.with_name(old.name + more).unlink(missing_ok=True)
    return aside
