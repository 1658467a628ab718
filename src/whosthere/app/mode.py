"""`whosthere mode`: show the mode, or ask the running program for another."""

import argparse
import getpass
from datetime import UTC, datetime

from whosthere.app.terminal import add_settings_argument, mode_of, say, settings_of
from whosthere.core.messages import SetMode
from whosthere.storage.lock import running
from whosthere.storage.sqlite import SqliteStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "mode",
        nargs="?",
        type=mode_of,
        metavar="MODE",
        help="the one to set: off, home, away or night",
    )
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    store = SqliteStore.visit(settings.storage.database)
    try:
        if chosen.mode is not None:
            store.ask(SetMode(chosen.mode, getpass.getuser(), datetime.now(UTC)))
            alive = running(settings.storage.folder)
            when = "follows within a second" if alive else "is not running; it follows at its start"
            say(f"Asked for {chosen.mode}. whosthere {when}.")
            return 0
        state = store.arm_state()
    finally:
        store.close()
    if state is None:
        say(f"{settings.house.mode} (from the settings; not run yet)")
        return 0
    since = state.since.astimezone(settings.house.zone)
    say(f"{state.mode} since {since:%Y-%m-%d %H:%M:%S}: {state.reason}")
    return 0
