"""A camera that turns without a motor: a window that moves over a larger picture."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from whosthere.core.pan_tilt import Limits, Position
from whosthere.core.ports import Camera
from whosthere.core.sighting import WHOLE, Box, Frame, Image, Luma, Pixels
from whosthere.devices.pan_tilt_settings import SimulatedPanTilt
from whosthere.devices.pan_tilt_steps import STEP_SECONDS, steps


def make(camera: str, asked: SimulatedPanTilt, wait: Callable[[float], object]) -> "Simulated":
    del camera
    return Simulated(asked.limits, asked.speed, asked.window, wait)


@dataclass(slots=True)
class Simulated:
    """Fulfils `ports.PanTilt`. It stands where the last step took it."""

    limits: Limits
    speed: float  # degrees a second
    window: float  # share of the width and height that is seen at once
    wait: Callable[[float], object]
    _at: Position = field(default=Position(0.0, 0.0))

    def turn(self, to: Position) -> None:
        for step in steps(self._at, to, self.speed):
            self.wait(STEP_SECONDS)
            self._at = step

    def position(self) -> Position:
        return self._at

    def rest(self) -> None:
        """There is nothing to let go."""

    def close(self) -> None:
        """There is nothing to close."""

    def shown(self, camera: Camera) -> "Window":
        """What the camera sees if it turns."""
        return Window(camera, self)

    def box(self) -> Box:
        """The part of the picture that is seen now."""
        limits, at = self.limits, self._at
        across = (at.pan - limits.least_pan) / (limits.most_pan - limits.least_pan)
        up = (at.tilt - limits.least_tilt) / (limits.most_tilt - limits.least_tilt)
        left, top = across * (1 - self.window), (1 - up) * (1 - self.window)
        return Box(left, top, left + self.window, top + self.window)


@dataclass(slots=True)
class Window:
    """A camera of which only the window is seen."""

    camera: Camera
    pan_tilt: Simulated

    def frames(self) -> Iterator[Frame]:
        for frame in self.camera.frames():
            pixels = WindowPixels(frame.pixels, self.pan_tilt.box())
            yield replace(frame, pixels=pixels)
            del frame, pixels  # before the next one is decoded


class WindowPixels:
    """A part of a picture as a picture of its own. All parts of one size are equally large."""

    def __init__(self, whole: Pixels, box: Box) -> None:
        height, width = whole.luma.shape
        rows, columns = round(box.height * height), round(box.width * width)
        top = min(max(0, round(box.top * height)), height - rows)
        left = min(max(0, round(box.left * width)), width - columns)
        self._whole = whole
        self._part = slice(top, top + rows), slice(left, left + columns)
        self._box = Box(left / width, top / height, (left + columns) / width, (top + rows) / height)

    @property
    def luma(self) -> Luma:
        return np.ascontiguousarray(self._whole.luma[self._part])

    def bgr(self, box: Box = WHOLE) -> Image:
        mine = self._box
        return self._whole.bgr(
            Box(
                mine.left + box.left * mine.width,
                mine.top + box.top * mine.height,
                mine.left + box.right * mine.width,
                mine.top + box.bottom * mine.height,
            )
        )
