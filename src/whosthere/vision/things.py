"""What a camera's detector found lately, and which of it moved.

A person who came in is still of interest when standing still; a coat on a hook never was. Neither a
shadow, nor a lamp, nor rain before a coat makes it move: that takes a box that goes elsewhere, or
pixels within it that change again and again, other than all together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from whosthere.core.sighting import PERSON, Box, Motion, Scene
from whosthere.vision.detector import Found
from whosthere.vision.glances import Glance
from whosthere.vision.regions import covers

SAME = 0.4  # intersection over union from which two boxes are the same thing
ELSEWHERE = 0.35  # intersection over union below which a thing has moved away
FAR_ELSEWHERE = 0.15  # the same where light may show another part of it
SHAKEN = 0.1  # of the frame; a camera that shakes moves all things by less
LINKED_SECONDS = 2.5  # steps of a thing that moves are put together
STEP = 4.0  # if it went no further than so many of its widths, or its height
COVERED = 0.15  # share of a thing in moving boxes that speaks for its moving
CHANGED = 0.06  # and share of it that must look different than at the look before
PARTLY_COVERED = 0.1  # a hand that moves; speaks for it only with more such looks
PARTLY_CHANGED = 0.01
CHANGED_WITH_LIGHT = 0.2  # while the light changes: more than lamps do, and only if seen again
INSIDE = 0.7  # share of a moving box that lies in a thing, to be a part of it
PROOF_SECONDS = 4.0  # within which looks with motion add up
PROOFS = 2  # looks that make a thing one that moves
PROOFS_AT_REST = 3  # for one that was seen at rest before
REST_LOOKS, REST_SECONDS = 2, 1.0  # seen without motion so often, for so long, it is at rest
GIVE_UP_SECONDS = 240.0  # without any motion, what was thought a person is furniture
AGAIN_SECONDS = (1.0, 1.4, 3.0, 5.0)  # since it was seen: when to look again, at each miss
PATIENCE_SECONDS = 60.0  # of standing still; from then on ever longer
REMEMBERED_SECONDS = 3600.0
MOST_THINGS = 50


class Moving(Enum):
    """What motion says of a thing, as far as one look can tell."""

    NO = 0
    PERHAPS = 1
    YES = 2


@dataclass(slots=True, eq=False)
class Thing:
    """Something recognised, over several looks."""

    label: str
    box: Box
    home: Box  # where it was when it was first seen, or last moved
    seen: float
    moved: float | None = None  # when it was last seen to move, once that is beyond doubt
    proofs: tuple[float, ...] = ()  # when motion spoke for its moving, lately
    rest_looks: int = 0
    rest_began: float = 0.0
    missed: int = 0

    def moved_lately(self, clock: float) -> bool:
        return self.moved is not None and clock - self.moved < GIVE_UP_SECONDS

    @property
    def at_rest(self) -> bool:
        long_enough = self.seen - self.rest_began >= REST_SECONDS
        return self.moved is None and self.rest_looks >= REST_LOOKS and long_enough

    def is_due(self, clock: float) -> bool:
        """Whether to look if this person is still there, although nothing moves."""
        if self.label != PERSON or self.moved is None or not self.moved_lately(clock):
            return False
        patience = max(1.0, (clock - self.moved) / PATIENCE_SECONDS)
        return clock - self.seen >= patience * AGAIN_SECONDS[self.missed]

    def note(self, box: Box, scene: Scene, clock: float, moving: Moving) -> bool:
        """Add what a look says; return whether the thing counts as moving."""
        gone_elsewhere = _elsewhere(self.home, box, scene)
        self.box, self.seen, self.missed = box, clock, 0
        if not self.moved_lately(clock):
            self.moved = None
        self.proofs = tuple(at for at in self.proofs if clock - at <= PROOF_SECONDS)
        if moving is not Moving.NO:
            self.proofs += (clock,)
        elif self.moved is None:
            self.rest_began = self.rest_began if self.rest_looks else clock
            self.rest_looks += 1
        proven = len(self.proofs) >= (PROOFS_AT_REST if self.at_rest else PROOFS)
        if gone_elsewhere or (proven and self.proofs[-1] == clock):
            self.home, self.moved, self.rest_looks = box, clock, 0
        return self.moved is not None or (moving is Moving.YES and not self.at_rest)


class Things:
    """The memory of one camera."""

    def __init__(self) -> None:
        self._things: list[Thing] = []
        self._glance: Glance | None = None

    def judge(
        self, found: Sequence[Found], regions: Sequence[Box], motion: Motion, glance: Glance
    ) -> list[bool]:
        """Say of each finding whether it moves, or moved lately, and remember it."""
        before, self._glance = self._glance, glance
        moving = [_moving(one.box, motion, glance, before) for one in found]
        things = self._known(found, moving, motion.scene, glance.clock)
        for thing in self._things:
            if thing not in things:
                thing.missed += any(covers(region, thing.box, 0.8) for region in regions)
        self._things += [thing for thing in things if thing not in self._things]
        self._forget(glance.clock)
        return [
            thing.note(one.box, motion.scene, glance.clock, moves)
            for thing, one, moves in zip(things, found, moving, strict=True)
        ]

    def _known(
        self, found: Sequence[Found], moving: Sequence[Moving], scene: Scene, clock: float
    ) -> list[Thing]:
        """The thing that each finding is: one known, or a new one."""
        free = list(self._things)
        things = [_taken(free, [it for it in free if _overlaps(it, one)], one) for one in found]
        for place, (one, moves) in enumerate(zip(found, moving, strict=True)):
            if things[place] is None:
                walking = [
                    thing
                    for thing in free
                    if scene is not Scene.STEADY
                    or thing.moved is not None
                    or (moves is Moving.YES and thing.proofs)
                ]
                near = [thing for thing in walking if _one_step_away(thing, one, clock)]
                things[place] = _taken(free, near, one)
        return [
            thing or Thing(one.label, one.box, one.box, clock)
            for thing, one in zip(things, found, strict=True)
        ]

    def to_look_at_again(self, clock: float) -> tuple[Box, ...]:
        """Where people were who stopped moving: after a second, later less and less often."""
        return tuple(thing.box for thing in self._things if thing.is_due(clock))

    def _forget(self, clock: float) -> None:
        kept = [
            thing
            for thing in self._things
            if clock - thing.seen < REMEMBERED_SECONDS
            and (thing.moved is None or thing.missed < len(AGAIN_SECONDS))
        ]
        self._things = sorted(kept, key=lambda thing: -thing.seen)[:MOST_THINGS]


def _taken(free: list[Thing], fitting: Sequence[Thing], found: Found) -> Thing | None:
    """The one that fits best, which then is no longer free."""
    if not fitting:
        return None
    best = max(fitting, key=lambda thing: (thing.box.likeness(found.box), thing.seen))
    free.remove(best)
    return best


def _overlaps(thing: Thing, found: Found) -> bool:
    return thing.label == found.label and thing.box.likeness(found.box) >= SAME


def _one_step_away(thing: Thing, found: Found, clock: float) -> bool:
    old, new = thing.box, found.box
    return (
        thing.label == found.label
        and clock - thing.seen <= LINKED_SECONDS
        and 0.5 < old.height / new.height < 2.0  # noqa: PLR2004 - about as large
        and abs(new.foot[0] - old.foot[0]) <= STEP * old.width
        and abs(new.foot[1] - old.foot[1]) <= old.height
    )


def _elsewhere(home: Box, box: Box, scene: Scene) -> bool:
    if scene is Scene.STEADY:
        return box.likeness(home) < ELSEWHERE
    if (
        scene is Scene.SHAKING
        and max(abs(box.left - home.left), abs(box.bottom - home.bottom)) < SHAKEN
    ):
        return False
    return box.likeness(home) < FAR_ELSEWHERE


def _moving(box: Box, motion: Motion, glance: Glance, before: Glance | None) -> Moving:
    if motion.scene is Scene.SHAKING:
        return Moving.NO
    covered = sum(box.shared_area(moved) for moved in motion.boxes) / box.area
    parts = sum(moved.area for moved in motion.boxes if covers(box, moved, INSIDE)) / box.area
    if covered < COVERED and parts < PARTLY_COVERED:
        return Moving.NO
    changed = glance.changed_since(before, box, motion.noise)
    if motion.scene is Scene.LIGHT_CHANGE:
        clearly = covered >= COVERED and changed is not None and changed >= CHANGED_WITH_LIGHT
        return Moving.PERHAPS if clearly else Moving.NO
    if covered >= COVERED and (changed is None or changed >= CHANGED):
        return Moving.YES
    return Moving.NO if changed is not None and changed < PARTLY_CHANGED else Moving.PERHAPS
