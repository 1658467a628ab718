"""Builds one camera after the other, each with all that looks at its frames."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Protocol, cast

from whosthere.app.health import nothing_heard
from whosthere.app.onlooker import Onlooker
from whosthere.app.pan_tilt_parts import Eyes as OwnEyes
from whosthere.app.pan_tilt_parts import Turners
from whosthere.app.program import Eyes
from whosthere.app.settings import CameraSection, Settings
from whosthere.app.tamper_guards import TamperGuards
from whosthere.app.workers import Worker, run_aside
from whosthere.cameras.newest import LiveFrames, Source
from whosthere.cameras.settings import CameraSource, FileCamera, make_camera, make_recording_stream
from whosthere.core import ports
from whosthere.core.sighting import Frame, Image, Motion, Scene
from whosthere.flow import watch
from whosthere.monitoring.tally import Tally
from whosthere.recording.pre_roll import PreRoll
from whosthere.vision.detector import Finder, Found, OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.masks import Areas
from whosthere.vision.turns import Turns

log = logging.getLogger(__name__)

AWAKE_SECONDS = 10.0  # that an economical camera decodes all pictures after a change


class Sleepy(Protocol):
    """A camera that decodes key frames only, until something changes."""

    def wake(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class TimedFinder:
    """The detector of one camera, with a note of how long each of its looks takes."""

    finder: Finder
    tally: Tally
    camera: str

    @property
    def input_side(self) -> int:
        return self.finder.input_side

    def find(self, image: Image) -> list[Found]:
        with self.tally.working(f"detector for {self.camera}", self.tally.detector[self.camera]):
            return self.finder.find(image)


@dataclass(slots=True)
class Watchers:
    """What all cameras share, and how to build each."""

    settings: Settings
    eyes: Eyes
    onlooker: Onlooker
    finder: OnnxDetector | None
    rings: dict[str, PreRoll]
    tally: Tally
    turns: Turns = field(default_factory=Turns)
    wakers: dict[str, Callable[[float], None]] = field(default_factory=dict)
    turners: Turners = field(default_factory=Turners)
    guards: TamperGuards | None = None

    def build(self, name: str, section: CameraSection) -> list[Worker]:
        """Build the worker that watches a camera, and the one that records another stream of it."""
        stop = Event()
        recording = self.settings.recording
        heard = nothing_heard
        ring = self.rings[name] = PreRoll(recording.ring_seconds, recording.ring_bytes)
        camera = make_camera(name, section.source, on_packet=ring.add, stop=stop)
        if not isinstance(section.source, FileCamera):  # all others are live
            source = cast("Source", camera)
            camera = LiveFrames(name, source, run_aside, stop)
            if _saves_work(section.source):  # its frames may be further apart than a loss
                heard = partial(getattr, source, "heard")
        wake = self.wakers[name] = _waker(section.source, camera)
        camera = self.turners.shown(name, camera)
        make_eyes = partial(self._eyes_of, name, section)
        see_motion, looking = self.turners.eyes(name, section, make_eyes)
        guard = self.guards.add(name, wanted=section.motion.tamper) if self.guards else _nobody
        see = self._seeing(self.tally.timed(name, see_motion), wake, guard)

        def work() -> None:
            self.eyes.watch.expect(name, time.monotonic(), heard)
            watch(camera, see, looking, self.eyes)
            self.eyes.watch.forget(name)
            if not stop.is_set():
                log.info("%s: the film is over", name)

        watcher = Worker(name, work, self.eyes.health, stop.set)
        return [watcher, *self._recording(name, section.source, ring)]

    def _timed_finder(self, name: str) -> Finder | None:
        return None if self.finder is None else TimedFinder(self.finder, self.tally, name)

    def _eyes_of(self, name: str, section: CameraSection, areas: Areas) -> OwnEyes:
        looking = Looking(
            self._timed_finder(name),
            self.turns,
            looks_per_second=self.settings.detector.looks_per_second,
            masked=areas.masked,
            zones_of=areas.zones_of,
        )
        return section.motion.detector(areas), looking

    def _recording(self, name: str, source: CameraSource, ring: PreRoll) -> list[Worker]:
        """A camera may have a larger stream for recordings than the one that is watched."""
        stop = Event()
        stream = make_recording_stream(name, source, ring.add, stop)
        if stream is None:
            return []
        return [Worker(f"{name} recording", stream.run, self.eyes.health, stop.set)]

    def _seeing(
        self,
        motion: ports.MotionDetector,
        wake: Callable[[float], None],
        guard: Callable[[Frame, Motion], None],
    ) -> ports.MotionDetector:
        def see(frame: Frame) -> Motion:
            found = motion(frame)
            if found.boxes or found.scene is not Scene.STEADY:
                wake(AWAKE_SECONDS)
            guard(frame, found)
            self.onlooker.saw(frame, found)
            return found

        return see


def _nobody(_frame: Frame, _motion: Motion) -> None:
    pass


def _waker(source: CameraSource, camera: ports.Camera) -> Callable[[float], None]:
    """How to make a camera that saves work decode every picture for a while."""
    if _saves_work(source):
        return cast("Sleepy", camera).wake
    return lambda _seconds: None


def _saves_work(source: CameraSource) -> bool:
    return getattr(source, "key_frames_only_while_quiet", False)
