"""Plays recordings through the same parts as `run`, in one thread, as fast as they can be read.

Each sighting is decided at once, and the recorder keeps up after every frame. So what a scan finds
is what the running system would have told.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whosthere.app.parts import make_detector
from whosthere.app.settings import CameraSection, Settings
from whosthere.cameras.video_file import VideoFile
from whosthere.core import ports
from whosthere.core.errors import BadSettings
from whosthere.core.messages import Message, Tick
from whosthere.core.model import House, Incident
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import Policy
from whosthere.core.sighting import Sighting
from whosthere.flow import Hands, HouseKeeper, watch
from whosthere.recording.pre_roll import PreRoll
from whosthere.recording.recorder import IncidentRecorder
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore
from whosthere.vision.drawing import with_boxes
from whosthere.vision.looking import Looking
from whosthere.vision.masks import Areas

FINISH_SECONDS = 60.0  # for the last clips and previews of a recording


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording and what it is called."""

    path: Path
    camera: str
    starts: datetime
    seconds: float | None  # None: it does not say


@dataclass(frozen=True, slots=True)
class Found:
    """An incident in a recording, its moments in seconds from the first frame."""

    clip: str
    camera: str
    started: float
    ended: float
    first_motion: float
    alert_at: float | None  # None: nobody was told
    labels: dict[str, float]
    picture: str | None
    recording: str | None

    @classmethod
    def of(cls, incident: Incident, recording: Recording, folder: Path) -> "Found":
        def seconds(at: datetime) -> float:
            return round((at - recording.starts).total_seconds(), 3)

        def path(name: str | None) -> str | None:
            return str(folder / name) if name else None

        return cls(
            clip=str(recording.path),
            camera=incident.camera,
            started=seconds(incident.started),
            ended=seconds(incident.ended or incident.last_seen),
            first_motion=seconds(incident.first_motion),
            alert_at=seconds(incident.alerted_at) if incident.alerted_at else None,
            labels=dict(sorted(incident.labels.items(), key=lambda one: -one[1])),
            picture=path(incident.picture),
            recording=path(incident.recording),
        )


class Scanner:
    """Plays recordings, one after the other, into a data folder of their own."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        camera: CameraSection,
        *,
        mode: Mode,
        with_detector: bool,
        keep_files: bool,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._camera = camera
        self._detector = make_detector(settings.detector) if with_detector else None
        self._mode = mode
        self._keep_files = keep_files
        rules = camera.rules.applied_to(settings.policy().default)
        self._rules = replace(rules, escalate_after=0.0)  # nobody is there to answer
        self._closing = ExitStack()
        database = folder / "whosthere.db" if keep_files else Path(":memory:")
        self._store = SqliteStore(database)
        self._closing.callback(self._store.close)
        ledger = folder / "ledger.db" if keep_files else Path(":memory:")
        self._ledger = SqliteLedger(ledger)
        self._closing.callback(self._ledger.close)

    def close(self) -> None:
        self._closing.close()

    def incidents(self, recording: Recording, show: Callable[[float], object]) -> list[Found]:
        """Play a recording; `show` is told the seconds that were watched."""
        ring = PreRoll(self._settings.recording.pre_roll_seconds + 10)
        source = VideoFile(
            recording.camera,
            recording.path,
            recording.starts,
            frames_per_second=self._camera.source.frames_per_second,
            on_packet=ring.add if self._keep_files else None,
        )
        areas = Areas(self._camera.motion.masks, self._camera.motion.zones)
        looking = Looking(
            self._detector,
            looks_per_second=self._settings.detector.looks_per_second,
            masked=areas.masked,
            zones_of=areas.zones_of,
        )
        straight = Straight(show)
        straight.keep(self._keeper(straight, {recording.camera: ring}))
        try:
            watch(source, self._camera.motion.detector(areas), looking, straight)
        finally:
            straight.finish(recording.starts)
            self._ledger.flush()
        until = recording.starts + timedelta(seconds=straight.clock)
        found = self._store.incidents(since=recording.starts, until=until, camera=recording.camera)
        ordered = sorted(found, key=lambda incident: incident.started)
        return [Found.of(incident, recording, self._folder) for incident in ordered]

    def _keeper(self, straight: "Straight", rings: dict[str, PreRoll]) -> HouseKeeper:
        recorder: ports.Recorder = straight
        if self._keep_files:
            asked = self._settings.recording
            recorder = straight.recorder = IncidentRecorder(
                self._folder,
                rings,
                straight.put,
                lambda image, sighting: with_boxes(image, sighting.detections),
                lambda: straight.clock,
                pre_roll_seconds=asked.pre_roll_seconds,
                post_roll_seconds=asked.post_roll_seconds,
                longest_seconds=asked.longest_seconds,
                which=asked.record,
                preview=asked.preview,
                preview_seconds=FINISH_SECONDS,
            )
        house = House(ArmState(self._mode, datetime.now(UTC), "scan"))
        hands = Hands(self._ledger, self._store, recorder, lambda: None)
        return HouseKeeper(house, Policy(default=self._rules), hands)


def chosen_camera(settings: Settings, name: str | None) -> CameraSection:
    """The camera whose rules and motion settings apply; a single one need not be named."""
    if name is None and len(settings.cameras) == 1:
        return next(iter(settings.cameras.values()))
    if name in settings.cameras:
        return settings.cameras[name]
    known = ", ".join(sorted(settings.cameras))
    raise BadSettings(f"--camera: choose one of {known}.")


class Straight:
    """An inbox that hands each message on at once, and a recorder that keeps nothing."""

    def __init__(self, show: Callable[[float], object]) -> None:
        self.clock = 0.0
        self.recorder: IncidentRecorder | None = None
        self._show = show
        self._keeper: HouseKeeper | None = None

    def keep(self, keeper: HouseKeeper) -> None:
        self._keeper = keeper

    def put(self, message: Message) -> None:
        assert self._keeper is not None  # noqa: S101 - nothing is put before it is there
        self._keeper.put(message)
        if isinstance(message, Sighting):
            self.clock = message.clock
            self._show(message.clock)
            if self.recorder is not None:
                self.recorder.pump()

    def finish(self, starts: datetime) -> None:
        """End what is open, though no frame comes."""
        self.clock += 3600
        self.put(Tick(starts + timedelta(seconds=self.clock), self.clock))
        if self.recorder is not None:
            self.recorder.finish(FINISH_SECONDS)

    def keep_picture(self, incident: Incident, sighting: Sighting) -> None: ...
    def record(self, incident: Incident) -> None: ...
