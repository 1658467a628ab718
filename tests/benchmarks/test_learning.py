"""What measures the tuner: copies of clips, honest answers, and what counts as better."""

import random
from datetime import timedelta

import numpy as np
import pytest

from benchmarks.accuracy import STARTS
from benchmarks.learning import Draw
from benchmarks.learning_guard import RULES, case, drawn
from benchmarks.learning_world import Copy, Watched, _cut
from benchmarks.scoring import Score
from tests.core.say import sighting
from whosthere.learning.tune import Outcome
from whosthere.learning.tune_counts import Count

NOTHING = Count(0, 0, 0, 0)
OUTCOME = Outcome("camera", RULES, RULES, (NOTHING, NOTHING), (NOTHING, NOTHING))


def test_the_first_copy_is_the_clip_as_it_is_and_all_are_the_same_each_time():
    picture = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
    chance = np.random.default_rng(1)
    assert (Copy.of("clip", 0).seen(picture, chance) == picture).all()
    assert Copy.of("clip", 3) == Copy.of("clip", 3) != Copy.of("clip", 4)


def test_a_copy_shows_a_picture_of_its_own():
    picture = np.full((48, 64, 3), 100, np.uint8)
    copies = [Copy.of("clip", number) for number in range(1, 8)]
    shown = [one.seen(picture, np.random.default_rng(1)) for one in copies]
    assert all(one.dtype == np.uint8 and one.ndim == 3 for one in shown)
    assert len({one.shape for one in shown}) > 2
    assert {one.mirrored for one in copies} == {True, False}


def test_visits_move_with_the_stretch_and_short_ends_of_them_are_none():
    visits = [(2.0, 10.5), (30.0, 50.0), (60.0, 70.0)]
    assert [(20.0, 30.0)] == list(_cut(visits, 10.0, 40.0))


@pytest.mark.parametrize(
    ("before", "after", "better", "worse"),
    [
        (Score(20, 2, 10), Score(20, 2, 4), True, False),
        (Score(20, 2, 10), Score(22, 0, 10), True, False),
        (Score(20, 2, 10), Score(20, 2, 10), False, False),
        (Score(20, 2, 10), Score(21, 1, 14), False, True),
        (Score(20, 2, 10), Score(18, 4, 0), False, True),  # a tenth of the visits is too many
    ],
)
def test_few_false_alarms_do_not_make_up_for_many_visits(before, after, better, worse):
    draw = Draw(OUTCOME, before, after)
    assert (better, worse) == (draw.better, draw.worse)


def test_what_is_made_up_is_mostly_told_if_it_is_a_visit_and_overlaps():
    chance = random.Random(1)  # noqa: S311 - seeded, for a test
    visits = [case(chance, number, visit=True).told(RULES) for number in range(200)]
    alarms = [case(chance, number, visit=False).told(RULES) for number in range(200)]
    assert 0.8 < sum(visits) / 200 < 0.99
    assert 0.4 < sum(alarms) / 200 < 0.6


def test_the_same_seed_draws_the_same():
    assert drawn(10, 3) == drawn(10, 3)


def test_a_watched_copy_is_at_its_hour_of_its_day():
    copy = Copy.of("clip", 2)
    (one,) = Watched("clip", copy, (), (sighting(1.5),)).on_day(4)
    assert 4 * 86400 + 1.5 == one.clock
    assert STARTS + timedelta(days=4, hours=copy.hour, seconds=1.5) == one.at
