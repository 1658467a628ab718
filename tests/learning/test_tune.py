"""The tuner on days where the best rules are known."""

from dataclasses import replace

import pytest

from tests.app.answers.living import EVENING
from tests.learning.tagged import (
    DAY,
    HEDGE,
    HOUR,
    NO,
    YES,
    TaggedHouse,
    outcome,
    short_visit,
    weaker,
    within,
)
from whosthere.app.replay_rules import rules_of
from whosthere.core.messages import UsePolicy
from whosthere.core.overlooked import without
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import Box, Motion, Scene, Sighting
from whosthere.learning.compare import incidents_by
from whosthere.learning.masks import in_words
from whosthere.learning.replay import as_then
from whosthere.learning.tune_bounds import at_most
from whosthere.learning.tune_cases import by_days
from whosthere.learning.tune_moves import candidates, stricter
from whosthere.storage import plain, policies

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


DAYS = 6


def test_weak_looks_are_dropped_and_sure_visits_kept(house):
    house.live(DAYS, short_visit(), weaker(short_visit()))
    found = outcome(house)
    assert "" == found.why_not
    assert 0.5 < found.after.person_confidence < 0.83
    before, after = found.held
    assert (before.told, before.alarms) == (before.visits, before.false)
    assert (after.told, after.alarms) == (after.visits, 0)
    assert all(price.lost == 0 for price in found.prices)
    assert any(price.fewer > 0 for price in found.prices)


def test_a_place_that_only_ever_gave_false_alarms_is_overlooked(house):
    house.live(DAYS, weaker(short_visit()), within(weaker(short_visit()), HEDGE))
    found = outcome(house)
    assert "" == found.why_not
    (place,) = found.after.ignored
    assert place.likeness(HEDGE) > 0.2
    (price,) = [one for one in found.prices if one.what.startswith("nothing counts in")]
    assert (price.fewer, price.lost) == (DAYS, 0)
    assert "upper left" in price.what


def test_what_cannot_be_told_apart_is_left_as_it_is(house):
    house.live(DAYS, short_visit(), short_visit())
    found = outcome(house)
    assert "no move of a number" in found.why_not
    assert found.after == house.rules


def test_rules_that_lose_a_visit_of_the_newer_days_are_not_proposed(house):
    for day in range(DAYS):
        newest = day == DAYS - 1
        house.see(day, 0, weaker(short_visit(), 0.5) if newest else short_visit(), YES)
        house.see(day, 1, weaker(short_visit()), NO)
    assert "loses a visit on days that it was not chosen on" in outcome(house).why_not


def test_too_few_tags_are_counted_by_kind(house):
    house.live(3, short_visit(), weaker(short_visit()))
    assert "too few tags: 47 more tagged visits and 47 more tagged false alarms are needed" == (
        outcome(house, 50).why_not
    )


def test_enough_tags_of_one_day_are_not_enough(house):
    for hours in (-4, -3, -2, -1):  # of one day
        house.see(1, hours, short_visit(), YES if hours % 2 else NO)
    house.ledger.flush()
    assert outcome(house, 2).why_not.endswith("are needed, of other days than there are")


def test_without_false_alarms_there_is_nothing_to_gain(tmp_path):
    deaf = CameraPolicy(person_confidence=0.6, unsure_confidence=0.6)
    made = TaggedHouse(tmp_path, deaf)
    made.live(DAYS, short_visit(), weaker(short_visit()))
    found = outcome(made)
    made.close()
    assert "no false alarms to drop" in found.why_not


def test_older_days_are_chosen_on_and_no_day_is_in_both(house):
    house.live(DAYS, short_visit(), weaker(short_visit()))
    older, newer = by_days(house.cases())
    assert max(one.day for one in older.all) < min(one.day for one in newer.all)
    assert (len(older.all), len(newer.all)) == (6, 6)


def test_cases_are_told_as_they_were(house):
    house.live(2, short_visit(), weaker(short_visit(), 0.1))
    assert [True, False] * 2 == [one.told(house.rules) for one in house.cases()]
    told = [one.alerted_at is not None for one in house.store.incidents()]
    assert told == [True, False] * 2


def test_no_candidate_is_looser_and_spare_room_is_stricter():
    rules = CameraPolicy()
    for one in candidates(rules):
        assert one.least_area >= rules.least_area
        assert one.person_confidence >= rules.person_confidence
        assert one.unsure_confidence >= rules.unsure_confidence
        tenth = stricter(rules, one)
        assert tenth.person_confidence >= one.person_confidence
        assert tenth.least_area >= one.least_area


@pytest.mark.parametrize(
    ("hits", "of", "bound"),
    [(0, 22, 1 - 0.1 ** (1 / 22)), (0, 50, 1 - 0.1 ** (1 / 50)), (1, 10, 0.3368), (5, 5, 1.0)],
)
def test_the_bound_is_that_of_clopper_and_pearson(hits, of, bound):
    assert bound == pytest.approx(at_most(hits, of), abs=5e-5)


def test_the_bound_refuses_more_hits_than_there_are():
    with pytest.raises(ValueError, match="3 of 2"):
        at_most(3, 2)


def sighting_of(like: Sighting, *boxes: Box) -> Sighting:
    motion = Motion(Scene.STEADY, 0.02, boxes)
    return replace(like, motion=motion, detections=())


def test_what_lies_in_the_place_does_not_count_and_what_is_left_counts_as_it_is():
    here, there = Box(0.1, 0.15, 0.2, 0.25), Box(0.5, 0.5, 0.6, 0.55)
    seen = without(sighting_of(short_visit()[0], here, there), [HEDGE])
    assert ((there,), 0.005) == (seen.motion.boxes, seen.motion.area)
    assert () == without(sighting_of(short_visit()[0], here), [HEDGE]).motion.boxes
    half_out = Box(0.2, 0.15, 0.4, 0.25)
    kept = sighting_of(short_visit()[0], half_out)
    assert kept is without(kept, [HEDGE])


def test_somebody_of_whom_the_detector_is_sure_is_seen_in_any_place():
    sure = max(within(short_visit(), HEDGE), key=lambda one: one.person_confidence)
    assert sure.person_confidence == without(sure, [HEDGE]).person_confidence > 0.9
    unsure = weaker([sure])[0]
    assert 0.0 == without(unsure, [HEDGE]).person_confidence < unsure.person_confidence


@pytest.mark.parametrize(
    ("box", "words"),
    [
        (Box(0.0, 0.0, 0.2, 0.2), "upper left, 4 % of the picture"),
        (Box(0.4, 0.4, 0.6, 0.6), "middle centre, 4 % of the picture"),
        (Box(0.8, 0.9, 1.0, 1.0), "lower right, 2 % of the picture"),
    ],
)
def test_places_are_named_as_people_see_them(box, words):
    assert words == in_words(box)


def test_replay_knows_when_other_numbers_were_taken(house):
    house.see(0, 0, short_visit(), YES)
    before = house.keeper.policy
    deaf = replace(before.of("front"), person_confidence=1.0, unsure_confidence=1.0)
    house.put(UsePolicy(replace(before, version=2, cameras={"front": deaf}), "Ann", EVENING + HOUR))
    house.see(1, 0, short_visit(), YES)
    house.ledger.flush()
    assert [True, False] == [one.alerted_at is not None for one in house.store.incidents()]
    until = EVENING + 3 * DAY
    then = incidents_by(house.ledger.history(), as_then, EVENING - DAY, until)
    assert house.store.incidents() == [one.incident for one in then]
    now = incidents_by(house.ledger.history(), rules_of(before), EVENING - DAY, until)
    assert [True, True] == [one.told for one in now]


def test_ignored_places_survive_being_written_down():
    policy = Policy(cameras={"front": CameraPolicy(ignored=(HEDGE,))})
    assert (HEDGE,) == policies.from_json(policies.as_json(policy), 1).of("front").ignored
    assert (HEDGE,) == plain.from_json(Policy, plain.to_json(policy)).of("front").ignored
