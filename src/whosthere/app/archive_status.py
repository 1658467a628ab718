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
from whosthere.storage.archive.forgetting import Forgetting
from whosthere.storage.archive.outbox import ArchiveOutbox, Waiting
from whosthere.storage.lock import running
from whosthere.storage.sqlite import SqliteStore

MOST_DOOMED = 12  # that are named


def status(settings: Settings, chosen: argparse.Namespace) -> int:
    store = SqliteStore.visit(settings.storage.database)
    try:
        outbox = ArchiveOutbox(store.database)
        rows = outbox.sums()
        waiting, place = outbox.waiting(), outbox.place()
        doomed = Forgetting(store.database).left()
    finally:
        store.close()
    folder = settings.storage.folder
    sizes = {one.thing.name: _size(folder, one) for one in waiting}
    kinds: dict[str, dict[str, int]] = {}
    for row in rows:
        if row.state in {"doomed", "forgotten"}:
            continue
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
        plain = as_plain(settings, kinds, waiting, last)
        plain["to_be_deleted_there"] = [one.thing.name for one in doomed]
        say(json.dumps(plain))
    else:
        _show(settings, kinds, waiting, last)
        if kinds and place is not None and place != settings.archive.place:
            say(
                f"These are the copies in {place}, which was the archive at the last start."
                " All that is still here is copied anew at the next one."
            )
        _show_doomed(settings, doomed)
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


def _show_doomed(settings: Settings, doomed: list[Waiting]) -> None:
    """Say what 'dataset forget' has yet to take out."""
    if not doomed:
        return
    screen, why = console(), next((one.why for one in doomed if one.why), None)
    many = "1 file" if len(doomed) == 1 else f"{len(doomed)} files"
    screen.print(f"Copies of {many} are yet to be deleted there:")
    for one in doomed[:MOST_DOOMED]:
        screen.print(Text(f"  {one.thing.name}"))
    if len(doomed) > MOST_DOOMED:
        screen.print("  …")
    if settings.archive.append_only:
        screen.print("This key may only put (archive.append_only): delete them by hand.")
    elif why is not None:
        screen.print(Text(f"Last trouble: {without_secrets(why)}", "red"))


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
