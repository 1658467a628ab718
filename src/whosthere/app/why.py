"""`whosthere why`: why people were, or were not, told. It needs no running program."""

import argparse
import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from whosthere.app.answers.answering import Answers
from whosthere.app.answers.asked_files import AskedFiles
from whosthere.app.answers.house import Parts
from whosthere.app.answers.newest import NewestFrames
from whosthere.app.answers.why import of_stretch
from whosthere.app.ask import plain
from whosthere.app.health import HealthBoard
from whosthere.app.replay_times import moment_of
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, say, settings_of
from whosthere.core.errors import BadSettings
from whosthere.core.model import ArmState, House
from whosthere.core.requests import Asker, Reply, Request, Role
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.lock import running
from whosthere.storage.sqlite import SqliteStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="WHAT",
        help="an incident, or a time of day, and a camera (default: the last incident)",
    )  # fmt: skip
    parser.add_argument(
        "--since", metavar="WHEN", help="say which condition stopped how much: 2h, or a date"
    )
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    with parts_of(settings) as parts:
        if chosen.since is not None:
            reply = _stretch(parts, settings, chosen.since, chosen.words)
        else:
            asker = Asker("", getpass.getuser(), Role.VIEWER, "command line")
            words = " ".join(["why", *chosen.words])
            reply = Answers(parts).answer(Request(words, asker, parts.now()))
    say(plain(reply.text))
    if running(settings.storage.folder) is not None and "no numbers" in reply.text:
        seconds = settings.storage.ledger_batch_seconds
        say(f"The last {seconds:g} s are not on the disk yet; 'whosthere ask why' knows them.")
    return 1 if reply.refused else 0


def _stretch(parts: Parts, settings: Settings, since: str, words: list[str]) -> Reply:
    unknown = [word for word in words if word not in parts.cameras]
    if unknown:
        known = ", ".join(parts.cameras)
        raise BadSettings(f"{unknown[0]}: with --since, name cameras only: {known}.")
    now = parts.now()
    begin = moment_of(since, "--since", now, settings.house.zone)
    return of_stretch(parts, begin, now, tuple(words) or parts.cameras)


@contextmanager
def parts_of(settings: Settings) -> Iterator[Parts]:
    """What there is to answer from while nothing runs, or beside what runs."""
    storage, now = settings.storage, datetime.now(UTC)
    with (
        closing(SqliteStore.visit(storage.database)) as store,
        closing(SqliteLedger.visit(storage.ledger)) as ledger,
    ):
        state = store.arm_state() or ArmState(settings.house.mode, now, "as the settings say")
        yield Parts(
            name=settings.house.name,
            zone=settings.house.zone,
            cameras=tuple(settings.cameras),
            store=store,
            ledger=ledger,
            health=HealthBoard(),
            frames=NewestFrames(),
            rings={},
            files=AskedFiles(storage.folder, lambda: datetime.now(UTC)),
            house=lambda: House(state),
            policy=settings.policy,
            tell=lambda _message: False,
        )
