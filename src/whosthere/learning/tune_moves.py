"""The moves that the tuner may make with one camera's rules, and how far each is."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from whosthere.core.policy import CameraPolicy
from whosthere.learning import masks

AREA_STEPS = (1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)  # times what it was
LARGEST_AREA = 0.2
LEAST_AREA = 0.0002
CONFIDENCE_STEP, SURE_OF_ALL = 0.04, 0.9
LEAST_SURE = 0.12  # below, the detector only guesses
UNSURE_BELOW = 0.05  # so much less than for a person is asked of what is told as unclassified
SHARE_STEP, LEAST_SHARE = 0.1, 0.1
WINDOWS = (1.5, 2.0, 4.0, 5.0)  # s; in a longer one, an alert would come too late
LONGEST_WINDOW = 30.0  # s
LEAST_SPARE = 0.1  # of a raised limit: that much further up, every visit must still be kept
PLACE_SIZE = 0.5  # how large a move it is to overlook a place, beside those of numbers
LIMITS = {
    "least_area": 1.0,
    "person_confidence": 1.0,
    "unsure_confidence": 1.0,
    "opening_share": 1.0,
    "occupied_share": 1.0,
    "window_seconds": LONGEST_WINDOW,
}


def moved(before: CameraPolicy, after: CameraPolicy) -> list[str]:
    """Which numbers differ."""
    names = (one.name for one in fields(CameraPolicy))
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def candidates(rules: CameraPolicy, places: Sequence[masks.Place] = ()) -> Iterator[CameraPolicy]:
    """All moves of one number, to where less is told; and one more place to overlook."""
    areas = {round(rules.least_area * step, 4) for step in AREA_STEPS}
    for area in sorted(areas):
        if rules.least_area < area <= LARGEST_AREA:
            yield replace(rules, least_area=area)
    for sure in _up(rules.person_confidence, CONFIDENCE_STEP):
        yield replace(rules, person_confidence=sure)
        unsure = round(max(rules.unsure_confidence, sure - UNSURE_BELOW), 2)
        yield replace(rules, person_confidence=sure, unsure_confidence=unsure)
    for unsure in _up(rules.unsure_confidence, CONFIDENCE_STEP):
        yield replace(rules, unsure_confidence=unsure)
    for share in _up(rules.occupied_share, SHARE_STEP):
        yield replace(rules, occupied_share=share)
    for seconds in WINDOWS:
        if seconds != rules.window_seconds:
            yield replace(rules, window_seconds=seconds)
    for place in places:
        if place.box not in rules.ignored:
            yield replace(rules, ignored=(*rules.ignored, place.box))


def looser(rules: CameraPolicy) -> Iterator[CameraPolicy]:
    """All moves of one number, to where more is told."""
    for step in AREA_STEPS:
        area = round(rules.least_area / step, 4)
        if LEAST_AREA <= area < rules.least_area:
            yield replace(rules, least_area=area)
    for sure in _down(rules.person_confidence, CONFIDENCE_STEP, LEAST_SURE):
        unsure = round(min(rules.unsure_confidence, max(LEAST_SURE, sure - UNSURE_BELOW)), 2)
        yield replace(rules, person_confidence=sure, unsure_confidence=unsure)
    for unsure in _down(rules.unsure_confidence, CONFIDENCE_STEP, LEAST_SURE):
        yield replace(rules, unsure_confidence=unsure)
    for share in _down(rules.occupied_share, SHARE_STEP, LEAST_SHARE):
        yield replace(rules, occupied_share=share)
    for share in _down(rules.opening_share, SHARE_STEP, LEAST_SHARE):
        yield replace(rules, opening_share=share)


def loosest(rules: CameraPolicy) -> CameraPolicy:
    """Whatever is there is told, where people want to be told at all."""
    return replace(rules, person_confidence=0.0, zones=frozenset(), ignored=(), weights=())


def _up(value: float, step: float) -> list[float]:
    """From a value up, in steps."""
    count = int((SURE_OF_ALL - value) / step + 1e-9)
    return [round(value + step * number, 2) for number in range(1, count + 1)]


def _down(value: float, step: float, least: float) -> list[float]:
    count = int((value - least) / step + 1e-9)
    return [round(value - step * number, 2) for number in range(1, count + 1)]


def spare_of(visits: int) -> float:
    """How much further up a limit must be without losing any of so many visits.

    A rule of caution, no theorem: what few visits show is known to about one part in the root of
    their number.
    """
    return max(LEAST_SPARE, 1 / math.sqrt(max(1, visits)))


def stricter(start: CameraPolicy, rules: CameraPolicy, spare: float = LEAST_SPARE) -> CameraPolicy:
    """The same with spare room: raised limits further up yet, lowered ones less far down.

    New places are larger.
    """
    for name, most in LIMITS.items():
        was, value = getattr(start, name), getattr(rules, name)
        if value > was:
            rules = with_number(rules, name, round(min(most, value * (1 + spare)), 4))
        elif value < was and name != "window_seconds":
            rules = with_number(rules, name, round(min(was, value * (1 + spare)), 4))
    places = tuple(
        one if one in start.ignored else masks.grown(one, spare / 2) for one in rules.ignored
    )
    return replace(rules, ignored=places)


def bolder(start: CameraPolicy, rules: CameraPolicy, spare: float) -> CameraPolicy:
    """The same with each lowered limit further down yet: so much more could be told one day."""
    for name in LIMITS:
        value = getattr(rules, name)
        if value < getattr(start, name) and name != "window_seconds":
            rules = with_number(rules, name, round(value / (1 + spare), 4))
    return rules


def distance(start: CameraPolicy, rules: CameraPolicy) -> float:
    """How far rules are from others. Of those that are as good, the nearest are taken."""
    size = 0.0
    for name in LIMITS:
        was, now = getattr(start, name), getattr(rules, name)
        size += abs(now - was) / max(abs(was), abs(now), 1e-9)
    return size + PLACE_SIZE * len(set(rules.ignored) - set(start.ignored))


def with_number(rules: CameraPolicy, name: str, value: Any) -> CameraPolicy:  # noqa: ANN401 # any number
    changes: dict[str, Any] = {name: value}
    return replace(rules, **changes)
