"""The history of presence on disk: a row for each period, which grows as long as it goes on."""

from collections.abc import Iterable
from datetime import datetime

from whosthere.core.periods import Period, PeriodKey, PeriodKind
from whosthere.storage.database import Database
from whosthere.storage.moments import as_moment, as_text


class PresenceHistory:
    """Safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, periods: Iterable[Period]) -> None:
        """Write periods down, or how far they have grown, in one transaction."""
        rows = [(*one.key, one.how, as_text(one.since), as_text(one.until)) for one in periods]
        if not rows:
            return
        with self._database.writing(durable=False) as connection:
            connection.executemany(
                "INSERT INTO presence_period (kind, source, about, how, since, until)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " until = max(until, excluded.until), how = excluded.how",
                rows,
            )

    def read(self, since: datetime, until: datetime | None = None) -> list[Period]:
        """Return all that went on in a time, by their beginnings."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM presence_period WHERE until >= ? AND since < ? ORDER BY since",
                (as_text(since), as_text(until) or "~"),
            ).fetchall()
        return [
            Period(
                PeriodKey(PeriodKind(row["kind"]), row["source"], row["about"]),
                as_moment(row["since"]),
                as_moment(row["until"]),
                row["how"],
            )
            for row in rows
        ]

    def forget(self, before: datetime) -> int:
        """Let go of what ended before; returns how many periods that were."""
        with self._database.writing(durable=False) as connection:
            return connection.execute(
                "DELETE FROM presence_period WHERE until < ?", (as_text(before),)
            ).rowcount
