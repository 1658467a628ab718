"""`whosthere archive`: how the copies stand, whether the archive works, and files back from it."""

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from whosthere.app import archive_parts, logs
from whosthere.app.logs import without_secrets
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.core.errors import ArchiveTrouble, BadSettings, WhosThereError
from whosthere.core.spans import span
from whosthere.storage.archive.outbox import ArchiveOutbox, Waiting
from whosthere.storage.archive.restore import Chosen, Outcome, Restoring, choose
from whosthere.storage.archive.settings import ALL
from whosthere.storage.archive.things import OF_INCIDENTS, Kind
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.lock import running
from whosthere.storage.sqlite import SqliteStore

RESTORED, DATABASE = Path("restored"), "whosthere.db"
DAYS = {"d": 1.0, "h": 1 / 24}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", choices=("status", "check", "restore", "run-once"), help="what to do"
    )
    parser.add_argument(
        "--since", type=moment, metavar="DAY", help="restore: from this day on, as 2026-11-20 or 7d"
    )
    parser.add_argument("--until", type=moment, metavar="DAY", help="restore: before this day")
    parser.add_argument("--camera", metavar="NAME", help="restore: of this camera only")
    parser.add_argument(
        "--kind",
        action="append",
        choices=[str(kind) for kind in Kind],
        help="restore: of this kind only; may be given more than once",
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="FOLDER",
        help=f"restore: into this folder (default: {RESTORED})",
    )
    parser.add_argument("--json", action="store_true", help="status: as a JSON object")
    add_settings_argument(parser)


def moment(text: str) -> datetime:
    """Read a day, a moment, or how long ago."""
    try:
        if text[-1:] in DAYS and text[:-1].replace(".", "", 1).isdigit():
            return datetime.now(UTC) - timedelta(days=float(text[:-1]) * DAYS[text[-1]])
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no day; write one as 2026-11-20, 2026-11-20T18:00 or 7d"
        ) from None
    return at.astimezone(UTC)


def run(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    if not settings.archive.on:
        raise BadSettings(
            "There is no archive. Set one in whosthere.toml, for example:\n"
            '  [archive]\n  kind = "folder"\n  folder = "/mnt/nas/whosthere"'
        )
    logs.set_up(zone=settings.house.zone)
    does: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
        "status": status,
        "check": check,
        "restore": restore,
        "run-once": run_once,
    }
    return does[chosen.what](settings, chosen)


# --- status


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
            f"Oldest waiting: {waiting[0].thing.name}, since {_at(since, zone)}"
            f" ({span((datetime.now(UTC) - since).total_seconds())})"
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


# --- check


def check(settings: Settings, _: argparse.Namespace) -> int:
    screen, bad = console(), 0
    screen.print(f"Archive: {settings.archive.place}")
    for one in archive_parts.tries(settings):
        mark = Text("✓ ", "green") if one.well else Text("✗ ", "bold red")
        said = without_secrets(one.said)
        screen.print(mark.append(f"{one.what:<20}", "default").append(said, "not bold default"))
        bad += not one.well
    if bad:
        screen.print("\nThe rights that a key needs: docs/how-to/archive.md")
    return 1 if bad else 0


# --- run-once


def run_once(settings: Settings, _: argparse.Namespace) -> int:
    process = running(settings.storage.folder)
    if process is not None:
        raise WhosThereError(
            f"whosthere is at work (process {process}) and copies by itself."
            " See 'whosthere archive status'."
        )
    store = SqliteStore(settings.storage.database)
    ledger = SqliteLedger(settings.storage.ledger)
    try:
        uploading = archive_parts.make_uploading(settings, store, ledger)
        sent, trouble = uploading.send_all()
        left = len(uploading.outbox.waiting())
    finally:
        ledger.close()
        store.close()
    say(f"{sent} files copied, {in_bytes(uploading.sent_bytes)}; {left} wait.")
    if trouble is not None:
        raise ArchiveTrouble(trouble)
    return 0


# --- restore


def restore(settings: Settings, chosen: argparse.Namespace) -> int:
    """Bring files back, with a bar; the same command again goes on where it stopped."""
    if settings.archive.append_only:
        raise BadSettings(
            "This key may only put (archive.append_only). To restore, use a key that may read,"
            " with append_only = false."
        )
    archive = archive_parts.make_archive(settings.archive)
    kinds = [Kind(kind) for kind in chosen.kind] if chosen.kind else list(ALL)
    found = choose(archive, kinds, since=chosen.since, until=chosen.until, camera=chosen.camera)
    to: Path = chosen.to or RESTORED
    if not found:
        say("The archive has nothing of that.")
        return 0
    process = running(to)
    if process is not None:
        raise WhosThereError(
            f"whosthere (process {process}) is at work in {to}. Name another folder with --to."
        )
    outcomes = fetch_all(Restoring(archive, to), found)
    _name_again(to, outcomes.of(Outcome.FETCHED))
    for line in outcomes.said:
        say(line)
    counts = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.counts() if number)
    say(f"{to}: {counts}.")
    for one in outcomes.of(Outcome.DIFFERENT):
        say(f"  left alone, since another file has its name: {one.name}")
    return 1 if outcomes.of(Outcome.DIFFERENT) else 0


def _name_again(to: Path, fetched: list[Chosen]) -> None:
    """Where there is a database, let its incidents name the files that are back."""
    names = [one.name for one in fetched if one.kind in OF_INCIDENTS]
    database = to / DATABASE
    if names and database.exists():
        store = SqliteStore(database)
        try:
            ArchiveOutbox(store.database).returned(names, datetime.now(UTC))
        finally:
            store.close()


class Outcomes:
    """What became of each file."""

    def __init__(self) -> None:
        self._all: list[tuple[Chosen, Outcome]] = []
        self.said: list[str] = []

    def add(self, one: Chosen, outcome: Outcome) -> None:
        self._all.append((one, outcome))

    def of(self, outcome: Outcome) -> list[Chosen]:
        return [one for one, became in self._all if became is outcome]

    def counts(self) -> list[tuple[Outcome, int]]:
        return [(outcome, len(self.of(outcome))) for outcome in Outcome]


def fetch_all(restoring: Restoring, found: list[Chosen]) -> Outcomes:
    outcomes = Outcomes()
    columns = ("{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    screen = console()
    with Progress(
        *columns, console=screen, transient=True, disable=not screen.is_terminal
    ) as progress:
        bar = progress.add_task("restoring", total=sum(one.copy.size for one in found))
        moving = Restoring(
            restoring.archive, restoring.to, lambda size: progress.advance(bar, size)
        )
        for one in found:
            outcomes.add(one, moving.fetch(one))
        outcomes.said = moving.finish(found)
    return outcomes
