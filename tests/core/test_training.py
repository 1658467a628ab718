"""Quiet pictures are asked about only if people want that, and nothing more important happens."""

from dataclasses import replace

import pytest

from tests.core.say import alerts, at, hear, house, policy, stretch
from whosthere.core.decide import decide
from whosthere.core.messages import (
    AskAbout,
    CameraLost,
    Remember,
    SetNotifications,
    SetSwitch,
    Snooze,
    Tick,
)
from whosthere.core.model import AlertKind, Answer, Evidence, Incident, News, Tag
from whosthere.core.people import Reaction, Switch
from whosthere.core.questions import Kind, Pick

ANN = {"by": "Ann", "at": at(0), "origin": "shell"}
ON = SetSwitch(Switch.SAVE_IMAGES, on=True, **ANN)
QUIET = Incident(
    "q-front", "front", at(60), at(60), 60.0, at(60), 60.0,
    evidence=Evidence.QUIET, ended=at(60), picture="q.jpg",
)  # fmt: skip


def test_people_are_asked_with_the_picture_and_it_is_remembered():
    _, actions = hear([ON, AskAbout(QUIET)], house(), policy())

    asked, shown = alerts(actions)
    assert (AlertKind.QUIET, News.FIRST, ("q-front",)) == (
        asked.kind, asked.news, asked.incident_ids,
    )  # fmt: skip
    assert (2, News.PICTURE, "q.jpg") == (shown.revision, shown.news, shown.file)
    kept = [a.what for a in actions if isinstance(a, Remember) and isinstance(a.what, Incident)]
    assert [("q-front", "q-front", "q.jpg")] == [(i.id, i.alert_id, i.picture) for i in kept]


@pytest.mark.parametrize(
    "before",
    [
        [],
        [ON, SetSwitch(Switch.SAVE_IMAGES, on=False, **ANN)],
        [ON, SetNotifications(on=False, **ANN)],
        [ON, Snooze(at(100), **ANN)],
        [ON, Snooze(at(100), camera="front", **ANN)],
        [ON, CameraLost("front", "away", at(50), 50.0)],
        [ON, *stretch(58, 60, area=0.1)],
    ],
)
def test_nobody_is_asked_at_a_bad_moment_but_the_file_is_known(before):
    start, _ = hear(before, house(), policy())

    after, actions = decide(start, AskAbout(QUIET), policy())

    assert (start, [Remember(QUIET)]) == (after, actions)


MISSED = Incident(
    "m-front", "front", at(60), at(60), 60.0, at(65), 65.0,
    labels={"person": 0.38}, ended=at(65), picture="m.jpg",
)  # fmt: skip
PICK = Pick("m-front", "front", at(900), Kind.NEAR_MISS, 0.5, "a person was nearly recognised")


def test_a_question_says_why_and_remembers_that_it_was_asked_and_leads_nobody():
    _, actions = hear([ON, AskAbout(MISSED, PICK)], house(), policy())

    asked, shown = alerts(actions)
    assert ("a person was nearly recognised",) * 2 == (asked.detail, shown.detail)
    assert [{}, {}] == [dict(alert.labels) for alert in (asked, shown)]
    assert Remember(PICK) in actions
    assert [] == [a for a in actions if isinstance(a, Remember) and isinstance(a.what, Incident)]


def test_what_cannot_be_asked_now_may_be_asked_later():
    _, actions = hear([AskAbout(MISSED, PICK)], house(), policy())

    assert [] == actions


def test_nobody_is_asked_while_an_alert_of_another_camera_is_fresh():
    visit = stretch(58, 60, area=0.1, person=0.9, camera="garden")
    start, _ = hear([ON, *visit, Tick(at(100), 100.0)], house(), policy(escalate_after=0.0))

    soon = replace(PICK, at=at(600))
    later = replace(PICK, at=at(1000))
    assert [] == alerts(decide(start, AskAbout(MISSED, soon), policy())[1])
    assert 2 == len(alerts(decide(start, AskAbout(MISSED, later), policy())[1]))


def test_the_answer_is_a_tag_and_nothing_grows_louder():
    tag = Tag("q-front", Answer.OCCUPIED, "Ann", at(70))
    messages = [ON, AskAbout(QUIET), Tick(at(500), 500.0), tag]

    _, actions = hear(messages, house(), policy())

    assert 2 == len(alerts(actions))
    assert Remember(tag) in actions
    assert [] == [a for a in actions if isinstance(a, Remember) and isinstance(a.what, Reaction)]
