"""Walk tests of the running program, as people ask for them in Slack or by `whosthere ask`."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np

from whosthere.app.answers.asked_files import AskedFiles
from whosthere.app.answers.line import Line
from whosthere.app.settings import Settings
from whosthere.app.walk_test_picture import with_path
from whosthere.app.walk_test_tracks import Tracks, tracks_of
from whosthere.app.walk_test_words import report, steps
from whosthere.cameras.pixels import ArrayPixels
from whosthere.cameras.settings import FileCamera
from whosthere.core.errors import StoreTrouble
from whosthere.core.messages import Message, SensorReading, SetWalkTest, Tick
from whosthere.core.model import House
from whosthere.core.policy import Policy
from whosthere.core.requests import Reply, Request
from whosthere.core.sighting import Sighting
from whosthere.core.spans import span
from whosthere.core.walk_test import LONGEST, USUAL

log = logging.getLogger(__name__)

GOES_ON = "goes on"  # stands in each reply until the test is over
BUSY = "The house is busy; ask again in a moment."
NONE_YET = "No walk test goes on. `walk test` begins one of all cameras, `walk test front` of one."
MARKER = "walk-test"  # a file below the data folder, for as long as one goes on


@dataclass(slots=True, eq=False)
class Session:
    """One walk test."""

    cameras: tuple[str, ...]
    tracks: Tracks
    began: datetime
    until: datetime
    by: str
    over: Reply | None = None  # the report
    lock: Lock = field(default_factory=Lock)


@dataclass(slots=True)
class WalkTests:
    """At most one goes on. It listens on the house's thread, and answers on others."""

    settings: Settings
    house: Callable[[], House]
    policy: Callable[[], Policy]
    files: AskedFiles
    tell: Callable[[Message], bool]
    now: Callable[[], datetime]
    zone: tzinfo | None = None
    _session: Session | None = None
    _cut_off: str = ""  # the cameras of a test that a restart ended

    def __post_init__(self) -> None:
        marker = self._marker
        if marker.is_file():
            self._cut_off = marker.read_text(encoding="utf-8").strip() or "all cameras"
            marker.unlink(missing_ok=True)
            log.warning(
                "the walk test of %s was cut off by a restart, and does not go on", self._cut_off
            )

    @property
    def _marker(self) -> Path:
        return self.settings.storage.folder / MARKER

    # --- what the house hears

    def hear(self, message: Message) -> None:
        """Take note of what the house has decided on."""
        session = self._session
        if session is None or session.over is not None:
            return
        match message:
            case Sighting(camera=name) if name in session.cameras:
                film = isinstance(self.settings.cameras[name].source, FileCamera)
                session.tracks.saw(message, self.house().camera(name), live=not film)
            case SensorReading():
                session.tracks.heard(message)
            case Tick(at=at) if at >= session.until:
                session.tracks.end()
            case _:
                pass

    # --- what people ask

    def answer(self, line: Line, request: Request) -> Reply:
        match line.action:
            case "show":
                return self._show()
            case "stop":
                return self._stop(request)
            case _:
                return self._begin(line, request)

    def _begin(self, line: Line, request: Request) -> Reply:
        session = self._session
        if session is not None and self._later(session).later is not None:
            text = f"A walk test {GOES_ON}, by {session.by}. `walk test stop` ends it."
            return Reply(text, refused=True)
        now = self.now()
        length = timedelta(seconds=USUAL) if line.until is None else line.until - now
        if length > timedelta(seconds=LONGEST + 1):
            return Reply(f"A walk test takes {span(LONGEST)} at most.", refused=True)
        cameras = tuple(self.settings.cameras) if line.camera is None else (line.camera,)
        tracks = tracks_of(self.settings, self.policy(), cameras)
        for name, state in self.house().devices.sensors.items():
            if state.active:  # its word came before
                tracks.heard(SensorReading(name, state.active, state.since, state.since_clock))
        session = Session(cameras, tracks, now, now + length, request.asker.name)
        by = request.asker
        self._session = session
        if not self.tell(SetWalkTest(cameras, session.until, by.name, request.at, by.origin)):
            return Reply(BUSY)
        self._marker.write_text(", ".join(cameras), encoding="utf-8")
        self._cut_off = ""
        names = ", ".join(cameras)
        text = (
            f"*Walk test of {names}* {GOES_ON} for {span(round(length.total_seconds()))}. Walk"
            " through the picture, stop, leave it for some seconds, and come again: by each way in,"
            " and through each zone. Alerts are marked as a test; no siren sounds."
        )
        return Reply(text, later=partial(self._later, session))

    def _show(self) -> Reply:
        if self._session is not None:
            return self._later(self._session)
        if self._cut_off:
            text = f"The walk test of {self._cut_off} was cut off by a restart, and is over."
            return Reply(f"{text} `walk test` begins a new one.")
        return Reply(NONE_YET)

    def _stop(self, request: Request) -> Reply:
        session, by = self._session, request.asker
        if session is None or session.over is not None:
            return self._show()
        self.tell(SetWalkTest(session.cameras, None, by.name, request.at, by.origin))
        session.until = self.now()
        return self._later(session, f"ended by {by.name}")

    def _later(self, session: Session, why_over: str = "") -> Reply:
        """How the test stands, or its report once it is over."""
        with session.lock:
            if session.over is None and self.now() >= session.until:
                session.over = self._report(session, why_over)
                self._marker.unlink(missing_ok=True)
            if session.over is not None:
                return session.over
        left = max(1, round((session.until - self.now()).total_seconds()))
        head = f"*Walk test of {', '.join(session.cameras)}* {GOES_ON}: {span(left)} left"
        text = f"{head}\n{steps(session.tracks.all(), self.zone)}"
        return Reply(text, later=partial(self._later, session))

    def _report(self, session: Session, why_over: str) -> Reply:
        session.tracks.end()
        verdicts = session.tracks.verdicts()
        text = report(session.tracks.all(), verdicts, self.zone, why_over=why_over)
        return Reply(text, self._picture(session.tracks), alt="The path that was seen")

    def _picture(self, tracks: Tracks) -> str | None:
        """The paths of all cameras that saw somebody, one below the other."""
        drawn = [
            with_path(tracks.pictures[track.camera].pixels.bgr(), track)
            for track in tracks.all()
            if track.camera in tracks.pictures and track.all_walks
        ]
        if not drawn:
            return None
        frame = next(iter(tracks.pictures.values()))
        whole = ArrayPixels(np.concatenate(drawn))
        try:
            return self.files.picture(replace(frame, pixels=whole))
        except StoreTrouble as trouble:
            log.warning("%s", trouble)
            return None
