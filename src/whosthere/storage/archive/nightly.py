"""Copies of the memory itself: each day of the ledger, and the database as it was that day.

A day of the ledger is a small ledger of its own (its chunks are compressed already), so whatever
reads a ledger reads it. The database goes as the copy that is made of it each day,
compressed. Both are made in `outgoing/` below the data folder, and deleted once they are copied.
"""

import gzip
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from whosthere.core.errors import StoreTrouble
from whosthere.storage.archive.outbox import ArchiveOutbox
from whosthere.storage.archive.things import OUTGOING, Kind, Thing
from whosthere.storage.database import plain_words
from whosthere.storage.migrations import LEDGER, backups
from whosthere.storage.tidy import DAILY

SETTLED = timedelta(hours=2)  # after midnight, when the chunk that was open then is full
DAY = timedelta(days=1)
GROWING = timedelta(days=3)  # how long a chunk of few frames may go on
TABLES = {  # of the ledger, in an order in which each may be written, with what is of a day
    "run": "id IN (SELECT run FROM chunk WHERE earliest >= :first AND earliest < :next)"
    " OR id IN (SELECT run FROM note WHERE at >= :first AND at < :next)",
    "rules": "id IN (SELECT rules FROM note WHERE at >= :first AND at < :next)",
    "note": "at >= :first AND at < :next",
    "chunk": "earliest >= :first AND earliest < :next",
}
# how a part's rows point to those of the whole, by what each points to
SAME = {"run": "started", "rules": "body"}


@dataclass(frozen=True, slots=True)
class Nightly:
    """Makes what is missing of the days that are over."""

    folder: Path  # of the data
    database: Path
    ledger: Path
    outbox: ArchiveOutbox
    kinds: tuple[Kind, ...]
    flush: Callable[[], None] = lambda: None  # the ledger's, so that nothing waits in memory
    made: dict[date, int] = field(default_factory=dict)  # in this run, with how many frames

    def things(self, now: datetime) -> Iterator[Thing]:
        """Make the files, and say what they are."""
        if Kind.DATABASE in self.kinds:
            yield from self._databases()
        if Kind.LEDGER in self.kinds and self.ledger.exists():
            self.flush()
            yield from self._ledger_days(now)

    def _databases(self) -> Iterator[Thing]:
        known = self.outbox.known(f"{OUTGOING}/database/")
        for copy in backups(self.database):
            _, mark, text = copy.stem.partition(DAILY)
            if not mark:
                continue
            day = date.fromisoformat(text)
            name = f"{OUTGOING}/database/{day:%Y/%m/%d}/{self.database.stem}.db.gz"
            if name not in known:
                _compress(copy, self.folder / name)
                yield Thing(name, Kind.DATABASE, _midnight(day))

    def _ledger_days(self, now: datetime) -> Iterator[Thing]:
        """Make what is not known yet, and anew where the day's last chunk has grown since."""
        known = self.outbox.known(f"{OUTGOING}/ledger/")
        last = (now - SETTLED).date() - DAY
        for day, frames in days_of(self.ledger).items():
            name = f"{OUTGOING}/ledger/{day:%Y/%m/%d}/{self.ledger.name}"
            new = name not in known or (day > last - GROWING and self.made.get(day) != frames)
            if day <= last and new:
                copy_day(self.ledger, day, self.folder / name)
                self.made[day] = frames
                yield Thing(name, Kind.LEDGER, _midnight(day))


def days_of(ledger: Path) -> dict[date, int]:
    """Of which days there are numbers, and of how many frames. A chunk is of the day it begins."""
    with plain_words(ledger), closing(_reader(ledger)) as source:
        rows = source.execute(
            "SELECT earliest / 86400000, sum(frames) FROM chunk GROUP BY 1 ORDER BY 1"
        )
        return {date(1970, 1, 1) + number * DAY: frames for number, frames in rows}


def copy_day(ledger: Path, day: date, target: Path) -> None:
    """Write a ledger with nothing but one day."""
    first = round(_midnight(day).timestamp() * 1000)
    chosen = {"first": first, "next": first + 86_400_000}
    with (
        _whole(target) as unfinished,
        plain_words(ledger),
        closing(_reader(ledger)) as source,
        closing(_new_ledger(unfinished)) as made,
    ):
        source.execute("BEGIN")  # one view of it, whoever writes meanwhile
        for table, where in TABLES.items():
            sql = f"SELECT * FROM {table} WHERE {where} ORDER BY 1"  # noqa: S608 - ours
            rows = source.execute(sql, chosen)
            names = ", ".join(column[0] for column in rows.description)
            places = ", ".join("?" for _ in rows.description)
            made.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608 - ours
        made.commit()


def merge_ledgers(parts: Iterable[Path], target: Path) -> None:
    """Join days into one ledger. Runs are told apart by when they started."""
    with (
        _whole(target) as unfinished,
        plain_words(target),
        closing(_new_ledger(unfinished)) as made,
    ):
        for part in parts:
            made.execute("ATTACH ? AS part", (str(part),))
            for table in TABLES:
                made.execute(_joining(made, table))
            made.commit()
            made.execute("DETACH part")


def _joining(made: sqlite3.Connection, table: str) -> str:
    """Say how a day's rows are added, with numbers of the whole in place of the day's."""
    columns = [str(row[1]) for row in made.execute(f"PRAGMA part.table_info({table})")]
    names = [name for name in columns if name != "id"]
    values, joins = [], []
    for name in names:
        if name in SAME:
            values.append(f"new_{name}.id")
            joins.append(
                f" JOIN part.{name} old_{name} ON old_{name}.id = t.{name}"
                f" JOIN main.{name} new_{name} ON new_{name}.{SAME[name]} = old_{name}.{SAME[name]}"
            )
        else:
            values.append(f"t.{name}")
    known = SAME.get(table)
    fresh = f" WHERE t.{known} NOT IN (SELECT {known} FROM main.{table})" if known else ""  # noqa: S608 - ours
    into, taken, more = ", ".join(names), ", ".join(values), "".join(joins)
    order = f"ORDER BY t.{columns[0]}"
    return (
        f"INSERT INTO main.{table} ({into}) SELECT {taken} FROM part.{table} t{more}{fresh} {order}"  # noqa: S608 - ours
    )


def _new_ledger(path: Path) -> sqlite3.Connection:
    made = sqlite3.connect(path)
    made.execute("PRAGMA auto_vacuum=INCREMENTAL")
    made.execute(f"PRAGMA application_id={LEDGER.application_id}")
    for step in LEDGER.steps:
        made.executescript(step.sql)
    made.execute(f"PRAGMA user_version={LEDGER.version}")
    return made


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=5)


def _compress(source: Path, target: Path) -> None:
    with (
        _whole(target) as unfinished,
        source.open("rb") as plain,
        unfinished.open("wb") as file,
        # without a time in it, the same content gives the same bytes
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed)


class _whole:  # noqa: N801 - used as a function
    """Give a name for a file in the making, which gets its own once it is whole."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._unfinished = target.with_name(f".{target.name}.unfinished")

    def __enter__(self) -> Path:
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise StoreTrouble(f"{self._target} cannot be written: {error.strerror}.") from error
        return self._unfinished

    def __exit__(self, kind: type[BaseException] | None, error: object, _: object) -> None:
        if kind is None:
            self._unfinished.replace(self._target)
            return
        self._unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StoreTrouble(f"{self._target} cannot be written: {error.strerror}.") from error


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
