"""The newest frame of each camera, kept as it is: a picture is made of it only when asked."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition
from typing import NamedTuple

from whosthere.core.sighting import Frame, Motion


class Newest(NamedTuple):
    """A frame with the moment of its arrival on the clock that only goes forward."""

    frame: Frame
    arrived: float


@dataclass(slots=True)
class NewestFrames:
    """Holds one frame of each camera. Safe to use from any thread."""

    clock: Callable[[], float] = time.monotonic
    _frames: dict[str, Newest] = field(default_factory=dict)
    _changed: Condition = field(default_factory=Condition)

    def saw(self, frame: Frame) -> None:
        with self._changed:
            self._frames[frame.camera] = Newest(frame, self.clock())
            self._changed.notify_all()

    def beside(self, saw: Callable[[Frame, Motion], None]) -> Callable[[Frame, Motion], None]:
        """Watch what somebody else watches too."""

        def both(frame: Frame, motion: Motion) -> None:
            self.saw(frame)
            saw(frame, motion)

        return both

    def of(self, camera: str) -> Newest | None:
        with self._changed:
            return self._frames.get(camera)

    def age(self, camera: str) -> float | None:
        """Seconds since the newest frame came; None if none ever did."""
        newest = self.of(camera)
        return None if newest is None else max(0.0, self.clock() - newest.arrived)

    def fresh(self, camera: str, since: float, wait_seconds: float) -> Newest | None:
        """Wait for a frame that came after `since`; if none comes, return the newest there is."""

        def there() -> bool:
            newest = self._frames.get(camera)
            return newest is not None and newest.arrived >= since

        with self._changed:
            self._changed.wait_for(there, wait_seconds)
            return self._frames.get(camera)
