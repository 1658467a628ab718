"""What a camera's detector found lately, and which of it moved.

A person who came in is still of interest when standing still; a coat on a hook never was.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from whosthere.core.model import PERSON, Box, Motion, Scene
from whosthere.vision.detector import Found
from whosthere.vision.regions import covers

SAME = 0.4  # intersection over union from which two boxes are the same thing
ELSEWHERE = 0.5  # intersection over union below which a thing has moved away
COVERED = 0.15  # motion over this share of a thing is its own, or somebody before it
INSIDE = 0.7  # motion that lies so much inside a thing can only be its own
NOT_TINY = 0.02  # of the thing's area: less is an insect
STILL_LOOKS = 2  # seen so often without motion, a thing is known to be at rest
OWN_MOTIONS = 3  # and needs so many looks with motion of its own to be thought alive again
GIVE_UP_SECONDS = 240.0  # without any motion, what was thought a person is furniture
MISSED_LOOKS = 3  # not found so often where it was, it is gone
REMEMBERED_SECONDS = 3600.0
MOST_THINGS = 50


@dataclass(slots=True)
class Thing:
    """Something recognised, over several looks."""

    label: str
    box: Box
    first_box: Box
    seen: float
    moved: float | None = None  # when it was last seen to move
    still_looks: int = 0
    own_motions: int = 0
    missed: int = 0

    def moved_lately(self, clock: float) -> bool:
        return self.moved is not None and clock - self.moved < GIVE_UP_SECONDS


class Things:
    """The memory of one camera."""

    def __init__(self) -> None:
        self._things: list[Thing] = []

    def judge(
        self, found: Sequence[Found], regions: Sequence[Box], motion: Motion, clock: float
    ) -> list[bool]:
        """Say of each finding whether it moves, or moved lately, and remember it."""
        free = list(self._things)
        verdicts = []
        for one in found:
            thing = _same(free, one)
            if thing is None:
                thing = Thing(one.label, one.box, one.box, clock)
                self._things.append(thing)
            else:
                free.remove(thing)
            _update(thing, one.box, motion, clock)
            verdicts.append(thing.moved_lately(clock))
        for thing in free:
            thing.missed += any(covers(region, thing.box, 0.8) for region in regions)
        self._forget(clock)
        return verdicts

    def to_look_at_again(self, clock: float) -> tuple[Box, ...]:
        """Where people were who stopped moving: after a second, later less and less often."""
        return tuple(
            thing.box
            for thing in self._things
            if thing.label == PERSON
            and thing.moved is not None
            and thing.moved_lately(clock)
            and clock - thing.seen >= max(1.0, (clock - thing.moved) / 30) * (1 + thing.missed)
        )

    def _forget(self, clock: float) -> None:
        kept = [
            thing
            for thing in self._things
            if clock - thing.seen < REMEMBERED_SECONDS and thing.missed < MISSED_LOOKS
        ]
        self._things = sorted(kept, key=lambda thing: -thing.seen)[:MOST_THINGS]


def _same(things: Sequence[Thing], found: Found) -> Thing | None:
    alike = [thing for thing in things if thing.label == found.label]
    best = max(alike, key=lambda thing: thing.box.likeness(found.box), default=None)
    return best if best and best.box.likeness(found.box) >= SAME else None


def _update(thing: Thing, box: Box, motion: Motion, clock: float) -> None:
    thing.box, thing.seen, thing.missed = box, clock, 0
    if _moves(thing, motion):
        thing.moved, thing.still_looks, thing.own_motions = clock, 0, 0
        thing.first_box = box
    elif not thing.moved_lately(clock):
        thing.moved = None
        thing.still_looks += 1


def _moves(thing: Thing, motion: Motion) -> bool:
    if motion.scene is Scene.SHAKING:
        return thing.box.shared_area(thing.first_box) == 0.0
    if thing.box.likeness(thing.first_box) < ELSEWHERE:
        return True
    if motion.scene is not Scene.STEADY:
        return False
    thing.own_motions += any(
        covers(thing.box, moved, INSIDE) and moved.area >= NOT_TINY * thing.box.area
        for moved in motion.boxes
    )
    if thing.still_looks >= STILL_LOOKS and thing.moved is None:
        return thing.own_motions >= OWN_MOTIONS
    covered = sum(thing.box.shared_area(moved) for moved in motion.boxes)
    return thing.own_motions > 0 or covered >= COVERED * thing.box.area
