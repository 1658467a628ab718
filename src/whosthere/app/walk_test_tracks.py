"""What a walk test gathers of all its cameras, from any thread."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock

from whosthere.app.settings import Settings
from whosthere.core.messages import SensorReading
from whosthere.core.model import CameraState
from whosthere.core.policy import Policy
from whosthere.core.sighting import Frame, Sighting
from whosthere.core.walk_grade import Verdict, judged
from whosthere.core.walk_test import Track, ended, heard, saw

USUAL_SHAPE = 16 / 9


@dataclass(slots=True)
class Tracks:
    """The tracks of some cameras, each with a picture to draw its path into."""

    of: dict[str, Track]
    pictures: dict[str, Frame] = field(default_factory=dict)  # one that shows somebody
    clock: Callable[[], float] = time.monotonic
    _best: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def saw(self, sighting: Sighting, state: CameraState, *, live: bool) -> None:
        """Take note of a sighting that the house has decided on."""
        name = sighting.camera
        delay = max(0.0, self.clock() - sighting.clock) if live else None
        with self._lock:
            track = self.of.get(name)
            if track is None:
                return
            self.of[name] = saw(track, sighting, state, delay=delay)
            shows = sighting.person_confidence
            if sighting.frame is not None and shows >= self._best.get(name, 0.0):
                self._best[name], self.pictures[name] = shows, sighting.frame

    def heard(self, reading: SensorReading) -> None:
        """Take note of what a motion sensor of one of the cameras says."""
        name, active = reading.sensor, bool(reading.active)
        with self._lock:
            for camera, track in self.of.items():
                if name in track.sensors:
                    self.of[camera] = heard(track, name, reading.clock, active=active)

    def all(self) -> list[Track]:
        with self._lock:
            return list(self.of.values())

    def end(self) -> None:
        with self._lock:
            self.of = {name: ended(track) for name, track in self.of.items()}

    def verdicts(self) -> dict[str, Verdict]:
        return {track.camera: judged(track, self._shape(track.camera)) for track in self.all()}

    def _shape(self, camera: str) -> float:
        frame = self.pictures.get(camera)
        if frame is None:
            return USUAL_SHAPE
        height, width = frame.luma.shape
        return float(width / height)


def tracks_of(
    settings: Settings,
    policy: Policy,
    cameras: Iterable[str],
    heard_sensors: frozenset[str] | None = None,
) -> Tracks:
    """Tracks with nothing in them yet; of all motion sensors, or of those that can be heard."""
    made = {}
    for name in cameras:
        section, sensors = settings.cameras[name], frozenset(policy.devices.sensors_of(name))
        made[name] = Track(
            name,
            policy.of(name),
            asked_rate=section.source.frames_per_second,
            zones=frozenset(section.motion.zones),
            sensors=sensors if heard_sensors is None else sensors & heard_sensors,
        )
    return Tracks(made)
