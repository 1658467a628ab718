"""Reads what follows a command, slot by slot."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from whosthere.app.answers import times
from whosthere.app.answers.line import Context, Line, TooLong
from whosthere.app.answers.line_words import BEGINNINGS, spaced
from whosthere.core.commands import Command, Takes
from whosthere.core.model import Answer
from whosthere.core.modes import Mode

INCIDENT = re.compile(r"\d{8}t\d{9}-[a-z0-9_-]+", re.ASCII)
POLICY = re.compile(r"p?[1-9]\d{0,8}", re.ASCII)
ANGLE = re.compile(r"[+-]?\d{1,3}(?:\.\d)?°?", re.ASCII)
SECONDS_ALONE = re.compile(r"\d{1,3}", re.ASCII)
MOST_DEGREES = 180.0
MOST_LISTED = 100
BEFORE_CAMERA = {"at", "in", "of", "from", "on", "camera"}
ALL_CAMERAS = (["all", "cameras"], ["all"], ["everywhere"], ["everything"])
FORCED = {"force", "forced", "anyway", "nevertheless"}
# what may be done about policies, and what may follow: "N" stands for the number of one
POLICY_ACTIONS = {"list": (), "show": ("N",), "use": ("N",), "back": (), "not_now": ("N",),
                  "shadow": ("N", "off")}  # fmt: skip
LAST = {"last", "it", "that", "this"}


@dataclass(slots=True)
class Reading:
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
            for said in ([name], list(spaced(name))):
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
            for said in ([name], list(spaced(name))):
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


READERS: dict[Takes, Callable[[Reading], int]] = {
    Takes.MODE: Reading.mode,
    Takes.CAMERA: Reading.camera,
    Takes.TIME: Reading.time,
    Takes.SPAN: Reading.span,
    Takes.SECONDS: Reading.seconds,
    Takes.ON_OFF: Reading.on_off,
    Takes.MOMENT: Reading.moment,
    Takes.INCIDENT: Reading.incident,
    Takes.DAY: Reading.day,
    Takes.COUNT: Reading.count,
    Takes.ANSWER: Reading.answer,
    Takes.ANGLES: Reading.angles,
    Takes.TOPIC: Reading.topic,
    Takes.TEST: Reading.test,
    Takes.FORCE: Reading.force,
    Takes.LIT: Reading.lit,
    Takes.LIGHT: Reading.light,
    Takes.REALLY: Reading.really,
    Takes.POLICY: Reading.policy,
}
