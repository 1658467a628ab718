"""A small coloured picture of a frame in a terminal: each character shows two pixels."""

import cv2
import numpy as np
from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style

from whosthere.core.model import Box, Detection, Frame, Image, Motion, Scene

COLUMNS, ROWS = 56, 21
RED, YELLOW = (60, 60, 255), (0, 210, 255)  # BGR


def picture(
    frame: Frame, motion: Motion, found: tuple[Detection, ...], *, faded: bool = False
) -> Segments:
    """Draw the frame with what moves (yellow) and whom the detector recognised (red)."""
    size = (COLUMNS, 2 * ROWS)
    small = np.asarray(cv2.resize(frame.pixels.bgr(), size, interpolation=cv2.INTER_AREA), np.uint8)
    if faded:
        small //= 3
    else:
        if motion.scene is Scene.STEADY:
            for box in motion.boxes:
                _outline(small, box, YELLOW)
        for one in found:
            _outline(small, one.box, RED)
    return Segments(_segments(small))


def _outline(image: Image, box: Box, colour: tuple[int, int, int]) -> None:
    height, width = image.shape[:2]
    corner = (round(box.left * width) - 1, round(box.top * height) - 1)
    other = (round(box.right * width), round(box.bottom * height))
    cv2.rectangle(image, corner, other, colour, 1)


def _segments(image: Image) -> list[Segment]:
    made: list[Segment] = []
    for upper, lower in zip(image[::2], image[1::2], strict=True):
        made += [
            Segment("▀", Style(color=_colour(above), bgcolor=_colour(below)))
            for above, below in zip(upper.tolist(), lower.tolist(), strict=True)
        ]
        made.append(Segment.line())
    return made


def _colour(bgr: list[int]) -> Color:
    blue, green, red = bgr
    return Color.from_rgb(red, green, blue)
