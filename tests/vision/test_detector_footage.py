"""The net and the looking on more footage, where it is at hand (see benchmarks/footage.py)."""

import json
from datetime import timedelta
from itertools import pairwise

import av
import cv2
import pytest

from benchmarks.footage import folder
from tests.vision.pictures import START
from whosthere.cameras.pixels import AvPixels
from whosthere.core.sighting import PERSON, Frame, Look, rounded_clock
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.motion import BackgroundMotion

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(folder() is None, reason="needs the folder of footage, which is not here"),
]

LARGE = 0.05  # share of the picture that the largest person covers
STANDING = [(10, 18), (26, 41), (53, 66), (78, 83), (95, 117), (127, 133)]  # in intel_one_by_one


@pytest.fixture(scope="module")
def detector() -> OnnxDetector:
    return OnnxDetector()


def surest_person(detector: OnnxDetector, name: str) -> float:
    picture = cv2.imread(str(folder() / "images" / "coco_public" / name))
    found = detector.find(picture)
    return max((one.confidence for one in found if one.label == PERSON), default=0.0)


def stills() -> list[dict]:
    text = (folder() / "images" / "coco_public" / "labels.json").read_text()
    return json.loads(text)["images"]


def test_people_in_stills_are_found(detector):
    large = [one for one in stills() if one["largest_person_area_fraction"] >= LARGE]
    found = [one for one in large if surest_person(detector, one["file"]) >= 0.4]
    assert len(large) > 5
    assert len(found) >= 0.9 * len(large)


def test_nobody_is_found_in_stills_without_people(detector):
    empty = [one for one in stills() if not one["person"]]
    found = [one["file"] for one in empty if surest_person(detector, one["file"]) >= 0.5]
    assert len(empty) > 10
    assert len(found) <= 1


def test_who_stands_still_stays_seen(detector):
    """Six people come into a room, one after the other, and stand for up to 22 seconds."""
    seen = []
    see_motion, look = BackgroundMotion(), Looking(detector)
    for frame in five_a_second("videos/public/intel_one_by_one.mp4"):
        looked, found = look(frame, see_motion(frame))
        people = [one for one in found if one.label == PERSON and one.moving]
        seen += [frame.clock] * (looked is Look.DONE and bool(people))
    for start, end in STANDING:
        moments = [start, *(clock for clock in seen if start <= clock <= end), end]
        assert max(later - before for before, later in pairwise(moments)) < 2.0


def five_a_second(path: str):
    due = 0.0
    with av.open(str(folder() / path)) as clip:
        for picture in clip.decode(video=0):
            clock = float(picture.pts * picture.time_base)
            if clock >= due:
                due += 0.2
                at = START + timedelta(seconds=clock)
                yield Frame("room", at, rounded_clock(clock), AvPixels(picture))
