"""When and where a camera's detector looks, and what comes of it.

The net is the dearest step, so it runs on moving parts only, a few times a second; but never so
sparingly that a person is missed who stands still, was there from the start, or comes with the
light.
"""

from collections.abc import Callable, Sequence

from whosthere.core.sighting import (
    PERSON,
    Box,
    Detection,
    Frame,
    Look,
    Motion,
    Scene,
    rounded_share,
)
from whosthere.vision.detector import SAME_THING, Finder, Found
from whosthere.vision.gaze import Gaze
from whosthere.vision.glances import Glance
from whosthere.vision.model_files import DetectorTrouble
from whosthere.vision.pace import Pace, Trouble
from whosthere.vision.regions import covers, within
from whosthere.vision.things import Things
from whosthere.vision.turns import Turns

LOOKS_PER_SECOND = 3.0
RESTLESS_SECONDS = 1.0  # between looks at what may go on all night: a shaking camera, a tree
LEAST_CONFIDENCE = 0.25
SAME_PLACE = 0.7  # intersection over union from which two names are of one thing
MOSTLY = 0.8  # a box so much inside another, from another region, is a part of the same thing


def nothing_masked(_box: Box) -> bool:
    return False


def no_zones(_box: Box) -> frozenset[str]:
    return frozenset()


class Looking:
    """The object detector of one camera. Several share the net, in turns."""

    def __init__(
        self,
        detector: Finder | None,
        turns: Turns | None = None,
        *,
        looks_per_second: float = LOOKS_PER_SECOND,
        masked: Callable[[Box], bool] = nothing_masked,
        zones_of: Callable[[Box], frozenset[str]] = no_zones,
    ) -> None:
        self._detector = detector
        self._turns = turns or Turns()
        self._gaze = Gaze(detector.input_side if detector else 0)
        self._pace = Pace(looks_per_second)
        self._masked = masked
        self._zones_of = zones_of
        self._things = Things()
        self._trouble = Trouble()

    def __call__(self, frame: Frame, motion: Motion) -> tuple[Look, tuple[Detection, ...]]:
        if self._detector is None:
            return Look.NO_DETECTOR, ()
        again = self._things.to_look_at_again(frame.clock)
        if motion.scene is Scene.STEADY and not motion.boxes and not again:
            return Look.NOT_NEEDED, ()
        if self._trouble.pausing(frame.clock):
            return Look.FAILED, ()
        restless = motion.scene is Scene.SHAKING or self._gaze.is_bored_by(motion)
        if not self._pace.due(frame.clock, RESTLESS_SECONDS if restless else 0.0):
            return Look.NOT_NEEDED, ()
        regions = self._gaze.regions(frame.luma.shape, motion, again)
        try:
            found = self._find(self._detector, frame, regions)
        except (DetectorTrouble, MemoryError) as error:
            self._trouble.note(frame, error)
            return Look.FAILED, ()
        self._trouble.over(frame)
        self._pace.took(len(regions))
        return Look.DONE, self._detections(found, regions, motion, frame)

    def _find(self, detector: Finder, frame: Frame, regions: Sequence[Box]) -> list[Found]:
        crops = [frame.pixels.bgr(region) for region in regions]
        with self._turns.turn():
            answers = [detector.find(crop) for crop in crops]
        found = [
            one._replace(box=within(region, one.box))
            for region, answer in zip(regions, answers, strict=True)
            for one in answer
        ]
        return one_name_each(one_box_each(found) if len(regions) > 1 else found)

    def _detections(
        self, found: list[Found], regions: Sequence[Box], motion: Motion, frame: Frame
    ) -> tuple[Detection, ...]:
        rounded = [
            Found(one.label, rounded_share(one.confidence), Box(*map(rounded_share, one.box)))
            for one in found
            if one.confidence >= LEAST_CONFIDENCE
        ]
        seen = [one for one in rounded if not self._masked(one.box)]
        glance = Glance(frame.luma, frame.clock)
        verdicts = self._things.judge(seen, regions, motion, glance)
        detections = tuple(
            Detection(one.label, one.confidence, one.box, moving, self._zones_of(one.box))
            for one, moving in zip(seen, verdicts, strict=True)
        )
        self._gaze.note(recognised=any(one.label == PERSON and one.moving for one in detections))
        return detections


def one_box_each(found: Sequence[Found]) -> list[Found]:
    """Join what overlapping regions found, whole or in part: the surest box of each thing."""
    return _surest_of_same(
        found,
        lambda one, other: (
            one.label == other.label
            and (one.box.likeness(other.box) > SAME_THING or covers(other.box, one.box, MOSTLY))
        ),
    )


def one_name_each(found: Sequence[Found]) -> list[Found]:
    """A van is not a truck and a car; but a rider is not the bicycle."""
    return _surest_of_same(found, lambda one, other: one.box.likeness(other.box) > SAME_PLACE)


def _surest_of_same(
    found: Sequence[Found], are_same: Callable[[Found, Found], bool]
) -> list[Found]:
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: -one.confidence):
        if not any(are_same(one, other) for other in kept):
            kept.append(one)
    return kept
