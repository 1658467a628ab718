"""The logistic model: right at its optimum, small as JSON, honest about other numbers."""

import json
import random

import numpy as np
import pytest

from tests.learning.making import numbers
from whosthere.learning.logistic import (
    FEATURES,
    RIDGE,
    Model,
    OtherNumbers,
    auc,
    fit,
    newton,
    skill,
)


def known(count: int, seed: int, *, sure: float = 0.75, unsure: float = 0.3):
    """Visits that the detector is surer of, and which last longer."""
    rng = random.Random(seed)  # noqa: S311 - made up, and always the same
    made = []
    for number in range(count):
        visit = number % 2 == 0
        person = min(0.99, max(0.0, rng.gauss(sure if visit else unsure, 0.12)))
        seconds = max(0.5, rng.gauss(14 if visit else 6, 4))
        made.append((numbers(person, seconds=seconds, hour=rng.uniform(0, 24)), visit))
    return made


def test_at_the_weights_found_no_direction_is_better():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(200, 3))
    answers = (rng.random(200) < 1 / (1 + np.exp(-(0.3 + rows @ [2.0, -1.0, 0.0])))).astype(float)
    weights = newton(rows, answers)
    chance = 1 / (1 + np.exp(-(weights[0] + rows @ weights[1:])))
    slope = np.r_[np.sum(answers - chance), rows.T @ (answers - chance) - RIDGE * weights[1:]]
    assert np.abs(slope).max() < 1e-6
    assert (weights[1] > 1, weights[2] < 0) == (True, True)


def test_tags_that_a_line_parts_leave_the_weights_finite():
    rows = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    assert np.isfinite(newton(rows, np.array([0.0, 0, 1, 1]))).all()


def test_a_model_is_json_and_says_the_same_when_read_back():
    model = fit(known(100, 1))
    text = model.as_json()
    assert len(text) < 500
    assert set(FEATURES) == set(json.loads(text)["weights"])
    again = Model.from_json(text)
    for one, _ in known(20, 2):
        assert model.probability(one) == again.probability(one)


def test_it_knows_visits_of_days_that_it_has_not_seen():
    model = fit(known(200, 1))
    scores = [model.probability(one) for one, _ in known(200, 2)]
    assert auc(scores, [visit for _, visit in known(200, 2)]) > 0.98


def test_numbers_that_were_measured_otherwise_are_refused():
    model = fit(known(20, 1))
    with pytest.raises(OtherNumbers):
        model.probability(numbers(version=999))


def test_pairs_are_counted_and_ties_count_half():
    assert auc([0.9, 0.1], [True, False]) == 1.0
    assert auc([0.1, 0.9], [True, False]) == 0.0
    assert auc([0.5, 0.5], [True, False]) == 0.5
    assert auc([0.2, 0.8, 0.5], [False, True, True]) == 1.0


def test_what_it_is_least_sure_of_is_to_be_asked_first():
    waiting = {"sure": numbers(0.95, seconds=15), "clear": numbers(0.05, seconds=2),
               "between": numbers(0.53, seconds=9)}  # fmt: skip
    found = skill(known(200, 1), known(100, 2), waiting)
    assert "between" == found.ask_about[0]
    assert found.best_name in {"person_most", "person_ever"}
    assert found.auc >= found.best_auc - 0.02
