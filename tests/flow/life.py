"""A house over hours: real sightings, people who change things, and a program that dies."""

import random
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from whosthere.app.restoring import restored
from whosthere.core.messages import (
    Action,
    BackToNormal,
    CameraBack,
    CameraLost,
    Message,
    SetMode,
    SetNotifications,
    Snooze,
    Tick,
)
from whosthere.core.model import Answer, ArmState, Mode, Motion, Scene, Sighting, Tag, rounded_clock
from whosthere.core.people import Reaction
from whosthere.core.policy import Policy
from whosthere.flow import Hands, HouseKeeper
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.plain import to_json
from whosthere.storage.sqlite import SqliteStore

FRAME = 0.2  # seconds between two of a camera


@dataclass(slots=True)
class NoFiles:
    def keep_picture(self, *_: object) -> None: ...
    def record(self, *_: object) -> None: ...


class Life:
    """The program in a folder, in one thread, with clocks that tests set."""

    def __init__(self, folder: Path, policy: Policy, begins: datetime, mode: Mode = Mode.AWAY):
        self.folder, self.policy, self.now = folder, policy, begins
        self.lives = 0
        self.decided: list[list[tuple[str, str, str]]] = []  # by run: message, decision, actions
        self._mode = mode
        self._open()

    def _open(self) -> None:
        self.clock = 100.0 * self.lives  # begins anew with each boot
        self.store = SqliteStore(self.folder / "whosthere.db", messengers=("test",))
        self.ledger = SqliteLedger(self.folder / "ledger.db", clock=lambda: self.clock)
        if self.store.arm_state() is None:
            self.store.remember([ArmState(self._mode, self.now, "test")])
        self.store.close_interrupted()
        house = restored(self.store, self.store.arm_state(), self.policy, self.now)
        self.hands = Hands(self.ledger, self.store, NoFiles(), lambda: None)
        self.keeper = HouseKeeper(house, self.policy, self)
        self.decided.append([])

    def hear(self, message: Message) -> None:
        self.done = []
        self.keeper.put(message)
        seen = isinstance(message, Sighting)
        decision = self.keeper.house.camera(message.camera).decision if seen else None
        self.decided[-1].append((type(message).__name__, to_json(decision), to_json(self.done)))

    def carry_out(self, message: Message, actions: list[Action]) -> None:
        """Be the hands, and see what they are given."""
        self.done = list(actions)
        self.hands.carry_out(message, actions)

    def wait(self, seconds: float) -> None:
        self.clock += seconds
        self.now += timedelta(seconds=seconds)

    def close(self) -> None:
        self.ledger.close()
        self.store.close()

    def restart(self) -> None:
        self.close()
        self._again(30.0)

    def die(self) -> None:
        """As at kill -9: what was not written is lost."""
        left = self.folder.with_name(f"{self.folder.name}-{self.lives}")
        shutil.copytree(self.folder, left, ignore=shutil.ignore_patterns("*.lock"))
        self.close()
        self.folder = left
        self._again(20.0)

    def _again(self, seconds: float) -> None:
        self.lives += 1
        self.now += timedelta(seconds=seconds)
        self._open()


def looped(clips: list[list[Sighting]], chance: random.Random, camera: str) -> Iterator[Sighting]:
    """Clips in any order with quiet between them, without end. Times are for `lived` to set."""
    while True:
        for _ in range(chance.randrange(50, 1500)):
            yield quiet(camera)
        for sighting in chance.choice(clips):
            yield replace(sighting, camera=camera, frame=None)


def quiet(camera: str) -> Sighting:
    at = datetime.fromisoformat("2026-01-01T00:00+00:00")
    return Sighting(camera, at, 0.0, Motion(Scene.STEADY, brightness=90.0))


def live(life: Life, cameras: dict[str, Iterator[Sighting]], hours: float, seed: int) -> None:
    """Let time pass at five frames a second, with a tick each second and all that may happen."""
    chance = random.Random(seed)  # noqa: S311 - seeded, for a test
    for number in range(round(hours * 3600 / FRAME)):
        life.wait(FRAME + chance.uniform(-0.01, 0.01))
        for sightings in cameras.values():
            sighting = next(sightings)
            clock = rounded_clock(life.clock + chance.uniform(0, 0.005))
            life.hear(replace(sighting, at=life.now, clock=clock))
        if number % 5 == 0:
            life.hear(Tick(life.now, rounded_clock(life.clock)))
        if chance.random() < 1 / 600:
            for message in anything(life, list(cameras), chance):
                life.hear(message)
        if chance.random() < 1 / 6000:
            chance.choice([life.restart, life.die])()


def anything(life: Life, cameras: list[str], chance: random.Random) -> Iterable[Message]:
    at = life.now
    until = at + timedelta(seconds=chance.randrange(5, 600))
    camera = chance.choice([None, *cameras])
    told = life.store.alerts(limit=1)
    named = told[0].id if told else "nothing"
    lost = CameraLost(cameras[0], "no new picture for 10 s", at, rounded_clock(life.clock))
    return chance.choice([
        [SetMode(chance.choice(list(Mode)), "Ann", at, "test", camera)],
        [SetMode(chance.choice([Mode.AWAY, Mode.NIGHT]), "Ann", at, "test", until=until)],
        [SetMode(Mode.AWAY, "Ann", at, "test")],
        [SetMode(Mode.AWAY, "Ann", at, "test", camera)],
        [Snooze(until, "Ann", at, "test", camera)],
        [SetNotifications(False, "Ann", at, "test", until)],  # noqa: FBT003 - as it is heard
        [BackToNormal("Ann", at, "test")],
        [Tag(named, Answer.OCCUPIED, "Ann", at, "test")],
        [Reaction(None, "Ann", at, "seen", "test")],
        [lost, CameraBack(cameras[0], at, rounded_clock(life.clock))],
    ])  # fmt: skip
