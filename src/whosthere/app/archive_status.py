"""`whosthere archive status`: what is copied, what waits, since when and why."""

import argparse
import json
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from rich.table import Table
from rich.text import Text

from whosthere.app.logs import without_secrets
from whosthere.app.settings import Settings
from whosthere.app.terminal import console, say
from whosthere.core.spans import span
from whosthere.storage.archive.outbox import ArchiveOutbox, Waiting
from whosthere.storage.lock import running
from whosthere.storage.sqlite import SqliteStore


def status(settings: Settings, chosen: argparse.Namespace) -> int:
    store = SqliteStore.visit(settings.storage.database)
    try:
        outbox = ArchiveOutbox(store.database)
        rows = outbox.sums()
        waiting = outbox.waiting()
    finally:
        store.close()
    folder = settings.storage.folder
    sizes = {one.thing.name: _size(folder, one) for one in waiting}
    kinds: dict[str, dict[str, int]] = {}
    for row in rows:
        about = kinds.setdefault(row.kind, dict.fromkeys(("done", "done_bytes", "gone"), 0))
        about[row.state] = row.files
        if row.state == "done":
            about["done_bytes"] = row.size
    for kind, about in kinds.items():
        of_kind = [one for one in waiting if one.thing.kind == kind]
        about["waiting"] = len(of_kind)
        about["waiting_bytes"] = sum(sizes[one.thing.name] for one in of_kind)
    last = max((one for one in waiting if one.why), key=lambda one: one.attempts, default=None)
    if chosen.json:
        say(json.dumps(as_plain(settings, kinds, waiting, last)))
    else:
        _show(settings, kinds, waiting, last)
    return 0


def as_plain(
    settings: Settings,
    kinds: dict[str, dict[str, int]],
    waiting: list[Waiting],
    last: Waiting | None,
) -> dict[str, object]:
    """Return what programs may want to read; times in UTC."""
    return {
        "archive": settings.archive.place,
        "kinds": kinds,
        "waiting_since": waiting[0].queued.isoformat() if waiting else None,
        "oldest_waiting": waiting[0].thing.name if waiting else None,
        "last_error": last.why if last else None,
        "bytes_per_second": settings.archive.bytes_per_second,
    }


def _show(
    settings: Settings,
    kinds: dict[str, dict[str, int]],
    waiting: list[Waiting],
    last: Waiting | None,
) -> None:
    screen, zone = console(), settings.house.zone
    screen.print(f"Archive: {settings.archive.place}")
    if kinds:
        screen.print(_table(kinds))
    else:
        screen.print("Nothing was copied yet, and nothing waits.")
    if waiting:
        since = waiting[0].queued
        screen.print(
            f"Oldest waiting: {waiting[0].thing.name}\n"
            f"  since {_at(since, zone)} ({span((datetime.now(UTC) - since).total_seconds())})"
        )
    if last is not None:
        screen.print(Text(f"Last trouble: {without_secrets(last.why or '')}", "red"))
    limit = settings.archive.bytes_per_second
    screen.print(f"Limit: {in_bytes(limit)} a second" if limit else "Limit: none")
    if gone := sum(about["gone"] for about in kinds.values()):
        screen.print(f"{gone} files were deleted here before they were copied.")
    if waiting and running(settings.storage.folder) is None:
        screen.print("whosthere is not at work; 'whosthere archive run-once' copies what waits.")


def _table(kinds: dict[str, dict[str, int]]) -> Table:
    table = Table("kind", header_style="bold")
    for head in ("copied", "size", "waiting", "size"):
        table.add_column(head, justify="right")
    for kind, about in kinds.items():
        table.add_row(
            kind,
            str(about["done"]),
            in_bytes(about["done_bytes"]),
            str(about["waiting"] or ""),
            in_bytes(about["waiting_bytes"]) if about["waiting"] else "",
        )
    return table


def _size(folder: Path, one: Waiting) -> int:
    try:
        return (folder / one.thing.name).stat().st_size
    except OSError:
        return one.size or 0


def _at(at: datetime, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def in_bytes(number: float) -> str:
    for unit in ("B", "kB", "MB"):
        if number < 1000:  # noqa: PLR2004 - as disks are sold
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
