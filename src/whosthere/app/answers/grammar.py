"""One grammar for all ways of asking. A line is understood as a whole, or changes nothing."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from difflib import get_close_matches

from whosthere.app.answers import times
from whosthere.core.commands import ALIASES, BY_NAME, PHRASES, Command, Takes
from whosthere.core.model import Answer, Mode
from whosthere.core.pan_tilt import HOME

LONGEST_LINE = 200  # characters
MOST_WORDS = 30
LIKE = 0.72  # how alike a word must be to one that we know, to be taken for it in a suggestion
INCIDENT = re.compile(r"\d{8}t\d{9}-[a-z0-9_-]+", re.ASCII)
POLICY = re.compile(r"p?[1-9]\d{0,8}", re.ASCII)
ANGLE = re.compile(r"[+-]?\d{1,3}(?:\.\d)?°?", re.ASCII)
SECONDS_ALONE = re.compile(r"\d{1,3}", re.ASCII)
MOST_DEGREES = 180.0
MOST_LISTED = 100
POLITE = ("can you", "could you", "would you", "will you")
OPENINGS = (
    *POLITE, "hey", "hi", "hello", "please", "whosthere", "show me", "show", "send me", "send",
    "give me", "give", "tell me", "tell", "take", "get", "list", "what is", "what's", "set",
)  # fmt: skip
FILLERS = {"please", "pls", "the", "thanks", "now"}
BEFORE_CAMERA = {"at", "in", "of", "from", "on", "camera"}
ALL_CAMERAS = (["all", "cameras"], ["all"], ["everywhere"], ["everything"])
ARM_NOW = re.compile(r"\barm(?: it)? now\b")
FORCED = {"force", "forced", "anyway", "nevertheless"}
# what may be done about policies, and what may follow: "N" stands for the number of one
POLICY_ACTIONS = {"list": (), "show": ("N",), "use": ("N",), "back": (), "not_now": ("N",),
                  "shadow": ("N", "off")}  # fmt: skip
LAST = {"last", "it", "that", "this"}


@dataclass(frozen=True, slots=True)
class Line:
    """What was asked."""

    command: Command
    mode: Mode | None = None
    camera: str | None = None
    everywhere: bool = False  # all cameras were named
    until: datetime | None = None
    off: bool = False  # of a snooze: end it
    seconds: float | None = None
    on: bool | None = None
    time_of_day: times.TimeOfDay | None = None
    day: date | None = None
    incident: str | None = None
    count: int | None = None
    answer: Answer | None = None
    angles: tuple[float, float] | None = None
    preset: str | None = None  # of a camera that turns
    topic: str | None = None
    force: bool = False  # though something is wrong
    light: str | None = None
    really: bool = False  # though it is loud
    action: str | None = None  # of a policy or a walk test: what is to be done
    which: str | None = None  # of the policies


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """What cannot be done, with what was probably meant."""

    why: str
    meant: str | None = None
    command: Command | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What the meaning of a line depends on."""

    cameras: tuple[str, ...]
    now: datetime
    zone: tzinfo | None
    presets: frozenset[str] = frozenset({HOME})  # of cameras that turn
    lights: tuple[str, ...] = ()


class TooLong(Exception):
    """A time beyond all reason."""


def parse(text: str, context: Context) -> Line | Misunderstood:
    """Understand a line, or say what was probably meant."""
    if len(text) > LONGEST_LINE:
        return Misunderstood("That is too long for me.")
    words = _words(text)
    if len(words) > MOST_WORDS:
        return Misunderstood("That is too long for me.")
    polite, words = _without_opening(words)
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


def _words(text: str) -> list[str]:
    plain = (
        text.lower()
        .replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        .replace("*", " ")
        .replace("`", " ")
    )
    plain = ARM_NOW.sub("arm_now", plain)  # elsewhere, "now" says nothing
    stripped = (word.strip('.,;!?"()/') for word in plain.split())
    return [word for word in stripped if word and word not in FILLERS]


def _without_opening(words: list[str]) -> tuple[bool, list[str]]:
    polite = False
    while True:
        opening = next((o for o in OPENINGS if words[: len(o.split())] == o.split()), None)
        if opening is None:
            return polite, words
        polite |= opening in POLITE
        words = words[len(opening.split()) :]


def _spaced(name: str) -> tuple[str, ...]:
    return tuple(name.replace("_", " ").replace("-", " ").split())


def _beginnings() -> dict[tuple[str, ...], list[str]]:
    """All words that a line may begin with, and what they stand for."""
    found = {tuple(_words(said)): line.split() for said, line in PHRASES.items()}
    for said, line in ALIASES.items():
        found[(said,)] = line.split()
    for name in BY_NAME:
        found[_spaced(name)] = [name]
        found[name.replace("_", "-"),] = [name]
        found[(name,)] = [name]
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


BEGINNINGS = _beginnings()


def _line(words: Sequence[str], context: Context) -> Line | None:
    for said, meaning in BEGINNINGS.items():
        if tuple(words[: len(said)]) == said:
            command = BY_NAME[meaning[0]]
            return _Reading(command, [*meaning[1:], *words[len(said) :]], context).line()
    return None


@dataclass(slots=True)
class _Reading:
    """Reads what follows a command, slot by slot. All words must fit."""

    command: Command
    words: list[str]
    context: Context
    made: Line = field(init=False)

    def __post_init__(self) -> None:
        self.made = Line(self.command)

    def line(self) -> Line | None:
        open_slots = list(self.command.takes)
        while self.words:
            taken = next((slot for slot in open_slots if self._take(slot)), None)
            if taken is None:
                return None
            open_slots.remove(taken)
        if any(not slot.startswith("[") for slot in open_slots):
            return None
        if self.command.name == "notifications" and self.made.on and self.made.until:
            return None
        return self.made

    def _take(self, slot: Takes) -> bool:
        used = READERS[slot](self)
        self.words = self.words[used:]
        return used > 0

    def _set(self, used: int, **found: object) -> int:
        if used:
            self.made = replace(self.made, **found)  # type: ignore[arg-type] # checked by replace
        return used

    def mode(self) -> int:
        try:
            return self._set(1, mode=Mode(self.words[0]))
        except ValueError:
            return 0

    def camera(self) -> int:
        before = next((n for n, w in enumerate(self.words) if w not in BEFORE_CAMERA), None)
        if before is None:
            return 0
        words = self.words[before:]
        for name in sorted(self.context.cameras, key=len, reverse=True):
            for said in ([name], list(_spaced(name))):
                if said and words[: len(said)] == said:
                    after = words[len(said) : len(said) + 1] == ["camera"]
                    return self._set(before + len(said) + after, camera=name)
        for said in ALL_CAMERAS:
            if words[: len(said)] == said:
                return self._set(before + len(said), everywhere=True)
        return 0

    def time(self) -> int:
        first, rest = self.words[0], self.words[1:]
        if first in {"until", "till", "til"}:
            until = times.read_until(rest, self.context.now, self.context.zone)
            if until is None:
                return 0
            if until.at - self.context.now > times.LONGEST:
                raise TooLong
            return self._set(1 + until.words, until=until.at)
        skip = first == "for"
        span = times.read_span(rest if skip else self.words)
        minutes = self.words[skip:][:1]
        if span is None and self.command.name in {"snooze", "notifications"} and minutes:
            span = times.read_span([f"{minutes[0]}m"])  # a bare number
        if span is None:
            return 0
        if span.length > times.LONGEST:
            raise TooLong
        return self._set(skip + span.words, until=self.context.now + span.length)

    def span(self) -> int:
        if self.words[0] in {"off", "end", "over", "stop"}:
            return self._set(1, off=True)
        return self.time()

    def seconds(self) -> int:
        skip = self.words[0] in {"for", "last"} and len(self.words) > 1
        words = self.words[skip:]
        span = times.read_span(words)
        if span is None and SECONDS_ALONE.fullmatch(words[0]):
            span = times.Span(timedelta(seconds=int(words[0])), 1)
        if span is None or not span.length:
            return 0
        if span.length > times.LONGEST:
            raise TooLong
        return self._set(skip + span.words, seconds=span.length.total_seconds())

    def on_off(self) -> int:
        known = {"on": True, "off": False}
        return self._set(self.words[0] in known, on=known.get(self.words[0]))

    def moment(self) -> int:
        skip = self.words[0] in {"at", "around"}
        found = times.read_time(self.words[skip:])
        return self._set(skip + found.words, time_of_day=found) if found else 0

    def incident(self) -> int:
        word = self.words[0]
        if word in LAST:
            return 1 + (self.words[1:2] in (["incident"], ["alert"], ["one"]))
        if not INCIDENT.fullmatch(word):
            return 0
        return self._set(1, incident=word.replace("t", "T", 1))

    def day(self) -> int:
        today = self.context.now.astimezone(self.context.zone).date()
        found = times.read_past_day(self.words[0], today)
        return self._set(found is not None, day=found)

    def count(self) -> int:
        word = self.words[0]
        if not times.NUMBER.fullmatch(word) or not 1 <= int(word) <= MOST_LISTED:
            return 0
        return self._set(1, count=int(word))

    def answer(self) -> int:
        try:
            return self._set(1, answer=Answer(self.words[0]))
        except ValueError:
            return 0

    def angles(self) -> int:
        if self.words[0] == "to":
            self.words = self.words[1:]
        if self.words[:1] and self.words[0] in self.context.presets:
            return self._set(1, preset=self.words[0])
        found = self.words[:2]
        if len(found) < 2 or not all(ANGLE.fullmatch(word) for word in found):  # noqa: PLR2004
            return 0
        pan, tilt = (float(word.rstrip("°")) for word in found)
        if max(abs(pan), abs(tilt)) > MOST_DEGREES:
            return 0
        return self._set(2, angles=(pan, tilt))

    def force(self) -> int:
        return self._set(self.words[0] in FORCED, force=True)

    def test(self) -> int:
        known = self.words[0] in {"show", "stop"} and self.made.until is None
        return self._set(known, action=self.words[0])

    def policy(self) -> int:
        action, which = self.words[0], self.words[1:2]
        allowed = POLICY_ACTIONS.get(action)
        if allowed is None:
            return 0
        named = bool(which) and (which[0] in allowed or ("N" in allowed and _is_policy(which[0])))
        return self._set(1 + named, action=action, which=which[0] if named else None)

    def lit(self) -> int:
        return self._set(self.words[0] == "auto", on=None) or self.on_off()

    def light(self) -> int:
        for name in sorted(self.context.lights, key=len, reverse=True):
            for said in ([name], list(_spaced(name))):
                if self.words[: len(said)] == said:
                    return self._set(len(said), light=name)
        return 0

    def really(self) -> int:
        return self._set(self.words[0] == "really", really=True)

    def topic(self) -> int:
        for said, meaning in BEGINNINGS.items():
            if tuple(self.words[: len(said)]) == said:
                return self._set(len(self.words), topic=meaning[0])
        return 0


def _is_policy(word: str) -> bool:
    return POLICY.fullmatch(word) is not None


READERS: dict[Takes, Callable[[_Reading], int]] = {
    Takes.MODE: _Reading.mode,
    Takes.CAMERA: _Reading.camera,
    Takes.TIME: _Reading.time,
    Takes.SPAN: _Reading.span,
    Takes.SECONDS: _Reading.seconds,
    Takes.ON_OFF: _Reading.on_off,
    Takes.MOMENT: _Reading.moment,
    Takes.INCIDENT: _Reading.incident,
    Takes.DAY: _Reading.day,
    Takes.COUNT: _Reading.count,
    Takes.ANSWER: _Reading.answer,
    Takes.ANGLES: _Reading.angles,
    Takes.TOPIC: _Reading.topic,
    Takes.TEST: _Reading.test,
    Takes.FORCE: _Reading.force,
    Takes.LIT: _Reading.lit,
    Takes.LIGHT: _Reading.light,
    Takes.REALLY: _Reading.really,
    Takes.POLICY: _Reading.policy,
}


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


NAME = re.compile(r"[a-z][a-z0-9_-]{1,29}")  # as a camera may be called


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
    cameras = [word for name in context.cameras for word in (name, *_spaced(name))]
    more = [*Mode, *Answer, "on", "off", "for", "until", "today", "yesterday", "tomorrow", "force",
            "really", *context.presets, *times.WEEKDAYS, "minutes", "hours"]  # fmt: skip
    return list(dict.fromkeys([*said, *cameras, *more]))


def _like(word: str, known: Sequence[str]) -> str:
    if word in known or any(letter.isdigit() for letter in word):
        return word
    return next(iter(get_close_matches(word, known, n=1, cutoff=LIKE)), word)
