"""A recorder with a camera that plays a video, driven step by step."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from tests.recording.making import START, packets_of, picture
from whosthere.core.messages import Kept
from whosthere.core.model import Incident
from whosthere.core.sighting import WHOLE, Box, Frame, Image, Luma, Motion, Scene, Sighting
from whosthere.recording.pre_roll import PreRoll
from whosthere.recording.recorder import IncidentRecorder

CAMERA = "front"
Happening = tuple[float, Callable[[], None]]


@dataclass
class Pixels:
    """A picture in memory that counts how often its colours were asked for."""

    image: Image
    asked: int = 0

    @property
    def luma(self) -> Luma:
        return self.image[:, :, 1]

    def bgr(self, box: Box = WHOLE) -> Image:
        assert box == WHOLE
        self.asked += 1
        return self.image


def draw(image: Image, _sighting: Sighting) -> Image:
    image[:20] = (0, 0, 255)
    return image


def incident(motion: float, seen: float, name: str = "one", **more: Any) -> Incident:
    """An incident whose first motion was one second before it counted."""
    return Incident(
        id=f"20261122T235950000-{name}",
        camera=CAMERA,
        first_motion=START + timedelta(seconds=motion),
        started=START + timedelta(seconds=motion + 1),
        started_clock=motion + 1,
        last_seen=START + timedelta(seconds=seen),
        last_seen_clock=seen,
        **more,
    )


def over(one: Incident) -> Incident:
    return replace(one, ended=one.last_seen)


def sighting(number: int, pixels: Pixels | None = None) -> Sighting:
    pixels = pixels or Pixels(picture(number, 320, 180))
    at = START + timedelta(seconds=number)
    frame = Frame(CAMERA, at, float(number), pixels)
    return Sighting(CAMERA, at, float(number), Motion(Scene.STEADY), frame=frame)


@dataclass
class House:
    """Plays a video into a ring, tells the recorder of incidents at their moments, and listens."""

    folder: Path
    video: Path
    ring: PreRoll = field(default_factory=lambda: PreRoll(20))
    now: float = 0.0
    late: float = 0.0  # seconds that the clock is ahead of the video
    kept: list[Kept] = field(default_factory=list)
    troubles: list[str | None] = field(default_factory=list)

    def recorder(self, **numbers: Any) -> IncidentRecorder:
        self.recorder_ = IncidentRecorder(
            self.folder,
            {CAMERA: self.ring},
            self.kept.append,
            draw,
            lambda: self.now,
            on_trouble=self.troubles.append,
            **{"preview": False, **numbers},
        )
        return self.recorder_

    def play(self, until: float, *happenings: Happening, since: float = 0.0) -> None:
        """Let packets from `since` up to `until` arrive, and things happen at their moments."""
        waiting = sorted(happenings, key=lambda one: one[0])
        for packet in packets_of(self.video, clock=self.late):
            if since <= packet.clock < until:
                self.ring.add(packet)
                self.now = packet.clock
                while waiting and waiting[0][0] <= self.now:
                    waiting.pop(0)[1]()
                self.recorder_.pump()

    def wait(self, until: float, step: float = 0.5) -> None:
        """Let time go by without packets."""
        while self.now < until:
            self.now = min(until, self.now + step)
            self.recorder_.pump()


def same(images: tuple[Image, Image], within: float) -> bool:
    first, second = (np.asarray(image, np.float32) for image in images)
    return bool(np.abs(first - second).mean() < within)
