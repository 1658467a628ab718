"""`whosthere blind-spots`: when cameras showed nothing."""

import argparse
import json
from datetime import UTC, datetime

from rich.table import Table

from whosthere.app.replay_times import moment_of
from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.core.spans import span
from whosthere.storage.outages import Outages
from whosthere.storage.sqlite import SqliteStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", default="7d", metavar="7d", help="how far back (default: 7d)")
    parser.add_argument("--camera", metavar="NAME", help="of this camera only")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    settings, now = settings_of(chosen), datetime.now(UTC)
    store = SqliteStore.visit(settings.storage.database)
    try:
        since = moment_of(chosen.since, "--since", now, settings.house.zone)
        found = Outages(store.database).read(since, chosen.camera)
    finally:
        store.close()
    if chosen.json:
        for one in found:
            until = one.until.isoformat() if one.until else None
            say(json.dumps({"camera": one.camera, "since": one.since.isoformat(), "until": until,
                            "seconds": round(one.seconds(now)), "why": one.why}))  # fmt: skip
    elif found:
        made = Table("camera", "since", "until", "for", "why", header_style="bold")
        zone = settings.house.zone
        for one in found:
            until = f"{one.until.astimezone(zone):%Y-%m-%d %H:%M}" if one.until else "it goes on"
            began = f"{one.since.astimezone(zone):%Y-%m-%d %H:%M}"
            made.add_row(one.camera, began, until, span(one.seconds(now)), one.why)
        console().print(made)
    else:
        say(f"All cameras could be seen at all times in the last {chosen.since}.")
    return 0
