"""Which parts of a frame the detector looks at, so that far and small people are large enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from whosthere.core.sighting import WHOLE, Box

CROWDING = 1.2  # a region is so many times as large as all that it joins
WIDE = 1.5  # a frame this much wider than high is looked at in two halves
SHARED = 0.3  # regions that share this much of the smaller are joined


@dataclass(frozen=True, slots=True)
class Plan:
    """How to cut regions out of frames of one size, in pixels, for one net."""

    width: int
    height: int
    least: float  # side of the smallest region

    def around(self, boxes: Sequence[Box], padding: float) -> tuple[Box, ...]:
        """Squares around moving things, one for those near each other; one whole if it must be."""
        groups = [self._group([box], padding) for box in boxes]
        while pair := _first_overlap(groups):
            first, second = pair
            groups = [group for group in groups if group not in pair]
            groups.append(self._group([*first.boxes, *second.boxes], padding))
        regions = tuple(group.region for group in groups)
        return self.whole() if WHOLE in regions else regions

    def whole(self) -> tuple[Box, ...]:
        """The whole frame; in two overlapping halves if one would make people too small."""
        if self.width >= WIDE * self.height > self.least:
            share = max(self.height / self.width, 0.5)
            return (Box(0.0, 0.0, share, 1.0), Box(1.0 - share, 0.0, 1.0, 1.0))
        if self.height >= WIDE * self.width > self.least:
            share = max(self.width / self.height, 0.5)
            return (Box(0.0, 0.0, 1.0, share), Box(0.0, 1.0 - share, 1.0, 1.0))
        return (WHOLE,)

    def _group(self, boxes: Sequence[Box], padding: float) -> "_Group":
        hull = hull_of(boxes)
        largest = max(self._side(box) for box in boxes)
        side = max(padding * largest, CROWDING * self._side(hull), self.least)
        return _Group(tuple(boxes), self._square(hull, side))

    def _side(self, box: Box) -> float:
        return max(box.width * self.width, box.height * self.height)

    def _square(self, box: Box, side: float) -> Box:
        """A square of so many pixels in the frame, with the box as near its middle as can be."""
        wide, high = min(1.0, side / self.width), min(1.0, side / self.height)
        left = min(max((box.left + box.right - wide) / 2, 0.0), 1.0 - wide)
        top = min(max((box.top + box.bottom - high) / 2, 0.0), 1.0 - high)
        return Box(left, top, left + wide, top + high)


@dataclass(frozen=True, slots=True)
class _Group:
    boxes: tuple[Box, ...]
    region: Box


def hull_of(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of these."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def within(region: Box, box: Box) -> Box:
    """A box in fractions of a region, as fractions of the frame."""
    return Box(
        region.left + box.left * region.width,
        region.top + box.top * region.height,
        region.left + box.right * region.width,
        region.top + box.bottom * region.height,
    )


def covers(region: Box, box: Box, share: float) -> bool:
    """Whether a region holds at least this share of a box."""
    return region.shared_area(box) >= share * box.area


def _first_overlap(groups: Sequence[_Group]) -> tuple[_Group, _Group] | None:
    for place, first in enumerate(groups):
        for second in groups[place + 1 :]:
            smaller = min(first.region.area, second.region.area)
            if first.region.shared_area(second.region) > SHARED * smaller:
                return first, second
    return None
