"""Several numbers weighed together: how likely it is that somebody is there.

A logistic model: each number times its weight, added up and squeezed between 0 and 1. The weights
are plain numbers of the policy, learned from tags and taken by a person. It can only make people be
told less: it is one gate more, and somebody of whom the detector is sure passes it in any case.

The hour is not weighed: it would learn that nobody comes at night, until somebody does. All numbers
are of the window that gates look back on, so that a verdict is given while somebody is there.
Seconds of motion count and not frames, as in the gate 'occupied': so they mean the same at any
frame rate, and quiet frames before the motion change nothing.
"""

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from whosthere.core.looks import two_surest
from whosthere.core.model import LONGEST_STEP, Moment

FAINT = 1e-4  # of an area; below, its logarithm says nothing
FAR = 700.0  # beyond, the exponential function gives up
DIGITS = 4


class Feature(StrEnum):
    """What is weighed."""

    CONSTANT = "constant"
    PERSON = "person"  # mean of the two surest looks, as the gate 'person' takes it
    SECOND = "second"  # the second surest look
    SEEN = "seen"  # looks with a person in them, a second
    LARGEST = "largest"  # logarithm of the largest area
    MOVED = "moved"  # logarithm of the mean area over the window
    MOVING = "moving"  # share of the window in which anything moves


class Weight(NamedTuple):
    """How much one number counts."""

    feature: Feature
    weight: float


def measured(recent: Sequence[Moment], window_seconds: float) -> dict[Feature, float]:
    """Measure what a window shows."""
    first, second = two_surest(recent)
    seen = sum(moment.person > 0 for moment in recent)
    moving, moved = _motion(recent)
    return {
        Feature.CONSTANT: 1.0,
        Feature.PERSON: (first + second) / 2,
        Feature.SECOND: second,
        Feature.SEEN: seen / window_seconds,
        Feature.LARGEST: math.log(max(FAINT, *[moment.area for moment in recent])),
        Feature.MOVED: math.log(max(FAINT, moved / window_seconds)),
        Feature.MOVING: min(1.0, moving / window_seconds),
    }


def _motion(recent: Iterable[Moment]) -> tuple[float, float]:
    """Seconds in which anything moved, and the area added up over them."""
    moving = moved = 0.0
    before: float | None = None
    for moment in recent:
        if before is not None and moment.area > 0:
            seconds = min(moment.clock - before, LONGEST_STEP)
            moving += seconds
            moved += seconds * moment.area
        before = moment.clock
    return moving, moved


def likelihood(weights: Iterable[Weight], measures: dict[Feature, float]) -> float:
    """How likely it is that somebody is there, from 0 to 1."""
    total = math.fsum(weight * measures[feature] for feature, weight in weights)
    return round(1 / (1 + math.exp(-max(-FAR, min(FAR, total)))), DIGITS)
