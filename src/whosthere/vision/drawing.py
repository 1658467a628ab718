"""Draws what was found into a picture, to be read on a phone and on any background."""

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np

from whosthere.core.sighting import PERSON, Detection, Image

Colour: TypeAlias = tuple[int, int, int]  # blue, green, red
Plate: TypeAlias = tuple[int, int, int, int]  # left, top, right, bottom in pixels

DARK: Colour = (24, 24, 24)
PEOPLE: Colour = (80, 220, 255)  # amber
OTHERS: Colour = (230, 200, 90)  # light blue
AT_REST: Colour = (190, 190, 190)
FONT = cv2.FONT_HERSHEY_SIMPLEX
FONT_ROWS = 22.0  # height of a capital letter at scale 1, in pixels
LETTER_SHARE = 0.018  # of the picture's longer side is a capital letter high
LEAST_LETTER = 6.0  # pixels; below that nobody can read it
SMALLEST_PICTURE = 480  # on its longer side; smaller ones are enlarged to hold letters


class Style(NamedTuple):
    """Sizes for one picture, in pixels."""

    scale: float
    stroke: int
    line: int
    gap: int


def with_boxes(picture: Image, detections: Iterable[Detection]) -> Image:
    """A copy of the picture in which each thing has a box and its name; what moves lies on top."""
    height, width = picture.shape[:2]
    times = max(1, -(-SMALLEST_PICTURE // max(height, width)))
    drawn = np.repeat(np.repeat(picture, times, axis=0), times, axis=1)
    style = _style(drawn)
    in_order = sorted(detections, key=lambda one: (one.moving, one.label == PERSON, one.confidence))
    for one in in_order:
        _frame(drawn, one, style)
    plates: list[Plate] = []
    for one in reversed(in_order):  # what matters most finds the best place
        plates.append(_name(drawn, one, style, plates))
    return drawn


def caption(detection: Detection) -> str:
    """For example 'person 87 % (path)'."""
    zones = f" ({', '.join(sorted(detection.zones))})" if detection.zones else ""
    at_rest = "" if detection.moving else ", at rest"
    return f"{detection.label} {detection.confidence:.0%}{at_rest}{zones}".replace("%", " %")


def _style(picture: Image) -> Style:
    letter = max(LEAST_LETTER, LETTER_SHARE * max(picture.shape[:2]))
    stroke = max(1, round(letter / 8))
    return Style(letter / FONT_ROWS, stroke, max(1, round(letter / 6)), max(2, round(letter / 3)))


def _colour(detection: Detection) -> Colour:
    if not detection.moving:
        return AT_REST
    return PEOPLE if detection.label == PERSON else OTHERS


def _corners(picture: Image, detection: Detection) -> Plate:
    height, width = picture.shape[:2]
    box = detection.box
    return (
        round(box.left * (width - 1)),
        round(box.top * (height - 1)),
        round(box.right * (width - 1)),
        round(box.bottom * (height - 1)),
    )


def _frame(picture: Image, detection: Detection, style: Style) -> None:
    left, top, right, bottom = _corners(picture, detection)
    around = style.line + 2 * max(1, style.line // 2)  # a dark rim shows on a bright picture
    cv2.rectangle(picture, (left, top), (right, bottom), DARK, around)
    cv2.rectangle(picture, (left, top), (right, bottom), _colour(detection), style.line)


def _name(picture: Image, detection: Detection, style: Style, plates: list[Plate]) -> Plate:
    """Dark letters on a plate of the box's colour, where no other plate is if that can be."""
    text = _printable(caption(detection))
    scale = style.scale
    (wide, high), below = cv2.getTextSize(text, FONT, scale, style.stroke)
    room = picture.shape[1] - 2 * style.gap
    if wide > room:
        scale *= room / wide
        (wide, high), below = cv2.getTextSize(text, FONT, scale, style.stroke)
    size = (wide + 2 * style.gap, high + below + style.gap)
    places = _places(picture, _corners(picture, detection), size)
    plate = next((one for one in places if not any(_meet(one, other) for other in plates)), None)
    left, top, right, bottom = plate = plate or places[0]
    cv2.rectangle(picture, (left, top), (right, bottom), _colour(detection), cv2.FILLED)
    foot = (left + style.gap, top + high + style.gap // 2 + 1)
    cv2.putText(picture, text, foot, FONT, scale, DARK, style.stroke, cv2.LINE_AA)
    return plate


def _places(picture: Image, corners: Plate, size: tuple[int, int]) -> list[Plate]:
    """Above the box, below it, within it, beside it; all in the picture."""
    height, width = picture.shape[:2]
    left, top, right, bottom = corners
    wide, high = size
    wished = [
        (left, top - high),
        (right - wide, top - high),
        (left, bottom),
        (right - wide, bottom),
        (left, top),
        (right, top),
        (left - wide, top),
        (left, top - 2 * high),
    ]
    fitting = [(x, y) for x, y in wished if 0 <= y <= height - high]
    starts = [(max(0, min(x, width - wide)), y) for x, y in fitting] or [(0, 0)]
    return [(x, y, x + wide, y + high) for x, y in starts]


def _meet(one: Plate, other: Plate) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _printable(text: str) -> str:
    """A zone may have any name, but not every version of OpenCV has letters beyond ASCII."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
