"""Makes an example of an incident with a tag: its picture, what was cut out of it, its numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

import cv2
import numpy as np
from numpy.typing import NDArray

from whosthere.core.model import Evidence, Incident, Tag
from whosthere.core.questions import Pick
from whosthere.core.sighting import Box, Detection
from whosthere.learning.examples import Crop, Example, Numbers, day_of

LEAST_CROPPED = 0.2  # confidence
MOST_CROPS = 8
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]


@dataclass(frozen=True, slots=True)
class Made:
    """An example with the files that belong to it, by their names below the data folder."""

    example: Example
    files: dict[str, bytes]


def make_example(  # noqa: PLR0913 - all that an example is made of
    incident: Incident,
    tags: Sequence[Tag],
    numbers: Numbers,
    *,
    pick: Pick | None,
    picture: bytes | None,
    stem: str,
    detector: tuple[str, str],
    zone: tzinfo | None,
) -> Made:
    """Make an example; `stem` is what its files' names begin with."""
    name, sha256 = detector
    example = Example(
        id=incident.id,
        camera=incident.camera,
        started=incident.started,
        day=day_of(incident.started, zone),
        asked=_asked(incident, pick),
        chance=pick.chance if pick else None,
        alerted_at=incident.alerted_at,
        first_motion=incident.first_motion,
        tags=tuple(tags),
        numbers=numbers,
        detector=name,
        detector_sha256=sha256,
    )
    image = _decoded(picture)
    if picture is None or image is None:
        return Made(example, {})
    height, width = image.shape[:2]
    files, crops = {f"{stem}.jpg": picture}, []
    for number, (found, part) in enumerate(_parts(image, numbers.detections), 1):
        file = f"{stem}_{number}.jpg"
        files[file] = part
        crops.append(Crop(file, found.label, found.confidence))
    example = replace(
        example, picture=f"{stem}.jpg", width=width, height=height, crops=tuple(crops)
    )
    return Made(example, files)


def _asked(incident: Incident, pick: Pick | None) -> str:
    if pick is not None:
        return pick.kind
    if incident.evidence is Evidence.QUIET:
        return "quiet"
    return "alert" if incident.alert_id is not None else "tagged"


def _decoded(picture: bytes | None) -> NDArray[np.uint8] | None:
    """Decode a picture; none if it is none."""
    if not picture:
        return None
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else image.astype(np.uint8, copy=False)


def _parts(
    image: NDArray[np.uint8], detections: Sequence[Detection]
) -> Iterator[tuple[Detection, bytes]]:
    sure = [one for one in detections if one.confidence >= LEAST_CROPPED]
    for found in sorted(sure, key=lambda one: -one.confidence)[:MOST_CROPS]:
        part = _cut(image, found.box)
        if part.size:
            done, encoded = cv2.imencode(".jpg", np.ascontiguousarray(part), QUALITY)
            if done:
                yield found, encoded.tobytes()


def _cut(image: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    left, right = (round(min(1.0, max(0.0, edge)) * width) for edge in (box.left, box.right))
    top, bottom = (round(min(1.0, max(0.0, edge)) * height) for edge in (box.top, box.bottom))
    return image[top:bottom, left:right]
