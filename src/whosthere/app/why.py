"""`whosthere why`: why people were, or were not, told. It needs no running program."""

import argparse
import getpass
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, time, timedelta

from whosthere.app.answers.answering import Answers
from whosthere.app.answers.asked_files import AskedFiles
from whosthere.app.answers.grammar import parse
from whosthere.app.answers.house import Parts
from whosthere.app.answers.line import Context, Line
from whosthere.app.answers.newest import NewestFrames
from whosthere.app.answers.times import last_past, read_past_day
from whosthere.app.answers.why import NO_NUMBERS, of_stretch
from whosthere.app.ask import plain
from whosthere.app.health import HealthBoard
from whosthere.app.replay_times import moment_of
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, say, settings_of
from whosthere.core.errors import BadSettings
from whosthere.core.model import House
from whosthere.core.modes import ArmState
from whosthere.core.requests import Asker, Reply, Request, Role
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.lock import running
from whosthere.storage.sqlite import SqliteStore

BEGINNING = re.compile(r"\d{8}([tT]\d{0,9}(-[\w-]*)?)?", re.ASCII)
SHOWN = 5  # names
LATE = timedelta(seconds=30)  # until what was written has been seen


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="WHAT",
        help="an incident, or how its name begins; or a day, a time of day and a camera"
        " (default: the last incident)",
    )  # fmt: skip
    parser.add_argument(
        "--since", metavar="WHEN", help="say which condition stopped how much: 2h, or a date"
    )
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    with parts_of(settings) as parts:
        moment = parts.now()
        if chosen.since is not None:
            reply = _stretch(parts, settings, chosen.since, chosen.words)
        else:
            asker = Asker("", getpass.getuser(), Role.VIEWER, "command line")
            words = " ".join(["why", *(_whole_name(word, parts) for word in chosen.words)])
            reply = Answers(parts).answer(Request(words, asker, parts.now()))
            moment = _moment(words, parts)
    say(plain(reply.text))
    if NO_NUMBERS in reply.text and running(settings.storage.folder) is not None:
        seconds = settings.storage.ledger_batch_seconds
        if datetime.now(UTC) - moment < timedelta(seconds=seconds) + LATE:
            say(f"The last {seconds:g} s are not on the disk yet; 'whosthere ask why' knows them.")
    return 1 if reply.refused else 0


def _whole_name(word: str, parts: Parts) -> str:
    """Complete an incident's name of which only the beginning was given."""
    if BEGINNING.fullmatch(word) is None:
        return word
    day = read_past_day(f"{word[:4]}-{word[4:6]}-{word[6:8]}", parts.now().date())
    if day is None:
        return word
    begin = datetime.combine(day, time(), UTC)
    wanted = word.replace("t", "T", 1)
    ids = [one.id for one in parts.store.incidents(begin, begin + timedelta(days=1))]
    found = [name for name in ids if name.startswith(wanted)]
    if len(found) > 1 and wanted not in found:
        some = ", ".join(found[:SHOWN]) + (" …" if len(found) > SHOWN else "")
        raise BadSettings(f"{len(found)} incidents begin with {word}: {some}.")
    return found[0] if len(found) == 1 else word


def _moment(words: str, parts: Parts) -> datetime:
    """The moment that is asked about; without one, it is the last incident."""
    line = parse(words, Context(parts.cameras, parts.now(), parts.zone))
    if isinstance(line, Line) and line.time_of_day is not None:
        return last_past(line.time_of_day, parts.now(), parts.zone, line.day)
    return parts.now()


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
