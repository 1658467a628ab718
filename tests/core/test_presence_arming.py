"""How coming and going arms and disarms, step by step."""

import pytest

from tests.core.household_world import World
from whosthere.core.model import AlertKind, News, Verdict
from whosthere.core.modes import ArmedBy, Mode


@pytest.fixture
def world():
    world = World()
    world.pass_time(30)
    yield world
    world.store.close()


def leave_all(world: World) -> None:
    world.home.clear()
    world.pass_time(400)


def told(world: World) -> list[str]:
    return [f"{alert.kind} {alert.news}" for alert in world.store.alerts()]


def test_everybody_leaves_and_somebody_comes(world: World):
    leave_all(world)
    state = world.house.arm_state
    assert (Mode.AWAY, ArmedBy.PRESENCE) == (state.mode, state.source)
    assert all("last seen" in line for line in state.evidence)
    assert ["arming first", "arming armed"] == told(world)

    world.home.add("Bob")
    world.pass_time(15)
    state = world.house.arm_state
    assert (Mode.OFF, "Bob came home") == (state.mode, state.reason)
    assert "bob-phone seen" in state.evidence[0]
    assert "disarmed first" == told(world)[-1]


def test_a_countdown_stops_when_somebody_comes(world: World):
    world.home.clear()
    world.pass_time(330)
    assert world.house.countdown is not None
    world.home.add("Ann")
    world.pass_time(90)

    assert Mode.OFF is world.house.arm_state.mode
    assert ["arming first", "arming stopped"] == told(world)


def test_a_countdown_stops_on_a_word(world: World):
    world.home.clear()
    world.pass_time(330)
    world.stay_off(None)
    world.pass_time(900)

    assert Mode.OFF is world.house.arm_state.mode
    assert "arming stopped" == told(world)[-1]


def test_stay_off_said_at_home_holds_until_somebody_comes_again(world: World):
    world.stay_off(None)
    leave_all(world)
    assert Mode.OFF is world.house.arm_state.mode

    world.home.add("Ann")
    world.pass_time(30)
    leave_all(world)
    assert Mode.AWAY is world.house.arm_state.mode


@pytest.mark.parametrize("how", ["fails", "silent"])
def test_sources_that_fail_arm_nobody_out(world: World, how: str):
    world.source = dict.fromkeys(world.source, how)
    leave_all(world)
    world.pass_time(900)

    assert Mode.OFF is world.house.arm_state.mode
    assert ["presence lost first"] == told(world)
    world.source = dict.fromkeys(world.source, "works")
    world.pass_time(30)
    assert "presence back stopped" == told(world)[-1]


def test_a_guest_disarms_nothing_and_holds_arming(world: World):
    leave_all(world)
    world.home.add("Gus")
    world.pass_time(60)
    assert Mode.AWAY is world.house.arm_state.mode

    world.home.add("Ann")
    world.pass_time(30)
    world.home.discard("Ann")
    world.pass_time(600)
    assert Mode.OFF is world.house.arm_state.mode


def test_night_is_left_alone_while_people_are_home(world: World):
    world.say(Mode.NIGHT, None)
    world.home.discard("Bob")
    world.pass_time(400)
    world.home.add("Bob")
    world.pass_time(30)
    assert Mode.NIGHT is world.house.arm_state.mode

    leave_all(world)
    assert Mode.AWAY is world.house.arm_state.mode


def test_a_word_from_afar_holds_until_presence_agrees(world: World):
    leave_all(world)
    world.say(Mode.OFF, None)
    world.pass_time(900)
    assert Mode.OFF is world.house.arm_state.mode

    world.home.add("Ann")
    world.pass_time(30)
    assert not world.house.arm_state.by_hand
    leave_all(world)
    assert Mode.AWAY is world.house.arm_state.mode


def test_auto_detect_off_arms_nothing(world: World):
    world.auto_detect(on=False)
    leave_all(world)

    assert Mode.OFF is world.house.arm_state.mode


def test_who_comes_soon_after_an_alarm_ends_it(world: World):
    leave_all(world)
    world.visit("hall")
    assert world.house.triggered is None  # one more look is waited for
    world.pass_time(30)
    assert world.house.triggered is not None
    world.home.add("Ann")
    world.pass_time(15)

    assert Mode.OFF is world.house.arm_state.mode
    assert "taken for whom hall saw" in world.store.alerts()[-1].detail


def test_who_comes_long_after_an_alarm_finds_it_armed(world: World):
    leave_all(world)
    world.visit("hall")
    world.pass_time(200)
    world.home.add("Ann")
    world.pass_time(15)

    assert Mode.AWAY is world.house.arm_state.mode
    assert AlertKind.STILL_ARMED is world.store.alerts()[-1].kind


def test_one_more_look_finds_somebody(world: World):
    leave_all(world)
    world.home.add("Bob")
    world.visit("hall")
    assert Verdict.PENDING is world.house.camera("hall").decision.verdict
    assert world.asked
    world.look()

    assert Mode.OFF is world.house.arm_state.mode
    assert "taken for whom hall sees" in world.store.alerts()[-1].detail
    assert not any(alert.kind is AlertKind.PERSON for alert in world.store.alerts())
    assert any("no alert of hall" in entry.what for entry in world.store.audit())


def test_one_more_look_finds_nobody_and_the_alert_comes_at_once(world: World):
    leave_all(world)
    world.visit("hall")
    world.look()

    last = world.store.alerts()[-1]
    assert (AlertKind.PERSON, News.FIRST) == (last.kind, last.news)


def test_no_answer_in_time_is_an_alert(world: World):
    leave_all(world)
    world.source = dict.fromkeys(world.source, "silent")
    world.visit("hall")
    world.pass_time(6)

    assert AlertKind.PERSON is world.store.alerts()[-1].kind


def test_a_countdown_over_a_restart_arms_only_once_it_is_known_again(world: World):
    world.home.clear()
    world.pass_time(330)
    world.restart(pause=3600, clock=0.0)
    world.pass_time(250)
    assert Mode.OFF is world.house.arm_state.mode  # radio: 300 s

    world.pass_time(150)
    assert Mode.AWAY is world.house.arm_state.mode
    assert ["arming first", "arming anew", "arming armed"] == told(world)


def test_a_countdown_that_begins_anew_is_told_with_its_new_end(world: World):
    world.home.clear()
    while world.house.countdown is None:
        world.pass_time(2)
    first = world.store.alerts()[-1]
    works, world.source = world.source, dict.fromkeys(world.source, "silent")
    world.pass_time(120)
    world.source = works
    while world.house.countdown.due == first.due:
        world.pass_time(2)

    anew, counting = world.store.alerts()[-1], world.house.countdown
    assert (first.id, 2, News.ANEW) == (anew.id, anew.revision, anew.news)
    assert first.due < anew.due == counting.due
    assert first.detail.splitlines() == [
        line for line in anew.detail.splitlines() if "begins anew" not in line
    ]
    world.pass_time(counting.seconds + 2)
    assert ["arming first", "arming anew", "arming armed"] == told(world)


def test_a_mode_for_a_time_does_not_end_in_away_with_somebody_home(world: World):
    leave_all(world)
    world.say(Mode.OFF, 0.1)
    world.home.add("Ann")
    world.pass_time(600)

    assert Mode.OFF is world.house.arm_state.mode
    assert "Ann is home" in world.house.arm_state.reason


def test_the_schedule_leaves_an_empty_house_armed(world: World):
    """Not in mode night, in which nobody would be let in, and not off in the morning."""
    world.stay_off(1.0)
    leave_all(world)
    world.jump(8.5 * 3600)  # 22:37; the time is over, so it arms as nobody is home
    world.pass_time(120)
    world.jump(3600)
    world.pass_time(30)
    assert Mode.AWAY is world.house.arm_state.mode

    world.jump(6.9 * 3600)
    world.pass_time(1800)
    assert Mode.AWAY is world.house.arm_state.mode
    world.home.add("Ann")
    world.pass_time(15)
    assert Mode.OFF is world.house.arm_state.mode


def test_the_look_is_asked_for_when_the_countdown_begins(world: World):
    world.home.clear()
    while world.house.countdown is None:
        world.pass_time(15)

    assert world.asked
    assert world.house.countdown.due == world.store.alerts()[-1].due
