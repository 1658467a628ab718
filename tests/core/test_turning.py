"""A camera that turns alarms nobody, and cuts no visit in two."""

from tests.core.say import alerts, hear, house, incidents, policy, stretch
from whosthere.core.model import News, Verdict
from whosthere.core.sighting import Look, Scene

TURN = {"scene": Scene.TURNING, "look": Look.NOT_NEEDED}
WALK = {"area": 0.1, "person": 0.8}


def test_a_turn_alone_is_nothing():
    _, actions = hear(stretch(0, 10, **TURN), house(), policy())
    assert [] == incidents(actions)


def test_a_turn_without_a_detector_is_nothing():
    turn = stretch(0, 10, scene=Scene.TURNING, look=Look.NO_DETECTOR, area=0.9)
    _, actions = hear(turn, house(), policy())
    assert [] == incidents(actions)


def test_a_visit_goes_on_after_a_turn_that_is_longer_than_quiet_seconds():
    seen = [*stretch(0, 3, **WALK), *stretch(3.2, 8, **TURN), *stretch(8.2, 12, **WALK)]
    _, actions = hear(seen, house(), policy(quiet_seconds=2.0))
    assert [News.FIRST] == [alert.news for alert in alerts(actions)]
    assert 1 == len({incident.id for incident in incidents(actions)})


def test_a_visit_ends_when_it_is_quiet_after_the_turn():
    seen = [*stretch(0, 3, **WALK), *stretch(3.2, 8, **TURN), *stretch(8.2, 12)]
    _, actions = hear(seen, house(), policy(quiet_seconds=2.0))
    ended = [one for one in incidents(actions) if one.ended]
    assert 1 == len(ended)
    assert 2.8 == (ended[0].ended - ended[0].started).total_seconds()


def test_a_camera_that_turns_all_the_time_still_ends_a_visit():
    seen = stretch(0, 3, **WALK)
    for start in range(3, 30, 3):
        seen += [*stretch(start + 0.2, start + 1.0, **TURN), *stretch(start + 1.2, start + 3.0)]
    _, actions = hear(seen, house(), policy(quiet_seconds=5.0))
    assert [one for one in incidents(actions) if one.ended]


def test_somebody_who_is_seen_right_after_a_turn_is_told():
    seen = [*stretch(0, 2, **TURN), *stretch(2.2, 3, **WALK)]
    _, actions = hear(seen, house(), policy())
    assert [News.FIRST] == [alert.news for alert in alerts(actions)]


def test_the_gates_say_that_the_camera_turned():
    after, _ = hear(stretch(0, 2, **TURN), house(), policy())
    decision = after.camera("front").decision
    assert Verdict.QUIET is decision.verdict
    gates = {gate.name: gate for gate in decision.gates}
    assert (Scene.TURNING, False) == (gates["light change"].value, gates["light change"].passed)
