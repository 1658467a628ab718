"""`whosthere mode`: show the mode, or ask the running program for another."""

import argparse
import getpass
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from whosthere.app.terminal import add_settings_argument, mode_of, say, settings_of
from whosthere.core.messages import SetMode
from whosthere.core.standing import Standing
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
    parser.add_argument("--force", action="store_true", help="arm though something is wrong")
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    store = SqliteStore.visit(settings.storage.database)
    try:
        if chosen.mode is not None:
            now = datetime.now(UTC)
            store.ask(SetMode(chosen.mode, getpass.getuser(), now, force=chosen.force))
            alive = running(settings.storage.folder)
            when = "follows within a second" if alive else "is not running; it follows at its start"
            say(f"Asked for {chosen.mode}. whosthere {when}.")
            return 0
        state, standing = store.arm_state(), store.standing()
    finally:
        store.close()
    if state is None:
        say(f"{settings.house.mode} (from the settings; not run yet)")
        return 0
    since = state.since.astimezone(settings.house.zone)
    say(f"{state.mode} since {since:%Y-%m-%d %H:%M:%S}: {state.reason}")
    for line in (*state.evidence, *_going_on(standing or Standing(), settings.house.zone)):
        say(f"  {line}")
    return 0


def _going_on(standing: Standing, zone: tzinfo | None) -> Iterator[str]:
    """What the house is in the middle of."""
    if standing.countdown is not None:
        one = standing.countdown
        yield f"{one.mode} from {one.due.astimezone(zone):%H:%M:%S} on: {one.reason}"
    if standing.triggered is not None:
        on = standing.triggered
        yield f"an alarm is on at {on.camera} since {on.since.astimezone(zone):%H:%M:%S}"
    for camera, held in standing.pending.items():
        yield f"somebody at {camera}: alert at {held.due.astimezone(zone):%H:%M:%S} ({held.why})"
