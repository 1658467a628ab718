"""`whosthere ask`: ask the running program in plain words, as in a chat."""

import argparse
import getpass
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from whosthere.app.terminal import add_settings_argument, say, settings_of
from whosthere.core.errors import StoreTrouble
from whosthere.core.requests import Reply
from whosthere.storage.lock import running
from whosthere.storage.questions import Questions
from whosthere.storage.sqlite import SqliteStore

LONGEST_WAIT = 20.0  # seconds; a clip of a slow disk
GLANCES = 0.1  # seconds between looks for the answer

MARKED = re.compile(r"`([^`\n]*)`")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="WORDS", help="what to ask (default: help)")
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    storage = settings.storage
    if running(storage.folder) is None:
        raise StoreTrouble(
            f"Nobody is there to answer: whosthere does not run in {storage.folder}."
            " Start it with 'whosthere run'."
        )
    reply = asked(storage.database, " ".join(chosen.words))
    say(plain(reply.text))
    if reply.file is not None:
        say(str(storage.folder / reply.file))
    return 1 if reply.refused else 0


def asked(database: Path, text: str) -> Reply:
    """Ask, and wait for the answer."""
    store = SqliteStore.visit(database)
    try:
        questions = Questions(store.database)
        number = questions.ask(text, getpass.getuser(), datetime.now(UTC))
        until = time.monotonic() + LONGEST_WAIT
        reply = None
        while reply is None and time.monotonic() < until:
            time.sleep(GLANCES)
            reply = questions.answer_to(number)
        questions.forget(number)
    finally:
        store.close()
    if reply is None:
        raise StoreTrouble("No answer came. 'whosthere run' says in its log what keeps it busy.")
    return reply


def plain(text: str) -> str:
    """Without the marks of a chat; what may be typed stands in quotes."""
    quoted = MARKED.sub(lambda one: f"'{one[1]}'" if " " in one[1] else one[1], text)
    return quoted.replace("*", "").replace("`", "")
