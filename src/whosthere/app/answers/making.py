"""Makes what answers people from the parts of the program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from whosthere.app.answers.answering import Answers
from whosthere.app.answers.asked_files import AskedFiles
from whosthere.app.answers.desk import Heard
from whosthere.app.answers.house import Parts
from whosthere.app.answers.newest import NewestFrames
from whosthere.app.health import HealthBoard, Reading
from whosthere.app.policy_versions import said_of
from whosthere.app.settings import Settings
from whosthere.app.tamper_guards import TamperGuard
from whosthere.app.walk_test_desk import WalkTests
from whosthere.core.pan_tilt import Turnable
from whosthere.devices.driver import Driver
from whosthere.devices.sensors import PushedSensor
from whosthere.flow import HouseKeeper
from whosthere.recording.pre_roll import PreRoll
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

AWAKE_SECONDS = 10.0  # that an economical camera decodes all pictures when one is asked for


@dataclass(frozen=True, slots=True)
class AtHand:
    """What the cameras have at hand, by their names. Filled while they are built and at work."""

    frames: NewestFrames = field(default_factory=NewestFrames)
    rings: dict[str, PreRoll] = field(default_factory=dict)
    wakers: dict[str, Callable[[float], None]] = field(default_factory=dict)
    readings: list[Callable[[], Sequence[Reading]]] = field(default_factory=list)
    guards: dict[str, TamperGuard] = field(default_factory=dict)  # against tampering
    turnables: dict[str, Turnable] = field(default_factory=dict)  # those that can be turned
    lights: dict[str, Driver] = field(default_factory=dict)
    sirens: dict[str, Driver] = field(default_factory=dict)
    pushed: dict[str, PushedSensor] = field(default_factory=dict)  # sensors that call us

    def health(self) -> Sequence[Reading]:
        return [one for taken in self.readings for one in taken()]

    def accept_view(self, camera: str) -> None:
        if camera in self.guards:
            self.guards[camera].accept()

    def guarded(self, camera: str) -> bool:
        """Whether tampering would be noticed, as far as that is wanted."""
        return camera not in self.guards or self.guards[camera].can_judge

    def wake(self, camera: str) -> None:
        if camera in self.wakers:
            self.wakers[camera](AWAKE_SECONDS)


def make_answers(
    settings: Settings,
    store: SqliteStore,
    ledger: SqliteLedger,
    health: HealthBoard,
    at_hand: AtHand,
    keeper: HouseKeeper,
    heard: Heard,
) -> Answers:
    """Hand the parts in."""
    files = AskedFiles(settings.storage.folder, _now)
    tests = WalkTests(
        settings, lambda: keeper.house, lambda: keeper.policy, files, heard.tell, _now,
        settings.house.zone,
    )  # fmt: skip
    heard.listeners.append(tests.hear)
    return Answers(
        Parts(
            name=settings.house.name,
            zone=settings.house.zone,
            cameras=tuple(settings.cameras),
            store=store,
            ledger=ledger,
            health=health,
            frames=at_hand.frames,
            rings=at_hand.rings,
            wake=at_hand.wake,
            readings=at_hand.health,
            accept_view=at_hand.accept_view,
            guarded=at_hand.guarded,
            files=files,
            walk_test=tests.answer,
            house=lambda: keeper.house,
            policy=lambda: keeper.policy,
            tell=heard.tell,
            turnables=at_hand.turnables,
            lights=at_hand.lights,
            sirens=at_hand.sirens,
            pushed=at_hand.pushed,
            said=said_of(settings),
        )
    )


def _now() -> datetime:
    return datetime.now(UTC)
