"""What an ONVIF camera's numbers mean in degrees."""

from dataclasses import dataclass
from typing import Any

from whosthere.core.pan_tilt import Limits, Position

DEGREES = "SphericalPositionSpaceDegrees"  # how the space of degrees is called, in ONVIF's PTZ spec


@dataclass(frozen=True, slots=True)
class Axis:
    """Degrees from least to most, as the camera's numbers from first to last."""

    least: float
    most: float
    first: float
    last: float

    def number(self, degrees: float) -> float:
        share = (degrees - self.least) / (self.most - self.least)
        return round(self.first + share * (self.last - self.first), 4)

    def degrees(self, number: float) -> float:
        share = (number - self.first) / (self.last - self.first)
        return round(self.least + share * (self.most - self.least), 2)


@dataclass(frozen=True, slots=True)
class Space:
    """The numbers of one camera."""

    uri: str
    pan: Axis
    tilt: Axis

    def numbers(self, at: Position) -> dict[str, float]:
        return {"x": self.pan.number(at.pan), "y": self.tilt.number(at.tilt)}

    def position(self, x: float, y: float) -> Position:
        return Position(self.pan.degrees(x), self.tilt.degrees(y))


def position_space(
    node: Any,  # noqa: ANN401 - as the WSDL says
    limits: Limits,
    inverted: tuple[bool, bool],
) -> Space | None:
    """The best space of positions that the camera has, if any: that of degrees."""
    spaces = getattr(
        getattr(node, "SupportedPTZSpaces", None), "AbsolutePanTiltPositionSpace", None
    )
    if not spaces:
        return None
    chosen = next((one for one in spaces if DEGREES in str(one.URI)), spaces[0])
    pan = _axis(limits.least_pan, limits.most_pan, chosen.XRange, inverted=inverted[0])
    tilt = _axis(limits.least_tilt, limits.most_tilt, chosen.YRange, inverted=inverted[1])
    if DEGREES in str(chosen.URI):
        pan, tilt = _plain(inverted=inverted[0]), _plain(inverted=inverted[1])
    return Space(str(chosen.URI), pan, tilt)


def _axis(least: float, most: float, numbers: Any, *, inverted: bool) -> Axis:  # noqa: ANN401
    first, last = float(numbers.Min), float(numbers.Max)
    return Axis(least, most, last, first) if inverted else Axis(least, most, first, last)


def _plain(*, inverted: bool) -> Axis:
    """Degrees are degrees."""
    return Axis(-1.0, 1.0, 1.0, -1.0) if inverted else Axis(-1.0, 1.0, -1.0, 1.0)
