"""Draws how motion is found: the four pictures of the talk, beside each other.

The frame with what moves, the background, what differs from it, and the verdict with its numbers.
"""

from collections import deque
from typing import NamedTuple

import cv2
import numpy as np

from whosthere.core.sighting import Box, Frame, Image, Motion, Scene
from whosthere.vision.motion import Stages

Colour = tuple[int, int, int]  # blue, green, red

_WIDTH, _HEIGHT = 640, 360  # of a panel, at most twice as high
_TALLEST = 640
_TITLE = 34  # rows
_LEAST_SCALE = 0.7  # of letters
_EDGE = 4  # pixels between panels
_PAST_SECONDS = 20.0  # in the curve of the area
_INK: Colour = (28, 24, 22)
_PAPER: Colour = (235, 232, 228)
_FAINT: Colour = (150, 146, 140)
_AMBER: Colour = (80, 200, 255)
_GREEN: Colour = (120, 190, 110)
_BLUE: Colour = (225, 170, 90)
_FONT = cv2.FONT_HERSHEY_DUPLEX
_THIN = cv2.FONT_HERSHEY_SIMPLEX

_WORDS = {
    Scene.LEARNING: ("LEARNING", _BLUE),
    Scene.LIGHT_CHANGE: ("LIGHT CHANGE", _BLUE),
    Scene.SHAKING: ("SHAKING", _BLUE),
}


class _Size(NamedTuple):
    width: int
    height: int


class Panels:
    """Puts the four pictures together, and remembers the last seconds for the curve."""

    def __init__(self, least_area: float) -> None:
        self._least_area = least_area
        self._past: deque[tuple[float, float]] = deque()
        self._size: _Size | None = None

    def draw(self, frame: Frame, stages: Stages) -> Image:
        if self._size is None:
            self._size = _panel_size(*frame.luma.shape)
        size = self._size
        self._past.append((frame.clock, stages.motion.area))
        while frame.clock - self._past[0][0] > _PAST_SECONDS:
            self._past.popleft()
        four = (
            _titled(self._seen(frame, stages.motion, size), "frame"),
            _titled(_grey(stages.background, size), "background"),
            _titled(_differing(stages, size), "different from the background"),
            _titled(self._verdict(frame.clock, stages.motion, size), "verdict"),
        )
        if size.height > size.width:
            return _beside(four)
        return _below((_beside(four[:2]), _beside(four[2:])))

    def _seen(self, frame: Frame, motion: Motion, size: _Size) -> Image:
        picture = _fitted(frame.pixels.bgr(), size)
        counts = motion.area >= self._least_area
        for number, box in enumerate(motion.boxes):
            _outline(picture, box, _AMBER if counts and not number else _FAINT)
        return picture

    def _verdict(self, clock: float, motion: Motion, size: _Size) -> Image:
        panel = np.full((size.height, size.width, 3), _INK, np.uint8)
        scale = max(_LEAST_SCALE, min(size.width / _WIDTH, size.height / _HEIGHT))
        word, colour = self._word(motion)
        left, line = round(24 * scale), round(34 * scale)
        _write(panel, word, (left, round(58 * scale)), 1.25 * scale, colour, _FONT)
        limit = f"limit {100 * self._least_area:.2f} %"
        rows = (
            ("largest thing", f"{100 * motion.area:.2f} %", limit),
            ("all that changed", f"{100 * motion.changed:.1f} %", ""),
            ("noise", f"{motion.noise:.2f}", "grey levels"),
            ("brightness", f"{motion.brightness:.0f}", "of 255"),
            ("zones", ", ".join(sorted(motion.zones)) or "-", ""),
        )
        top = round(104 * scale)
        for name, value, note in rows:
            _write(panel, name, (left, top), 0.58 * scale, _FAINT)
            _write(panel, value, (left + round(200 * scale), top), 0.62 * scale, _PAPER)
            _write(panel, note, (left + round(330 * scale), top), 0.5 * scale, _FAINT)
            top += line
        _write(panel, f"{clock:.1f} s", (size.width - left - round(90 * scale), round(58 * scale)),
               0.7 * scale, _PAPER)  # fmt: skip
        self._curve(panel, clock, top, left)
        return panel

    def _word(self, motion: Motion) -> tuple[str, Colour]:
        if motion.scene in _WORDS:
            return _WORDS[motion.scene]
        if motion.area >= self._least_area:
            return "MOTION", _AMBER
        return ("too small", _PAPER) if motion.boxes else ("quiet", _GREEN)

    def _curve(self, panel: Image, clock: float, top: int, left: int) -> None:
        """Draw the area of the last seconds, on a scale of roots so that small things show."""
        height, width = panel.shape[:2]
        bottom, right = height - round(0.05 * height), width - left
        if bottom - top < _EDGE:
            return

        def point(at: float, area: float) -> tuple[int, int]:
            across = right - (clock - at) / _PAST_SECONDS * (right - left)
            return round(across), round(bottom - min(1.0, area**0.5) * (bottom - top))

        low, limit = point(clock, 0.0)[1], point(clock, self._least_area)[1]
        cv2.line(panel, (left, low), (right, low), _FAINT, 1, cv2.LINE_AA)
        cv2.line(panel, (left, limit), (right, limit), _BLUE, 1, cv2.LINE_AA)
        points = np.array([point(at, area) for at, area in self._past], np.int32)
        cv2.polylines(panel, [points], isClosed=False, color=_AMBER, thickness=2,
                      lineType=cv2.LINE_AA)  # fmt: skip


def _panel_size(height: int, width: int) -> _Size:
    """As large as fits, with even numbers of pixels, as the encoder wants them."""
    scale = min(_WIDTH / width, _TALLEST / height)
    return _Size(max(160, round(width * scale / 2) * 2), max(90, round(height * scale / 2) * 2))


def _fitted(picture: Image, size: _Size) -> Image:
    shrinks = picture.shape[1] > size.width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def _grey(plane: np.ndarray, size: _Size) -> Image:
    grey = np.clip(plane, 0, 255).astype(np.uint8)
    return _fitted(np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8), size)


def _differing(stages: Stages, size: _Size) -> Image:
    """What counts is bright; how much every pixel differs lies dimly below it."""
    difference = np.abs(stages.picture - stages.background) * 3
    dim = _grey(np.minimum(difference, 110), size)
    mask = cv2.resize(stages.changed, size, interpolation=cv2.INTER_NEAREST)
    dim[np.asarray(mask) > 0] = _PAPER
    for number, box in enumerate(stages.motion.boxes):
        _outline(dim, box, _FAINT if number else _AMBER)
    return dim


def _outline(picture: Image, box: Box, colour: Colour) -> None:
    height, width = picture.shape[:2]
    corner = round(box.left * (width - 1)), round(box.top * (height - 1))
    opposite = round(box.right * (width - 1)), round(box.bottom * (height - 1))
    cv2.rectangle(picture, corner, opposite, _INK, 4, cv2.LINE_AA)
    cv2.rectangle(picture, corner, opposite, colour, 2, cv2.LINE_AA)


def _titled(picture: Image, title: str) -> Image:
    strip = np.full((_TITLE, picture.shape[1], 3), _INK, np.uint8)
    _write(strip, title, (12, _TITLE - 11), 0.58, _PAPER)
    return np.vstack((strip, picture))


def _write(
    picture: Image,
    words: str,
    at: tuple[int, int],
    scale: float,
    colour: Colour,
    font: int = _THIN,
) -> None:
    cv2.putText(picture, words, at, font, scale, colour, 1, cv2.LINE_AA)


def _beside(pictures: tuple[Image, ...]) -> Image:
    gap = np.full((pictures[0].shape[0], _EDGE, 3), _INK, np.uint8)
    joined = [part for picture in pictures for part in (picture, gap)]
    return np.hstack(joined[:-1])


def _below(pictures: tuple[Image, ...]) -> Image:
    gap = np.full((_EDGE, pictures[0].shape[1], 3), _INK, np.uint8)
    joined = [part for picture in pictures for part in (picture, gap)]
    return np.vstack(joined[:-1])
