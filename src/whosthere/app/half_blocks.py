"""A small coloured picture of a frame in a terminal: each character shows two pixels."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from rich.color import Color
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style

from whosthere.core.sighting import Box, Detection, Frame, Image, Motion, Scene

RED, YELLOW = (60, 60, 255), (0, 210, 255)  # BGR


@dataclass(frozen=True, slots=True)
class HalfBlocks:
    """A picture that is so many characters wide and lines high."""

    image: Image  # one pixel for each half of a character

    @classmethod
    def of(
        cls,
        frame: Frame,
        motion: Motion,
        found: Iterable[Detection],
        columns: int,
        *,
        faded: bool = False,
    ) -> "HalfBlocks":
        """Draw a frame with what moves: red if it was recognised, else yellow."""
        height, width = frame.luma.shape
        size = (columns, 2 * rows_of(columns, width, height))
        bgr = cv2.resize(frame.pixels.bgr(), size, interpolation=cv2.INTER_AREA)
        image = np.asarray(bgr, np.uint8)
        if faded:
            image //= 3
            return cls(image)
        known = [one.box for one in found if one.moving]
        if motion.scene is Scene.STEADY:
            for box in motion.boxes:
                if not any(box.shared_area(other) for other in known):
                    _outline(image, box, YELLOW)
        for box in known:
            _outline(image, box, RED)
        return cls(image)

    def __rich_measure__(self, _: Console, __: ConsoleOptions) -> Measurement:
        return Measurement(self.image.shape[1], self.image.shape[1])

    def __rich_console__(self, _: Console, __: ConsoleOptions) -> RenderResult:
        for upper, lower in zip(self.image[::2], self.image[1::2], strict=True):
            for above, below in zip(upper.tolist(), lower.tolist(), strict=True):
                yield Segment("▀", Style(color=_colour(above), bgcolor=_colour(below)))
            yield Segment.line()


def rows_of(columns: int, width: int, height: int) -> int:
    """How many lines a picture takes that is so many columns wide."""
    return max(1, round(columns * height / width / 2))


def columns_of(rows: int, width: int, height: int) -> int:
    return max(1, round(2 * rows * width / height))


def _outline(image: Image, box: Box, colour: tuple[int, int, int]) -> None:
    height, width = image.shape[:2]
    corner = (int(box.left * width) - 1, int(box.top * height) - 1)
    other = (math.ceil(box.right * width), math.ceil(box.bottom * height))
    cv2.rectangle(image, corner, other, colour, 1)


def _colour(bgr: list[int]) -> Color:
    blue, green, red = bgr
    return Color.from_rgb(red, green, blue)
