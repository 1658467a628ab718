"""One grammar: what is understood, what is not, and what is suggested instead."""

from dataclasses import fields
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosthere.app.answers.answering import ANSWERS
from whosthere.app.answers.grammar import parse
from whosthere.app.answers.line import Context, Line, Misunderstood
from whosthere.app.answers.line_slots import BEFORE_CAMERA
from whosthere.app.answers.line_words import BEGINNINGS, FILLERS, OPENINGS
from whosthere.app.answers.times import NAMED_TIMES, SAID, UNITS, WEEKDAYS
from whosthere.core.commands import ALIASES, BY_NAME, COMMANDS, PHRASES
from whosthere.core.model import Answer
from whosthere.core.modes import Mode

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
CONTEXT = Context(("front", "garden", "front-door"), NOW, ZoneInfo("Europe/Vienna"))
IN_2H = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
IN_30M = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
UNSET = {field.name: field.default for field in fields(Line) if field.name != "command"}


def understood(text: str) -> dict[str, object] | str:
    """Return what was understood, or why not."""
    line = parse(text, CONTEXT)
    if isinstance(line, Misunderstood):
        return line.meant or line.why
    found = {name: getattr(line, name) for name in UNSET}
    return {"name": line.command.name} | {n: v for n, v in found.items() if v != UNSET[n]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"name": "help"}),
        ("help", {"name": "help"}),
        ("help snooze", {"name": "help", "topic": "snooze"}),
        ("help pycam_on", {"name": "help", "topic": "arm"}),
        ("status", {"name": "status"}),
        ("  STATUS!  ", {"name": "status"}),
        ("/whosthere status", {"name": "status"}),
        ("arm", {"name": "arm"}),
        ("arm night", {"name": "arm", "mode": Mode.NIGHT}),
        ("arm garden", {"name": "arm", "camera": "garden"}),
        ("arm away garden for 2h",
         {"name": "arm", "mode": Mode.AWAY, "camera": "garden", "until": IN_2H}),
        ("arm for 2h the garden camera, away",
         {"name": "arm", "mode": Mode.AWAY, "camera": "garden", "until": IN_2H}),
        ("arm away until 12:30", {"name": "arm", "mode": Mode.AWAY, "until": IN_2H}),
        ("arm front-door", {"name": "arm", "camera": "front-door"}),
        ("arm front door", {"name": "arm", "camera": "front-door"}),  # not the camera front
        ("arm all cameras", {"name": "arm", "everywhere": True}),
        ("disarm", {"name": "disarm"}),
        ("Disarm, please.", {"name": "disarm"}),
        ("could you please disarm?", {"name": "disarm"}),
        ("disarm the front camera until 12:30",
         {"name": "disarm", "camera": "front", "until": IN_2H}),
        ("snooze 30m", {"name": "snooze", "until": IN_30M}),
        ("snooze 30", {"name": "snooze", "until": IN_30M}),
        ("snooze for half an hour", {"name": "snooze", "until": IN_30M}),
        ("snooze garden 30m", {"name": "snooze", "until": IN_30M, "camera": "garden"}),
        ("snooze 30m at garden", {"name": "snooze", "until": IN_30M, "camera": "garden"}),
        ("snooze until 11:00", {"name": "snooze", "until": IN_30M}),
        ("snooze off", {"name": "snooze", "off": True}),
        ("unmute", {"name": "snooze", "off": True}),
        ("snooze off garden", {"name": "snooze", "off": True, "camera": "garden"}),
        ("cameras", {"name": "cameras"}),
        ("snapshot", {"name": "snapshot"}),
        ("show me the picture", {"name": "snapshot"}),
        ("show me the live picture of the garden", {"name": "snapshot", "camera": "garden"}),
        ("clip", {"name": "clip"}),
        ("clip 20s garden", {"name": "clip", "seconds": 20.0, "camera": "garden"}),
        ("clip last 20 seconds", {"name": "clip", "seconds": 20.0}),
        ("clip 20", {"name": "clip", "seconds": 20.0}),
        ("incidents", {"name": "incidents"}),
        ("incidents today", {"name": "incidents", "day": date(2026, 11, 22)}),
        ("incidents yesterday garden 5",
         {"name": "incidents", "day": date(2026, 11, 21), "camera": "garden", "count": 5}),
        ("incidents 2026-11-03", {"name": "incidents", "day": date(2026, 11, 3)}),
        ("why friday", {"name": "why", "day": date(2026, 11, 20)}),
        ("what happened yesterday?", {"name": "incidents", "day": date(2026, 11, 21)}),
        ("who", {"name": "who"}),
        ("Who is home?", {"name": "who"}),
        ("who\N{RIGHT SINGLE QUOTATION MARK}s home", {"name": "who"}),
        ("why", {"name": "why"}),
        ("why not?", {"name": "why"}),
        ("why last", {"name": "why"}),
        ("why the last alert", {"name": "why"}),
        ("why 20260101T220000123-front",
         {"name": "why", "incident": "20260101T220000123-front"}),
        ("log", {"name": "log"}),
        ("log 50", {"name": "log", "count": 50}),
        ("health", {"name": "health"}),
        ("top", {"name": "top"}),
        ("last_image", {"name": "last_image"}),
        ("last image garden", {"name": "last_image", "camera": "garden"}),
        ("tag occupied", {"name": "tag", "answer": Answer.OCCUPIED}),
        ("unoccupied", {"name": "tag", "answer": Answer.UNOCCUPIED}),
        ("occupied 20260101T220000123-front",
         {"name": "tag", "answer": Answer.OCCUPIED, "incident": "20260101T220000123-front"}),
        ("notifications on", {"name": "notifications", "on": True}),
        ("notifications off for 2h", {"name": "notifications", "on": False, "until": IN_2H}),
        ("turn off the notifications", {"name": "notifications", "on": False}),
        ("auto_detect on", {"name": "auto_detect", "on": True}),
        ("auto-detect off", {"name": "auto_detect", "on": False}),
        ("save images on", {"name": "save_images", "on": True}),
        ("light on", {"name": "light", "on": True}),
        ("turn the light off", {"name": "light", "on": False}),
        ("gpio on", {"name": "gpio", "on": True}),
        ("rotate 30 -10", {"name": "rotate", "angles": (30.0, -10.0)}),
        ("rotate garden 30° 0°", {"name": "rotate", "angles": (30.0, 0.0), "camera": "garden"}),
        ("current_position", {"name": "current_position"}),
        ("init", {"name": "init"}),
        ("seen", {"name": "seen"}),
        ("what is the mode?", {"name": "status"}),
        ("set the mode away for 2h", {"name": "arm", "mode": Mode.AWAY, "until": IN_2H}),
        ("list the cameras", {"name": "cameras"}),
        ("alerts off for 2h", {"name": "notifications", "on": False, "until": IN_2H}),
    ],
)  # fmt: skip
def test_what_is_understood(text, expected):
    assert expected == understood(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pycam_on", {"name": "arm", "mode": Mode.AWAY}),
        ("pycam_on garden", {"name": "arm", "mode": Mode.AWAY, "camera": "garden"}),
        ("pycam_off", {"name": "disarm"}),
        ("pi_status", {"name": "top"}),
        ("notifications_on", {"name": "notifications", "on": True}),
        ("notifications_off", {"name": "notifications", "on": False}),
        ("notifications_off 30", {"name": "notifications", "on": False, "until": IN_30M}),
        ("auto_detect_on", {"name": "auto_detect", "on": True}),
        ("auto_detect_off", {"name": "auto_detect", "on": False}),
        ("light_on", {"name": "light", "on": True}),
        ("light_off", {"name": "light", "on": False}),
        ("gpio_on", {"name": "gpio", "on": True}),
        ("gpio_off", {"name": "gpio", "on": False}),
        ("save_images_on", {"name": "save_images", "on": True}),
        ("save_images_off", {"name": "save_images", "on": False}),
        ("last_image", {"name": "last_image"}),
        ("rotate 10 20", {"name": "rotate", "angles": (10.0, 20.0)}),
        ("current_position", {"name": "current_position"}),
        ("init", {"name": "init"}),
        ("top", {"name": "top"}),
    ],
)
def test_the_talks_own_names(text, expected):
    assert expected == understood(text)
    assert text.split()[0] in ALIASES


NO = "I do not understand that."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("snapshto gardn", "snapshot garden"),
        ("disram", "disarm"),
        ("arm awya", "arm away"),
        ("notificatons off", "notifications off"),
        ("sttaus", "status"),
        ("pycam_onn", "pycam_on"),
        ("don't disarm", NO),
        ("do not arm", NO),
        ("disarm not", NO),
        ("never disarm", NO),
        ("arm home and disarm", NO),
        ("arm when I leave", NO),
        ("if it rains, disarm", NO),
        ("arm away night", NO),
        ("arm yesterday", NO),
        ("snooze", NO),
        ("snooze -30m", NO),
        ("snooze 30m front 2h", NO),
        ("notifications", NO),
        ("notifications on for 2h", NO),
        ("light", NO),
        ("rotate", NO),
        ("rotate 30", NO),
        ("rotate 300 0", NO),
        ("tag", NO),
        ("tag maybe", NO),
        ("arm until 25:00", "There is no time 25:00."),
        ("why 25:99 front", "There is no time 25:99."),
        ("why 2026-11-23 14:32", NO),
        ("why 0001-01-01", NO),
        ("log 0", NO),
        ("log 999999", NO),
        ("why ../../etc/passwd", NO),
        ("snapshot ; rm -rf /", NO),
        ("hello there", NO),
        ("snooze 60d", "The longest time is 31 days."),
        ("arm until 2030-01-01", "The longest time is 31 days."),
        ("x" * 201, "That is too long for me."),
        ("a " * 31, "That is too long for me."),
    ],
)
def test_what_is_not_understood_is_refused_as_a_whole(text, expected):
    assert expected == understood(text)


@pytest.mark.parametrize("text", ["disarm?", "arm away?", "snooze 30m?", "is it time to disarm?"])
def test_a_question_changes_nothing(text):
    assert isinstance(parse(text, CONTEXT), Misunderstood)


def test_who_errs_in_a_command_is_told_its_form():
    assert BY_NAME["snooze"] is parse("snooze tomorow", CONTEXT).command


def test_every_command_has_an_example_that_is_understood_as_it():
    for command in COMMANDS:
        assert command.name == understood(command.example)["name"]


def test_every_other_word_leads_to_a_command_that_is_answered():
    assert {meaning[0] for meaning in BEGINNINGS.values()} == set(BY_NAME) == set(ANSWERS)
    assert not set(PHRASES) & set(ALIASES)


VOCABULARY = [
    *(word for said in BEGINNINGS for word in said),
    *(
        "front",
        "garden",
        "30m",
        "2h",
        "until",
        "for",
        "7:00",
        "on",
        "off",
        "away",
        "monday",
        "5",
        "?",
    ),
]
CHANGES = {command.name for command in COMMANDS if command.changes}


@given(st.text() | st.lists(st.sampled_from(VOCABULARY), max_size=8).map(" ".join))
def test_no_input_is_too_odd(text):
    line = parse(text, CONTEXT)

    assert isinstance(line, (Line, Misunderstood))
    assert not isinstance(line, Line) or line.until is None or line.until > NOW


KNOWN = {*VOCABULARY, *FILLERS, *UNITS, *WEEKDAYS, *NAMED_TIMES, *BEFORE_CAMERA, *Mode, *Answer}
KNOWN |= {word for opening in OPENINGS for word in opening.split()}
KNOWN |= {word for said in SAID for word in said}
KNOWN |= {"garden", "door", "all", "everywhere", "everything", "cameras", "till", "til", "tomorrow",
          "today", "yesterday", "end", "over", "stop", "am", "pm", "last", "it", "that", "this",
          "incident", "alert", "one", "mon", "tue", "wed", "thu", "fri", "sat", "sun"}  # fmt: skip


@given(st.text(max_size=60) | st.lists(st.sampled_from(VOCABULARY) | st.text()).map(" ".join))
def test_one_unknown_word_is_enough_to_change_nothing(text):
    line = parse(text, CONTEXT)

    words = (word.strip('.,;!?"()/*`') for word in text.lower().split())
    strange = [w for w in words if w and w not in KNOWN and not any(c.isdigit() for c in w)]
    assert not strange or isinstance(line, Misunderstood) or not line.command.changes


@given(
    st.sampled_from(sorted(CHANGES)).map(lambda name: BY_NAME[name].example),
    st.sampled_from(["don't", "not", "never", "unless", "if", "no", "stop", "why not"]),
    st.booleans(),
)
def test_no_negated_change_is_carried_out(example, no, first):
    text = f"{no} {example}" if first else f"{example} {no}"
    line = parse(text, CONTEXT)

    assert isinstance(line, Misunderstood) or not line.command.changes


def test_longer_words_stand_before_those_that_they_begin_with():
    """So that whoever reads the table from its top finds the right one."""
    said = list(PHRASES)
    pairs = [(a, b) for n, a in enumerate(said) for b in said[n + 1 :] if b.startswith(f"{a} ")]

    assert [] == pairs
