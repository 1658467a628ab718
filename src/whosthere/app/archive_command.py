"""`whosthere archive`: how the copies stand, whether the archive works, and files back from it."""

import argparse
import logging
from collections.abc import Callable
from pathlib import Path

from rich.text import Text

from whosthere.app import archive_parts, logs
from whosthere.app.archive_restore import RESTORED, restore
from whosthere.app.archive_status import in_bytes, status
from whosthere.app.logs import without_secrets
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.core.errors import ArchiveTrouble, BadSettings, WhosThereError
from whosthere.storage.archive.check import DENIED
from whosthere.storage.archive.things import Kind
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.lock import running
from whosthere.storage.sqlite import SqliteStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    standing = words.add_parser("status", help="what is copied, what waits, since when and why")
    standing.add_argument("--json", action="store_true", help="as a JSON object")
    trying = words.add_parser("check", help="try the bucket or folder, right by right")
    back = words.add_parser("restore", help="bring files back; never over a file that is there")
    back.add_argument(
        "--since", metavar="WHEN", help="from then on: 7d, 12h or a date as 2026-11-20"
    )
    back.add_argument("--until", metavar="WHEN", help="before then, said the same way")
    back.add_argument("--camera", metavar="NAME", help="of this camera only")
    back.add_argument(
        "--kind",
        action="append",
        choices=[str(kind) for kind in Kind],
        help="of this kind only; may be given more than once (default: all, but with --since,"
        " --until or --camera no ledger and no database)",
    )
    back.add_argument(
        "--to", type=Path, metavar="FOLDER", help=f"into this folder (default: {RESTORED})"
    )
    once = words.add_parser("run-once", help="copy what waits, while the program is not at work")
    for word in (standing, trying, back, once):
        add_settings_argument(word)


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
    screen, bad, lacks = console(), 0, False
    screen.print(f"Archive: {settings.archive.place}")
    for one in archive_parts.tries(settings):
        mark = Text("✓ ", "green") if one.well else Text("✗ ", "bold red")
        said = without_secrets(one.said)
        screen.print(mark.append(f"{one.what:<20}", "default").append(said, "not bold default"))
        bad += not one.well
        lacks |= not one.well and DENIED in one.said
    if lacks:
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
    say(f"{sent} file{'s' * (sent != 1)} copied, {in_bytes(uploading.sent_bytes)}.")
    if left:
        until = "" if trouble else ", of incidents that are not over"
        say(f"{left} file{'s' * (left != 1)} still to be copied{until}.")
    if trouble is not None:
        raise ArchiveTrouble(trouble)
    return 0
