"""`whosthere policy`: the numbers in use, where each comes from, others, and back."""

import argparse
import getpass
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime

from whosthere.app.ask import asked, plain
from whosthere.app.policy_desk import PolicyDesk
from whosthere.app.policy_versions import said_of
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, say, settings_of
from whosthere.core.errors import BadSettings
from whosthere.storage.lock import running
from whosthere.storage.proposals import Policies
from whosthere.storage.sqlite import SqliteStore

ORIGIN = "command line"
NAMED = {"show", "use", "not_now", "shadow"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        default="list",
        choices=("list", "show", "use", "back", "not_now", "shadow"),
        help="what to do (default: list)",
    )
    parser.add_argument(
        "which", nargs="?", metavar="N", help="version 3, proposal p3; shadow: or off"
    )
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    which = _which(chosen)
    if running(settings.storage.folder) is not None:
        words = ["policy", chosen.action, *([which] if which else [])]
        reply = asked(settings.storage.database, " ".join(words))
        say(_at_terminal(reply.text))
        return 1 if reply.refused else 0
    say(_at_terminal(_without_program(settings, chosen.action, which)))
    return 0


def _which(chosen: argparse.Namespace) -> str | None:
    which: str | None = chosen.which
    if which is None:
        return None
    allowed: Sequence[str] = ("off",) if chosen.action == "shadow" else ()
    if chosen.action not in NAMED or not (which in allowed or which.removeprefix("p").isdecimal()):
        raise BadSettings(f"{which}: write the number of a version, as 3, or of a proposal, as p3.")
    return which


def _without_program(settings: Settings, action: str, which: str | None) -> str:
    """Do it in the database: it holds from the next start on."""
    with closing(SqliteStore.visit(settings.storage.database)) as store:
        policies = Policies(store.database)
        desk = PolicyDesk(policies, said_of(settings), lambda _: True, settings.house.zone)
        by, at = getpass.getuser(), datetime.now(UTC)
        match action:
            case "show":
                return desk.shown(which)
            case "use":
                return _later(desk.use(which, by, at, ORIGIN))
            case "back":
                return _later(desk.back(by, at, ORIGIN))
            case "not_now":
                return desk.leave(which, by, at, ORIGIN)
            case "shadow":
                return desk.shadow(which, at)
            case _:
                return desk.listed()


def _at_terminal(text: str) -> str:
    """Name commands as they are typed here."""
    said = text.replace("`policy ", "`whosthere policy ")
    return plain(said.replace("`save_images on`", "`whosthere ask save_images on`"))


def _later(text: str) -> str:
    return text.replace("from now on", "from the next start of 'whosthere run' on")
