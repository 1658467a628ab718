"""Builds the parts from the settings and passes them to each other. It knows them all."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import cast

from whosthere.app.health import CameraWatch, HealthBoard
from whosthere.app.onlooker import Onlooker
from whosthere.app.parts import make_detector
from whosthere.app.program import PUMPS_A_SECOND, Clock, Ears, Eyes, Program
from whosthere.app.settings import CameraSection, DetectorSettings, Settings
from whosthere.app.workers import QueueInbox, Worker, run_aside
from whosthere.cameras.newest import LiveFrames, Source
from whosthere.cameras.settings import FileCamera, make_camera
from whosthere.core import ports
from whosthere.core.errors import StoreTrouble, WhosThereError
from whosthere.core.model import ArmState, Frame, House, Mode, Motion
from whosthere.core.policy import Policy
from whosthere.flow import Hands, HouseKeeper, watch
from whosthere.recording.pre_roll import PreRoll
from whosthere.recording.recorder import IncidentRecorder
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.drawing import with_boxes
from whosthere.vision.looking import Looking
from whosthere.vision.motion import BackgroundMotion
from whosthere.vision.turns import Turns

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Shared:
    """What all cameras share."""

    settings: Settings
    eyes: Eyes
    onlooker: Onlooker
    finder: OnnxDetector | None
    turns: Turns
    health: HealthBoard
    rings: dict[str, PreRoll]


def assemble(
    settings: Settings, onlooker: Onlooker | None = None, *, mode: Mode | None = None
) -> Program:
    """Build all that `whosthere run` runs. Nothing is started."""
    onlooker = onlooker or Onlooker()
    now = datetime.now(UTC)
    health = HealthBoard()
    watching = CameraWatch(settings.house.lost_after_seconds)
    inbox = QueueInbox()
    told = Told(health)
    folder = settings.storage.folder
    store = SqliteStore(
        settings.storage.database,
        messengers=messenger_names(settings),
        on_trouble=told.of("database"),
    )
    ledger = SqliteLedger(
        settings.storage.ledger,
        batch_seconds=settings.storage.ledger_batch_seconds,
        on_trouble=told.of("ledger"),
    )
    notes = interrupted(store)

    rings: dict[str, PreRoll] = {}
    recorder = IncidentRecorder(
        folder,
        rings,
        inbox.put,
        draw=lambda image, sighting: with_boxes(image, sighting.detections),
        clock=time.monotonic,
        pre_roll_seconds=settings.recording.pre_roll_seconds,
        post_roll_seconds=settings.recording.post_roll_seconds,
        longest_seconds=settings.recording.longest_seconds,
        which=settings.recording.record,
        preview=settings.recording.preview,
        on_trouble=told.of("recorder"),
    )
    state = arm_state(store, settings, mode, now)
    hands = Hands(ledger, Steady(store), recorder, lambda: None)
    keeper = HouseKeeper(House(state), policy_of(settings, store), hands)
    ears = Ears(inbox, lambda: keeper.house, onlooker.happened)

    finder = load_detector(settings.detector, health)
    eyes = Eyes(inbox, watching, health, onlooker.sighted)
    shared = _Shared(settings, eyes, onlooker, finder, Turns(), health, rings)
    cameras = [_camera(name, camera, shared) for name, camera in settings.cameras.items()]
    clock = Clock(inbox, store, ledger, watching, health)
    return Program(
        keeper=keeper,
        inbox=inbox,
        ears=ears,
        recorder=recorder,
        store=store,
        ledger=ledger,
        health=health,
        cameras=cameras,
        house=Worker("house", partial(keeper.keep, ears), health, inbox.close),
        helpers=[
            Worker("clock", clock.run, health, clock.stopping.set),
            _often("recorder", recorder.pump, 1 / PUMPS_A_SECOND, health),
        ],
        messengers=[],
        notes=notes,
    )


def arm_state(
    store: SqliteStore, settings: Settings, asked: Mode | None, now: datetime
) -> ArmState:
    """Go on with the mode that was, unless another is asked for; begin as the settings say."""
    before = store.arm_state()
    if asked is not None and (before is None or before.mode is not asked):
        state = ArmState(asked, now, "asked for at the start", by_hand=True)
    elif before is not None:
        return before
    else:
        state = ArmState(settings.house.mode, now, "first start, as the settings say")
    store.remember([state])
    return state


def policy_of(settings: Settings, store: SqliteStore) -> Policy:
    """Keep the numbers that people chose, as a new version if they changed any."""
    policy = settings.policy()
    version = store.use_policy(policy, author="settings", reason="as the settings say")
    return replace(policy, version=version)


def interrupted(store: SqliteStore) -> list[str]:
    """End what a crash or power cut left open, and say so."""
    return [
        f"{incident.camera}: an incident was interrupted; last seen {incident.last_seen:%F %T} UTC"
        for incident in store.close_interrupted()
    ]


def load_detector(settings: DetectorSettings, health: HealthBoard) -> OnnxDetector | None:
    """Load the net. Without it motion alone is told, and that it is so."""
    try:
        return make_detector(settings)
    except WhosThereError as trouble:
        health.failed("detector", f"{trouble} Until then, motion alone is told.", 0.0)
        return None


def _camera(name: str, section: CameraSection, shared: _Shared) -> Worker:
    """Build one camera and all that looks at its frames."""
    stop = Event()
    recording = shared.settings.recording
    ring = shared.rings[name] = PreRoll(recording.ring_seconds, recording.ring_bytes)
    camera = make_camera(name, section.source, on_packet=ring.add, stop=stop)
    if not isinstance(section.source, FileCamera):
        camera = LiveFrames(name, cast("Source", camera), run_aside, stop)  # all live ones are
    motion = BackgroundMotion()
    looking = Looking(
        shared.finder,
        shared.turns,
        looks_per_second=shared.settings.detector.looks_per_second,
    )

    def see(frame: Frame) -> Motion:
        found = motion(frame)
        shared.onlooker.saw(frame, found)
        return found

    def work() -> None:
        shared.eyes.watch.expect(name, time.monotonic())
        watch(camera, see, looking, shared.eyes)
        shared.eyes.watch.forget(name)

    return Worker(name, work, shared.health, stop.set)


def _often(name: str, work: Callable[[], None], seconds: float, health: HealthBoard) -> Worker:
    """A worker that does something again and again until it is told to stop."""
    stopping = Event()

    def run() -> None:
        while not stopping.wait(seconds):
            work()

    return Worker(name, run, health, stopping.set)


def messenger_names(_: Settings) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class Told:
    """Passes on what parts say of their own health."""

    health: HealthBoard

    def of(self, part: str) -> Callable[[str | None], None]:
        def tell(trouble: str | None) -> None:
            if trouble is None:
                self.health.recovered(part)
            else:
                self.health.failed(part, trouble, time.monotonic())

        return tell


@dataclass(frozen=True, slots=True)
class Steady:
    """The store as the house sees it: what cannot be written now waits there, and is told."""

    store: SqliteStore

    def remember(self, things: Sequence[ports.Storable]) -> None:
        with suppress(StoreTrouble):
            self.store.remember(things)
