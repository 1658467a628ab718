"""The words of a line: politeness is taken off, and what it begins with says what is meant."""

import re

from whosthere.core.commands import ALIASES, BY_NAME, PHRASES

POLITE = ("can you", "could you", "would you", "will you")
OPENINGS = (
    *POLITE, "hey", "hi", "hello", "please", "whosthere", "show me", "show", "send me", "send",
    "give me", "give", "tell me", "tell", "take", "get", "list", "what is", "what's", "set",
)  # fmt: skip
FILLERS = {"please", "pls", "the", "thanks", "now"}
ARM_NOW = re.compile(r"\barm(?: it)? now\b")


def in_words(text: str) -> list[str]:
    """Split a line into the words that say something."""
    plain = (
        text.lower()
        .replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        .replace("*", " ")
        .replace("`", " ")
    )
    plain = ARM_NOW.sub("arm_now", plain)  # elsewhere, "now" says nothing
    stripped = (word.strip('.,;!?"()/') for word in plain.split())
    return [word for word in stripped if word and word not in FILLERS]


def without_opening(words: list[str]) -> tuple[bool, list[str]]:
    """Whether it was asked politely, and what is left without that."""
    polite = False
    while True:
        opening = next((o for o in OPENINGS if words[: len(o.split())] == o.split()), None)
        if opening is None:
            return polite, words
        polite |= opening in POLITE
        words = words[len(opening.split()) :]


def spaced(name: str) -> tuple[str, ...]:
    """Return a name as it is said, in words."""
    return tuple(name.replace("_", " ").replace("-", " ").split())


def _beginnings() -> dict[tuple[str, ...], list[str]]:
    """All words that a line may begin with, and what they stand for."""
    found = {tuple(in_words(said)): line.split() for said, line in PHRASES.items()}
    for said, line in ALIASES.items():
        found[(said,)] = line.split()
    for name in BY_NAME:
        found[spaced(name)] = [name]
        found[name.replace("_", "-"),] = [name]
        found[(name,)] = [name]
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


BEGINNINGS = _beginnings()
