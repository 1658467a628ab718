"""Draws the path of a walk test into a picture of the camera."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

import cv2
import numpy as np

from whosthere.core.sighting import Image
from whosthere.core.walk_test import Spot, Track

WIDTH = 960  # pixels; enough to see the path, small enough for a chat
DIM = 0.75  # of the picture's brightness, so that the path stands out
RECOGNISED, MOVED, RIM = (80, 220, 80), (80, 220, 255), (24, 24, 24)  # green, amber, dark
BREAK = 2.0  # seconds without a spot, over which no line is drawn
LONGEST_LINE = 0.25  # share of the width; a longer line leads from one thing to another


def with_path(picture: Image, track: Track) -> Image:
    """Draw where somebody stood: green where a person was recognised, else amber."""
    height, width = picture.shape[:2]
    scale = WIDTH / width
    size = (WIDTH, max(1, round(height * scale)))
    drawn = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    drawn = (drawn * DIM).astype(np.uint8)
    paths = {walk.number: surest_of(walk.path) for walk in track.all_walks}
    for path in paths.values():
        _lines(drawn, path)
        for spot in path:
            _dot(drawn, spot)
    for number, path in paths.items():
        _number(drawn, path[0], number)
    _legend(drawn)
    return drawn


def surest_of(path: Sequence[Spot]) -> list[Spot]:
    """Without what merely moved about a moment from which it is known where the person was.

    What moves has another outline than a person, so that both together make a path jump.
    """
    known = [spot.clock for spot in path if spot.person]
    kept = []
    for spot in path:
        near = bisect_left(known, spot.clock)
        gap = min((abs(clock - spot.clock) for clock in known[max(0, near - 1) : near + 1]),
                  default=BREAK)  # fmt: skip
        if spot.person or gap >= BREAK / 2:
            kept.append(spot)
    return kept


def _place(image: Image, spot: Spot) -> tuple[int, int]:
    height, width = image.shape[:2]
    x, y = spot.box.foot
    return round(x * (width - 1)), min(round(y * (height - 1)), height - 6)


def _lines(image: Image, path: Iterable[Spot]) -> None:
    for one, other in pairwise(path):
        begin, end = _place(image, one), _place(image, other)
        near = abs(begin[0] - end[0]) < LONGEST_LINE * WIDTH
        if other.clock - one.clock < BREAK and near:
            cv2.line(image, begin, end, RIM, 5, cv2.LINE_AA)
            cv2.line(image, begin, end, _colour(other), 2, cv2.LINE_AA)


def _dot(image: Image, spot: Spot) -> None:
    cv2.circle(image, _place(image, spot), 5, RIM, cv2.FILLED, cv2.LINE_AA)
    cv2.circle(image, _place(image, spot), 4, _colour(spot), cv2.FILLED, cv2.LINE_AA)


def _number(image: Image, spot: Spot, number: int) -> None:
    x, y = _place(image, spot)
    x, y = min(max(x, 14), image.shape[1] - 14), max(14, y - 16)
    cv2.circle(image, (x, y), 13, RIM, cv2.FILLED, cv2.LINE_AA)
    text = str(number)
    (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.55, 2)
    foot = (x - wide // 2, y + high // 2)
    cv2.putText(image, text, foot, cv2.FONT_HERSHEY_SIMPLEX, 0.55, (255, 255, 255), 2, cv2.LINE_AA)


def _legend(image: Image) -> None:
    cv2.rectangle(image, (0, 0), (292, 30), RIM, cv2.FILLED)
    for x, colour, text in ((16, RECOGNISED, "person"), (116, MOVED, "motion only")):
        cv2.circle(image, (x, 15), 6, colour, cv2.FILLED, cv2.LINE_AA)
        cv2.putText(
            image, text, (x + 14, 21), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (255, 255, 255), 1,
            cv2.LINE_AA,
        )  # fmt: skip


def _colour(spot: Spot) -> tuple[int, int, int]:
    return RECOGNISED if spot.person else MOVED
