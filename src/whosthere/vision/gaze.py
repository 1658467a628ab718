"""Where a camera's detector looks next: at what moves, closer and wider by turns."""

from collections.abc import Callable

from whosthere.core.sighting import Box, Motion, Scene
from whosthere.vision.regions import Plan

ENLARGED = 0.5  # small parts are enlarged so far for the net; more blurs them
MOST_RUNS = 2  # of the net for one look
BORED_LOOKS = 6  # without anybody recognised, after which the same motion gets fewer looks
FAMILIAR = 0.6  # intersection over union of a moving box with one of the look before
PADDING, CLOSE = 3.0, 2.0  # a region is so many times as large as what moves in it


class Gaze:
    """Remembers what was tried, so that the next look tries otherwise until it finds somebody.

    What moves may be an arm, so a wider look shows its person; it may be far away or cut by the
    frame's edge, so a closer look does. While motion cannot say where, the whole frame comes first.
    """

    def __init__(self, input_side: int) -> None:
        self._input_side = input_side
        self._tried = 0
        self._next_region = 0
        self._boxes: tuple[Box, ...] = ()

    def is_bored_by(self, motion: Motion) -> bool:
        """Whether only that moves which was looked at often in vain: a tree, a flag."""
        return self._tried >= BORED_LOOKS and all(
            any(box.likeness(known) >= FAMILIAR for known in self._boxes) for box in motion.boxes
        )

    def note(self, *, recognised: bool) -> None:
        self._tried = 0 if recognised else self._tried + 1

    def regions(
        self, shape: tuple[int, int], motion: Motion, again: tuple[Box, ...]
    ) -> tuple[Box, ...]:
        """Parts of a frame of this shape: what moves, and who stood somewhere a moment ago."""
        self._boxes = motion.boxes
        height, width = shape
        plan = Plan(width, height, ENLARGED * self._input_side)
        if not motion.boxes and (motion.scene is not Scene.STEADY or not again):
            return plan.whole()
        targets = (*motion.boxes, *again)
        ways: list[Callable[[], tuple[Box, ...]]] = [
            lambda: plan.around(targets, PADDING),
            lambda: plan.around(targets, CLOSE),
            plan.whole,
        ]
        if motion.scene is not Scene.STEADY:
            ways.reverse()
        return self._in_turn(ways[self._tried % len(ways)]())

    def _in_turn(self, regions: tuple[Box, ...]) -> tuple[Box, ...]:
        """Of more regions than one look can do, the next ones."""
        if len(regions) <= MOST_RUNS:
            return regions
        self._next_region += MOST_RUNS
        start = self._next_region
        return tuple(regions[(start + step) % len(regions)] for step in range(MOST_RUNS))
