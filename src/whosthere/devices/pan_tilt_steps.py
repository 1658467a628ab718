"""Turning in small steps, for motors that only know where to go and not how fast."""

from collections.abc import Iterator

from whosthere.core.pan_tilt import Position

STEP_SECONDS = 0.02  # as often as a servo takes a new pulse


def steps(begin: Position, end: Position, degrees_per_second: float) -> Iterator[Position]:
    """Positions a step apart, the last of them the end. Both axes arrive together."""
    number = max(1, round(end.away(begin) / degrees_per_second / STEP_SECONDS))
    for step in range(1, number):
        share = step / number
        yield Position(
            begin.pan + share * (end.pan - begin.pan), begin.tilt + share * (end.tilt - begin.tilt)
        )
    yield end
