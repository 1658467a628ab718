"""`whosthere archive`: how the copies stand, whether the archive works, and files back from it."""

import argparse
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.text import Text

from whosthere.app import archive_parts, logs
from whosthere.app.archive_restore import RESTORED, restore
from whosthere.app.archive_status import in_bytes, status
from whosthere.app.logs import without_secrets
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.core.errors import ArchiveTrouble, BadSettings, WhosThereError
from whosthere.storage.archive.things import Kind
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.lock import running
from whosthere.storage.sqlite import SqliteStore

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
    logs.set_up(logging.ERROR, zone=settings.house.zone)  # what is wrong is said at the end
    does: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
        "status": status,
        "check": check,
        "restore": restore,
        "run-once": run_once,
    }
    return does[chosen.what](settings, chosen)


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
