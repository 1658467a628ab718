"""Several numbers weighed together: one gate more, which can only make people be told less."""

from dataclasses import replace

import pytest

from tests.core.say import alerts, hear, house, policy, stretch
from whosthere.core.decide import decide
from whosthere.core.likelihood import Feature, Weight, likelihood, measured
from whosthere.core.model import Moment
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import Look
from whosthere.learning.explain import Scene, turn
from whosthere.storage import plain, policies

NOWHERE = frozenset[str]()
# a small thing is unlikely to be somebody, however sure the detector is
LARGE_ONLY = (Weight(Feature.CONSTANT, 6.0), Weight(Feature.LARGEST, 2.0))
SMALL, LARGE = 0.01, 0.2


def moment(clock, area=0.0, person=0.0):
    return Moment(clock, area, person, looked=True, failed=False, zones=NOWHERE)


def gate(after, name="likely"):
    decision = after.camera("front").decision
    return next((one for one in decision.gates if one.name == name), None)


def heard(area, person=0.5, **numbers):
    return hear(stretch(0, 4, area=area, person=person), house(), policy(**numbers))


def test_without_weights_it_is_not_asked():
    after, _ = heard(LARGE)
    assert gate(after) is None


@pytest.mark.parametrize(("area", "told"), [(SMALL, 0), (LARGE, 1)])
def test_what_is_unlikely_is_not_told(area, told):
    after, actions = heard(area, weights=LARGE_ONLY)
    assert told == len(alerts(actions))
    assert (bool(told), 0.5) == (gate(after).passed, gate(after).limit)


def test_somebody_of_whom_the_detector_is_sure_is_told_in_any_case():
    assert 1 == len(alerts(heard(SMALL, 0.7, weights=LARGE_ONLY)[1]))
    assert 0 == len(alerts(heard(SMALL, 0.69, weights=LARGE_ONLY)[1]))


def test_it_judges_motion_too_where_there_is_no_detector():
    rules = policy(weights=LARGE_ONLY)
    told = [
        len(alerts(hear(stretch(0, 4, area=area, look=Look.NO_DETECTOR), house(), rules)[1]))
        for area in (SMALL, LARGE)
    ]
    assert [0, 1] == told


def test_quiet_before_the_motion_changes_nothing():
    seen = [moment(2.0), moment(2.2, 0.1, 0.5), moment(2.4, 0.2, 0.6), moment(2.6)]
    quiet = [moment(step / 5) for step in range(10)]
    assert measured(seen, 3.0) == measured([*quiet, *seen], 3.0)


def test_it_measures_the_window():
    found = measured([moment(1.0), moment(1.5, 0.1, 0.4), moment(2.5, 0.3, 0.6)], 3.0)
    assert 0.5 == found[Feature.PERSON]
    assert 0.4 == found[Feature.SECOND]
    assert 0.5 == found[Feature.MOVING]
    assert 2 / 3 == found[Feature.SEEN]
    assert set(Feature) == set(found)


def test_it_never_leaves_zero_to_one():
    far = dict.fromkeys(Feature, 1e6)
    assert 1.0 == likelihood([Weight(Feature.PERSON, 9.0)], far)
    assert 0.0 == likelihood([Weight(Feature.PERSON, -9.0)], far)


def test_why_names_the_likelihood_that_would_have_told_people():
    rules = policy(weights=LARGE_ONLY)
    sightings = stretch(0, 4, area=SMALL, person=0.5)
    after, _ = hear(sightings, house(), rules)
    scene = Scene("front", house(), tuple(sightings), rules)
    (move,) = turn(scene, after.camera("front").decision.gates).moves
    assert ("least_likelihood", 0.5, gate(after).value) == (move.number.name, move.was, move.to)
    assert scene.with_number("least_likelihood", move.to).told()
    assert not scene.with_number("least_likelihood", move.to + 0.0001).told()


def test_weights_survive_being_written_down():
    rules = Policy(cameras={"front": CameraPolicy(weights=LARGE_ONLY)})
    assert LARGE_ONLY == policies.from_json(policies.as_json(rules), 1).of("front").weights
    assert LARGE_ONLY == plain.from_json(Policy, plain.to_json(rules)).of("front").weights


def test_a_model_of_numbers_that_are_measured_no_more_is_not_asked():
    rules = Policy(cameras={"front": CameraPolicy(weights=LARGE_ONLY)})
    text = policies.as_json(rules).replace('"largest"', '"smell"')
    assert () == policies.from_json(text, 1).of("front").weights


def test_a_decision_by_weights_is_the_same_again():
    rules = replace(policy(weights=LARGE_ONLY), version=3)
    first = second = house()
    for one in stretch(0, 4, area=SMALL, person=0.5):
        first, _ = decide(first, one, rules)
        second, _ = decide(second, plain.from_json(type(one), plain.to_json(one)), rules)
    assert first == second
