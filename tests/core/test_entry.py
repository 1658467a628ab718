"""Alerts that wait for somebody to disarm."""

import pytest

from tests.core.household_world import World
from whosthere.core.messages import Kept, SetMode, Tick
from whosthere.core.model import AlertKind, Answer, News, Tag
from whosthere.core.modes import Mode


@pytest.fixture
def world():
    world = World()
    world.auto_detect(on=False)
    world.say(Mode.NIGHT, None)
    world.visit("front")
    yield world
    world.store.close()


def told(world: World) -> list[str]:
    return [f"{alert.kind} {alert.news}" for alert in world.store.alerts()]


def test_people_are_told_until_when_to_disarm(world: World):
    assert ["entry first"] == told(world)
    alert, pending = world.store.alerts()[0], world.house.camera("front").pending
    assert alert.due == pending.due
    assert 30.0 == pending.seconds


def test_nobody_disarms_in_time(world: World):
    world.pass_time(30)

    assert ["entry first", "person first", "entry over"] == told(world)
    assert world.house.triggered is not None
    incident = world.store.incidents()[-1]
    assert incident.alert_id == incident.id


def test_somebody_disarms_in_time(world: World):
    world.say(Mode.OFF, None)
    world.pass_time(60)

    assert ["entry first", "entry stopped"] == told(world)
    assert "Ann asked" == world.store.alerts()[-1].detail
    assert any("disarmed in time, Ann asked" in entry.what for entry in world.store.audit())


def test_another_armed_mode_does_not_help(world: World):
    world.hear(SetMode(Mode.AWAY, "Ann", world.at, "test"))
    world.pass_time(60)

    assert "person first" in told(world)


def test_the_camera_alone_is_disarmed_in_time(world: World):
    world.hear(SetMode(Mode.OFF, "Ann", world.at, "test", "front"))
    world.pass_time(60)

    assert ["entry first", "entry stopped"] == told(world)


def test_who_disarms_and_arms_while_somebody_is_there_is_told_of_a_countdown_of_its_own(
    world: World,
):
    world.say(Mode.OFF, None)
    world.say(Mode.NIGHT, None)
    world.visit("front")

    assert ["entry first", "entry stopped", "entry first"] == told(world)
    assert 2 == len({alert.id for alert in world.store.alerts()})
    assert 1 == len(world.store.incidents())


def test_a_second_visit_waits_with_the_first(world: World):
    world.pass_time(10)
    world.visit("front")
    assert 2 == len(world.house.camera("front").pending.incidents)
    world.pass_time(30)

    last = world.store.alert(world.store.incidents()[0].id)[-1]
    assert (News.ANOTHER_VISIT, 2) == (last.news, len(last.incident_ids))


def test_files_that_came_meanwhile_are_shown_with_the_alert(world: World):
    incident = world.store.incidents()[-1]
    world.hear(Kept(incident, picture="a.jpg", picture_with_boxes="a_boxes.jpg"))
    world.pass_time(10)  # the incident is over
    world.hear(Kept(incident, recording="a.mp4"))
    world.pass_time(30)

    revisions = world.store.alert(incident.id)
    assert [News.FIRST, News.PICTURE, News.CLIP] == [one.news for one in revisions[:3]]
    assert [None, "a.jpg", "a.mp4"] == [one.file for one in revisions[:3]]


@pytest.mark.parametrize(("pause", "told_at_once"), [(5.0, 0), (40.0, 1), (90000.0, 1)])
def test_a_restart_goes_on_with_what_is_left(world: World, pause: float, told_at_once: int):
    world.restart(pause, clock=3.0)
    world.hear(Tick(world.at, world.clock))

    assert told_at_once == told(world).count("person first")
    world.pass_time(30)
    assert 1 == told(world).count("person first")


def test_a_clock_that_was_put_back_makes_it_no_longer(world: World):
    world.restart(-7200.0, clock=3.0)
    world.pass_time(31)

    assert "person first" in told(world)


def test_no_second_delay_while_an_alarm_is_on(world: World):
    world.visit("hall")
    assert world.house.triggered is not None
    world.pass_time(120)
    before = told(world).count("entry first")
    world.visit("front")

    assert before == told(world).count("entry first")


def test_an_alarm_ends_when_somebody_says_that_nobody_was_there(world: World):
    world.pass_time(30)
    incident = world.store.incidents()[0]
    world.hear(Tag(incident.id, Answer.OCCUPIED, "Ann", world.at))
    assert world.house.triggered is not None
    world.hear(Tag(incident.id, Answer.UNOCCUPIED, "Ann", world.at))
    assert world.house.triggered is None


def test_an_alarm_without_news_is_over_some_day(world: World):
    world.pass_time(30)
    assert AlertKind.PERSON in {alert.kind for alert in world.store.alerts()}
    world.pass_time(620)

    assert world.house.triggered is None
