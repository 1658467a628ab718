"""What is yet to be told, in memory, with the database as its lasting copy.

Delivery threads read from memory, so asking costs nothing and alerts go out even while the disk is
full. Every change is marked unsaved until a transaction holds it, and is written with the next one
that works.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from sqlite3 import Connection, Row

from whosthere.core.model import Alert
from whosthere.core.ports import Delivery
from whosthere.storage.moments import as_moment, as_text
from whosthere.storage.records import to_alert

UNFINISHED = ("waiting", "sending")


@dataclass(frozen=True, slots=True)
class Entry:
    """One delivery and how far it is."""

    delivery: Delivery
    state: str = "waiting"
    not_before: datetime | None = None
    finished: datetime | None = None
    why: str | None = None


class Outbox:
    """All unfinished deliveries, oldest first. The store's lock of its memory guards it."""

    def __init__(self, messengers: Sequence[str], now: Callable[[], datetime]) -> None:
        self._messengers = tuple(messengers)
        self._now = now
        self._entries: dict[str, Entry] = {}  # by key
        self._unsaved: set[str] = set()
        self._hidden: set[str] = set()  # nobody is told before the disk had its chance
        self._last_id = 0

    def load(self, connection: Connection) -> None:
        """Take up what an earlier run left."""
        self._last_id = connection.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()[0]
        rows = connection.execute(
            "SELECT a.*, o.id AS row, o.messenger, o.key, o.state, o.attempts, o.queued,"
            " o.not_before, o.why, first.at AS raised FROM outbox o"
            " JOIN alert a ON a.id = o.alert_id AND a.revision = o.revision"
            " LEFT JOIN alert first ON first.id = o.alert_id AND first.revision = 1"
            " WHERE o.state IN ('waiting', 'sending') ORDER BY o.id"
        )
        for row in rows:
            if row["messenger"] in self._messengers:
                self._entries[row["key"]] = _entry(row)

    def add(self, alert: Alert, raised: datetime) -> None:
        """Queue a new revision for every messenger."""
        for messenger in self._messengers:
            key = delivery_key(alert, messenger)
            if key not in self._entries:
                self._last_id += 1
                delivery = Delivery(
                    self._last_id, messenger, alert, key, 0, self._now(), raised=raised
                )
                self._put(Entry(delivery))
                self._hidden.add(key)

    def show(self) -> None:
        """All that was queued is on disk, or cannot be put there now."""
        self._hidden.clear()

    def raised(self, alert_id: str) -> datetime | None:
        """When an alert of which something waits was first raised."""
        known = (
            e.delivery.raised for e in self._entries.values() if e.delivery.alert.id == alert_id
        )
        return next(known, None)

    def waiting(self, messenger: str) -> list[tuple[Delivery, datetime | None]]:
        """Unfinished deliveries, oldest first, with the moment before which not to try."""
        return [
            (entry.delivery, entry.not_before)
            for entry in self._entries.values()
            if entry.delivery.messenger == messenger
            and entry.state in UNFINISHED
            and entry.delivery.key not in self._hidden
        ]

    def sending(self, key: str) -> None:
        entry = self._entries[key]
        delivery = replace(entry.delivery, attempts=entry.delivery.attempts + 1)
        self._put(replace(entry, delivery=delivery, state="sending", not_before=None))

    def put_off(self, key: str, until: datetime, why: str) -> None:
        self._put(replace(self._entries[key], state="waiting", not_before=until, why=why))

    def sent(self, key: str) -> None:
        self._put(replace(self._entries[key], state="sent", finished=self._now()))

    def failed(self, key: str, why: str) -> None:
        self._put(replace(self._entries[key], state="failed", finished=self._now(), why=why))

    def forget(self, alert: Alert) -> None:
        """Drop a revision that never reached the disk."""
        for messenger in self._messengers:
            key = delivery_key(alert, messenger)
            self._entries.pop(key, None)
            self._unsaved.discard(key)
            self._hidden.discard(key)

    @property
    def unsaved(self) -> bool:
        return bool(self._unsaved)

    def changed(self) -> list[Entry]:
        return [entry for key, entry in self._entries.items() if key in self._unsaved]

    def saved(self, entries: Sequence[Entry]) -> None:
        """Drop what is finished, now that the disk knows; what changed since is yet to be saved."""
        for entry in entries:
            key = entry.delivery.key
            if self._entries.get(key) is entry:
                self._unsaved.discard(key)
                if entry.finished:
                    del self._entries[key]

    def _put(self, entry: Entry) -> None:
        self._entries[entry.delivery.key] = entry
        self._unsaved.add(entry.delivery.key)


def save(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write what changed, within a transaction."""
    connection.executemany(
        "INSERT INTO outbox (id, messenger, alert_id, revision, key, state, attempts, queued,"
        " not_before, finished, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET state=excluded.state, attempts=excluded.attempts,"
        " not_before=excluded.not_before, finished=excluded.finished, why=excluded.why",
        [_row(entry) for entry in entries],
    )


def delivery_key(alert: Alert, messenger: str) -> str:
    """The same for the same revision and messenger, and plain ASCII whatever the names are."""
    text = f"{alert.id}\n{alert.revision}\n{messenger}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _row(entry: Entry) -> tuple[object, ...]:
    delivery = entry.delivery
    return (
        delivery.id,
        delivery.messenger,
        delivery.alert.id,
        delivery.alert.revision,
        delivery.key,
        entry.state,
        delivery.attempts,
        as_text(delivery.queued),
        as_text(entry.not_before),
        as_text(entry.finished),
        entry.why,
    )


def _entry(row: Row) -> Entry:
    delivery = Delivery(
        id=row["row"],
        messenger=row["messenger"],
        alert=to_alert(row),
        key=row["key"],
        attempts=row["attempts"],
        queued=as_moment(row["queued"]),
        raised=as_moment(row["raised"]),
    )
    return Entry(delivery, row["state"], as_moment(row["not_before"]), None, row["why"])
