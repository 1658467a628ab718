"""Pictures small enough to stand in a page, with the boxes of what was recognised."""

import base64
from pathlib import Path

import cv2
import numpy as np

from whosthere.core.sighting import PERSON
from whosthere.learning.evaluate_shapes import Record

WIDTH = 400  # pixels
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 70]
ORANGE, GREY = (0, 140, 255), (200, 200, 200)
LEAST = 0.2  # confidence of what is drawn


def small_picture(one: Record, folder: Path) -> str | None:
    """Return a JPEG as base64: the example's own picture, or else the incident's; none if gone."""
    names = (one.example.picture if one.example else None, one.incident.picture)
    content = next(filter(None, (_content(folder / name) for name in names if name)), None)
    if content is None:
        return None
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return None
    height = round(image.shape[0] * WIDTH / image.shape[1])
    small = cv2.resize(image, (WIDTH, height), interpolation=cv2.INTER_AREA)
    for found in one.numbers.detections if one.numbers else ():
        if found.confidence >= LEAST:
            box = found.box
            corners = (
                (round(box.left * WIDTH), round(box.top * height)),
                (round(box.right * WIDTH), round(box.bottom * height)),
            )
            cv2.rectangle(small, *corners, ORANGE if found.label == PERSON else GREY, 2)
    done, encoded = cv2.imencode(".jpg", small, QUALITY)
    return base64.b64encode(encoded.tobytes()).decode() if done else None


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
