"""What a camera sees: frames, what moves in them, and what a detector finds there.

Numbers that decisions turn on are rounded where they are made (`rounded_clock`, `rounded_share`),
so that what the ledger gives back is exactly what was decided on.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Luma: TypeAlias = NDArray[np.uint8]  # height x width, brightness; read-only by convention
Image: TypeAlias = NDArray[np.uint8]  # height x width x 3, BGR

PERSON = "person"


class Box(NamedTuple):
    """A rectangle in fractions of the frame, so that resizing cannot break it."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def foot(self) -> tuple[float, float]:
        """The middle of the lower edge: where somebody stands."""
        return (self.left + self.right) / 2, self.bottom

    def shared_area(self, other: "Box") -> float:
        """The area that both cover, as a share of the frame."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def likeness(self, other: "Box") -> float:
        """Intersection over union, 0 to 1."""
        shared = self.shared_area(other)
        return shared / (self.area + other.area - shared) if shared else 0.0


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


class Pixels(Protocol):
    """A picture as it was decoded. Brightness is at hand; colours are made when asked."""

    @property
    def luma(self) -> Luma: ...
    def bgr(self, box: Box = WHOLE) -> Image:
        """Return a part of the picture in colour."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture from one camera."""

    camera: str
    at: datetime  # aware, UTC, by the wall clock
    clock: float  # seconds that only go forward; waiting is counted on these
    pixels: Pixels = field(repr=False, compare=False)

    @property
    def luma(self) -> Luma:
        return self.pixels.luma


class Scene(StrEnum):
    """What a whole picture is going through."""

    LEARNING = "learning"  # to a new background, everything is motion
    STEADY = "steady"
    LIGHT_CHANGE = "light change"  # lamp, sun, exposure, infrared switching
    SHAKING = "shaking"  # the camera itself moves
    TURNING = "turning"  # the camera is being turned, or what it sees now is not yet known


@dataclass(frozen=True, slots=True)
class Motion:
    """How much of a frame changed, and where."""

    scene: Scene
    area: float = 0.0  # share of the watched picture that the largest moving thing covers, 0 to 1
    boxes: tuple[Box, ...] = ()  # moving things, largest first
    changed: float = 0.0  # share of the watched picture that differs from the background
    noise: float = 0.0  # of the sensor, in grey levels (standard deviation)
    brightness: float = 0.0  # mean of the luma plane, 0 to 255
    zones: frozenset[str] = frozenset()  # named zones in which something moves


@dataclass(frozen=True, slots=True)
class Detection:
    """Something that a detector recognised."""

    label: str
    confidence: float  # 0 to 1
    box: Box
    moving: bool = (
        True  # it moves, or has moved since it was first seen; a coat on a hook never did
    )
    zones: frozenset[str] = frozenset()  # named zones in which it stands

    @property
    def is_moving_person(self) -> bool:
        return self.moving and self.label == PERSON


class Look(StrEnum):
    """What the detector did with a frame."""

    NOT_NEEDED = "not needed"  # nothing moved, or it was looked at a moment ago
    DONE = "done"
    FAILED = "failed"
    NO_DETECTOR = "no detector"


@dataclass(frozen=True, slots=True)
class Sighting:
    """The numbers of one analysed frame, with its picture while that lives in memory."""

    camera: str
    at: datetime
    clock: float
    motion: Motion
    look: Look = Look.NO_DETECTOR
    detections: tuple[Detection, ...] = ()
    frame: Frame | None = field(default=None, repr=False, compare=False)

    @property
    def person_confidence(self) -> float:
        """How sure the detector is of the surest person that moves."""
        return max((d.confidence for d in self.detections if d.is_moving_person), default=0.0)


def rounded_clock(seconds: float) -> float:
    """A clock reading as the ledger keeps it: whole milliseconds."""
    return round(seconds, 3)


def rounded_share(share: float) -> float:
    """A share, confidence or box edge as the ledger keeps it: four digits."""
    return round(share, 4)
