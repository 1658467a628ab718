"""What is answered when arming takes its time, or is refused."""

from dataclasses import replace

from tests.app.answers.living import SmallHouse
from whosthere.core.arming_rules import ArmingRules, Refusing
from whosthere.core.messages import CameraLost, Tick, Trouble
from whosthere.core.modes import Mode


def with_rules(house: SmallHouse, **rules: object) -> SmallHouse:
    house.keeper.policy = replace(house.keeper.policy, arming=ArmingRules(**rules))
    return house


def test_an_exit_delay_is_answered_with_its_time(house: SmallHouse):
    with_rules(house, exit_seconds={Mode.AWAY: 60.0})
    house.ask("disarm")

    assert "Mode *away* in 1 min" in house.ask("arm").text
    assert "Mode *away* since" in house.ask("arm").text


def test_a_house_whose_cameras_are_all_lost_is_armed_by_force_only(house: SmallHouse):
    house.ask("disarm")
    house.put(CameraLost("front", "no frame", house.now, house.clock))

    refused = house.ask("arm away")
    assert refused.refused
    assert "*Not armed*: camera front is lost. `arm away force` arms nevertheless." == refused.text
    assert "arm_now force" in house.ask("arm now").text
    assert Mode.OFF is house.keeper.house.arm_state.mode

    forced = house.ask("arm away force")
    assert "Mode *away*" in forced.text
    assert "But camera front is lost." in forced.text


def test_any_trouble_refuses_where_that_is_asked_for(house: SmallHouse):
    with_rules(house, refuse=Refusing.ANY_TROUBLE)
    house.ask("disarm")
    house.put(Trouble("recorder", "the disk is full", house.now, house.clock))
    assert "recorder: the disk is full" in house.ask("arm night").text

    house.put(Trouble("recorder", None, house.now, house.clock))
    assert "Mode *night*" in house.ask("arm night").text


def test_a_refusal_is_in_the_log(house: SmallHouse):
    house.ask("disarm")
    house.put(CameraLost("front", "no frame", house.now, house.clock))
    house.ask("arm")

    assert "*refused* mode away: camera front is lost" in house.ask("log").text


def test_a_countdown_is_in_the_status(house: SmallHouse):
    with_rules(house, exit_seconds={Mode.AWAY: 60.0})
    house.ask("disarm")
    house.ask("arm")
    house.put(Tick(house.now, house.clock))

    assert "Mode *away* in 1 min" in house.ask("status").text
