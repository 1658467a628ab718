"""The small grey picture that motion is looked for in."""

import math

import cv2
import numpy as np

from whosthere.core.sighting import Luma

_LEAST = 8  # rows and columns
PIXELS = 20_000  # a person a sixth of the frame high is then about 18 pixels high


def small_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return height and width of the small picture of a frame: no larger, unless that is tiny."""
    height, width = shape[:2]
    scale = min(1.0, math.sqrt(PIXELS / (height * width)))
    return max(_LEAST, round(height * scale)), max(_LEAST, round(width * scale))


def shrunk(luma: Luma, size: tuple[int, int]) -> Luma:
    """Make the small picture, softened so that the noise of single pixels averages out.

    Rows are skipped before anything is computed: that costs no accuracy and saves most of the
    memory traffic. What is left is brought to twice the size and averaged, two by two.
    """
    height, width = size
    rows = luma[:: max(1, luma.shape[0] // height)]
    if luma.shape[1] >= 2 * width:
        twice = cv2.resize(rows, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
        small = cv2.resize(twice, (width, height), interpolation=cv2.INTER_AREA)
    else:
        small = cv2.resize(luma, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.blur(small, (3, 3)), np.uint8)
