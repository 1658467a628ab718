"""Visits of which nobody was told: the tuner looks for them too, at a stated price."""

import json
import math
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.app.answers.living import EVENING
from tests.core.say import stretch
from tests.learning.tagged import HEDGE, NO, YES, outcome, short_visit, weaker, within
from whosthere.app.tune_words import Found, as_plain, line_of_overlooked, lines_of
from whosthere.core.likelihood import Feature
from whosthere.core.messages import SetMode, Tick
from whosthere.core.model import Evidence, Incident, Tag, named_moment
from whosthere.core.modes import Mode
from whosthere.learning.tune_cases import by_days
from whosthere.learning.tune_counts import LEAST_MISSED, missing
from whosthere.learning.tune_moves import looser, stricter

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it

DAYS = 6
UNCLEAR = 0.35  # times what the detector said of a clear visit: nobody is told
NOBODY = 0.1


def live(house, missed_days=DAYS, alarms=((NOBODY, 1),)):
    """Each day: a clear visit, an unclear one as long as there are such, and false alarms."""
    for day in range(DAYS):
        house.see(day, 0, short_visit(), YES)
        for _ in range(day < missed_days):
            house.see(day, 1, weaker(short_visit(), UNCLEAR), YES)
        for times, count in alarms:
            for hour in range(count):
                house.see(day, 2 + hour, weaker(short_visit(), times), NO)
    house.ledger.flush()


def test_missed_visits_are_found_with_something_to_spare(house):
    live(house)
    found = outcome(house)
    assert "" == found.why_not
    assert DAYS == found.found
    assert found.after.unsure_confidence < 0.33
    before, after = found.held
    assert (after.told, after.alarms) == (after.visits, before.alarms) == (6, 0)
    assert (before.told, before.recall.value, after.recall.value) == (3, 0.5, 1.0)
    assert any(price.lost < 0 for price in found.prices)


def test_the_words_say_what_is_found_and_what_it_costs(house):
    live(house)
    found = Found(outcome(house))
    said = "\n".join(lines_of(found))
    assert "6 of 6 missed visits are found, and all 6 others told as before." in said
    assert "visits 6 of 6 (before 3), false alarms 0 (before 0)." in said
    assert "recall: 50 % (19-81 %) before, 100 % (61-100 %) now." in said
    assert "missed visits found" in said
    plain = json.loads(json.dumps(as_plain([found])))["front"]
    assert 6 == plain["missed_visits_found"]
    assert 0.5 == plain["held_out"]["recall_before"][0]


def test_what_costs_as_many_false_alarms_as_it_finds_is_not_proposed(house):
    live(house, alarms=((UNCLEAR, 1),))
    found = outcome(house)
    assert not found.proposed
    assert found.after.person_confidence >= house.rules.person_confidence


def test_false_alarms_that_go_pay_for_no_visit_that_is_lost(house):
    for day in range(DAYS):
        house.see(day, 0, short_visit(), YES)
        house.see(day, 1, weaker(short_visit(), UNCLEAR), YES)
        house.see(day, 2, within(weaker(short_visit()), HEDGE), NO)
    house.ledger.flush()
    found = outcome(house)
    assert "" == found.why_not
    assert DAYS == found.found
    assert found.after.ignored
    assert (3, 0) == tuple(one.alarms for one in found.held)


def test_few_missed_visits_change_nothing_and_are_told(house):
    live(house, missed_days=LEAST_MISSED - 1, alarms=((0.55, 1),))
    found = outcome(house)
    assert "" == found.why_not
    assert 0 == found.found
    assert found.after.person_confidence > house.rules.person_confidence
    assert LEAST_MISSED - 1 == found.overlooked
    assert "4 tagged visits were not told. With 5 or more" in line_of_overlooked(found)


def test_who_came_while_nobody_wanted_to_be_told_was_not_missed(house):
    at_home = EVENING - timedelta(hours=1)
    live(house, missed_days=0, alarms=((0.55, 1),))
    house.put(SetMode(Mode.HOME, "Ann", at_home + timedelta(days=DAYS)))
    for hour in range(6):
        house.see(DAYS, hour, short_visit(), YES)
    house.ledger.flush()
    found = outcome(house)
    assert 0 == found.overlooked
    assert DAYS == sum(part[0].visits for part in (found.chosen, found.held))


def quiet_picture(house, day, at_second, answer):
    """A picture that was kept at random, and what people said of it."""
    at = EVENING + timedelta(days=day, seconds=at_second)
    clock = day * 86400.0 + at_second
    incident = Incident(
        named_moment(at, "front"), "front", at, at, clock, at, clock,
        evidence=Evidence.QUIET, ended=at,
    )  # fmt: skip
    house.store.remember([incident, Tag(incident.id, answer, "Ann", at, "test")])


def far(sightings):
    """The same, but so far away that it is too small and unclear for an incident."""
    return [
        replace(
            one,
            motion=replace(one.motion, area=min(one.motion.area, 0.001)),
            detections=weaker([one], UNCLEAR)[0].detections,
        )
        for one in sightings
    ]


def test_somebody_on_a_quiet_picture_is_a_missed_visit_and_can_be_found(house):
    for day in range(DAYS):
        house.see(day, 0, short_visit(), YES)
        house.see(day, 1, weaker(short_visit(), NOBODY), NO)
        house.see(day, 3, far(short_visit()), YES)
        quiet_picture(house, day, 3 * 3600 + 24, YES)
        quiet_picture(house, day, 5 * 3600, NO)
    house.ledger.flush()
    cases = house.cases()
    older, newer = by_days(cases)
    assert DAYS <= sum(one.visit and one.quiet for one in cases)
    found = outcome(house)
    assert "" == found.why_not
    assert found.found >= DAYS
    assert "1 more tagged visits" in missing(older, newer, DAYS + 1)  # they count for nothing else


def test_no_looser_move_is_stricter_and_spare_room_is_nearer_to_what_was(house):
    for one in looser(house.rules):
        assert one.person_confidence <= house.rules.person_confidence
        assert one.least_area <= house.rules.least_area
        nearer = stricter(house.rules, one)
        assert one.person_confidence <= nearer.person_confidence <= house.rules.person_confidence
        assert one.least_area <= nearer.least_area <= house.rules.least_area


def thing(rng, *, visit):
    """Something told for sure: a visit is larger or clearer, and neither alone tells it."""
    while True:
        person, size = rng.uniform(0.45, 0.68), rng.uniform(math.log(0.01), math.log(0.2))
        score = (person - 0.45) / 0.23 + (size - math.log(0.01)) / math.log(20)
        if (score > 1.15) if visit else (score < 0.85):
            return [
                replace(one, at=EVENING + timedelta(seconds=one.clock))
                for one in stretch(10, 14, area=round(math.exp(size), 4), person=round(person, 3))
            ]


def test_where_no_limit_tells_them_apart_several_numbers_together_do(house):
    rng = random.Random(3)  # noqa: S311 - made up, and always the same
    for day in range(50):
        house.see(day, 0, thing(rng, visit=True), YES)
        house.see(day, 1, thing(rng, visit=False), NO)
    house.ledger.flush()
    found = outcome(house, 50)
    assert "" == found.why_not
    weights = dict(found.after.weights)
    assert set(Feature) == set(weights)
    assert (weights[Feature.PERSON] > 0, weights[Feature.LARGEST] > 0) == (True, True)
    before, after = found.held
    assert before.told == after.told == after.visits
    assert after.alarms <= before.alarms / 2
    (price,) = [one for one in found.prices if "a model of 6 numbers together" in one.what]
    assert (price.fewer > 5, price.lost) == (True, 0)
    assert before.precision.value < after.precision.low


def test_a_few_tags_fit_no_model(house):
    rng = random.Random(3)  # noqa: S311 - made up, and always the same
    for day in range(20):
        house.see(day, 0, thing(rng, visit=True), YES)
        house.see(day, 1, thing(rng, visit=False), NO)
    house.put(Tick(EVENING + timedelta(days=30), 30 * 86400.0))
    house.ledger.flush()
    assert () == outcome(house, 10).after.weights
