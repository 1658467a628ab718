"""A timeline of alerts then (above) and now (below), as SVG or PNG."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from xml.sax.saxutils import escape

import cv2
import numpy as np

from whosthere.core.errors import WhosThereError
from whosthere.core.model import Answer
from whosthere.learning.compare import Report
from whosthere.whole_files import write_whole

WIDTH, LEFT, RIGHT, TOP, LANE, FOOT = 1200, 120, 20, 56, 110, 62
THICK = 4
GREEN, RED, GREY, INK, FAINT, PAPER = (
    "#1a7f37",
    "#cf222e",
    "#6e7781",
    "#24292f",
    "#d8dee4",
    "#ffffff",
)
COLOURS = {Answer.OCCUPIED: GREEN, Answer.UNOCCUPIED: RED, None: GREY}
STEPS = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1),
         timedelta(hours=3), timedelta(hours=6), timedelta(days=1), timedelta(days=7)]  # fmt: skip
MOST_MARKS = 15


class PictureTrouble(WhosThereError):
    """The picture cannot be written."""


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text, from its lower left corner."""

    x: float
    y: float
    text: str
    colour: str = INK
    size: int = 14


def write_picture(
    path: Path, reports: Sequence[Report], since: datetime, until: datetime, zone: tzinfo | None
) -> None:
    """Write it in the form that the name asks for."""
    forms: dict[str, Callable[[list[Box | Words], int], bytes]] = {".svg": _svg, ".png": _png}
    form = forms.get(path.suffix.lower())
    if form is None:
        raise PictureTrouble(f"--picture {path}: the name must end in .svg or .png.")
    height = TOP + LANE * max(1, len(reports)) + FOOT
    drawn = form(list(_shapes(reports, since, until, zone)), height)
    try:
        write_whole(path, drawn)
    except OSError as error:
        raise PictureTrouble(f"{path} cannot be written ({error.strerror}).") from error


def _shapes(
    reports: Sequence[Report], since: datetime, until: datetime, zone: tzinfo | None
) -> Iterator[Box | Words]:
    span = max((until - since).total_seconds(), 1.0)

    def x(at: datetime) -> float:
        return LEFT + (at - since).total_seconds() / span * (WIDTH - LEFT - RIGHT)

    bottom = TOP + LANE * max(1, len(reports))
    yield Box(0, 0, WIDTH, bottom + FOOT, PAPER)
    yield Words(LEFT, 30, "Alerts then (above) and with the other rules (below the line)", size=17)
    for at, text in _marks(since, until, zone):
        yield Box(x(at), TOP, 1, bottom - TOP, FAINT)
        yield Words(x(at) - 4 * len(text), bottom + 20, text, GREY, 12)
    for number, report in enumerate(reports):
        middle = TOP + LANE * number + LANE // 2
        yield Words(12, middle + 5, report.camera)
        yield Words(LEFT - 44, middle - 20, "then", GREY, 12)
        yield Words(LEFT - 44, middle + 30, "now", GREY, 12)
        yield Box(LEFT, middle, WIDTH - LEFT - RIGHT, 1, INK)
        for one in report.compared:
            colour = COLOURS[one.answer]
            if one.then:
                yield Box(x(one.incident.started), middle - 42, THICK, 40, colour)
            if one.now:
                yield Box(x(one.incident.started), middle + 3, THICK, 40, colour)
    place = LEFT
    for colour, text in ((GREEN, "tagged occupied"), (RED, "tagged unoccupied"), (GREY, "no tag")):
        yield Box(place, bottom + 38, 12, 12, colour)
        yield Words(place + 18, bottom + 49, text, INK, 13)
        place += 40 + 8 * len(text)


def _marks(since: datetime, until: datetime, zone: tzinfo | None) -> Iterator[tuple[datetime, str]]:
    """Round moments of the reader's zone."""
    fitting = (step for step in STEPS if (until - since) / step <= MOST_MARKS)
    step = next(fitting, STEPS[-1])
    midnight = since.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight
    while at < until:
        if at >= since:
            yield at, f"{at:%d %b}" if step >= timedelta(days=1) else f"{at:%a %H:%M}"
        at += step


def _svg(shapes: list[Box | Words], height: int) -> bytes:
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
            f' width="{WIDTH}" height="{height}" font-family="sans-serif">'
        )
    ]
    for one in shapes:
        if isinstance(one, Box):
            lines.append(
                f'<rect x="{one.x:.1f}" y="{one.y:.1f}" width="{one.width:.1f}"'
                f' height="{one.height:.1f}" fill="{one.colour}"/>'
            )
        else:
            lines.append(
                f'<text x="{one.x:.1f}" y="{one.y:.1f}" font-size="{one.size}"'
                f' fill="{one.colour}">{escape(one.text)}</text>'
            )
    return "\n".join([*lines, "</svg>\n"]).encode()


def _png(shapes: list[Box | Words], height: int) -> bytes:
    image = np.full((height, WIDTH, 3), 255, np.uint8)
    for one in shapes:
        colour = tuple(int(one.colour[i : i + 2], 16) for i in (5, 3, 1))
        at = round(one.x), round(one.y)
        if isinstance(one, Box):
            end = at[0] + max(1, round(one.width)) - 1, at[1] + max(1, round(one.height)) - 1
            cv2.rectangle(image, at, end, colour, -1)
        else:
            cv2.putText(
                image, one.text, at, cv2.FONT_HERSHEY_SIMPLEX, one.size / 28, colour, 1, cv2.LINE_AA
            )
    return cv2.imencode(".png", image)[1].tobytes()
