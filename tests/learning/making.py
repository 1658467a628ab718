"""Examples made up for tests, with pictures that are real files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from whosthere.core.model import Answer, Gate, Tag
from whosthere.core.sighting import Box, Detection
from whosthere.learning.examples import FEATURE_VERSION, Example, Numbers

FIRST = datetime(2026, 1, 1, 10, 30, tzinfo=UTC)
WIDTH, HEIGHT = 320, 240
PERSON = Detection("person", 0.8, Box(0.25, 0.1, 0.5, 0.9))
CAR = Detection("car", 0.7, Box(0.6, 0.5, 0.95, 0.75))
OVER_THE_EDGE = Detection("person", 0.6, Box(-0.05, 0.2, 0.2, 1.1))


def numbers(person: float = 0.5, **more) -> Numbers:
    usual = {
        "version": FEATURE_VERSION,
        "at": FIRST,
        "hour": 11.5,
        "mode": "away",
        "armed": True,
        "verdict": "alert",
        "gates": (
            Gate("armed", "away", "away, night", passed=True),
            Gate("person", person, 0.4, person >= 0.4),
        ),
        "policy": 1,
        "scene": "steady",
        "look": "done",
        "person": person,
        "person_best": person,
        "person_mean": person,
        "person_most": person,
        "person_ever": person,
        "area": 0.05,
        "share": 0.7,
        "share_most": 0.9,
        "blobs": 1,
        "brightness": 120.5,
        "changed": 0.06,
        "noise": 1.5,
        "seconds": 12.0,
        "sightings": 60,
        "labels": {"person": person},
        "zones": ("path",),
    }
    return Numbers(**(usual | more))


def example(
    folder: Path, number: int, answer: Answer, *found: Detection, camera: str = "front", **more
) -> Example:
    """One a day; it has a picture unless `picture=None`."""
    at = FIRST + timedelta(days=number)
    name = f"2026{at:%m%d}T103000000-{camera}"
    picture = f"examples/{name}.jpg"
    if more.get("picture", picture) is not None:
        paint(folder / picture, number)
    usual = {
        "id": name,
        "camera": camera,
        "started": at,
        "day": f"{at:%Y-%m-%d}",
        "asked": "alert",
        "chance": None,
        "alerted_at": at + timedelta(seconds=2),
        "first_motion": at - timedelta(seconds=1),
        "tags": (Tag(name, answer, "Ann", at + timedelta(minutes=1), "slack"),),
        "numbers": numbers(detections=found),
        "detector": "net.onnx",
        "detector_sha256": "ab" * 32,
        "picture": picture,
        "width": WIDTH,
        "height": HEIGHT,
    }
    return Example(**(usual | more))


def paint(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.full((HEIGHT, WIDTH, 3), (number * 13) % 255, np.uint8)
    cv2.imwrite(str(path), image)


def ten_days(folder: Path) -> list[Example]:
    """Occupied and unoccupied by turns, with all that may happen among them."""
    yes, no = Answer.OCCUPIED, Answer.UNOCCUPIED
    return [
        example(folder, 0, yes, PERSON, CAR),
        example(folder, 1, no, PERSON),  # the detector erred
        example(folder, 2, yes),  # and here it saw nobody
        example(folder, 3, yes, PERSON, OVER_THE_EDGE),
        example(folder, 4, no, CAR),
        example(folder, 5, yes, PERSON),
        example(folder, 6, no, picture=None),
        example(folder, 7, yes, PERSON, camera="garden"),
        example(folder, 8, no),
        example(folder, 9, yes, OVER_THE_EDGE),
    ]
