"""A small house: a real store, ledger, recorder and rules, in one thread, asked as people do."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from whosthere.app.answers.answering import Answers
from whosthere.app.answers.asked_files import AskedFiles
from whosthere.app.answers.house import Parts
from whosthere.app.answers.newest import NewestFrames
from whosthere.app.health import HealthBoard
from whosthere.app.restoring import restored
from whosthere.cameras.video_file import VideoFile
from whosthere.core.messages import Message, Tick
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.requests import Asker, Reply, Request, Role
from whosthere.core.sighting import Frame, Motion, Sighting
from whosthere.flow import Hands, HouseKeeper, watch
from whosthere.recording.pre_roll import PreRoll
from whosthere.recording.recorder import IncidentRecorder
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.motion import BackgroundMotion

VISITOR = Path(str(files("whosthere") / "demo" / "visitor.mp4"))
EVENING = datetime(2026, 1, 1, 21, 0, tzinfo=UTC)  # 22:00 in Vienna
VIENNA = ZoneInfo("Europe/Vienna")
CAMERAS = ("front", "garden")
ADMIN = Asker("U1", "Ann", Role.ADMIN, "test")


@dataclass(slots=True)
class Seen:
    """An inbox that only listens."""

    sightings: list[Sighting] = field(default_factory=list)

    def put(self, sighting: Sighting) -> None:
        self.sightings.append(sighting)


@cache
def visit(*, with_detector: bool = True) -> tuple[Sighting, ...]:
    """What a camera really sees of a visitor: looked at once, and heard by many houses."""
    seen = Seen()
    camera = VideoFile("front", VISITOR, EVENING)
    watch(camera, BackgroundMotion(), Looking(OnnxDetector() if with_detector else None), seen)
    return tuple(seen.sightings)


class SmallHouse:
    """What `assemble` would build, with a clock that tests set."""

    def __init__(self, folder: Path, mode: Mode = Mode.AWAY, **rules: object) -> None:
        self.folder, self.clock = folder, 0.0
        self._first, self._policy = mode, Policy(default=CameraPolicy(**rules))
        self.open()

    def open(self) -> None:
        """Start, or start again, as the program does."""
        self.store = SqliteStore(self.folder / "whosthere.db", messengers=("test",))
        self.ledger = SqliteLedger(self.folder / "ledger.db")
        self.store.use_policy(self._policy, author="test", reason="test")
        if self.store.arm_state() is None:
            self.store.remember([ArmState(self._first, EVENING - timedelta(days=1), "test")])
        self.frames = NewestFrames(clock=lambda: self.clock)
        self.rings = {name: PreRoll(60) for name in CAMERAS}
        self.recorder = IncidentRecorder(
            self.folder, self.rings, self.put, lambda image, _: image, lambda: self.clock
        )
        house = restored(self.store, self.store.arm_state(), self._policy, self.now, self.clock)
        hands = Hands(self.ledger, self.store, self.recorder, lambda: None)
        self.keeper = HouseKeeper(house, self._policy, hands)
        self.health = HealthBoard(lambda: self.now)
        self.answers = Answers(
            Parts(
                name="Home",
                zone=VIENNA,
                cameras=CAMERAS,
                store=self.store,
                ledger=self.ledger,
                health=self.health,
                frames=self.frames,
                rings=self.rings,
                files=AskedFiles(self.folder, lambda: self.now),
                house=lambda: self.keeper.house,
                policy=lambda: self.keeper.policy,
                tell=self.tell,
                now=lambda: self.now,
                clock=lambda: self.clock,
                wait_seconds=0.01,
            )
        )

    def close(self) -> None:
        self.ledger.close()
        self.store.close()

    def restart(self) -> None:
        self.close()
        self.open()

    @property
    def now(self) -> datetime:
        return EVENING + timedelta(seconds=self.clock)

    def put(self, message: Message) -> None:
        self.keeper.put(message)

    def tell(self, message: Message) -> bool:
        self.put(message)
        return True

    def ask(
        self, text: str, role: Role = Role.ADMIN, alert_id: str | None = None, name: str = "Ann"
    ) -> Reply:
        asker = Asker(name, name, role, "test")
        return self.answers.answer(Request(text, asker, self.now, alert_id))

    def wait(self, seconds: float) -> None:
        """Let time pass: a tick at its end."""
        self.clock += seconds
        self.put(Tick(self.now, self.clock))

    def hear(self, sightings: Iterable[Sighting]) -> None:
        for sighting in sightings:
            self.hear_one(sighting)
        self.wait(60)

    def hear_one(self, sighting: Sighting) -> None:
        self.clock = sighting.clock
        self.put(sighting)

    def watch(self, seconds: float = 1000.0) -> None:
        """Watch the film of the visitor with motion alone, as camera 'front'."""
        camera = VideoFile("front", VISITOR, EVENING, on_packet=self.rings["front"].add)
        motion = BackgroundMotion()

        def see(frame: Frame) -> Motion:
            self.clock = frame.clock
            self.frames.saw(frame)
            if frame.clock > seconds:
                raise EnoughError
            self.recorder.pump()
            return motion(frame)

        with suppress(EnoughError):
            watch(camera, see, Looking(None), self)


class EnoughError(Exception):
    """Nobody looks on."""
