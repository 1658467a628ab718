"""Which files are yet to be copied, in the house's database.

The rows are made by triggers of the database (`schema/house/0007_archive.sql`) in the transaction
that remembers a picture or clip, and by `queue` for all else. A scan queues what is there from
before the archive was switched on.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Row

from whosthere.storage.archive.things import Kind, Thing
from whosthere.storage.database import Database
from whosthere.storage.moments import as_moment, as_text

LATER_PART = re.compile(r"_part\d+\.mp4$")
LONGEST_PAUSE = timedelta(hours=1)  # of one file; a moment further off is of a clock that jumped

DUE = """
    SELECT a.*, :at_once AND i.alerted_at IS NOT NULL AND a.finished IS NULL AS urgent
    FROM archive a LEFT JOIN incident i ON i.id = a.incident_id
    WHERE a.state = 'waiting' AND a.kind IN (SELECT value FROM json_each(:kinds))
        AND (a.next_try IS NULL OR a.next_try <= :now OR a.next_try > :far)
        AND (i.id IS NULL OR i.ended IS NOT NULL
            OR (:at_once AND i.alerted_at IS NOT NULL AND a.finished IS NULL))
    ORDER BY urgent DESC, a.attempts > 3, CASE WHEN urgent THEN a.kind = 'clips' END,
        a.at, a.kind DESC, a.name LIMIT 1
"""
DELETABLE = """
    SELECT a.* FROM archive a JOIN incident i ON i.id = a.incident_id
    WHERE a.state = 'done' AND a.here AND a.looked AND a.finished <= :before
        AND i.ended IS NOT NULL AND a.kind IN ('pictures', 'clips')
        AND NOT EXISTS (SELECT 1 FROM alert t JOIN outbox o
            ON o.alert_id = t.id AND o.revision = t.revision
            WHERE t.file = a.name AND o.state IN ('waiting', 'sending'))
    ORDER BY a.at LIMIT 100
"""

DONE = """
    UPDATE archive SET state = iif(state IN ('doomed', 'forgotten'), 'doomed', 'done'),
        key = ?, finished = ?, upload = NULL, next_try = NULL, why = NULL, attempts = 0
    WHERE name = ?
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file on its way, and how far it is."""

    thing: Thing
    state: str
    queued: datetime
    attempts: int
    urgent: bool
    key: str | None
    size: int | None
    changed: int | None
    sha256: str | None
    upload: str | None
    why: str | None
    finished: datetime | None


@dataclass(frozen=True, slots=True)
class Sum:
    """What there is of one kind in one state."""

    kind: str
    state: str
    files: int
    size: int
    oldest: datetime | None


class ArchiveOutbox:
    """The rows of the table `archive`. Safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def wish(self, place: str, kinds: Sequence[Kind]) -> bool:
        """Say what is to be copied from now on. True if it is to another archive than before."""
        with self.database.writing() as connection:
            row = connection.execute("SELECT place FROM archive_wish").fetchone()
            connection.execute(
                "INSERT OR REPLACE INTO archive_wish (id, place, kinds) VALUES (1, ?, ?)",
                (place, json.dumps(kinds)),
            )
            if row is not None and row["place"] != place:  # nothing is known to be there
                connection.execute(
                    "UPDATE archive SET state = 'waiting', key = NULL, upload = NULL, attempts = 0,"
                    " next_try = NULL, finished = NULL WHERE here AND state != 'gone'"
                )
        return row is None or row["place"] != place

    def place(self) -> str | None:
        """The archive that the rows are about; None: there was none at the last start."""
        rows = self._rows("SELECT place FROM archive_wish")
        return rows[0]["place"] if rows else None

    def wish_nothing(self) -> None:
        """There is no archive any more: queue nothing."""
        with self.database.writing() as connection:
            connection.execute("DELETE FROM archive_wish")

    def queue(self, things: Iterable[Thing], now: datetime) -> int:
        """Add what is not known yet; look again at what is. Returns how many are new."""
        rows = [
            (one.name, one.kind, one.camera, one.incident_id, as_text(one.at), as_text(now))
            for one in things
        ]
        with self.database.writing() as connection:
            before = _count(connection.execute("SELECT count(*) FROM archive").fetchone())
            connection.executemany(
                "INSERT INTO archive (name, kind, camera, incident_id, at, queued)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET looked = 0,"
                " here = 1, state = iif(state = 'gone', 'waiting', state)",
                rows,
            )
            return _count(connection.execute("SELECT count(*) FROM archive").fetchone()) - before

    def files_of_incidents(self, kinds: Sequence[Kind]) -> list[Thing]:
        """What incidents have and nobody queued: they are from before there was an archive."""
        found: list[Thing] = []
        for kind, columns in (
            (Kind.PICTURES, ("picture", "picture_with_boxes")),
            (Kind.CLIPS, ("recording",)),
        ):
            for column in columns if kind in kinds else ():
                rows = self._rows(
                    f"SELECT {column} AS name, started, camera, id FROM incident"  # noqa: S608 - ours
                    f" WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT name FROM archive)"
                )
                found += [
                    Thing(row["name"], kind, as_moment(row["started"]), row["camera"], row["id"])
                    for row in rows
                ]
        return found

    def clips_of_ended(self, since: datetime) -> list[Waiting]:
        """Clips of incidents that are over; they may go on in later files."""
        return self._found(
            "SELECT a.*, 0 AS urgent FROM archive a JOIN incident i ON i.id = a.incident_id"
            " WHERE a.kind = 'clips' AND a.name = i.recording AND i.ended >= ?",
            (as_text(since),),
        )

    def due(self, now: datetime, kinds: Sequence[Kind], *, at_once: bool) -> Waiting | None:
        """Return what is to be sent next."""
        found = self._found(
            DUE,
            {
                "now": as_text(now),
                "far": as_text(now + 2 * LONGEST_PAUSE),
                "kinds": json.dumps(kinds),
                "at_once": at_once,
            },
        )
        return found[0] if found else None

    def unlooked(self) -> list[Waiting]:
        """What is done and may have changed since."""
        return self._found("SELECT *, 0 AS urgent FROM archive WHERE looked = 0 AND state = 'done'")

    def deletable(self, before: datetime) -> list[Waiting]:
        """Some files here of which there is a copy since `before`, and that nobody waits for."""
        return self._found(
            DELETABLE.replace("a.* FROM", "a.*, 0 AS urgent FROM"), {"before": as_text(before)}
        )

    def unsent(self) -> frozenset[str]:
        """Names of files that are not in the archive yet."""
        rows = self._rows(
            "SELECT name FROM archive WHERE state = 'waiting' AND kind IN"
            " (SELECT value FROM json_each((SELECT kinds FROM archive_wish)))"
        )
        return frozenset(row["name"] for row in rows)

    def known(self, prefix: str) -> set[str]:
        """Names that were ever queued and begin so."""
        rows = self._rows(
            "SELECT name FROM archive WHERE substr(name, 1, ?) = ?", (len(prefix), prefix)
        )
        return {row["name"] for row in rows}

    def uploads(self) -> set[str]:
        """What attempts that are not over noted."""
        rows = self._rows("SELECT upload FROM archive WHERE upload IS NOT NULL")
        return {row["upload"] for row in rows}

    def sums(self) -> list[Sum]:
        """Return counts and bytes by kind and state."""
        rows = self._rows(
            "SELECT kind, state, count(*) AS files, coalesce(sum(size), 0) AS size,"
            " min(queued) AS oldest FROM archive GROUP BY kind, state ORDER BY kind, state"
        )
        return [
            Sum(row["kind"], row["state"], row["files"], row["size"], as_moment(row["oldest"]))
            for row in rows
        ]

    def waiting(self) -> list[Waiting]:
        """All that waits, the oldest first."""
        return self._found(
            "SELECT *, 0 AS urgent FROM archive WHERE state = 'waiting' ORDER BY queued, name"
        )

    # --- how it goes on with one of them

    def measured(self, name: str, size: int, changed: int, sha256: str) -> None:
        self._set(name, size=size, changed=changed, sha256=sha256)

    def noted(self, name: str, upload: str | None) -> None:
        self._set(name, upload=upload)

    def done(self, name: str, key: str, now: datetime) -> None:
        """There is a copy; one of what was to be forgotten meanwhile has to go."""
        with self.database.writing() as connection:
            connection.execute(DONE, (key, as_text(now), name))

    def put_off(self, name: str, attempts: int, until: datetime, why: str) -> None:
        self._set(name, attempts=attempts, next_try=as_text(until), why=why)

    def again(self, name: str) -> None:
        """It has changed, or its copy is no longer there."""
        self._set(name, state="waiting", looked=1, attempts=0, next_try=None)

    def looked(self, name: str) -> None:
        self._set(name, looked=1)

    def gone(self, name: str, why: str) -> None:
        self._set(name, state="gone", why=why, upload=None, here=0)

    def forget(self, name: str) -> None:
        """The file was deleted here; there is a copy. Nobody shall look for it here."""
        with self.database.writing() as connection:
            connection.execute("UPDATE archive SET here = 0 WHERE name = ?", (name,))
            for column in ("picture", "picture_with_boxes", "recording"):
                connection.execute(
                    f"UPDATE incident SET {column} = NULL WHERE {column} = :name"  # noqa: S608 - ours
                    " AND id = (SELECT incident_id FROM archive WHERE name = :name)",
                    {"name": name},
                )

    def returned(self, names: Iterable[str], now: datetime) -> None:
        """Files are here again: let their incidents name them, and count their days anew."""
        with self.database.writing() as connection:
            for name in names:
                connection.execute(
                    "UPDATE archive SET here = 1, looked = 0, finished = ?"
                    " WHERE name = ? AND NOT here AND state = 'done'",
                    (as_text(now), name),
                )
                if column := _column(name):
                    connection.execute(
                        f"UPDATE incident SET {column} = :name WHERE {column} IS NULL"  # noqa: S608 - ours
                        " AND id = (SELECT incident_id FROM archive WHERE name = :name)",
                        {"name": name},
                    )

    def _set(self, name: str, **columns: object) -> None:
        changes = ", ".join(f"{column} = :{column}" for column in columns)
        with self.database.writing() as connection:
            connection.execute(
                f"UPDATE archive SET {changes} WHERE name = :name"  # noqa: S608 - ours
                " AND (NOT :moves OR state NOT IN ('doomed', 'forgotten'))",
                {**columns, "name": name, "moves": "state" in columns},
            )

    def _found(self, sql: str, values: object = ()) -> list[Waiting]:
        return [to_waiting(row) for row in self._rows(sql, values)]

    def _rows(self, sql: str, values: object = ()) -> list[Row]:
        with self.database.reading() as connection:
            return connection.execute(sql, values).fetchall()  # type: ignore[arg-type] # ours


def _column(name: str) -> str | None:
    """Say where an incident names such a file; the later files of a clip it does not name."""
    if name.endswith(".mp4"):
        return None if LATER_PART.search(name) else "recording"
    return "picture_with_boxes" if name.endswith("_boxes.jpg") else "picture"


def _count(row: Row) -> int:
    return int(row[0])


def to_waiting(row: Row) -> Waiting:
    thing = Thing(
        row["name"], Kind(row["kind"]), as_moment(row["at"]), row["camera"], row["incident_id"]
    )
    return Waiting(
        thing=thing,
        state=row["state"],
        queued=as_moment(row["queued"]),
        attempts=row["attempts"],
        urgent=bool(row["urgent"]),
        key=row["key"],
        size=row["size"],
        changed=row["changed"],
        sha256=row["sha256"],
        upload=row["upload"],
        why=row["why"],
        finished=as_moment(row["finished"]),
    )
