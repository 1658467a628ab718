"""Places that only ever gave false alarms: found in tagged scenes, to be overlooked."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from whosthere.core.overlooked import lies_in
from whosthere.core.sighting import Box
from whosthere.learning.tune_cases import Case, Cases, around

LARGEST = 0.25  # share of the picture that may be overlooked as one place
SAME = 0.3  # likeness of two places that are one
LEAST_ALARMS = 3
MOST_PLACES = 6
SPARE = 0.05  # of a place's size, added on each side
DIGITS = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where false alarms came from."""

    box: Box
    alarms: int


def places(cases: Cases) -> list[Place]:
    """Those with most false alarms first; none in which a visitor was ever recognised."""
    found: list[tuple[Box, list[Case]]] = []
    for case in cases.false:
        box = case.moved_in()
        if box is None or box.area > LARGEST:
            continue
        near = next((n for n, (one, _) in zip(count(), found) if one.likeness(box) >= SAME), None)
        if near is None:
            found.append((box, [case]))
        else:
            known, alarms = found[near]
            found[near] = (around([known, box]), [*alarms, case])
    enough = [(grown(box), alarms) for box, alarms in found if len(alarms) >= LEAST_ALARMS]
    safe = [
        Place(box, len(alarms))
        for box, alarms in enough
        if box.area <= LARGEST and not _somebody_was_in(box, cases.visits)
    ]
    return sorted(safe, key=lambda one: -one.alarms)[:MOST_PLACES]


def _somebody_was_in(box: Box, visits: Sequence[Case]) -> bool:
    return any(
        found.is_moving_person and lies_in(found.box, [box])
        for case in visits
        for sighting in case.sightings()
        for found in sighting.detections
    )


def grown(box: Box, spare: float = SPARE) -> Box:
    """Somewhat larger, within the picture."""
    wide, high = spare * box.width, spare * box.height
    return Box(
        round(max(0.0, box.left - wide), DIGITS),
        round(max(0.0, box.top - high), DIGITS),
        round(min(1.0, box.right + wide), DIGITS),
        round(min(1.0, box.bottom + high), DIGITS),
    )


def in_words(box: Box) -> str:
    """Where a place is, for people: 'upper left, 12 % of the picture'."""
    third = 1 / 3
    across = (box.left + box.right) / 2
    down = (box.top + box.bottom) / 2
    row = "upper" if down < third else "lower" if down > 2 * third else "middle"
    side = "left" if across < third else "right" if across > 2 * third else "centre"
    return f"{row} {side}, {round(100 * box.area)} % of the picture"
