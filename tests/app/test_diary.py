"""What happened is told in short sentences, once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from whosthere.app.diary import Diary, Line, Weight
from whosthere.core.messages import CameraBack, CameraLost, Kept, Message, SetMode, Tick
from whosthere.core.model import CameraState, Decision, Evidence, House, Incident, Verdict
from whosthere.core.modes import ArmState, Mode
from whosthere.core.sighting import Motion, Scene, Sighting

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LATER = AT + timedelta(seconds=18)
EMPTY = House(ArmState(Mode.AWAY, AT, "first start"))
INCIDENT = Incident("one", "front", AT, AT, 0.0, LATER, 18.0)
PERSON = replace(INCIDENT, labels={"person": 0.91}, alert_id="one", evidence=Evidence.PERSON)
UNSURE = replace(INCIDENT, alert_id="one", evidence=Evidence.UNCLASSIFIED)
SEEN = Sighting("front", AT, 0.0, Motion(Scene.STEADY))


def house(incident: Incident | None, verdict: Verdict = Verdict.QUIET) -> House:
    decision = Decision("front", AT, 0.0, verdict, ())
    state = CameraState(incident=incident, decision=decision)
    return replace(EMPTY, cameras={"front": state})


def told(before: House, message: Message, after: House) -> list[str]:
    diary = Diary()
    diary.lines(EMPTY, SEEN, EMPTY)
    return [line.text for line in diary.lines(before, message, after)]


@pytest.mark.parametrize(
    ("before", "message", "after", "expected"),
    [
        (house(None), SEEN, house(None), []),
        (
            house(None),
            SEEN,
            house(INCIDENT, Verdict.WATCHING),
            ["something moves: an incident begins"],
        ),
        (
            house(INCIDENT),
            SEEN,
            house(PERSON, Verdict.ALERT),
            ["ALERT: a person, 91 % sure; mode away"],
        ),
        (
            house(INCIDENT),
            SEEN,
            house(UNSURE, Verdict.ALERT),
            ["ALERT: motion that nobody could judge; mode away"],
        ),
        (
            house(INCIDENT),
            SEEN,
            house(PERSON, Verdict.JOINED),
            ["a person, 91 % sure: joins the alert before"],
        ),
        (house(PERSON), SEEN, house(PERSON, Verdict.TOLD), []),
        (house(PERSON), Tick(LATER, 20.0), house(None), ["quiet again after 18 s: person 91 %"]),
        (
            house(INCIDENT),
            Tick(LATER, 20.0),
            house(None),
            ["quiet again after 18 s: nothing recognised; nobody was told"],
        ),
        (EMPTY, CameraLost("front", "answers 401", AT, 0.0), EMPTY, ["lost: answers 401"]),
        (EMPTY, CameraBack("front", AT, 0.0), EMPTY, ["shows pictures again"]),
        (
            EMPTY,
            SetMode(Mode.HOME, "anna", AT),
            replace(EMPTY, arm_state=ArmState(Mode.HOME, AT, "anna asked", by_hand=True)),
            ["mode home: anna asked"],
        ),
        (
            EMPTY,
            Kept(INCIDENT, picture="a.jpg", recording="a.mp4"),
            EMPTY,
            ["kept the picture: a.jpg", "kept the clip: a.mp4"],
        ),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, list) else "",
)
def test_what_happened_is_told(before: House, message: Message, after: House, expected: list[str]):
    assert expected == told(before, message, after)


def test_a_change_of_the_scene_is_told_once():
    diary = Diary()
    dark = replace(SEEN, motion=Motion(Scene.LIGHT_CHANGE))
    lines = [diary.lines(EMPTY, message, EMPTY) for message in (SEEN, dark, dark, SEEN)]
    assert [1, 1, 0, 1] == list(map(len, lines))


def test_a_better_picture_of_the_same_incident_is_not_told_again():
    diary = Diary()
    kept = Kept(INCIDENT, picture="a.jpg")
    assert [1, 0] == [len(diary.lines(EMPTY, kept, EMPTY)) for _ in range(2)]


def test_an_alert_weighs_more_than_a_note():
    (line,) = Diary().lines(house(INCIDENT), CameraLost("front", "gone", AT, 0.0), house(INCIDENT))
    assert Line(AT, "front", "lost: gone", Weight.TROUBLE) == line
