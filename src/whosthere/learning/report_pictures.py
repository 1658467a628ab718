"""Pictures small enough to stand in a page, with the boxes of what was recognised."""

import base64
from pathlib import Path

import cv2
import numpy as np

from whosthere.core.model import PERSON
from whosthere.learning.examples import Example

WIDTH = 400  # pixels
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 70]
ORANGE, GREY = (0, 140, 255), (200, 200, 200)
LEAST = 0.2  # confidence of what is drawn


def small_picture(example: Example, folder: Path) -> str | None:
    """Return a picture as base64; none if it is gone."""
    if example.picture is None:
        return None
    try:
        content = (folder / example.picture).read_bytes()
    except OSError:
        return None
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return None
    height = round(image.shape[0] * WIDTH / image.shape[1])
    small = cv2.resize(image, (WIDTH, height), interpolation=cv2.INTER_AREA)
    for found in example.numbers.detections:
        if found.confidence >= LEAST:
            box = found.box
            corners = (
                (round(box.left * WIDTH), round(box.top * height)),
                (round(box.right * WIDTH), round(box.bottom * height)),
            )
            cv2.rectangle(small, *corners, ORANGE if found.label == PERSON else GREY, 2)
    done, encoded = cv2.imencode(".jpg", small, QUALITY)
    return base64.b64encode(encoded.tobytes()).decode() if done else None
