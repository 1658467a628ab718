"""A house with people, phones, sources and cameras, lived message by message, and watched.

The watcher knows the truth: who is home, what sources have shown, what people asked for. It keeps
its own books, far simpler than the rules, and compares after each message.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.core.say import sighting
from whosthere.app.restoring import restored
from whosthere.core.arming_rules import ArmingRules, Scheduled
from whosthere.core.decide import decide
from whosthere.core.messages import (
    Action,
    ArmNow,
    LookAgain,
    Message,
    Notify,
    Remember,
    SetMode,
    SetSwitch,
    StayOff,
    Tick,
)
from whosthere.core.model import AlertKind, News, Verdict
from whosthere.core.modes import ARMED, ArmedBy, ArmState, Mode
from whosthere.core.people import AuditEntry, Switch
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.presence import DeviceSeen, Person, SourceFailed, SourceReport, SourceRule
from whosthere.core.sighting import Sighting
from whosthere.storage.database import MEMORY
from whosthere.storage.sqlite import SqliteStore

NOON = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)  # clocks are put back the night after
EVERY = 15.0  # seconds between reports, and between ticks
MISSED = 3  # reports
SLACK = EVERY + 1.0
OWNERS = {"ann-phone": "Ann", "ann-watch": "Ann", "bob-phone": "Bob", "gus-phone": "Gus"}
LEAVE = {"router": 180.0, "radio": 300.0}
SEES = {"router": set(OWNERS), "radio": {"ann-watch", "bob-phone"}}
RULES = ArmingRules(
    exit_seconds={Mode.AWAY: 20.0},
    entry_seconds={"front": 30.0},
    schedule=(Scheduled(time(23), Mode.NIGHT), Scheduled(time(6, 30), Mode.OFF)),
    zone=ZoneInfo("Europe/Vienna"),
    people=(
        Person("Ann", ("ann-phone", "ann-watch")),
        Person("Bob", ("bob-phone",)),
        Person("Gus", ("gus-phone",), guest=True),
    ),
    sources=(
        SourceRule("router", LEAVE["router"], EVERY),
        SourceRule("radio", LEAVE["radio"], EVERY, frozenset(SEES["radio"])),
    ),
)
POLICY = Policy(default=CameraPolicy(), arming=RULES)


@dataclass
class World:
    """The truth, the house, and what was promised to people."""

    at: datetime = NOON
    clock: float = 1000.0
    steps: int = 0
    home: set[str] = field(default_factory=lambda: {"Ann", "Bob"})
    asleep: set[str] = field(default_factory=set)  # devices
    source: dict[str, str] = field(default_factory=lambda: dict.fromkeys(LEAVE, "works"))
    seen: dict[tuple[str, str], float] = field(default_factory=dict)  # since the last start
    worked: dict[str, tuple[float, float]] = field(default_factory=dict)  # from when, until when
    timed: tuple[Mode, datetime] | None = None  # a person's word that must hold until then
    waiting: dict[str, set[str]] = field(default_factory=dict)  # camera → incidents held back
    due: dict[str, float] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    ticked: tuple[datetime, float] | None = None
    asked: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = SqliteStore(MEMORY, messengers=["console"])
        self.store.remember([ArmState(Mode.OFF, self.at, "first start")])
        self.house = restored(self.store, self.store.arm_state(), POLICY, self.at, self.clock)

    # --- living

    def hear(self, message: Message) -> list[Action]:
        before = self.house
        self.house, actions = decide(before, message, POLICY)
        things = [one.what for one in actions if isinstance(one, Remember)]
        self.store.remember([*things, *(a.alert for a in actions if isinstance(a, Notify))])
        self.asked |= LookAgain() in actions
        self.watch(before, message, actions)
        return actions

    def pass_time(self, seconds: float) -> None:
        end = self.clock + seconds
        while self.clock < end:
            self.step(min(EVERY, end - self.clock))
            self.look()
            self.hear(Tick(self.at, self.clock))

    def step(self, seconds: float) -> None:
        self.clock = round(self.clock + seconds, 3)
        self.at += timedelta(seconds=seconds)

    def look(self) -> None:
        """All sources report, or fail, or say nothing."""
        asked, self.asked = self.asked, False
        for name, how in self.source.items():
            if how == "works":
                begun, last = self.worked.get(name, (self.clock, self.clock))
                begun = begun if self.clock - last <= MISSED * EVERY else self.clock
                self.worked[name] = (begun, self.clock)
                self.hear(SourceReport(name, self.at, self.clock, self.shown(name), asked=asked))
            elif how == "fails":
                self.worked.pop(name, None)
                self.hear(SourceFailed(name, "it answers 500", self.at, self.clock))

    def shown(self, source: str) -> tuple[DeviceSeen, ...]:
        found = sorted(
            device for device in SEES[source] - self.asleep if OWNERS[device] in self.home
        )
        for device in found:
            self.seen[(device, source)] = self.clock
        return tuple(DeviceSeen(device) for device in found)

    def visit(self, camera: str) -> None:
        """Somebody walks by for three seconds."""
        for _ in range(15):
            self.step(0.2)
            self.hear(Tick(self.at, self.clock))
            base = sighting(0.0, area=0.05, person=0.9, camera=camera)
            self.hear(
                Sighting(camera, self.at, self.clock, base.motion, base.look, base.detections)
            )

    def mend(self) -> None:
        """All sources work, all phones are awake, and presence may act."""
        self.source, self.asleep = dict.fromkeys(LEAVE, "works"), set()
        self.auto_detect(on=True)

    def jump(self, seconds: float) -> None:
        """The wall clock is set, the other one never. No moment comes twice, to the ms."""
        self.steps += 1
        self.at = self.at.replace(microsecond=0)
        self.at += timedelta(seconds=round(seconds), milliseconds=self.steps)

    def restart(self, pause: float, clock: float) -> None:
        before, self.clock = self.house, clock
        self.at += timedelta(seconds=pause)
        self.seen, self.worked, self.ticked, self.asked = {}, {}, None, False
        self.house = restored(self.store, self.store.arm_state(), POLICY, self.at, clock)
        after = self.house
        assert before.arm_state == after.arm_state
        assert before.controls == after.controls
        assert before.notices == after.notices
        assert (before.wish, before.unconfirmed) == (after.wish, after.unconfirmed)
        assert (before.triggered is None) is (after.triggered is None)
        assert (before.countdown is None) is (after.countdown is None)
        for camera, incidents in self.waiting.items():
            pending = after.camera(camera).pending
            assert incidents == {one.id for one in pending.incidents}
            self.due[camera] = clock + 30.0

    # --- watching

    def known_home(self) -> set[str]:
        """Residents of whom a device was seen within the time that its source gives."""
        return {
            OWNERS[device]
            for (device, source), clock in self.seen.items()
            if self.clock - clock < LEAVE[source] and OWNERS[device] != "Gus"
        }

    def proven_away(self) -> set[str]:
        """Residents whom some source could see, and has not for as long as it needs."""
        long = [
            name
            for name, (begun, last) in self.worked.items()
            if self.clock - begun >= LEAVE[name] and self.clock - last <= MISSED * EVERY
        ]
        found = {OWNERS[device] for name in long for device in SEES[name]}
        return found - self.known_home() - {"Gus"}

    def watch(self, before, message, actions) -> None:
        self.count(actions)
        self.no_word_is_broken(message)
        self.changes_have_reasons(before, message)
        self.nothing_is_lost(message, actions)
        self.all_is_told_once(actions)
        if isinstance(message, Tick):
            self.ticked = (message.at, message.clock)

    def changes_have_reasons(self, before, message) -> None:
        was, now = before.arm_state, self.house.arm_state
        if was.mode is now.mode:
            return
        by_word = isinstance(message, (SetMode, StayOff, ArmNow))
        if now.mode is Mode.AWAY and now.source is not ArmedBy.HAND:
            assert not self.known_home() or not self.acts
        if now.mode is Mode.AWAY and now.source is ArmedBy.PRESENCE:
            assert {"Ann", "Bob"} == self.proven_away()
        over = was.until is not None and message.at >= was.until
        if was.mode in ARMED and now.mode not in ARMED and not over:
            match now.source:
                case ArmedBy.HAND:
                    assert by_word
                case ArmedBy.PRESENCE:
                    assert self.known_home()
                    assert was.mode is Mode.AWAY
                    assert self.acts
                case ArmedBy.SCHEDULE:
                    assert was.source is ArmedBy.SCHEDULE
                    assert self.is_usual(message)
                    assert before.triggered is None
                case _:
                    pytest.fail(f"disarmed by {now}")
        entries = self.store.audit(3)
        assert any(f"{now.mode}" in one.what or "stay off" in one.what for one in entries)

    @property
    def acts(self) -> bool:
        return Switch.AUTO_DETECT in self.house.controls.switches

    def is_usual(self, message) -> bool:
        """Whether both clocks went on together since the last tick of this run."""
        if self.ticked is None or not isinstance(message, Tick):
            return False
        at, clock = self.ticked
        return abs((message.at - at).total_seconds() - (message.clock - clock)) < 6.0

    def no_word_is_broken(self, message) -> None:
        match message:
            case SetMode(mode=mode, until=until):
                self.timed = (mode, until) if until else None
            case StayOff(until=until):
                self.timed = (Mode.OFF, until) if until else None
            case ArmNow():
                self.timed = None
            case _:
                pass
        if self.timed is None:
            return
        mode, until = self.timed
        if getattr(message, "at", until) >= until:
            self.timed = None
        elif self.house.countdown is None:
            assert mode is self.house.arm_state.mode

    def nothing_is_lost(self, message, actions) -> None:
        if isinstance(message, Sighting):
            decision = self.house.camera(message.camera).decision
            incident = self.house.camera(message.camera).incident
            if decision.verdict is Verdict.ALERT:
                assert any(incident.id in a.alert.incident_ids for a in notes(actions))
            if decision.verdict is Verdict.PENDING:
                if message.camera not in self.waiting:
                    self.due[message.camera] = message.clock + 30.0
                self.waiting.setdefault(message.camera, set()).add(incident.id)
        for camera, incidents in list(self.waiting.items()):
            told = {
                incident
                for note in notes(actions)
                if note.alert.kind is AlertKind.PERSON
                for incident in note.alert.incident_ids
            }
            written = any(
                isinstance(one.what, AuditEntry)
                and one.what.what.startswith(f"no alert of {camera} ")
                for one in actions
                if isinstance(one, Remember)
            )
            if written:
                assert self.house.mode_of(camera) not in ARMED
            if written or incidents <= told:
                del self.waiting[camera], self.due[camera]
            else:
                pending = self.house.camera(camera).pending
                assert incidents == {one.id for one in pending.incidents}
                assert self.clock < self.due[camera] + SLACK

    def all_is_told_once(self, actions) -> None:
        for note in notes(actions):
            alert = note.alert
            assert self.revisions.get(alert.id, 0) + 1 == alert.revision, alert
            assert (alert.revision == 1) is (alert.news is News.FIRST)
            self.revisions[alert.id] = alert.revision

    def count(self, actions) -> None:
        """What a run has reached, to see that the rules lead everywhere."""
        for note in notes(actions):
            name = f"{note.alert.kind} {note.alert.news}"
            self.counts[name] = self.counts.get(name, 0) + 1

    # --- words

    def say(self, mode: Mode, hours: float | None, *, force: bool = True) -> None:
        until = self.at + timedelta(hours=hours) if hours else None
        self.hear(SetMode(mode, "Ann", self.at, "test", None, until, force))

    def stay_off(self, hours: float | None) -> None:
        until = self.at + timedelta(hours=hours) if hours else None
        self.hear(StayOff("Ann", self.at, "test", until))

    def arm_now(self) -> None:
        self.hear(ArmNow("Ann", self.at, "test"))

    def auto_detect(self, *, on: bool) -> None:
        self.hear(SetSwitch(Switch.AUTO_DETECT, on, "Ann", self.at, "test"))


def notes(actions: list[Action]) -> list[Notify]:
    return [one for one in actions if isinstance(one, Notify)]
