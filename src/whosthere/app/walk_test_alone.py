"""A walk test while the program is not at work: cameras are opened, and nobody is told anything."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from threading import Event, Lock
from typing import cast

from whosthere.app.onlooker import Onlooker
from whosthere.app.pan_tilt_parts import Eyes, Turners, make_turners
from whosthere.app.parts import make_detector
from whosthere.app.sensors_parts import Listening
from whosthere.app.settings import CameraSection, Settings
from whosthere.app.walk_test_tracks import Tracks, tracks_of
from whosthere.app.workers import run_aside
from whosthere.cameras.newest import LiveFrames, Source
from whosthere.cameras.settings import FileCamera, make_camera
from whosthere.core.decide import decide
from whosthere.core.errors import CameraTrouble, WhosThereError
from whosthere.core.messages import Message, SensorReading
from whosthere.core.model import House
from whosthere.core.modes import ArmState, Controls, Mode
from whosthere.core.pan_tilt import PanTiltTrouble
from whosthere.core.people import Switch
from whosthere.core.policy import Policy
from whosthere.core.sighting import Frame, Motion, Sighting
from whosthere.devices.house_settings import Sensor
from whosthere.devices.making import make_sensor
from whosthere.flow import watch
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.masks import Areas
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
        if not isinstance(message, Sighting | SensorReading):
            return
        with self._lock:
            self.house, _ = decide(self.house, message, self.policy)
            house = self.house
        if isinstance(message, SensorReading):
            self.tracks.heard(message)
            return
        self.tracks.saw(
            message, house.camera(message.camera), live=message.camera not in self.films
        )
        self.sighted.sighted(message)


@dataclass(slots=True)
class Alone:
    """Watches cameras for a walk test."""

    settings: Settings
    cameras: Sequence[str]
    onlooker: Onlooker = field(default_factory=Onlooker)
    tracks: Tracks = field(init=False)
    troubles: dict[str, str] = field(default_factory=dict)  # of cameras and sensors
    over: dict[str, Event] = field(default_factory=dict)
    _stop: Event = field(default_factory=Event)
    _listening: list[Listening] = field(default_factory=list)
    _inbox: Trying = field(init=False)
    _turners: Turners = field(init=False)

    def __post_init__(self) -> None:
        policy = self.settings.policy()
        self.tracks = tracks_of(self.settings, policy, self.cameras, frozenset(self._sensors()))
        films = frozenset(name for name in self.cameras if self._is_film(name))
        armed = ArmState(Mode.AWAY, datetime.now(UTC), "walk test")
        heeding = Controls(switches=frozenset({Switch.MOTION_SENSORS}))
        house = House(armed, controls=heeding)
        self._inbox = Trying(self.tracks, policy, films, self.onlooker, house)
        self._turners = make_turners(self.settings, lambda: self._inbox.house, {})

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
        for name, asked in self._sensors().items():
            listening = Listening(name, make_sensor(name, asked), self._inbox.put)
            self._listening.append(listening)
            run_aside(f"sensor {name} walk test", partial(self._listen, listening))

    def stop(self) -> None:
        """End within a moment, so that cameras are free again."""
        self._stop.set()
        for listening in self._listening:
            listening.stop()
        for one in self.over.values():
            one.wait(2.0)
        self.tracks.end()

    def _eyes(
        self, section: CameraSection, finder: OnnxDetector | None, turns: Turns, areas: Areas
    ) -> Eyes:
        looks = self.settings.detector.looks_per_second
        looking = Looking(
            finder, turns, looks_per_second=looks, masked=areas.masked, zones_of=areas.zones_of
        )
        return section.motion.detector(areas), looking

    def _see_where_it_looks(self, name: str) -> None:
        """Masks and zones are those of the place that a camera looks at; nobody turns it now."""
        turner = self._turners.by_name.get(name)
        if turner is None:
            return
        try:
            turner.arrive()
        except PanTiltTrouble as trouble:
            self.troubles[name] = str(trouble)
        finally:
            turner.driver.close()

    def _sensors(self) -> dict[str, Sensor]:
        """The motion sensors of these cameras. Nobody can call us: no web server is at work."""
        asked = self.settings.sensors.items()
        return {name: one for name, one in asked
                if one.camera in self.cameras and one.kind != "webhook"}  # fmt: skip

    def _listen(self, listening: Listening) -> None:
        try:
            listening.run()
        except WhosThereError as trouble:
            self.troubles[f"sensor {listening.name}"] = str(trouble)

    def _is_film(self, name: str) -> bool:
        return isinstance(self.settings.cameras[name].source, FileCamera)

    def _watch(self, name: str, finder: OnnxDetector | None, turns: Turns) -> None:
        section = self.settings.cameras[name]
        with ExitStack() as leaving:
            leaving.callback(self.over[name].set)
            camera = make_camera(name, section.source, stop=self._stop)
            if not self._is_film(name):
                camera = LiveFrames(name, cast("Source", camera), run_aside, self._stop)
            camera = self._turners.shown(name, camera)
            motion, looking = self._turners.eyes(
                name, section, partial(self._eyes, section, finder, turns)
            )
            self._see_where_it_looks(name)

            def see(frame: Frame) -> Motion:
                found = motion(frame)
                self.onlooker.saw(frame, found)
                return found

            try:
                watch(camera, see, looking, self._inbox)
            except CameraTrouble as trouble:
                self.troubles[name] = str(trouble)
