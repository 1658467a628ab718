"""The household model and its scores, on cases that can be counted by hand."""

import pytest

from benchmarks.household import Ours, scored, talks_loop, usual_rule
from benchmarks.household_world import HOUR, RESIDENTS, Spans, World, make_world


def of(*pairs: tuple[float, float]) -> Spans:
    return Spans.of(pairs)


def test_spans_are_merged_cut_and_asked():
    both = of((0, 10), (5, 20), (30, 40))

    assert (both.starts, both.ends) == ((0, 30), (20, 40))
    assert both.without(of((10, 35))) == of((0, 10), (35, 40))
    assert [both.at(second) for second in (0, 19.9, 20, 30, 40)] == [True, True, False, True, False]


def test_the_same_seed_makes_the_same_household():
    assert make_world(7, 3).home == make_world(7, 3).home
    assert make_world(7, 3).home != make_world(7, 4).home


@pytest.fixture
def world() -> World:
    """One day on which both are gone from 9 to 12 h, and no phone ever sleeps."""
    made = make_world(1, 1)
    here = of((0, 9 * HOUR), (12 * HOUR, 24 * HOUR))
    nobody = of()
    for name in made.home:
        made.home[name] = here if name in RESIDENTS else nobody
    phones = tuple(
        type(one)(one.owner, one.host, made.home[one.owner], nobody) for one in made.phones
    )
    return World(1, made.home, phones, nobody, nobody, made.chance)


def test_a_day_with_one_absence_is_scored_as_it_was(world):
    score = scored(world, usual_rule(world))

    assert (score.false_arms, score.absences, score.missed, score.false_disarms) == (0, 1, 0, 0)
    assert 180 <= score.arming[0] < 240
    assert score.disarming[0] < 13


def test_an_empty_list_arms_the_talks_loop_with_people_at_home(world):
    blank = World(1, world.home, world.phones, world.down, of((20 * HOUR, 20.1 * HOUR)), None)

    assert scored(blank, talks_loop(blank)).false_arms == 1


@pytest.mark.parametrize("sources", [("router",), ("network",), ("router", "network")])
def test_the_house_arms_once_and_never_on_people(world, sources):
    score = scored(world, Ours(sources)(world))

    assert (score.false_arms, score.missed, score.late, score.false_disarms) == (0, 0, 0, 0)
    assert len(score.disarming) == 1
