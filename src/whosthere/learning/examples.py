"""Examples: tagged pictures with the numbers of the moment that was decided on.

They are JSON in the database and beside each picture; nothing is ever pickled. `FEATURE_VERSION`
says how the numbers were measured, so that old ones are never mistaken for new ones.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from whosthere.core.model import Answer, Gate, Tag
from whosthere.core.sighting import PERSON, Box, Detection

FEATURE_VERSION = 1
TEST_EVERY = 5  # each fifth day is for testing
ENOUGH_OF_EACH = 50  # tags of either answer for a camera, before its rules are tuned


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was measured of one incident, mostly at the moment of its decision.

    That is the sighting that alerted people, or else the one that came closest to it. Confidences,
    areas and shares are from 0 to 1; areas are shares of the watched picture.
    """

    version: int
    at: datetime  # of that sighting
    hour: float  # of the day there, 0 to 24
    mode: str
    armed: bool  # people would have been told, had there been a reason
    verdict: str
    gates: tuple[Gate, ...]
    policy: int  # version
    scene: str
    look: str
    person: float  # the surest moving person of this frame
    person_best: float  # of the window before it
    person_mean: float  # of the two surest looks of the window, as the gate takes it
    person_most: float  # the same of any window of the incident
    person_ever: float  # the surest look of the whole incident
    area: float  # the largest moving thing of the window
    share: float  # of the window, that is occupied
    share_most: float  # of any window of the incident
    blobs: int  # moving things in this frame
    brightness: float  # mean of the luma plane, 0 to 255
    changed: float  # area that differs from the background
    noise: float  # of the sensor, in grey levels (standard deviation)
    seconds: float  # from the first motion to the last
    sightings: int  # that were at hand; 0: only what the incident itself says
    labels: Mapping[str, float] = field(default_factory=dict)
    zones: tuple[str, ...] = ()
    detections: tuple[Detection, ...] = ()  # on the picture
    picture_at: datetime | None = None  # None: it is not known which sighting it shows

    def gate(self, name: str) -> Gate | None:
        return next((gate for gate in self.gates if gate.name == name), None)


FEATURES = (
    "hour", "person", "person_best", "person_mean", "person_most", "person_ever", "area",
    "share", "share_most", "blobs", "brightness", "changed", "noise", "seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crop:
    """A recognised thing, cut out of the picture."""

    file: str  # below the data folder
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Example:
    """A tagged picture with its numbers."""

    id: str  # of the incident
    camera: str
    started: datetime
    day: str  # where the camera is: 2026-01-31
    asked: str  # "alert", a kind of question, or "tagged" by somebody of their own accord
    chance: float | None  # that it was picked to be asked about; None: nobody drew it
    alerted_at: datetime | None
    first_motion: datetime
    tags: tuple[Tag, ...]  # oldest first; the last counts
    numbers: Numbers
    detector: str
    detector_sha256: str
    picture: str | None = None  # below the data folder
    width: int = 0  # pixels
    height: int = 0
    crops: tuple[Crop, ...] = ()

    @property
    def tag(self) -> Tag:
        return self.tags[-1]

    @property
    def occupied(self) -> bool:
        return self.tag.answer is Answer.OCCUPIED

    @property
    def split(self) -> str:
        return split_of(self.day)

    def features(self) -> dict[str, float]:
        """Return the numbers that a model may learn from."""
        return {name: float(getattr(self.numbers, name)) for name in FEATURES}


def day_of(at: datetime, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d}"


def split_of(day: str) -> str:
    """Say whether a day is for training or for testing.

    Whole days, since frames of one visit are near copies of each other. Each fifth day is for
    testing: it never changes, and as five is no week, all weekdays have their turn.
    """
    return "test" if date.fromisoformat(day).toordinal() % TEST_EVERY == 0 else "train"


def next_test_day(day: str) -> str:
    """Return the first day for testing from a day on."""
    left = -date.fromisoformat(day).toordinal() % TEST_EVERY
    return (date.fromisoformat(day) + timedelta(days=left)).isoformat()


def people_in(example: Example, least: float) -> list[Detection]:
    """Return the boxes of people on a picture; none if a person said that nobody is there."""
    if not example.occupied:
        return []
    found = example.numbers.detections
    return [one for one in found if one.label == PERSON and one.confidence >= least]


# --- JSON


def numbers_as_json(numbers: Numbers) -> str:
    return json.dumps(_plain_numbers(numbers), separators=(",", ":"))


def numbers_from_json(text: str) -> Numbers:
    return _numbers(json.loads(text))


def example_as_json(example: Example, indent: int | None = None) -> str:
    plain = {
        one.name: _plain(getattr(example, one.name))
        for one in fields(Example)
        if one.name not in {"numbers", "tags", "crops"}
    }
    plain["tags"] = [[t.answer, t.by, t.at.isoformat(), t.origin] for t in example.tags]
    plain["crops"] = [[crop.file, crop.label, crop.confidence] for crop in example.crops]
    plain["numbers"] = _plain_numbers(example.numbers)
    return json.dumps(plain, indent=indent, ensure_ascii=False)


def example_from_json(text: str) -> Example:
    """Read an example; what a newer version added is left out."""
    found: dict[str, Any] = json.loads(text)
    known = {one.name for one in fields(Example)}
    values = {name: value for name, value in found.items() if name in known}
    values["numbers"] = _numbers(found["numbers"])
    values["tags"] = tuple(
        Tag(found["id"], Answer(answer), by, datetime.fromisoformat(at), origin)
        for answer, by, at, origin in found["tags"]
    )
    values["crops"] = tuple(Crop(*crop) for crop in found["crops"])
    for name in ("started", "first_motion", "alerted_at"):
        values[name] = _moment(values[name])
    return Example(**values)


def _plain_numbers(numbers: Numbers) -> dict[str, Any]:
    plain = {
        one.name: _plain(getattr(numbers, one.name))
        for one in fields(Numbers)
        if one.name != "detections"
    }
    plain["detections"] = [
        [d.label, d.confidence, list(d.box), d.moving, sorted(d.zones)] for d in numbers.detections
    ]
    return plain


def _numbers(plain: Mapping[str, Any]) -> Numbers:
    known = {one.name for one in fields(Numbers)}
    values = {name: value for name, value in plain.items() if name in known}
    values["at"], values["picture_at"] = _moment(plain["at"]), _moment(plain["picture_at"])
    values["gates"] = tuple(Gate(*gate) for gate in plain["gates"])
    values["zones"] = tuple(plain["zones"])
    values["detections"] = tuple(
        Detection(label, confidence, Box(*box), moving, frozenset(zones))
        for label, confidence, box, moving, zones in plain["detections"]
    )
    return Numbers(**values)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else value


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
