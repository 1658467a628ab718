"""Lets go of old rows, and keeps a few copies of the database against a failing disk."""

import json
from datetime import datetime
from pathlib import Path

from whosthere.storage.database import Database
from whosthere.storage.migrations import KEPT_BACKUPS, back_up, backups
from whosthere.storage.moments import as_text

DAILY = "-day-"


def forget_old_rows(database: Database, before: datetime) -> int:
    """Delete what is older and done with; returns the number of incidents.

    Incidents with a tag are examples and stay. Those with files stay until the files are gone,
    since only their rows say that the files are ours.
    """
    limit = as_text(before)
    with database.writing() as connection:
        incidents = connection.execute(
            "DELETE FROM incident WHERE ended < ?"
            " AND coalesce(picture, picture_with_boxes, recording, preview) IS NULL"
            " AND id NOT IN (SELECT incident_id FROM tag)",
            (limit,),
        ).rowcount
        for table in ("numbers", "pick"):
            connection.execute(
                f"DELETE FROM {table} WHERE incident_id NOT IN (SELECT id FROM incident)"  # noqa: S608 - ours
            )
        connection.execute(  # their outbox rows go with them
            "DELETE FROM alert WHERE at < ? AND NOT EXISTS (SELECT 1 FROM outbox o WHERE"
            " o.alert_id = alert.id AND o.state IN ('waiting', 'sending'))",
            (limit,),
        )
        connection.execute("DELETE FROM slack_message WHERE at < ?", (limit,))
        connection.execute(
            "DELETE FROM arm_state WHERE since < ? AND id < (SELECT max(id) FROM arm_state)",
            (limit,),
        )
        connection.execute(
            "DELETE FROM controls WHERE since < ? AND id < (SELECT max(id) FROM controls)",
            (limit,),
        )
        for table in ("audit", "reaction", "question"):
            connection.execute(f"DELETE FROM {table} WHERE at < ?", (limit,))  # noqa: S608 - ours
    database.give_back_space()
    return incidents


def copy_of_the_day(database: Database, now: datetime) -> Path | None:
    """Keep a copy in `backups/`, at most one a day, and the newest few of those."""
    mark = f"{DAILY}{now:%Y-%m-%d}"
    kept = [copy for copy in backups(database.path) if DAILY in copy.stem]
    if database.in_memory or any(copy.stem.endswith(mark) for copy in kept):
        return None
    made = back_up(database, mark)
    if made is not None:
        for old in kept[: -(KEPT_BACKUPS - 1)]:
            old.unlink(missing_ok=True)
    return made


def give_up_orphans(database: Database, configured: tuple[str, ...], before: datetime) -> int:
    """Mark what waits for a messenger that is no longer in the settings. Returns how many."""
    with database.writing() as connection:
        return connection.execute(
            "UPDATE outbox SET state = 'failed', finished = :before,"
            " why = 'this messenger is no longer in the settings'"
            " WHERE state IN ('waiting', 'sending') AND queued < :before"
            " AND messenger NOT IN (SELECT value FROM json_each(:configured))",
            {"before": as_text(before), "configured": json.dumps(configured)},
        ).rowcount
