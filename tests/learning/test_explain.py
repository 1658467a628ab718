"""What is named as the smallest change turns the decision, and moving it less does not."""

import random
from dataclasses import replace

import pytest

from benchmarks import footage
from tests.flow.test_replay import EVENING, USUAL, sightings_of
from whosthere.core.decide import decide
from whosthere.core.model import House
from whosthere.core.modes import ArmState, Controls, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.learning.explain import TOLD, Scene, numbers, smallest_move, turn

AWAY = House(ArmState(Mode.AWAY, EVENING, "test"))
USUAL_RULES = Policy()
PARTS = (0.999, 0.9, 0.5, 0.1)  # of the way


def lived(sightings, policy=USUAL_RULES, house=AWAY):
    """Each sighting with the house before it, and the decision."""
    for sighting in sightings:
        before = house
        house, _ = decide(house, sighting, policy)
        yield Scene(sighting.camera, before, (sighting,), policy), house.camera("front").decision


def check(scene, decision):
    """The named number is the edge; said is how many were named."""
    assert scene.told() is (decision.verdict in TOLD)
    move = smallest_move(scene, decision.gates)
    if move is None:
        for number in numbers():
            for value in (number.least, number.most):
                assert scene.with_number(number.name, value).told() is scene.told()
        return 0
    number, told = move.number, scene.told()
    assert number.least <= move.to <= number.most
    assert scene.with_number(number.name, move.to).told() is not told
    way = move.to - move.was
    step = number.step if way > 0 else -number.step
    less = [number.rounded(move.was + part * way) for part in PARTS]
    for value in {number.rounded(move.to - step), *less, move.was} - {move.to}:
        assert scene.with_number(number.name, value).told() is told, (move, value)
    return 1


STRICT = {"person_confidence": 0.9, "unsure_confidence": 0.8}


@pytest.mark.parametrize("rules", [{}, STRICT])
def test_the_named_number_is_the_edge_for_sightings_of_the_shipped_clips(rules):
    policy = Policy(default=CameraPolicy(**rules))
    scenes = [one for name in sorted(USUAL) for one in lived(sightings_of(name), policy)]
    chosen = random.Random(1).sample(scenes, 80)  # noqa: S311 - seeded, for a test
    assert sum(check(*one) for one in chosen) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("rules", [{}, STRICT])
@pytest.mark.parametrize("name", [clip.name for clip in footage.labelled()])
def test_the_named_number_is_the_edge_for_every_sighting(name, rules):
    policy = Policy(default=CameraPolicy(**rules))
    named = [check(*one) for one in lived(sightings_of(name), policy)]
    assert len(named) > 5


def fails_closest(house=AWAY, **rules):
    """The whole visit as a scene, with the gates of its closest moment."""
    policy = Policy(default=CameraPolicy(**rules))
    sightings = tuple(sightings_of("demo_visitor"))
    best = max(
        (decision for _, decision in lived(sightings, policy, house)),
        key=lambda one: sum(gate.passed for gate in one.gates),
    )
    return turn(Scene("front", house, sightings, policy), best.gates)


def test_for_a_whole_visit_the_edge_holds_too():
    found = fails_closest(person_confidence=0.99, unsure_confidence=0.99)
    (move,) = found.moves
    assert move.number.name in {"person_confidence", "unsure_confidence"}
    assert move.to < 0.99


def test_what_people_had_set_is_named_before_numbers():
    snoozed = replace(AWAY, controls=Controls(snoozed=EVENING.replace(year=2030)))
    assert fails_closest(snoozed).people == ("snooze",)
    off = House(ArmState(Mode.OFF, EVENING, "test"))
    assert fails_closest(off).people == ("armed",)
    both = fails_closest(off, person_confidence=0.99, unsure_confidence=0.99)
    assert both.people == ("armed",)
    assert len(both.moves) == 1


def test_of_an_empty_picture_nothing_is_named_that_would_not_help():
    scene, decision = next(lived(sightings_of("demo_visitor")))
    found = turn(scene, decision.gates)
    assert found is None or scene.with_number(found.moves[0].number.name, found.moves[0].to).told()
