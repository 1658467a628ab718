"""Which message in Slack shows which alert."""

from collections.abc import Sequence
from datetime import datetime

from whosthere.storage.database import Database
from whosthere.storage.moments import as_text


class SlackMessages:
    """The messages of one messenger. What a message shows is JSON that only the messenger reads."""

    def __init__(self, database: Database, messenger: str) -> None:
        self._database, self._messenger = database, messenger

    def keep(self, alert_id: str, channel: str, ts: str, at: datetime, card: str) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO slack_message (messenger, alert_id, channel, ts, at, card)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (messenger, alert_id) DO UPDATE"
                " SET channel = excluded.channel, ts = excluded.ts, card = excluded.card",
                (self._messenger, alert_id, channel, ts, as_text(at), card),
            )

    def of_alert(self, alert_id: str) -> str | None:
        return self._first("alert_id = ?", (alert_id,))

    def at(self, channel: str, ts: str) -> str | None:
        """Find what a message shows by its place in Slack."""
        return self._first("channel = ? AND ts = ?", (channel, ts))

    def since(self, at: datetime) -> list[str]:
        """Return the messages of alerts since then, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT card FROM slack_message WHERE messenger = ? AND at >= ? ORDER BY at",
                (self._messenger, as_text(at)),
            ).fetchall()
        return [str(row["card"]) for row in rows]

    def _first(self, where: str, values: Sequence[str]) -> str | None:
        with self._database.reading() as connection:
            row = connection.execute(
                f"SELECT card FROM slack_message WHERE messenger = ? AND {where}",  # noqa: S608 - ours
                (self._messenger, *values),
            ).fetchone()
        return None if row is None else str(row["card"])
