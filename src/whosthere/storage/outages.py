"""Blind spots on disk, and when each camera last showed something."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from whosthere.core.blind_spots import BlindSpot
from whosthere.storage.database import Database
from whosthere.storage.moments import as_moment, as_text


class Seen(NamedTuple):
    """What an earlier run noted of a camera last."""

    at: datetime
    boot: str
    stopped: bool


class Outages:
    """Safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen(self, cameras: Mapping[str, datetime], boot: str, *, stopped: bool = False) -> None:
        """Note when cameras last showed something. Need not survive to the second."""
        rows = [(name, as_text(at), boot, stopped) for name, at in cameras.items()]
        with self._database.writing(durable=stopped) as connection:
            connection.executemany(
                "INSERT INTO camera_seen (camera, at, boot, stopped) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (camera) DO UPDATE SET at = excluded.at, boot = excluded.boot,"
                " stopped = excluded.stopped",
                rows,
            )

    def last_seen(self) -> dict[str, Seen]:
        with self._database.reading() as connection:
            rows = connection.execute("SELECT * FROM camera_seen").fetchall()
        return {
            row["camera"]: Seen(as_moment(row["at"]), row["boot"], bool(row["stopped"]))
            for row in rows
        }

    def keep(self, spots: Iterable[BlindSpot]) -> None:
        """Write blind spots down, or their ends."""
        rows = [(one.camera, as_text(one.since), as_text(one.until), one.why) for one in spots]
        with self._database.writing(durable=True) as connection:
            connection.executemany(
                "INSERT INTO blind_spot (camera, since, until, why) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (camera, since) DO UPDATE SET until = excluded.until,"
                " why = excluded.why",
                rows,
            )

    def read(self, since: datetime, camera: str | None = None) -> list[BlindSpot]:
        """Return all that reached into the time since then, by their beginnings."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM blind_spot WHERE (until IS NULL OR until >= ?)"
                " AND camera = coalesce(?, camera) ORDER BY since, camera",
                (as_text(since), camera),
            ).fetchall()
        return [
            BlindSpot(
                row["camera"],
                as_moment(row["since"]),
                as_moment(row["until"]) if row["until"] else None,
                row["why"],
            )
            for row in rows
        ]

    def forget(self, before: datetime) -> None:
        with self._database.writing(durable=False) as connection:
            connection.execute("DELETE FROM blind_spot WHERE until < ?", (as_text(before),))
