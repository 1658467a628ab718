"""Alerts that nobody answers grow louder, and any reaction ends that."""

from datetime import timedelta

import pytest

from tests.core.say import alerts, at, hear, house, policy, stretch
from whosthere.core.decide import decide
from whosthere.core.messages import (
    BackToNormal,
    CameraBack,
    CameraLost,
    Kept,
    Remember,
    SetMode,
    SetNotifications,
    SetSwitch,
    Snooze,
    Tick,
)
from whosthere.core.model import AlertKind, Answer, News, Tag, Urgency
from whosthere.core.modes import Mode
from whosthere.core.people import Reaction, Switch

VISIT = stretch(0, 5, area=0.05, person=0.9)
ANN = {"by": "Ann", "at": at(50), "origin": "shell"}


def told_at(*seconds: float) -> list[Tick]:
    return [Tick(at(s), s) for s in seconds]


def louder(messages, mode=Mode.AWAY, **numbers):
    _, actions = hear(messages, house(mode), policy(**numbers))
    return [
        (round((a.at - at(0)).total_seconds()), a.urgency, a.detail)
        for a in alerts(actions)
        if a.news is News.ESCALATED
    ]


def test_nobody_answers():
    expected = [
        (120, Urgency.MENTION, "nobody has answered for 2 min"),
        (240, Urgency.DIRECT, "nobody has answered for 4 min"),
    ]
    ticks = told_at(*range(1, 1000))
    assert expected == [(s - 0, u, d) for s, u, d in louder([*VISIT, *ticks])]


def test_a_program_that_slept_takes_one_step_at_a_time():
    steps = [(500, Urgency.MENTION), (501, Urgency.DIRECT)]
    assert steps == [step[:2] for step in louder([*VISIT, *told_at(500, 501, 502)])]


@pytest.mark.parametrize("mode", [Mode.NIGHT, Mode.HOME, Mode.OFF])
def test_only_alerts_of_mode_away_grow_louder(mode):
    assert [] == louder([*VISIT, *told_at(500, 501)], mode, alerts_in=frozenset(Mode))


@pytest.mark.parametrize(("after", "when"), [(0.0, []), (30.0, [31, 61]), (500.0, [501])])
def test_the_policy_says_when(after, when):
    ticks = told_at(31, 61, 501)
    assert when == [step[0] for step in louder([*VISIT, *ticks], escalate_after=after)]


def first_alert():
    return alerts(hear(VISIT, house(), policy())[1])[0]


@pytest.mark.parametrize(
    "reaction",
    [
        lambda alert: Reaction(alert.id, "Ann", at(50), "seen"),
        lambda _: Reaction(None, "Ann", at(50), "seen"),
        lambda alert: Tag(alert.incident_ids[0], Answer.OCCUPIED, "Ann", at(50)),
        lambda _: SetMode(Mode.OFF, **ANN),
        lambda _: SetMode(Mode.OFF, **ANN, camera="front"),
        lambda _: Snooze(at(1000), **ANN),
        lambda _: Snooze(at(1000), **ANN, camera="front"),
        lambda _: SetNotifications(on=False, **ANN),
        lambda _: BackToNormal(**ANN),
    ],
)
def test_any_reaction_ends_it_and_is_remembered(reaction):
    alert = first_alert()
    answer = reaction(alert)

    assert [] == louder([*VISIT, answer, *told_at(130, 250)])
    _, actions = hear([*VISIT, answer], house(), policy())
    assert [alert.id] == [
        a.what.alert_id for a in actions if isinstance(a, Remember) and isinstance(a.what, Reaction)
    ]


@pytest.mark.parametrize(
    "other",
    [
        Reaction("another", "Ann", at(50), "seen"),
        Tag("another", Answer.OCCUPIED, "Ann", at(50)),
        SetMode(Mode.OFF, **ANN, camera="back"),
        Snooze(at(1000), **ANN, camera="back"),
        SetSwitch(Switch.SAVE_IMAGES, on=True, **ANN),
    ],
)
def test_what_is_about_something_else_does_not(other):
    assert 2 == len(louder([*VISIT, other, *told_at(130, 250)]))


LOST = CameraLost("front", "no new picture for 10 s", at(0), 0.0)
BACK = CameraBack("front", at(150), 150.0)


def test_a_lost_camera_that_nobody_answers_is_told_louder_with_what_is_wrong():
    assert [
        (120, Urgency.MENTION, "no new picture for 10 s; nobody has answered for 2 min"),
        (240, Urgency.DIRECT, "no new picture for 10 s; nobody has answered for 4 min"),
    ] == louder([LOST, *told_at(*range(1, 1000))])


@pytest.mark.parametrize(
    ("messages", "mode", "steps"),
    [
        ([LOST, *told_at(130), BACK, *told_at(250)], Mode.AWAY, 1),
        ([LOST, Reaction(None, "Ann", at(50), "seen"), *told_at(130, 250)], Mode.AWAY, 0),
        ([LOST, *told_at(130, 250)], Mode.NIGHT, 0),
    ],
)
def test_a_lost_camera_is_told_louder_until_it_is_back_or_somebody_answers(messages, mode, steps):
    assert steps == len(louder(messages, mode))


def test_that_it_is_back_is_told_as_usual():
    _, actions = hear([LOST, *told_at(130), BACK], house(), policy())

    first, loud, back = alerts(actions)
    assert [1, 2, 3] == [first.revision, loud.revision, back.revision]
    assert (AlertKind.CAMERA_BACK, Urgency.USUAL, "no pictures for 150 s") == (
        back.kind, back.urgency, back.detail,
    )  # fmt: skip


def test_a_reaction_after_the_mention_saves_the_direct_message():
    seen = Reaction(None, "Ann", at(150), "seen")
    assert [130] == [step[0] for step in louder([*VISIT, *told_at(130), seen, *told_at(250)])]


def test_a_second_reaction_changes_nothing():
    seen = Reaction(None, "Ann", at(50), "seen")
    after, _ = hear([*VISIT, seen], house(), policy())
    assert (after, []) == decide(after, seen, policy())


def test_news_after_it_is_told_as_usual():
    after, actions = hear([*VISIT, *told_at(130)], house(), policy())
    loud = alerts(actions)[-1]
    incident = after.camera("front").alerts[-1].incident_ids[0]
    kept = next(
        a.what for a in actions if isinstance(a, Remember) and getattr(a.what, "id", "") == incident
    )

    _, actions = decide(after, Kept(kept, recording="a.mp4"), policy())

    (clip,) = alerts(actions)
    assert (News.CLIP, Urgency.USUAL, "", loud.revision + 1) == (
        clip.news, clip.urgency, clip.detail, clip.revision,
    )  # fmt: skip


def test_each_of_two_visits_waits_for_its_own_answer():
    again = stretch(100, 105, area=0.05, person=0.9)
    found = louder([*VISIT, *again, *told_at(125, 225, 241, 341)])
    assert [125, 225, 241, 341] == [step[0] for step in found]
    assert timedelta(0) < at(100) - first_alert().at
