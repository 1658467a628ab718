"""What people type and press in Slack, as lines of the request grammar."""

import re

from whosthere.core.commands import ALIASES, BY_NAME, PHRASES
from whosthere.messaging.slack.wording import unescaped

LONGEST = 200  # letters of a request

UMBRELLA = "whosthere"
OWN_NAMES = {"whosthere_status": "status", "who_is_home": "who"}  # Slack has /status and /who
MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
TAG = re.compile(r"(?:tag\s+)?(occupied|unoccupied)\W*", re.IGNORECASE)
CLIENTS = str.maketrans("\u201c\u201d\u2019\u2013\u2014", '""\'--')  # what they make of " ' -


def of_command(command: str, text: str) -> str:
    """`/pycam_on front` asks for `pycam_on front`; `/whosthere status` for `status`."""
    word = command.removeprefix("/").lower()
    beginning = "" if word == UMBRELLA else OWN_NAMES.get(word, word)
    return tidy(f"{beginning} {text}")


def of_message(text: str) -> str:
    """Take out mentions and Slack's escapes."""
    return tidy(unescaped(MENTION.sub(" ", text)))


def tidy(text: str) -> str:
    """One line of plain letters. What is too long stays so, and is then refused."""
    letters = (one if one.isprintable() else " " for one in text[: 2 * LONGEST].translate(CLIENTS))
    return " ".join("".join(letters).split())


def is_change(text: str) -> bool:
    """Whether everybody should know of it."""
    lowered = text.lower()
    for said, meaning in PHRASES.items():
        if lowered == said or lowered.startswith(f"{said} "):
            lowered = meaning
            break
    word = lowered.partition(" ")[0]
    command = BY_NAME.get(ALIASES.get(word, word).partition(" ")[0])
    return command is not None and command.changes


def answer_in(text: str) -> str | None:
    """The answer that a request gives about all of an alert: it names no incident."""
    found = TAG.fullmatch(text)
    return found[1].lower() if found else None
