"""Rules that weigh several numbers together: lived, replayed and explained as all others are."""

import pytest

from tests.app.answers.living import SmallHouse, visit
from tests.flow.test_replay import USUAL, check, counted, lived, sightings_of
from whosthere.core.likelihood import Feature, Weight
from whosthere.core.messages import Notify
from whosthere.core.policy import CameraPolicy, Policy

# who comes near is likely to be somebody, who is far away is not
NEAR_ONLY = (
    Weight(Feature.CONSTANT, 9.0),
    Weight(Feature.LARGEST, 2.0),
    Weight(Feature.PERSON, 2.0),
    Weight(Feature.MOVING, 0.5),
)
NOBODY = (Weight(Feature.CONSTANT, -1.0), Weight(Feature.PERSON, 1.0))


@pytest.mark.slow
def test_half_an_hour_by_weights_with_restarts_is_decided_again_as_it_was(tmp_path):
    rules = CameraPolicy(cooldown=30.0, weights=NEAR_ONLY, least_likelihood=0.9)
    clips = [sightings_of(name) for name in sorted(USUAL)]
    life = lived(tmp_path, clips, 0.5, seed=7, policy=Policy(default=rules))
    life.close()
    whole, left_out = check(life)
    gates = [gate for step in whole if step.decision for gate in step.decision.gates
             if gate.name == "likely"]  # fmt: skip
    assert {True, False} == {gate.passed for gate in gates}
    assert counted(whole, Notify) >= 3
    assert left_out > len(whole) / 4
    life.close()


def test_why_names_the_likelihood_its_limit_and_what_would_have_told_people(tmp_path):
    # of the visitor the detector becomes sure, so only weaker looks are left to be weighed
    house = SmallHouse(tmp_path, weights=NOBODY, least_likelihood=0.6)
    weak = [one for one in visit() if one.person_confidence < 0.65]
    house.hear(weak)
    (incident,) = house.store.incidents()
    assert incident.alerted_at is None
    said = house.ask(f"why {incident.id}").text
    assert "All numbers together made a visit" in said
    assert "60.0 % is needed" in said
    assert "People would have been told with `least_likelihood` = " in said
    assert "✗ likely:" in said
    house.close()


def test_why_over_a_stretch_counts_what_was_unlikely(tmp_path):
    house = SmallHouse(tmp_path, weights=NOBODY, least_likelihood=0.6)
    house.hear(one for one in visit() if one.person_confidence < 0.65)
    assert "all numbers together made a visit unlikely" in house.ask("why today").text
    house.close()
