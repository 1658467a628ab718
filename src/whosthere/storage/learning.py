"""What people were asked about, what was measured, and what was learnt: rows and back.

Bodies are JSON that this file does not look into.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from whosthere.core.model import Incident, Tag
from whosthere.core.questions import Pick
from whosthere.storage import records
from whosthere.storage.database import Database
from whosthere.storage.moments import as_text


class TagToKeep(NamedTuple):
    """The tags of one incident, the last of which no example knows yet."""

    incident: Incident
    tags: tuple[Tag, ...]
    last_id: int


@dataclass(frozen=True, slots=True)
class Learning:
    """The tables of picks, numbers and examples. Safe to use from any thread."""

    database: Database

    # --- what people were asked about

    def picks(self, since: datetime | None = None) -> list[Pick]:
        """Everything that people were asked about, oldest first."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM pick WHERE at >= ? ORDER BY at, rowid", (as_text(since) or "",)
            ).fetchall()
        return [records.to_pick(row) for row in rows]

    # --- what was measured

    def unmeasured(self, version: int, since: datetime, limit: int) -> list[Incident]:
        """Incidents that are over and of which there are no numbers of this version, oldest first.

        Those that have some of an older version keep them: the ledger may be gone.
        """
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT incident.* FROM incident LEFT JOIN numbers ON incident_id = incident.id"
                " WHERE started >= ? AND ended IS NOT NULL AND coalesce(version, 0) < ?"
                " ORDER BY started, incident.rowid LIMIT ?",
                (as_text(since), version, limit),
            ).fetchall()
        return [records.to_incident(row) for row in rows]

    def keep_numbers(self, bodies: Mapping[str, str], version: int) -> None:
        """Keep what was measured of each incident."""
        with self.database.writing(durable=False) as connection:  # it can be measured again
            connection.executemany(
                "INSERT OR REPLACE INTO numbers (incident_id, version, body) VALUES (?, ?, ?)",
                [(name, version, body) for name, body in bodies.items()],
            )

    def numbers(self, since: datetime | None = None) -> dict[str, str]:
        """Return what was measured, by incident."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT incident_id, body FROM numbers JOIN incident ON incident_id = incident.id"
                " WHERE started >= ?",
                (as_text(since) or "",),
            ).fetchall()
        return {row["incident_id"]: row["body"] for row in rows}

    def numbers_of(self, incident_id: str) -> str | None:
        with self.database.reading() as connection:
            row = connection.execute(
                "SELECT body FROM numbers WHERE incident_id = ?", (incident_id,)
            ).fetchone()
        return row["body"] if row else None

    # --- examples

    def tags_to_keep(self, limit: int) -> list[TagToKeep]:
        """Tagged incidents that are over and whose example is missing or knows an older tag."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT incident.*, last FROM incident JOIN"
                " (SELECT incident_id, max(id) AS last FROM tag GROUP BY incident_id) t"
                " ON t.incident_id = incident.id"
                " LEFT JOIN example ON example.incident_id = incident.id"
                " WHERE ended IS NOT NULL AND coalesce(example.tag_id, -1) != last"
                " ORDER BY last LIMIT ?",
                (limit,),
            ).fetchall()
            found = []
            for row in rows:
                given = connection.execute(
                    "SELECT * FROM tag WHERE incident_id = ? AND id <= ? ORDER BY id",
                    (row["id"], row["last"]),
                )
                tags = tuple(records.to_tag(tag) for tag in given)
                found.append(TagToKeep(records.to_incident(row), tags, row["last"]))
        return found

    def keep_example(self, incident: Incident, tag_id: int, version: int, body: str) -> None:
        """Keep an example; its files must be on the disk by now."""
        with self.database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO example (incident_id, tag_id, version, at, camera, body)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (incident.id, tag_id, version, as_text(incident.started), incident.camera, body),
            )

    def change_example(self, incident_id: str, body: str) -> None:
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE example SET body = ? WHERE incident_id = ?", (body, incident_id)
            )

    def examples(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        camera: str | None = None,
    ) -> Iterable[str]:
        """Return the bodies of examples of the given time, oldest first."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT body FROM example WHERE at >= :since AND at < :until"
                " AND (:camera IS NULL OR camera = :camera) ORDER BY at, incident_id",
                {"since": as_text(since) or "", "until": as_text(until) or "~", "camera": camera},
            ).fetchall()
        return [row["body"] for row in rows]

    def example(self, incident_id: str) -> str | None:
        with self.database.reading() as connection:
            row = connection.execute(
                "SELECT body FROM example WHERE incident_id = ?", (incident_id,)
            ).fetchone()
        return row["body"] if row else None
