"""Troubles of the system itself are told once, together, and so is their end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.core.say import at, hear, house, policy
from whosthere.core.messages import Message, Notify, Outage, Tampered, Tick, Trouble
from whosthere.core.model import Alert, AlertKind, House, News, Urgency
from whosthere.core.modes import Controls, Mode
from whosthere.core.tampering import DARK
from whosthere.core.troubles import NAME

FULL = "the disk is full"


def trouble(seconds: float, part: str, why: str | None = FULL, after: float = 0.0) -> Trouble:
    return Trouble(part, why, at(seconds), seconds, after)


def ticks(start: int, end: int) -> list[Tick]:
    return [Tick(at(second), float(second)) for second in range(start, end)]


def told(messages: list[Message], before: House | None = None) -> tuple[House, list[Alert]]:
    after, actions = hear(messages, before or house(), policy())
    return after, [action.alert for action in actions if isinstance(action, Notify)]


def test_parts_that_fail_together_are_one_message_and_so_is_their_end():
    _, alerts = told([
        trouble(0, "recorder"), trouble(2, "database", "locked"), *ticks(2, 20),
        trouble(20, "recorder", None), trouble(21, "database", None), *ticks(21, 60),
    ])  # fmt: skip
    assert [
        (AlertKind.TROUBLE, News.FIRST, f"recorder: {FULL}\ndatabase: locked"),
        (AlertKind.WELL_AGAIN, News.STOPPED, "recorder, database"),
    ] == [(one.kind, one.news, one.detail) for one in alerts]


def test_what_fails_later_or_is_well_sooner_is_later_news_of_the_same():
    _, alerts = told([
        trouble(0, "recorder"), *ticks(0, 20), trouble(20, "database", "locked"), *ticks(20, 40),
        trouble(40, "recorder", None), *ticks(40, 60), trouble(60, "database", None),
        *ticks(60, 80),
    ])  # fmt: skip
    assert [News.FIRST, News.MORE, News.LESS, News.STOPPED] == [one.news for one in alerts]
    assert [1, 2, 3, 4] == [one.revision for one in alerts]
    assert "database: locked" == alerts[2].detail


def test_what_is_over_at_once_is_not_told():
    after, alerts = told(
        [trouble(0, "disk"), *ticks(0, 3), trouble(3, "disk", None), *ticks(3, 30)]
    )
    assert [] == alerts
    assert ({}, {}) == (after.troubles, after.trouble_clocks)


def test_what_comes_back_soon_was_never_over():
    _, alerts = told([
        trouble(0, "disk"), *ticks(0, 10), trouble(10, "disk", None), *ticks(10, 20),
        trouble(20, "disk"), *ticks(20, 60),
    ])  # fmt: skip
    assert [News.FIRST] == [one.news for one in alerts]


def test_nothing_is_told_while_the_program_begins():
    _, alerts = told([trouble(1, "disk", after=60.0), *ticks(1, 60)])
    assert [] == alerts
    _, alerts = told([trouble(1, "disk", after=60.0), *ticks(1, 62)])
    assert [at(60)] == [one.at for one in alerts]


@pytest.mark.parametrize(("part", "expected"), [("recorder", 1), ("temperature", 0)])
def test_only_what_blinds_is_told_to_people_who_want_no_news(part: str, expected: int):
    silent = replace(house(), controls=Controls(notifications=False))
    _, alerts = told([trouble(0, part), *ticks(0, 20)], silent)
    assert expected == len(alerts)


def test_a_messenger_gets_time_to_come_back():
    _, alerts = told([trouble(0, "messenger slack"), *ticks(0, 300)])
    assert [] == alerts
    _, alerts = told([trouble(0, "messenger slack"), *ticks(0, 302)])
    assert 1 == len(alerts)


def test_people_are_reminded_every_day():
    after, _ = told([trouble(0, "disk"), *ticks(0, 10)])
    day = timedelta(days=1).total_seconds()
    later = [Tick(at(10 + hours * 3600), 10.0 + hours * 3600) for hours in range(1, 60)]
    _, alerts = told([*later], after)
    assert [News.STILL, News.STILL] == [one.news for one in alerts]
    assert day == (alerts[1].at - alerts[0].at).total_seconds()


def test_after_a_restart_the_end_is_told_once_that_is_sure():
    before, _ = told([trouble(0, "disk"), *ticks(0, 10)])
    restarted = replace(house(), notices={NAME: before.notices[NAME]})
    _, alerts = told([*ticks(100, 170)], restarted)
    assert [] == alerts
    _, alerts = told([*ticks(100, 180)], restarted)
    assert [AlertKind.WELL_AGAIN] == [one.kind for one in alerts]


def test_after_a_restart_what_goes_on_is_not_told_again():
    before, _ = told([trouble(0, "disk"), *ticks(0, 10)])
    restarted = replace(house(), notices={NAME: before.notices[NAME]})
    _, alerts = told([trouble(101, "disk", after=160.0), *ticks(101, 300)], restarted)
    assert [] == alerts


def tampered(seconds: float, what: str | None, picture: str | None = None) -> Tampered:
    return Tampered("front", what, at(seconds), seconds, picture)


def test_tampering_is_told_once_with_its_picture_and_so_is_its_end():
    _, alerts = told([
        tampered(0, "covered", "asked/a.jpg"), tampered(5, "turned"), tampered(60, None),
        tampered(61, None),
    ])  # fmt: skip
    assert [
        (AlertKind.TAMPERED, News.FIRST, "covered", None),
        (AlertKind.TAMPERED, News.PICTURE, "covered", "asked/a.jpg"),
        (AlertKind.UNTAMPERED, News.STOPPED, "it was covered for 1 min", None),
    ] == [(one.kind, one.news, one.detail, one.file) for one in alerts]
    assert [1, 2, 3] == [one.revision for one in alerts]
    assert 1 == len({one.id for one in alerts})


def test_a_tampered_camera_that_nobody_answers_grows_louder_until_it_sees_as_before():
    rules = policy(escalate_after=120.0)
    _, actions = hear([tampered(0, "covered"), *ticks(0, 400)], house(), rules)
    loud = [one.alert.urgency for one in actions if isinstance(one, Notify)]
    assert [Urgency.USUAL, Urgency.MENTION, Urgency.DIRECT] == loud
    _, actions = hear([tampered(0, "covered"), tampered(60, None), *ticks(60, 400)], house(), rules)
    assert 2 == sum(isinstance(one, Notify) for one in actions)


@pytest.mark.parametrize(
    ("mode", "times"), [(Mode.OFF, 0), (Mode.HOME, 0), (Mode.NIGHT, 0), (Mode.AWAY, 1)]
)
def test_a_camera_that_sees_nothing_at_all_is_told_while_nobody_is_at_home(mode: Mode, times: int):
    _, alerts = told([tampered(0, DARK)], house(mode))
    assert times == len(alerts)


def test_an_outage_is_told():
    _, alerts = told([Outage(("front: 12 min", "garden: 12 min"), at(0), 0.0)])
    assert [(AlertKind.OUTAGE, "front: 12 min\ngarden: 12 min")] == [
        (one.kind, one.detail) for one in alerts
    ]
