"""A house over hours: real sightings, people who change things, and a program that dies."""

import random
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from whosthere.app.restoring import restored
from whosthere.core.arming_rules import ArmingRules, Scheduled
from whosthere.core.devices import DeviceRules, How, LightRule, SensorRule, SirenRule, When
from whosthere.core.messages import (
    Action,
    ArmNow,
    BackToNormal,
    CameraBack,
    CameraLost,
    LookAgain,
    Message,
    Outage,
    Propose,
    SensorReading,
    SetLight,
    SetMode,
    SetNotifications,
    SetSiren,
    SetSwitch,
    SetWalkTest,
    Snooze,
    StayOff,
    Tampered,
    Tick,
    Trouble,
    UsePolicy,
)
from whosthere.core.model import Answer, Tag
from whosthere.core.modes import ArmState, Mode
from whosthere.core.people import Reaction, Switch
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.presence import DeviceSeen, Person, SourceFailed, SourceReport, SourceRule
from whosthere.core.sighting import Motion, Scene, Sighting, rounded_clock
from whosthere.flow import Hands, HouseKeeper
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.plain import to_json
from whosthere.storage.sqlite import SqliteStore

FRAME = 0.2  # seconds between two of a camera
EVERY = 15.0  # seconds between the reports of a source
PHONES = {"ann-phone": "Ann", "bob-phone": "Bob"}
SENSORS = ("porch", "hedge")
# a house with all that there is: who is home, delays, a schedule, sensors, lights and sirens
FULL = Policy(
    default=CameraPolicy(cooldown=30.0),
    arming=ArmingRules(
        exit_seconds={Mode.AWAY: 20.0},
        entry_seconds={"front": 10.0},
        trigger_seconds=120.0,
        schedule=tuple(
            Scheduled(time(hour, minute), mode)
            for hour in (22, 23, 0)
            for minute, mode in zip(range(2, 60, 3), [Mode.NIGHT, Mode.OFF] * 10, strict=True)
        ),
        zone=UTC,
        people=tuple(Person(name, (phone,)) for phone, name in PHONES.items()),
        sources=(SourceRule("router", 60.0, EVERY), SourceRule("radio", 90.0, EVERY)),
        countdown_seconds=20.0,
        sources_told_seconds=120.0,
    ),
    devices=DeviceRules(
        sensors={
            "porch": SensorRule("front", How.EITHER, stuck_seconds=300.0),
            "hedge": SensorRule("garden", How.BOTH),
        },
        lights={
            "lamp": LightRule(
                frozenset({"front"}), frozenset({"garden"}), When.DARK, dark_below=100.0
            )
        },
        sirens={"horn": SirenRule(after_seconds=30.0, longest_seconds=20.0, unclassified=True)},
    ),
)


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


@dataclass(slots=True)
class Parts:
    """Sources of presence and sensors, which say what they like."""

    chance: random.Random
    home: set[str] = field(default_factory=lambda: set(PHONES))
    active: dict[str, bool | None] = field(default_factory=dict)
    asked: bool = False

    def say(self, life: Life, number: int) -> Iterable[Message]:
        at, clock, chance = life.now, rounded_clock(life.clock), self.chance
        if number % round(EVERY / FRAME) == 0 or self.asked:
            for source in ("router", "radio"):
                if chance.random() < 0.02:
                    yield SourceFailed(source, "it answers 500", at, clock)
                elif chance.random() < 0.95:
                    seen = tuple(DeviceSeen(name, 1.5) for name in sorted(self.home))
                    yield SourceReport(source, at, clock, seen, asked=self.asked)
            self.asked = False
        if chance.random() < 1 / 500:
            self.home ^= {chance.choice(list(PHONES))}
        if chance.random() < 1 / 300:
            name = chance.choice(SENSORS)
            self.active[name] = chance.choice([not self.active.get(name), False, None])
            yield SensorReading(name, self.active[name], at, clock)

    def hear(self, actions: Iterable[Action]) -> None:
        self.asked |= LookAgain() in actions


def live(
    life: Life,
    cameras: dict[str, Iterator[Sighting]],
    hours: float,
    seed: int,
    parts: Parts | None = None,
) -> None:
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
        for message in parts.say(life, number) if parts else ():
            life.hear(message)
            parts.hear(life.done)
        if chance.random() < 1 / 600:
            said = anything if parts is None else chance.choice([anything, more, more])
            for message in said(life, list(cameras), chance):
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


def more(life: Life, cameras: list[str], chance: random.Random) -> Iterable[Message]:
    """What a house with people, sensors, lights and sirens hears besides."""
    at, clock = life.now, rounded_clock(life.clock)
    until = at + timedelta(seconds=chance.randrange(5, 600))
    on = chance.choice([True, False])
    rules = CameraPolicy(cooldown=chance.choice([20.0, 40.0]), least_area=0.003)
    other = replace(life.policy, version=2, cameras={cameras[0]: rules})
    return chance.choice([
        [StayOff("Ann", at, "test", chance.choice([None, until]))],
        [ArmNow("Bob", at, "test", force=on)],
        [SetSwitch(chance.choice(list(Switch)), on, "Ann", at, "test")],
        [SetLight(chance.choice([None, on]), "Ann", at, "test")],
        [SetSiren(on, "Ann", at, "test")],
        [SetWalkTest(tuple(cameras[:1]), chance.choice([None, until]), "Ann", at, "test")],
        [Trouble("disk", chance.choice([None, "it is full"]), at, clock)],
        [Tampered(cameras[0], chance.choice([None, "covered"]), at, clock)],
        [Outage(("front saw nothing for 3 min",), at, clock)],
        [Propose(1, "fewer false alarms", at), UsePolicy(other, "Ann", at, "test", "tuned", 1)],
    ])  # fmt: skip
