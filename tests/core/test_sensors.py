"""Motion sensors: agreeing with a camera, enough alone, or waking it; and dead or stuck ones."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.say import alerts, at, hear, house, incidents, policy, sighting, stretch
from whosthere.core.devices import DeviceRules, How, SensorRule
from whosthere.core.messages import CameraLost, SensorReading, SetMode, SetSwitch, Tick, Wake
from whosthere.core.model import AlertKind, House, Verdict
from whosthere.core.modes import Controls, Mode
from whosthere.core.people import Switch
from whosthere.core.standing import resumed, standing_of

VISIT = {"area": 0.05, "person": 0.9}


def ready(mode: Mode = Mode.AWAY) -> House:
    return replace(house(mode), controls=Controls(switches=frozenset({Switch.MOTION_SENSORS})))


def rules(how: How, *, names=("hall",), warm_up=0.0, camera=None, **numbers):
    one = SensorRule("front", how, warm_up_seconds=warm_up, **numbers)
    return replace(policy(**(camera or {})), devices=DeviceRules(sensors=dict.fromkeys(names, one)))


def said(seconds: float, active: bool | None, sensor: str = "hall") -> SensorReading:  # noqa: FBT001 - a state
    return SensorReading(sensor, active, at(seconds), float(seconds))


def saw(seconds: float, sensor: str = "hall") -> SensorReading:
    return SensorReading(sensor, active=True, at=at(seconds), clock=float(seconds))


def silent(seconds: float, sensor: str = "hall") -> SensorReading:
    return SensorReading(sensor, active=False, at=at(seconds), clock=float(seconds))


def ticks(*seconds: float) -> list[Tick]:
    return [Tick(at(s), float(s)) for s in seconds]


def gate(after: House, name: str = "sensor"):
    return next(one for one in after.camera("front").decision.gates if one.name == name)


# --- both

AGREED = {  # what the sensor said → (value, passed, alerts)
    "it sees somebody": ([silent(0), saw(101)], 0.0, True, 1),
    "it saw somebody a moment ago": (
        [silent(0), saw(95), silent(97)], 3.0, True, 1),
    "it saw somebody too long ago": (
        [silent(0), saw(50), silent(60)], 40.0, False, 0),
    "it saw nobody": ([silent(0)], "silent", False, 0),
    "it has said nothing yet": ([], "cannot say", True, 1),
    "it cannot say": ([silent(0), said(90, None)], "cannot say", True, 1),
    "it is stuck": ([silent(0), saw(1)], "stuck", True, 1),
}  # fmt: skip


@pytest.mark.parametrize(("told", "value", "passed", "count"), AGREED.values(), ids=AGREED)
def test_both_must_agree(told, value, passed, count):
    """The frames of one moment, so that the value is known."""
    readings = sorted([*told, sighting(100, **VISIT), *stretch(101.2, 101.4, **VISIT)],
                      key=lambda one: one.clock)  # fmt: skip
    after, actions = hear(readings, ready(), rules(How.BOTH, stuck_seconds=90.0))
    first, *_ = hear([one for one in readings if one.clock <= 100], ready(),
                     rules(How.BOTH, stuck_seconds=90.0))  # fmt: skip
    seen = gate(after if told and told[-1].clock > 100 else first)
    assert (value, passed) == (seen.value, seen.passed)
    assert count == len(alerts(actions))


def test_sensors_that_are_turned_off_are_not_asked():
    after, actions = hear([silent(0), *stretch(1, 3, **VISIT)], house(), rules(How.BOTH))
    assert ("off", True) == (gate(after).value, gate(after).passed)
    assert 1 == len(alerts(actions))


def test_one_of_several_sensors_is_enough():
    readings = [silent(0, "hall"), silent(0, "stairs"), saw(1, "stairs")]
    _, actions = hear(
        [*readings, *stretch(2, 4, **VISIT)], ready(), rules(How.BOTH, names=("hall", "stairs"))
    )
    assert 1 == len(alerts(actions))


def test_a_camera_without_a_sensor_has_no_such_gate():
    after, _ = hear(stretch(0, 1, **VISIT), ready(), policy())
    assert "sensor" not in [one.name for one in after.camera("front").decision.gates]


def test_a_sensor_is_not_believed_before_it_is_warm():
    told = [silent(0), *stretch(30, 31, **VISIT)]
    warming, early = hear(told, ready(), rules(How.BOTH, warm_up=60.0))
    assert ("warming up", 1) == (gate(warming).value, len(alerts(early)))
    told = [silent(0), *stretch(61, 62, **VISIT)]
    warm, late = hear(told, ready(), rules(How.BOTH, warm_up=60.0))
    assert ("silent", 0) == (gate(warm).value, len(alerts(late)))


# --- either


def test_a_sensor_alone_is_an_unclassified_alert():
    after, actions = hear([silent(0), saw(5)], ready(), rules(How.EITHER))
    (alert,) = alerts(actions)
    assert (AlertKind.UNCLASSIFIED, "motion sensor hall") == (alert.kind, alert.detail)
    assert ["motion sensor hall"] == list(incidents(actions)[0].labels)
    assert Verdict.ALERT is after.camera("front").decision.verdict


def test_a_sensor_tells_though_its_camera_is_lost():
    lost = CameraLost("front", "cable cut", at(1), 1.0)
    _, actions = hear([silent(0), lost, saw(5)], ready(), rules(How.EITHER))
    assert [AlertKind.CAMERA_LOST, AlertKind.UNCLASSIFIED] == [a.kind for a in alerts(actions)]


def test_camera_and_sensor_tell_of_one_visit_once():
    told = [silent(0), *stretch(1, 3, **VISIT), saw(3), *stretch(3.2, 5, **VISIT)]
    _, actions = hear(told, ready(), rules(How.EITHER))
    assert [AlertKind.PERSON] == [one.kind for one in alerts(actions)]
    assert 1 == len(incidents(actions))


def test_what_a_sensor_told_of_is_recognised_later():
    told = [silent(0), saw(1), *stretch(1.2, 3, **VISIT)]
    _, actions = hear(told, ready(), rules(How.EITHER))
    assert [AlertKind.UNCLASSIFIED, AlertKind.PERSON] == [one.kind for one in alerts(actions)]
    assert 1 == len({one.id for one in alerts(actions)})


def test_the_incident_lasts_as_long_as_the_sensor_sees_something():
    told = [silent(0), saw(5), *ticks(6, 7, 8, 9, 10, 11), silent(12),
            *ticks(13, 14, 15)]  # fmt: skip
    _, actions = hear(told, ready(), rules(How.EITHER))
    (incident,) = incidents(actions)
    assert at(11) == incident.ended


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.HOME])
def test_at_home_a_sensor_makes_an_incident_and_no_alert(mode):
    after, actions = hear([silent(0), saw(5)], ready(mode), rules(How.EITHER))
    assert ([], 1) == (alerts(actions), len(incidents(actions)))
    assert "armed" == after.camera("front").decision.first_failed.name


def test_a_second_visit_soon_after_joins_the_first():
    told = [silent(0), saw(5), silent(6), *ticks(10, 11), saw(20)]
    _, actions = hear(told, ready(), rules(How.EITHER))
    assert 1 == len({one.id for one in alerts(actions)})


@pytest.mark.parametrize(
    "told",
    [
        [saw(0)],  # its first word may be from before it was warm
        [silent(0), SetSwitch(Switch.MOTION_SENSORS, False, "Ann", at(1)), saw(70)],  # noqa: FBT003
        [silent(0, "unknown"), saw(70, "unknown")],
    ],
    ids=["warming up", "turned off", "not in the settings"],
)
def test_who_is_not_believed_makes_no_alert(told):
    _, actions = hear(told, ready(), rules(How.EITHER, warm_up=60.0))
    assert [] == alerts(actions)


# --- wakes


def test_a_sensor_wakes_its_camera_and_decides_nothing():
    _, actions = hear([silent(0), saw(5)], ready(), rules(How.WAKES))
    assert [Wake("front")] == actions[-1:]
    assert [] == alerts(actions) == incidents(actions)


# --- dead and stuck


def told_after(messages, **numbers) -> dict[str, str]:
    after, _ = hear(messages, ready(Mode.OFF), rules(How.EITHER, **numbers))
    return dict(after.troubles)


def visits(*days: float):
    for day in days:
        yield from stretch(day * 86400, day * 86400 + 2, **VISIT)
        yield from ticks(day * 86400 + 10)


def test_a_sensor_that_never_says_anything_is_told_with_the_count():
    told = told_after([silent(0), *visits(1, 3, 5, 7.5)])
    assert {
        "motion sensor hall": "it has seen nothing for 7 days 12 h, in which camera front saw 4"
        " people"
    } == told


@pytest.mark.parametrize(
    "messages",
    [
        [silent(0), *visits(1, 2, 3, 4)],  # not for long enough
        [silent(0), *visits(1, 8)],  # too few people
        [silent(0), *visits(1, 2, 3), saw(4 * 86400), silent(4 * 86400 + 3),
         *visits(5, 6, 8)],  # it worked meanwhile
    ],
    ids=["days", "people", "it works"],
)  # fmt: skip
def test_a_sensor_is_not_called_dead_lightly(messages):
    assert {} == told_after(messages)


def test_people_in_other_zones_do_not_count():
    assert {} == told_after([silent(0), *visits(1, 3, 5, 7.5)], zones=frozenset({"stairs"}))


def test_a_dead_sensor_lets_the_camera_decide_alone_and_is_well_after_a_word():
    dead = [silent(0), *visits(1, 3, 5, 7.5)]
    eighth = 8 * 86400
    arm = SetMode(Mode.AWAY, "Ann", at(eighth))
    after, actions = hear(
        [*dead, arm, *stretch(eighth + 1, eighth + 3, **VISIT)], ready(Mode.OFF), rules(How.BOTH)
    )
    assert ("dead", 1) == (gate(after).value, len(alerts(actions)))
    again, _ = hear([saw(eighth + 10), *ticks(eighth + 11)], after, rules(How.BOTH))
    assert {} == dict(again.troubles)


def test_a_stuck_sensor_is_told_and_is_well_when_it_lets_go():
    stuck = [silent(0), saw(1), *ticks(500, 901)]
    assert ["motion sensor hall"] == list(told_after(stuck))
    assert {} == told_after([*stuck, silent(1000), *ticks(1001)])


def test_what_a_sensor_did_outlasts_a_restart():
    before, _ = hear([silent(0), *visits(1, 3, 5)], ready(Mode.OFF), rules(How.EITHER))
    begun = resumed(ready(Mode.OFF), standing_of(before), at(6 * 86400), 5.0)
    later = at(0) + timedelta(days=7.5)
    after, _ = hear(
        [SensorReading("hall", False, at(6 * 86400), 6.0), Tick(later, 9.0)],  # noqa: FBT003
        begun,
        rules(How.EITHER),
    )
    assert ["motion sensor hall"] == list(after.troubles)


# --- whatever is said


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([True, False, None]), st.floats(0.1, 400.0)), max_size=25),
    st.sampled_from(How),
)
def test_whatever_a_sensor_says_no_visit_is_told_twice(words, how):
    messages, clock = [], 0.0
    for active, pause in words:
        clock = round(clock + pause, 3)
        messages += [said(clock, active), *ticks(round(clock + 0.05, 3))]
    _, actions = hear(messages, ready(), rules(how))
    visits = [one for one in alerts(actions) if one.kind is not AlertKind.TROUBLE]
    firsts = [one for one in visits if one.revision == 1]
    assert len(firsts) == len({one.id for one in firsts})
    told = [one.at for one in firsts]
    assert all((b - a).total_seconds() >= 60 for a, b in pairwise(told))
    assert how is How.EITHER or not firsts
