"""Weights of the gate 'likely', learned from the tagged visits and false alarms of one camera.

What is told has many moments in which all other gates are open, and one likely moment is enough to
tell people. So the weights are fitted on each incident's first such moment, then again on its
likeliest, until they settle (an alternation as in S. Andrews, I. Tsochantaridis and T. Hofmann,
Support vector machines for multiple-instance learning, NIPS 15, 2003).
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from whosthere.core.decide import decide
from whosthere.core.gates import COOLDOWN
from whosthere.core.likelihood import Feature, Weight, likelihood, measured
from whosthere.core.overlooked import SURE
from whosthere.core.policy import CameraPolicy
from whosthere.core.sighting import Sighting
from whosthere.learning.logistic import weights_of
from whosthere.learning.tune_cases import Case

ENOUGH_TO_FIT = 20  # visits, and false alarms, of which people are told and nobody is sure
ROUNDS = 4
LEAST_GAIN = 2  # false alarms that must go on days that it was not fitted on

Measures = dict[Feature, float]


def with_model(
    rules: CameraPolicy, visits: Sequence[Case], alarms: Sequence[Case], spare: float
) -> CameraPolicy | None:
    """The same rules with weights, if these do well on days that they were not fitted on.

    All visits must be told with something to spare; the later half of the days is tried first.
    """
    days = sorted({one.day for one in (*visits, *alarms)})
    middle = days[len(days) // 2] if days else None
    if middle is None:
        return None
    early = [one for one in visits if one.day < middle], [one for one in alarms if one.day < middle]
    tried = _fitted(rules, *early, spare, enough=ENOUGH_TO_FIT // 2)
    if tried is None:
        return None
    if any(one.told(rules) and not one.told(tried) for one in visits if one.day >= middle):
        return None
    gone = [one for one in alarms if one.day >= middle if one.told(rules) and not one.told(tried)]
    if len(gone) < LEAST_GAIN:
        return None
    return _fitted(rules, visits, alarms, spare, enough=ENOUGH_TO_FIT)


def _fitted(
    rules: CameraPolicy,
    visits: Sequence[Case],
    alarms: Sequence[Case],
    spare: float,
    *,
    enough: int,
) -> CameraPolicy | None:
    plain = replace(rules, weights=())
    seen = [found for one in visits if (found := _open_moments(one, plain))]
    false = [found for one in alarms if (found := _open_moments(one, plain))]
    if min(len(seen), len(false)) < enough:
        return None
    weights = _settled([*seen, *false], [True] * len(seen) + [False] * len(false))
    surest = [max(likelihood(weights, one) for one in moments) for moments in seen]
    limit = math.floor(100 * min(surest) / (1 + spare)) / 100
    return replace(rules, weights=weights, least_likelihood=limit) if limit > 0 else None


def _settled(some: Sequence[Sequence[Measures]], answers: Sequence[bool]) -> tuple[Weight, ...]:
    chosen, weights = [moments[0] for moments in some], tuple[Weight, ...]()
    for _ in range(ROUNDS):
        weights = _weights(chosen, answers)
        likeliest = [max(moments, key=lambda m: _total(weights, m)) for moments in some]
        if likeliest == chosen:
            break
        chosen = likeliest
    return weights


def _weights(some: Sequence[Measures], answers: Sequence[bool]) -> tuple[Weight, ...]:
    names = [feature for feature in Feature if feature is not Feature.CONSTANT]
    rows = np.array([[one[name] for name in names] for one in some], float)
    constant, found = weights_of(rows, np.array(answers, float))
    pairs = [(Feature.CONSTANT, constant), *zip(names, map(float, found), strict=True)]
    return tuple(Weight(feature, round(weight, 4)) for feature, weight in pairs)


def _total(weights: Sequence[Weight], measures: Measures) -> float:
    return sum(weight * measures[feature] for feature, weight in weights)


def _open_moments(case: Case, rules: CameraPolicy) -> list[Measures]:
    """What was measured whenever all gates were open; none where the detector was sure once."""
    scene = case.scene
    policy = replace(scene.policy, cameras={**scene.policy.cameras, scene.camera: rules})
    house, found = scene.house, list[Measures]()
    for message in scene.heard:
        house, _ = decide(house, message, policy)
        if not isinstance(message, Sighting) or message.camera != scene.camera:
            continue
        state = house.camera(scene.camera)
        if state.decision is None or (scene.since is not None and message.at < scene.since):
            continue
        if any(not gate.passed and gate.name != COOLDOWN for gate in state.decision.gates):
            continue
        if max(moment.person for moment in state.recent) >= SURE:
            return []
        found.append(measured(state.recent, rules.window_seconds))
    return found
