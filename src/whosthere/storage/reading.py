"""What people and other parts ask the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row

from whosthere.core.model import Alert, AlertKind, Incident, Tag
from whosthere.core.modes import ArmState, Controls, Mode
from whosthere.core.people import AuditEntry, Reaction
from whosthere.core.policy import Policy
from whosthere.core.standing import Standing
from whosthere.storage import changes, policies, records, unfinished
from whosthere.storage.database import Database
from whosthere.storage.moments import as_moment, as_text


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The files of one incident, with what decides how long they stay."""

    incident_id: str
    camera: str
    files: tuple[str, ...]  # below the data folder
    started: datetime
    ended: datetime | None  # None: it is still going on
    tagged: bool
    alerted: bool


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """A policy with who made it and why."""

    policy: Policy
    author: str
    reason: str
    at: datetime


class Reading:
    """Questions about what is on disk. Each is answered by a connection of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def newest(self) -> datetime | None:
        """Return the beginning of the newest incident."""
        found = self.incidents(limit=1)
        return found[-1].started if found else None

    def incidents(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        camera: str | None = None,
        limit: int | None = None,
    ) -> list[Incident]:
        """Incidents that began in the given time, oldest first; with a limit, the newest ones."""
        rows = self._rows(
            "SELECT * FROM incident WHERE started >= :since AND started < :until"
            " AND (:camera IS NULL OR camera = :camera)"
            " ORDER BY started DESC, rowid DESC LIMIT :limit",
            {
                "since": as_text(since) or "",
                "until": as_text(until) or "~",
                "camera": camera,
                "limit": -1 if limit is None else limit,
            },
        )
        return [records.to_incident(row) for row in reversed(rows)]

    def incident(self, incident_id: str) -> Incident | None:
        rows = self._rows("SELECT * FROM incident WHERE id = ?", (incident_id,))
        return records.to_incident(rows[0]) if rows else None

    def open_incidents(self) -> list[Incident]:
        rows = self._rows("SELECT * FROM incident WHERE ended IS NULL ORDER BY started, rowid")
        return [records.to_incident(row) for row in rows]

    def was_interrupted(self, incident_id: str) -> bool:
        """Whether the program died during the incident, so that its end is a guess."""
        rows = self._rows("SELECT interrupted FROM incident WHERE id = ?", (incident_id,))
        return bool(rows and rows[0]["interrupted"])

    def alerts(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> list[Alert]:
        """All revisions in the given time, oldest first; with a limit, the newest ones."""
        rows = self._rows(
            "SELECT * FROM alert WHERE at >= ? AND at < ? ORDER BY at DESC, rowid DESC LIMIT ?",
            (as_text(since) or "", as_text(until) or "~", -1 if limit is None else limit),
        )
        return [records.to_alert(row) for row in reversed(rows)]

    def alert(self, alert_id: str) -> list[Alert]:
        """Return the revisions of one alert, in order."""
        rows = self._rows("SELECT * FROM alert WHERE id = ? ORDER BY revision", (alert_id,))
        return [records.to_alert(row) for row in rows]

    def tags(self, incident_id: str | None = None) -> list[Tag]:
        """Every answer that was given, in the order of giving."""
        rows = self._rows(
            "SELECT * FROM tag WHERE (:id IS NULL OR incident_id = :id) ORDER BY id",
            {"id": incident_id},
        )
        return [records.to_tag(row) for row in rows]

    def tag(self, incident_id: str) -> Tag | None:
        """Return the answer that counts: the latest."""
        given = self.tags(incident_id)
        return given[-1] if given else None

    def arm_state(self) -> ArmState | None:
        rows = self._rows("SELECT * FROM arm_state ORDER BY id DESC LIMIT 1")
        return changes.to_arm_state(rows[0]) if rows else None

    def arm_states(self, limit: int = 100) -> list[ArmState]:
        """Return the latest changes of the mode, oldest first."""
        rows = self._rows("SELECT * FROM arm_state ORDER BY id DESC LIMIT ?", (limit,))
        return [changes.to_arm_state(row) for row in reversed(rows)]

    def arm_states_of(self, since: datetime, until: datetime) -> list[ArmState]:
        """Return the mode at `since`, if it is known, and all changes until then."""
        rows = self._rows(
            "SELECT * FROM arm_state WHERE since < ? AND id >= coalesce("
            "(SELECT max(id) FROM arm_state WHERE since <= ?), 0) ORDER BY id",
            (as_text(until), as_text(since)),
        )
        return [changes.to_arm_state(row) for row in rows]

    def controls(self) -> Controls | None:
        rows = self._rows("SELECT * FROM controls ORDER BY id DESC LIMIT 1")
        return changes.to_controls(rows[0]) if rows else None

    def standing(self) -> Standing | None:
        """What the house was in the middle of."""
        rows = self._rows("SELECT * FROM standing ORDER BY id DESC LIMIT 1")
        body = rows[0]["body"] if rows else None
        return unfinished.from_json(body, records.to_alert, self.incident) if body else None

    def controls_of(self, since: datetime, until: datetime) -> list[Controls]:
        """Return what was set at `since`, if anything was, and all changes until then."""
        rows = self._rows(
            "SELECT * FROM controls WHERE since < ? AND id >= coalesce("
            "(SELECT max(id) FROM controls WHERE since <= ?), 0) ORDER BY id",
            (as_text(until), as_text(since)),
        )
        return [changes.to_controls(row) for row in rows]

    def audit(self, limit: int = 20) -> list[AuditEntry]:
        """Return the latest changes and refusals, oldest first."""
        rows = self._rows("SELECT * FROM audit ORDER BY id DESC LIMIT ?", (limit,))
        return [changes.to_audit(row) for row in reversed(rows)]

    def reactions(self, alert_id: str) -> list[Reaction]:
        """What people did about an alert, in order."""
        rows = self._rows("SELECT * FROM reaction WHERE alert_id = ? ORDER BY id", (alert_id,))
        return [changes.to_reaction(row) for row in rows]

    def unanswered(self, since: datetime) -> list[list[Alert]]:
        """Alerts of mode away to which nobody reacted: all revisions of each, oldest first."""
        rows = self._rows(
            "SELECT id FROM alert WHERE revision = 1 AND mode = ? AND at >= ? AND incident_ids"
            " != '[]' AND kind IN (?, ?)"
            " AND id NOT IN (SELECT alert_id FROM reaction WHERE alert_id IS NOT NULL)"
            " AND id NOT IN (SELECT alert_id FROM incident JOIN tag ON incident_id = incident.id"
            " WHERE alert_id IS NOT NULL) ORDER BY at",
            (Mode.AWAY, as_text(since), AlertKind.PERSON, AlertKind.UNCLASSIFIED),
        )
        return [self.alert(row["id"]) for row in rows]

    def current_policy(self) -> Policy | None:
        kept = self.policies()
        return kept[-1].policy if kept else None

    def policy(self, version: int) -> Policy | None:
        return next((p.policy for p in self.policies() if p.policy.version == version), None)

    def policies(self) -> list[PolicyRecord]:
        rows = self._rows("SELECT * FROM policy ORDER BY version")
        return [
            PolicyRecord(
                policies.from_json(row["numbers"], row["version"]),
                row["author"],
                row["reason"],
                as_moment(row["at"]),
            )
            for row in rows
        ]

    def files_for_retention(self) -> list[KeptFiles]:
        """Every incident that has files, oldest first."""
        rows = self._rows(
            "SELECT i.*, EXISTS (SELECT 1 FROM tag t WHERE t.incident_id = i.id) AS tagged"
            " FROM incident i WHERE coalesce(picture, picture_with_boxes, recording, preview)"
            " IS NOT NULL ORDER BY started, rowid"
        )
        return [_kept_files(row) for row in rows]

    def undelivered(self) -> list[tuple[str, str, int, str | None]]:
        """State, messenger, number of revisions and last reason of what has not been sent."""
        rows = self._rows(
            "SELECT state, messenger, count(*) AS n, max(why) AS why FROM outbox"
            " WHERE state != 'sent' GROUP BY state, messenger ORDER BY messenger, state"
        )
        return [(row["state"], row["messenger"], row["n"], row["why"]) for row in rows]

    def sizes(self) -> dict[str, int]:
        """Return the number of rows of each kind, and bytes on disk."""
        tables = ("incident", "alert", "tag", "outbox")
        counts = {
            table: int(self._rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])  # noqa: S608 - ours
            for table in tables
        }
        return counts | {"bytes": self.database.size()}

    def _rows(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
        with self.database.reading() as connection:
            return connection.execute(sql, values).fetchall()


def _kept_files(row: Row) -> KeptFiles:
    return KeptFiles(
        incident_id=row["id"],
        camera=row["camera"],
        files=tuple(row[name] for name in records.FILES if row[name]),
        started=as_moment(row["started"]),
        ended=as_moment(row["ended"]),
        tagged=bool(row["tagged"]),
        alerted=row["alert_id"] is not None,
    )
