"""Opens a database file: makes a new one, brings an old one up to date, refuses what is not ours.

The steps are SQL files with a number: `schema/house/0001_first.sql`. The number of the last step
taken stands in the file (`PRAGMA user_version`), and so does whose it is (`application_id`). Each
step is one transaction, and a copy of the database is kept before the first one.

Nothing is moved away or begun anew here: a damaged file is named, with what can be done about it.
The running program does that by itself (`app/opening.py`), since a house has to be watched.
"""

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from whosthere.core.errors import StoreTrouble
from whosthere.storage.database import (
    BUSY_SECONDS,
    DAMAGE,
    MEMORY,
    Damaged,
    Database,
    DiskTrouble,
    plain_words,
)

MAGIC = b"SQLite format 3\0"
VERSION_AT, OWNER_AT = 60, 68  # https://www.sqlite.org/fileformat.html#the_database_header
BACKUPS = "backups"
KEPT_BACKUPS = 3


class Step(NamedTuple):
    """One numbered change of a schema."""

    number: int
    sql: str


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file must be, and how it became so."""

    name: str
    application_id: int
    steps: tuple[Step, ...]
    most_checked_bytes: int | None = None  # larger files are not read whole at the start

    @property
    def version(self) -> int:
        return self.steps[-1].number


def schema(name: str, application_id: int, most_checked_bytes: int | None = None) -> Schema:
    """Read the steps of a schema from the package."""
    folder = resources.files("whosthere.storage") / "schema" / name
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    steps = (Step(int(f.name[:4]), f.read_text(encoding="utf-8")) for f in files)
    return Schema(name, application_id, tuple(steps), most_checked_bytes)


HOUSE = schema("house", 0x57687354)  # "WhsT"
# "WhsL"; an SD card reads 50 MB in two or three seconds, and each chunk has a checksum of its own
LEDGER = schema("ledger", 0x5768734C, most_checked_bytes=50_000_000)


def open_database(
    path: Path,
    form: Schema,
    *,
    busy_seconds: float = BUSY_SECONDS,
    copied_from: Path | None = None,
) -> Database:
    """Open for the running program: check, upgrade, or say why not.

    One in memory may begin as a copy of a file that can be read but not written.
    """
    if path != MEMORY:
        _make_folder(path.parent)
        _check_header(path, form)
    database = Database(path, busy_seconds=busy_seconds)
    try:
        if copied_from is not None:
            _copy(copied_from, database)
        _check(database, form)
        upgrade(database, form)
        database.prepare()
    except BaseException:
        database.close()
        raise
    return database


def _copy(path: Path, database: Database) -> None:
    """Take over what stands in a file, as far as it can be read."""
    name = f"file:{quote(str(path.absolute()))}?mode=ro"
    for address in (name, f"{name}&immutable=1"):  # the latter needs no file beside it
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(address, uri=True, timeout=1.0)) as source,
        ):
            source.backup(database.writer)
            return


def visit_database(path: Path, form: Schema, *, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Open what another process keeps: no upgrade, nothing made."""
    if not path.exists():
        raise StoreTrouble(f"There is no database at {path} yet. Start `whosthere run` first.")
    _check_header(path, form)
    database = Database(path, busy_seconds=busy_seconds)
    try:
        _check_version(database, form)
    except BaseException:
        database.close()
        raise
    return database


def _check_version(database: Database, form: Schema) -> None:
    with plain_words(database.path):
        version = _number(database.writer, "user_version")
    if version != form.version:
        raise StoreTrouble(
            f"{database.path} is of version {version}, and this whosthere reads {form.version}. "
            "Start `whosthere run` once, which brings it up to date."
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskTrouble(
            f"The data folder {folder} cannot be made ({error.strerror}). Choose another one."
        ) from error


def _check_header(path: Path, form: Schema) -> None:
    """Look at the first bytes before SQLite touches the file."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return
    except OSError as error:
        raise DiskTrouble(
            f"{path} cannot be read ({error.strerror}). Set its owner and rights."
        ) from error
    if not head:  # a power cut came right after the file was made
        return
    if len(head) < 100 or not head.startswith(MAGIC):  # noqa: PLR2004 - the size of the header
        raise _damaged(path, "its first bytes are not those of a database")
    _check_owner(
        path,
        form,
        int.from_bytes(head[VERSION_AT : VERSION_AT + 4]),
        int.from_bytes(head[OWNER_AT : OWNER_AT + 4]),
    )


def _check_owner(path: Path, form: Schema, version: int, owner: int) -> None:
    if owner not in (0, form.application_id) or (version and not owner):
        raise StoreTrouble(
            f"{path} belongs to another program. Nothing was changed. Choose another data folder."
        )
    if version > form.version:
        older = _newest_backup(path, f"-v{form.version}")
        raise StoreTrouble(
            f"{path} was made by a newer whosthere (version {version}; this one knows up to "
            f"{form.version}). Nothing was changed. Install the newer whosthere again"
            + (f", or put back the copy from before: cp '{older}' '{path}'." if older else ".")
        )


def _check(database: Database, form: Schema) -> None:
    """Ask SQLite whether the file is whole and ours."""
    path = database.path
    try:
        writer = database.writer
        _check_owner(path, form, _number(writer, "user_version"), _number(writer, "application_id"))
        large = form.most_checked_bytes is not None and database.size() > form.most_checked_bytes
        fault = "ok" if large else writer.execute("PRAGMA quick_check(1)").fetchone()[0]
        tables = writer.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        owner = _number(writer, "application_id")
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in DAMAGE:
            raise _damaged(path, str(error)) from error
        with plain_words(path):
            raise
    if fault != "ok":
        raise _damaged(path, fault)
    if tables and not owner:
        raise StoreTrouble(
            f"{path} belongs to another program. Nothing was changed. Choose another data folder."
        )


def _damaged(path: Path, fault: str) -> Damaged:
    backup = _newest_backup(path)
    back = f" To go back to the newest copy: cp '{backup}' '{path}'." if backup else ""
    return Damaged(
        f"The database {path} is damaged ({' '.join(fault.split())}). Nothing was changed."
        f" First move it away: mkdir -p damaged && mv '{path}'* damaged/.{back}"
        " Then start whosthere again; without a copy it begins with an empty database."
    )


def upgrade(database: Database, form: Schema) -> None:
    """Take the steps that the file has not seen, each in one transaction."""
    with plain_words(database.path):
        had = _number(database.writer, "user_version")
        missing = [step for step in form.steps if step.number > had]
        if not missing:
            return
        if had:
            back_up(database, f"-v{had}")
        else:
            database.writer.execute("PRAGMA auto_vacuum=INCREMENTAL")  # only before any table
            database.writer.execute(f"PRAGMA application_id={form.application_id}")
        for step in missing:
            _take(database.writer, step)


def _take(connection: sqlite3.Connection, step: Step) -> None:
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {step.sql}\n; PRAGMA user_version={step.number:d}; COMMIT;"
        )
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def back_up(database: Database, mark: str) -> Path | None:
    """Copy the database as it is now to `backups/`; the copy has its name only once it is whole."""
    if database.in_memory:
        return None
    path = database.path
    folder = path.parent / BACKUPS
    copy = folder / f"{path.stem}{mark}{path.suffix}"
    unfinished = copy.with_name(copy.name + ".part")
    with plain_words(unfinished):
        try:
            folder.mkdir(exist_ok=True)
            unfinished.unlink(missing_ok=True)
            with closing(sqlite3.connect(unfinished)) as target, database.reading() as source:
                source.backup(target)
            unfinished.replace(copy)
        except OSError as error:
            raise DiskTrouble(
                f"No copy of {path} could be made in {folder} ({error.strerror}). "
                "Free some space and make the folder writable."
            ) from error
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
    return copy


def backups(path: Path) -> list[Path]:
    """Copies of this database, oldest first."""
    found = (path.parent / BACKUPS).glob(f"{path.stem}-*{path.suffix}")
    return sorted(found, key=lambda copy: (copy.stat().st_mtime, copy.name))


def _newest_backup(path: Path, mark: str = "") -> Path | None:
    found = [copy for copy in backups(path) if copy.stem.endswith(mark)]
    return found[-1] if found else None


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
