"""Small plots as SVG, drawn here: nothing to install, nothing loaded, and colours by the page.

A plotting library would be larger than the whole program, and its pictures know no dark mode.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 14, 40
BINS = 20
MOST_TICKS = 5
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
MOST_LABELS = 7


@dataclass(frozen=True, slots=True)
class Axes:
    """From values to places on the picture."""

    most_x: float
    most_y: float
    least_y: float = 0.0

    def x(self, value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * value / self.most_x, 1)

    def y(self, value: float) -> float:
        share = (value - self.least_y) / (self.most_y - self.least_y)
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)


def svg(about: str, parts: Iterable[str], height: int = HEIGHT) -> str:
    inner = "".join(parts)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(about)}">{inner}</svg>'
    )


def text(x: float, y: float, words: str, kind: str = "") -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{kind}"/>'


def bar(x: float, y: float, width: float, height: float, kind: str, about: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}"'
        f' height="{max(0.0, height):.1f}" rx="1.5" class="{kind}">'
        f"<title>{escape(about)}</title></rect>"
    )


def step_for(most: float) -> int:
    """A round step so that there are a few ticks up to `most`."""
    return next((step for step in STEPS if most / step <= MOST_TICKS), STEPS[-1])


def _grid(axes: Axes, step: int) -> Iterator[str]:
    first = -int(-axes.least_y // step * step) if axes.least_y < 0 else 0
    for value in range(-abs(first), ceil(axes.most_y) + 1, step):
        if axes.least_y <= value <= axes.most_y:
            y = axes.y(value)
            yield line(LEFT, y, WIDTH - RIGHT, y, "zero" if value == 0 else "grid")
            yield text(LEFT - 7, y + 4, f"{abs(value)}", "end")


def histogram(values: Sequence[tuple[float, bool]], limit: float) -> str:
    """How sure the detector was: occupied upwards, unoccupied downwards, and the limit."""
    ups, downs = [0] * BINS, [0] * BINS
    for value, hit in values:
        (ups if hit else downs)[min(BINS - 1, int(value * BINS))] += 1
    step = step_for(max(*ups, *downs, 1))
    up, down = (max(step, ceil(max(counts) / step) * step) for counts in (ups, downs))
    axes = Axes(1.0, up, -down)

    def parts() -> Iterator[str]:
        yield from _grid(axes, step)
        width = axes.x(1 / BINS) - axes.x(0) - 2
        for number, (more, less) in enumerate(zip(ups, downs, strict=True)):
            x, span = axes.x(number / BINS) + 1, f"{number * 5} to {number * 5 + 5} %"
            if more:
                top = axes.y(more)
                yield bar(x, top, width, axes.y(0) - top, "right", f"{span}: {more} occupied")
            if less:
                end = axes.y(-less) - axes.y(0)
                yield bar(x, axes.y(0), width, end, "false", f"{span}: {less} unoccupied")
        yield from _percents(axes)
        place = axes.x(limit)
        yield line(place, TOP, place, HEIGHT - BOTTOM, "limit")
        anchor, shift = ("end", -5) if limit > 0.6 else ("", 5)  # noqa: PLR2004 - room beside it
        yield text(place + shift, TOP + 10, f"limit {limit * 100:g} %", f"strong {anchor}")
        yield text((LEFT + WIDTH) / 2, HEIGHT - 4, "how sure that it is a person", "middle")

    return svg("Confidence of the detector by what people said", parts())


def _percents(axes: Axes) -> Iterator[str]:
    for percent in range(0, 101, 20):
        yield text(axes.x(percent / 100), HEIGHT - BOTTOM + 17, f"{percent} %", "middle")


def curve(points: Sequence[tuple[float, float, float]], limit: float) -> str:
    """Precision over recall for each limit; `points` are limit, precision, recall."""
    axes = Axes(1.0, 100.0)

    def parts() -> Iterator[str]:
        for percent in range(0, 101, 20):
            y = axes.y(percent)
            yield line(LEFT, y, WIDTH - RIGHT, y, "zero" if percent == 0 else "grid")
            yield text(LEFT - 7, y + 4, f"{percent}", "end")
        yield from _percents(axes)
        ordered = sorted(points, reverse=True)
        places = [(axes.x(recall), axes.y(100 * precision)) for _, precision, recall in ordered]
        if places:
            path = " ".join(f"{x},{y}" for x, y in places)
            yield f'<polyline points="{path}" class="curve"/>'
        for (at, precision, recall), (x, y) in zip(ordered, places, strict=True):
            about = f"limit {at:.0%}: precision {precision:.0%}, recall {recall:.0%}"
            yield (
                f'<circle cx="{x}" cy="{y}" r="2.5" class="point">'
                f"<title>{escape(about)}</title></circle>"
            )
        now = min((p for p in points if p[0] >= limit), default=None)
        if now is not None:
            x, y = axes.x(now[2]), axes.y(100 * now[1])
            yield f'<circle cx="{x}" cy="{y}" r="6.5" class="now"/>'
            left = x > WIDTH / 2
            yield text(
                x + (-10 if left else 10), min(y + 22, HEIGHT - BOTTOM - 8),
                f"limit {limit * 100:g} %, as now", f"strong {'end' if left else ''}",
            )  # fmt: skip
        yield text((LEFT + WIDTH) / 2, HEIGHT - 4, "recall: share of visits told", "middle")

    return svg("Precision over recall for each limit of the person's confidence", parts())


def stacks(
    names: Sequence[str], rows: Sequence[tuple[int, int, int]], about: str, under: str
) -> str:
    """Right, false and missed for each name, one upon the other."""
    most = max((sum(row) for row in rows), default=0)
    step = step_for(max(most, 1))
    axes = Axes(max(1, len(rows)), max(step, ceil(most / step) * step))
    each = ceil(len(names) / MOST_LABELS)

    def parts() -> Iterator[str]:
        yield from _grid(axes, step)
        for number, (name, row) in enumerate(zip(names, rows, strict=True)):
            room = axes.x(number + 1) - axes.x(number)
            width = min(room * 0.8, 26)
            x, below = axes.x(number) + (room - width) / 2, 0
            for count, kind in zip(row, ("right", "false", "missed"), strict=True):
                if count:
                    top = axes.y(below + count)
                    high = axes.y(below) - top
                    yield bar(x, top, width, high, kind, f"{name}: {count} {kind}")
                    below += count
            if number % each == 0:
                yield text(axes.x(number + 0.5), HEIGHT - BOTTOM + 17, name, "middle")
        yield text((LEFT + WIDTH) / 2, HEIGHT - 4, under, "middle")

    return svg(about, parts())


def interval(low: float, value: float, high: float, most: float) -> str:
    """A figure on a line, with the stretch that holds it."""

    def x(number: float) -> float:
        return round(6 + (WIDTH - 12) * min(1.0, number / most), 1)

    parts = (
        line(6, 12, WIDTH - 6, 12, "track"),
        line(x(low), 12, x(high), 12, "stretch"),
        f'<circle cx="{x(value)}" cy="12" r="9" class="dot"/>',
    )
    return svg(f"between {low:.2g} and {high:.2g}", parts, 24)
