"""Cameras that can be turned: where they look, and how far they may."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from whosthere.core.errors import WhosThereError

HOME = "home"  # the preset to which a camera returns; straight ahead if people set none
ELSEWHERE = ""  # where no preset is


class PanTiltTrouble(WhosThereError):
    """A camera cannot be turned as asked."""


class Position(NamedTuple):
    """Where a camera looks, in degrees: 0, 0 is straight ahead, right and up are positive."""

    pan: float
    tilt: float

    def __str__(self) -> str:
        return f"pan {round(self.pan, 1):g}°, tilt {round(self.tilt, 1):g}°"

    def away(self, other: "Position") -> float:
        """By how much the one of both angles that differs most differs."""
        return max(abs(self.pan - other.pan), abs(self.tilt - other.tilt))


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a camera may be turned, in degrees."""

    least_pan: float = -90.0
    most_pan: float = 90.0
    least_tilt: float = -90.0
    most_tilt: float = 90.0

    def check(self, to: Position, camera: str) -> None:
        """Say which angle is too large, and what is possible."""
        for angle, name, least, most in (
            (to.pan, "pan", self.least_pan, self.most_pan),
            (to.tilt, "tilt", self.least_tilt, self.most_tilt),
        ):
            if not least <= angle <= most:
                raise PanTiltTrouble(
                    f"Camera '{camera}': {name} {angle:g}° is outside of {least:g}..{most:g}."
                )


class View(NamedTuple):
    """What a camera looks at in one moment."""

    turning: bool
    place: str = ELSEWHERE  # the preset it looks at, or is turned to


class Turnable(Protocol):
    """One camera that people and patrols may turn. Safe to use from any thread."""

    @property
    def presets(self) -> Sequence[tuple[str, str]]:
        """Each preset's name, and where it looks."""
        ...

    @property
    def patrolling(self) -> bool: ...
    def turn(self, to: Position | str) -> Position:
        """Turn to a position or preset, and return where it looks once it has settled."""
        ...

    def position(self) -> Position: ...
    def place(self) -> str:
        """Name the preset that it looks at, if any."""
        ...

    def patrol(self, *, on: bool) -> None: ...
