"""One grammar for all ways of asking. A line is understood as a whole, or changes nothing."""

import re
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches

from whosthere.app.answers import times
from whosthere.app.answers.line import Context, Line, Misunderstood, TooLong
from whosthere.app.answers.line_slots import Reading
from whosthere.app.answers.line_words import BEGINNINGS, in_words, spaced, without_opening
from whosthere.core.commands import BY_NAME
from whosthere.core.model import Answer
from whosthere.core.modes import Mode

LONGEST_LINE = 200  # characters
MOST_WORDS = 30
LIKE = 0.72  # how alike a word must be to one that we know, to be taken for it in a suggestion
NAME = re.compile(r"[a-z][a-z0-9_-]{1,29}")  # as a camera may be called


def parse(text: str, context: Context) -> Line | Misunderstood:
    """Understand a line, or say what was probably meant."""
    if len(text) > LONGEST_LINE:
        return Misunderstood("That is too long for me.")
    words = in_words(text)
    if len(words) > MOST_WORDS:
        return Misunderstood("That is too long for me.")
    polite, words = without_opening(words)
    if not words:
        return Line(BY_NAME["help"])
    try:
        line = _line(words, context)
    except TooLong:
        return Misunderstood(f"The longest time is {times.LONGEST.days} days.")
    if line is None:
        return _misunderstood(words, context)
    if line.command.changes and text.rstrip().endswith("?") and not polite:
        why = "That is a question, so I changed nothing."
        return Misunderstood(why, " ".join(words), line.command)
    return line


def _line(words: Sequence[str], context: Context) -> Line | None:
    for said, meaning in BEGINNINGS.items():
        if tuple(words[: len(said)]) == said:
            command = BY_NAME[meaning[0]]
            return Reading(command, [*meaning[1:], *words[len(said) :]], context).line()
    return None


def _misunderstood(words: Sequence[str], context: Context) -> Misunderstood:
    known = _known_words(context)
    better = [_like(word, known) for word in words]
    command = next(
        (
            BY_NAME[meaning[0]]
            for said, meaning in BEGINNINGS.items()
            if tuple(better[: len(said)]) == said
        ),
        None,
    )
    try:
        meant = " ".join(better) if better != list(words) and _line(better, context) else None
    except TooLong:
        meant = None
    if time := times.no_such_time(words):
        return Misunderstood(f"There is no time {time}.", None, command)
    why = (None if meant else _no_such_camera(words, context)) or "I do not understand that."
    return Misunderstood(why, meant, command)


def _no_such_camera(words: Sequence[str], context: Context) -> str | None:
    """Say which word stands where a camera's name would make sense of the line."""
    other = {*_known_words(context), "not", "no", "never"}
    for number, word in enumerate(words[1:], 1):
        if word in other or not NAME.fullmatch(word):
            continue
        line = [*words[:number], *context.cameras[:1], *words[number + 1 :]]
        with suppress(TooLong):
            made = _line(line, context)
            if made is not None and made.camera is not None:
                return f"There is no camera called {word}."
    return None


def _known_words(context: Context) -> list[str]:
    said = [word for words in BEGINNINGS for word in words]
    cameras = [word for name in context.cameras for word in (name, *spaced(name))]
    more = [*Mode, *Answer, "on", "off", "for", "until", "today", "yesterday", "tomorrow", "force",
            "really", *context.presets, *times.WEEKDAYS, "minutes", "hours"]  # fmt: skip
    return list(dict.fromkeys([*said, *cameras, *more]))


def _like(word: str, known: Sequence[str]) -> str:
    if word in known or any(letter.isdigit() for letter in word):
        return word
    return next(iter(get_close_matches(word, known, n=1, cutoff=LIKE)), word)
