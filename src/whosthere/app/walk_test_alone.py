"""A walk test while the program is not at work: cameras are opened, and nobody is told anything."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from threading import Event, Lock
from typing import cast

from whosthere.app.onlooker import Onlooker
from whosthere.app.parts import make_detector
from whosthere.app.settings import Settings
from whosthere.app.walk_test_tracks import Tracks, tracks_of
from whosthere.app.workers import run_aside
from whosthere.cameras.newest import LiveFrames, Source
from whosthere.cameras.settings import FileCamera, make_camera
from whosthere.core.decide import decide
from whosthere.core.errors import CameraTrouble
from whosthere.core.messages import Message
from whosthere.core.model import ArmState, Frame, House, Mode, Motion, Sighting
from whosthere.core.policy import Policy
from whosthere.flow import watch
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.turns import Turns


@dataclass(slots=True)
class Trying:
    """An inbox that decides as the house would if it were armed, and carries nothing out."""

    tracks: Tracks
    policy: Policy
    films: frozenset[str]  # whose clocks are those of a film
    sighted: Onlooker
    house: House
    _lock: Lock = field(default_factory=Lock)

    def put(self, message: Message) -> None:
        if not isinstance(message, Sighting):
            return
        with self._lock:
            self.house, _ = decide(self.house, message, self.policy)
            state = self.house.camera(message.camera)
        self.tracks.saw(message, state, live=message.camera not in self.films)
        self.sighted.sighted(message)


@dataclass(slots=True)
class Alone:
    """Watches cameras for a walk test."""

    settings: Settings
    cameras: Sequence[str]
    onlooker: Onlooker = field(default_factory=Onlooker)
    tracks: Tracks = field(init=False)
    troubles: dict[str, str] = field(default_factory=dict)  # of cameras
    over: dict[str, Event] = field(default_factory=dict)
    _stop: Event = field(default_factory=Event)
    _inbox: Trying = field(init=False)

    def __post_init__(self) -> None:
        policy = self.settings.policy()
        self.tracks = tracks_of(self.settings, policy, self.cameras)
        films = frozenset(name for name in self.cameras if self._is_film(name))
        armed = ArmState(Mode.AWAY, datetime.now(UTC), "walk test")
        self._inbox = Trying(self.tracks, policy, films, self.onlooker, House(armed))

    @property
    def is_over(self) -> bool:
        """Whether all cameras are through: films end."""
        return bool(self.over) and all(one.is_set() for one in self.over.values())

    def start(self) -> None:
        finder, turns = make_detector(self.settings.detector), Turns()
        for name in self.cameras:
            self.over[name] = Event()
        for name in self.cameras:
            run_aside(f"{name} walk test", partial(self._watch, name, finder, turns))

    def stop(self) -> None:
        """End within a moment, so that cameras are free again."""
        self._stop.set()
        for one in self.over.values():
            one.wait(2.0)
        self.tracks.end()

    def _is_film(self, name: str) -> bool:
        return isinstance(self.settings.cameras[name].source, FileCamera)

    def _watch(self, name: str, finder: OnnxDetector | None, turns: Turns) -> None:
        section = self.settings.cameras[name]
        with ExitStack() as leaving:
            leaving.callback(self.over[name].set)
            camera = make_camera(name, section.source, stop=self._stop)
            if not self._is_film(name):
                camera = LiveFrames(name, cast("Source", camera), run_aside, self._stop)
            areas = section.motion.areas()
            looking = Looking(
                finder,
                turns,
                looks_per_second=self.settings.detector.looks_per_second,
                masked=areas.masked,
                zones_of=areas.zones_of,
            )
            motion = section.motion.detector(areas)

            def see(frame: Frame) -> Motion:
                found = motion(frame)
                self.onlooker.saw(frame, found)
                return found

            try:
                watch(camera, see, looking, self._inbox)
            except CameraTrouble as trouble:
                self.troubles[name] = str(trouble)
