"""Places where nothing counts: a hedge in the wind, a flag, a road behind the fence.

What lies in such a place is taken out of a sighting before it is decided on. So no film is needed
to try a place on the past, and to go back costs nothing. Somebody of whom the detector is sure is
never overlooked, whatever the place: who stands in front of the hedge is seen.
"""

from collections.abc import Sequence
from dataclasses import replace

from whosthere.core.sighting import Box, Detection, Sighting

WITHIN = 0.9  # of a box's area: that much in one place, and it lies there
SURE = 0.7  # confidence of a person who is seen in any place


def lies_in(box: Box, places: Sequence[Box]) -> bool:
    return any(box.shared_area(place) >= WITHIN * box.area for place in places)


def without(sighting: Sighting, places: Sequence[Box]) -> Sighting:
    """The same without what lies in these places."""
    motion = sighting.motion
    left = tuple(box for box in motion.boxes if not lies_in(box, places))
    found = tuple(one for one in sighting.detections if not _is_overlooked(one, places))
    if len(left) == len(motion.boxes) and len(found) == len(sighting.detections):
        return sighting
    if left != motion.boxes:
        # of the largest thing the area is known; of the others no more than their boxes
        is_largest = left[:1] == motion.boxes[:1]
        area = motion.area if is_largest else min(motion.area, left[0].area) if left else 0.0
        motion = replace(motion, boxes=left, area=round(area, 4))
    return replace(sighting, motion=motion, detections=found)


def _is_overlooked(found: Detection, places: Sequence[Box]) -> bool:
    sure = found.is_moving_person and found.confidence >= SURE
    return not sure and lies_in(found.box, places)
