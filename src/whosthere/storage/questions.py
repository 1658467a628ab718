"""What people on this machine ask of the running program, and its answers, through the database.

Another process writes a question and waits for the row to be answered. Whoever may write to the
database may do anything with the house, so nobody is asked for more.
"""

import sqlite3
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from whosthere.core.requests import Reply
from whosthere.storage.database import Database, plain_words
from whosthere.storage.moments import as_moment, as_text

TOO_OLD = timedelta(seconds=30)  # who asked has gone away


@dataclass(frozen=True, slots=True)
class Question:
    """One line of somebody at a terminal."""

    id: int
    text: str
    who: str
    at: datetime


class Questions:
    """The table of questions. Safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen_version: int | None = None
        self._last = 0
        self._lock = threading.Lock()

    def ask(self, text: str, who: str, at: datetime) -> int:
        """Write a question down; returns its number."""
        with self._database.writing(durable=False) as connection:
            cursor = connection.execute(
                "INSERT INTO question (text, who, at) VALUES (?, ?, ?)", (text, who, as_text(at))
            )
            return int(cursor.lastrowid or 0)

    def answer_to(self, number: int) -> Reply | None:
        """Return the answer, once there is one."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT * FROM question WHERE id = ? AND answered IS NOT NULL", (number,)
            ).fetchone()
        return Reply(row["answer"], row["file"], refused=bool(row["refused"])) if row else None

    def forget(self, number: int) -> None:
        with self._database.writing(durable=False) as connection:
            connection.execute("DELETE FROM question WHERE id = ?", (number,))

    def new(self, now: datetime) -> list[Question]:
        """Take what was asked since the last call. Cheap when there is nothing.

        What was asked long ago is left alone: nobody waits for it, and a change that comes late
        would be a surprise.
        """
        with self._lock:
            rows = self._new_rows()
        found = [Question(row["id"], row["text"], row["who"], as_moment(row["at"])) for row in rows]
        return [one for one in found if abs(now - one.at) <= TOO_OLD]

    def answered(self, number: int, reply: Reply, at: datetime) -> None:
        with self._database.writing(durable=False) as connection:
            connection.execute(
                "UPDATE question SET answer = ?, file = ?, refused = ?, answered = ? WHERE id = ?",
                (reply.text, reply.file, reply.refused, as_text(at), number),
            )

    def _new_rows(self) -> list[sqlite3.Row]:
        with self._database.lock, plain_words(self._database.path):
            writer = self._database.writer
            version = writer.execute("PRAGMA data_version").fetchone()[0]
            if version == self._seen_version:  # no other process has written
                return []
            rows = writer.execute(
                "SELECT * FROM question WHERE id > ? AND answered IS NULL ORDER BY id",
                (self._last,),
            ).fetchall()
        self._seen_version = version
        self._last = rows[-1]["id"] if rows else self._last
        return rows
