"""A logistic model of a few numbers: how likely it is that somebody was there.

Fitted by Newton's method with a small ridge (iteratively reweighted least squares; T. Hastie,
R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2nd edition, 2009, 4.4.1): with
a handful of numbers that is twenty lines of numpy, and gives to the last digit what a library of
300 MB would. The weights are JSON with the version of what was measured.

It decides nothing. It says which incidents an answer would teach most about, and how much more
several numbers know together than one alone.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whosthere.learning.examples import FEATURE_VERSION, Numbers

RIDGE = 1.0  # of a standardised weight; keeps them finite where a line parts the tags
ROUNDS, CLOSE = 50, 1e-10
SAME = 1e-9  # spread of a number that says nothing
LEAST_AREA = 1e-4  # below, the logarithm says nothing

Vector = NDArray[np.float64]

FEATURES: Mapping[str, Callable[[Numbers], float]] = {
    "person_most": lambda n: n.person_most,
    "person_ever": lambda n: n.person_ever,
    "area": lambda n: math.log(max(n.area, LEAST_AREA)),
    "share_most": lambda n: n.share_most,
    "changed": lambda n: math.log(max(n.changed, LEAST_AREA)),
    "seconds": lambda n: math.log1p(n.seconds),
    "hour_sine": lambda n: math.sin(n.hour * math.tau / 24),
    "hour_cosine": lambda n: math.cos(n.hour * math.tau / 24),
}


class OtherNumbers(ValueError):
    """A model was fitted on what was measured in another way."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of plain numbers; what they were standardised with is folded in."""

    version: int  # of what was measured
    weights: Mapping[str, float]
    bias: float

    def probability(self, numbers: Numbers) -> float:
        if numbers.version != self.version:
            raise OtherNumbers(f"the model knows version {self.version} of the numbers")
        total = self.bias + sum(
            self.weights[name] * made(numbers) for name, made in FEATURES.items()
        )
        return 1 / (1 + math.exp(-max(-700.0, min(700.0, total))))

    def as_json(self) -> str:
        return json.dumps({"version": self.version, "bias": self.bias,
                           "weights": dict(self.weights)}, sort_keys=True)  # fmt: skip

    @classmethod
    def from_json(cls, text: str) -> "Model":
        found: dict[str, Any] = json.loads(text)
        return cls(found["version"], found["weights"], found["bias"])


@dataclass(frozen=True, slots=True)
class Skill:
    """How well models tell visits from false alarms on days that they do not know."""

    features: int
    auc: float
    best_name: str  # of the number that knows most by itself
    best_auc: float
    ask_about: tuple[str, ...] = ()  # untagged incidents of which the model is least sure


def fit(known: Sequence[tuple[Numbers, bool]]) -> Model:
    """Fit weights to answers."""
    rows = np.array([[made(n) for made in FEATURES.values()] for n, _ in known], float)
    bias, weights = weights_of(rows, np.array([visit for _, visit in known], float))
    named = zip(FEATURES, weights, strict=True)
    return Model(FEATURE_VERSION, {name: float(w) for name, w in named}, bias)


def weights_of(rows: Vector, answers: Vector) -> tuple[float, Vector]:
    """The constant and the weights of plain numbers: each counts alike, whatever its unit."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    spread[spread < SAME] = 1.0
    found = newton((rows - mean) / spread, answers)
    weights = found[1:] / spread
    return float(found[0] - weights @ mean), weights


def newton(rows: Vector, answers: Vector, ridge: float = RIDGE) -> Vector:
    """The weights, the constant first, at which likelihood less the ridge is largest."""
    design = np.column_stack([np.ones(len(rows)), rows])
    penalty = ridge * np.eye(design.shape[1])
    penalty[0, 0] = 0.0  # how common visits are is no matter of taste
    weights = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (answers - chance) - penalty @ weights
        curve = (design.T * (chance * (1 - chance))) @ design + penalty
        step = np.linalg.solve(curve + 1e-9 * np.eye(len(curve)), slope)
        weights += step
        if float(np.abs(step).max()) < CLOSE:
            break
    return weights


def auc(scores: Sequence[float], answers: Sequence[bool]) -> float:
    """The share of pairs in which the visit has the higher score; ties count half."""
    values, hits = np.array(scores, float), np.array(answers, bool)
    visits, others = values[hits], values[~hits]
    if not len(visits) or not len(others):
        return math.nan
    above = (visits[:, None] > others[None, :]).mean()
    ties = (visits[:, None] == others[None, :]).mean()
    return float(above + ties / 2)


def skill(
    older: Sequence[tuple[Numbers, bool]],
    newer: Sequence[tuple[Numbers, bool]],
    waiting: Mapping[str, Numbers],
    most: int = 3,
) -> Skill:
    """Fit on older days, judge on newer ones; say what to ask about."""
    model = fit(older)
    answers = [visit for _, visit in newer]
    alone = {name: auc([made(n) for n, _ in newer], answers) for name, made in FEATURES.items()}
    best = max(alone, key=lambda name: alone[name])
    unsure = {
        name: abs(model.probability(numbers) - 0.5)
        for name, numbers in waiting.items()
        if numbers.version == model.version
    }
    return Skill(
        len(FEATURES),
        auc([model.probability(n) for n, _ in newer], answers),
        best,
        alone[best],
        tuple(sorted(unsure, key=lambda name: unsure[name])[:most]),
    )
