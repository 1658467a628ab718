"""Who turns a camera, when, how far, and what is said of it meanwhile."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

import pytest

from whosthere.core.pan_tilt import ELSEWHERE, HOME, Limits, PanTiltTrouble, Position, View
from whosthere.devices.pan_tilt import Manners, Preset, Turner
from whosthere.devices.pan_tilt_patrol import Patrol
from whosthere.devices.simulated_pan_tilt import Simulated

LIMITS = Limits(-90, 90, -45, 45)
PRESETS = {
    HOME: Preset(Position(0, 0)),
    "gate": Preset(Position(60, -10)),
    "yard": Preset(Position(-60, 0)),
}
NIGHT = datetime(2026, 1, 1, 23, 0, tzinfo=UTC)
ROUND = Patrol(("gate", "yard"), dwell_seconds=20)


@dataclass
class World:
    """A camera in a time of its own, and what was looked at in each moment."""

    manners: Manners = field(default_factory=lambda: Manners(LIMITS, settle_seconds=0.5))
    clock: float = 100.0
    now: datetime = NIGHT
    busy: bool = False
    views: list[View] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.driver = Simulated(LIMITS, 60.0, 0.5, self.wait)
        self.turner = Turner(
            "front", self.driver, PRESETS, self.manners, clock=lambda: self.clock,
            now=lambda: self.now, wait=self.wait, busy=lambda: self.busy,
        )  # fmt: skip
        self.turner.arrive()

    def wait(self, seconds: float) -> None:
        self.views.append(self.turner.view(self.clock))
        self.clock += seconds

    def pass_by(self, seconds: float) -> list[str]:
        """Let time go by; return the places that were looked at, one after the other."""
        places, until = [self.turner.place()], self.clock + seconds
        while self.clock < until:
            self.clock += 0.5
            self.turner.tend()
            if self.turner.place() != places[-1]:
                places.append(self.turner.place())
        return places


def test_from_the_command_until_it_has_settled_it_turns():
    world = World()
    before = world.turner.view(world.clock)
    world.turner.turn(Position(60, 0))
    assert View(turning=False, place=HOME) == before
    assert {True} == {view.turning for view in world.views}
    assert not world.turner.view(world.clock).turning
    assert pytest.approx(1.5, abs=0.05) == world.clock - 100.0


def test_what_was_seen_before_the_command_was_seen_before():
    world = World()
    world.turner.turn("gate")
    assert {"gate"} == {view.place for view in world.views}
    assert View(turning=False, place="gate") == world.turner.view(world.clock)


@pytest.mark.parametrize(
    ("to", "place"),
    [("gate", "gate"), (Position(60, -10), "gate"), (Position(61, -9), "gate"),
     (Position(10, 0), ELSEWHERE), (Position(0, 0), HOME)],
)  # fmt: skip
def test_where_it_looks_has_a_name_if_it_is_a_preset(to: Position | str, place: str):
    world = World()
    world.turner.turn(to)
    assert place == world.turner.place()


@pytest.mark.parametrize(
    ("to", "told"),
    [
        (Position(-120, 0), "pan -120° is outside of -90..90"),
        (Position(0, 60), "tilt 60° is outside of -45..45"),
        ("roof", "has no preset 'roof'. It has home, gate, yard."),
    ],
)
def test_beyond_its_limits_it_does_not_turn_and_says_why(to: Position | str, told: str):
    world = World()
    with pytest.raises(PanTiltTrouble, match=told):
        world.turner.turn(to)
    assert Position(0, 0) == world.driver.position()
    assert not world.views


def test_after_a_turn_by_hand_it_comes_home():
    world = World(Manners(LIMITS, home_after_seconds=60))
    world.turner.turn("gate")
    assert ["gate"] == world.pass_by(50)
    assert ["gate", HOME] == world.pass_by(20)


def test_while_something_moves_there_it_looks_on():
    world = World(Manners(LIMITS, home_after_seconds=60, patrol=ROUND))
    world.turner.turn("gate")
    world.busy = True
    assert ["gate"] == world.pass_by(300)
    world.busy = False
    assert HOME in world.pass_by(5)


def test_on_patrol_it_looks_at_one_after_the_other():
    world = World(Manners(LIMITS, patrol=ROUND))
    assert [HOME, "gate", "yard", "gate"] == world.pass_by(75)


def test_whoever_turns_it_by_hand_has_time_to_look():
    world = World(Manners(LIMITS, patrol=ROUND))
    world.pass_by(30)
    world.turner.turn(Position(10, 10))
    assert [ELSEWHERE] == world.pass_by(18)
    assert "yard" in world.pass_by(30)


def test_who_turns_it_just_as_a_patrol_would_is_not_turned_away():
    world = World(Manners(LIMITS, patrol=ROUND))
    once = iter(["now"])

    def now() -> datetime:
        for _ in once:  # by another thread, between two looks of the patrol's
            world.turner.turn(Position(10, 0))
        return NIGHT

    world.turner.now = now
    world.clock += 21
    world.turner.tend()
    assert Position(10, 0) == world.turner.position()


def test_when_its_time_is_over_it_comes_home():
    world = World(Manners(LIMITS, patrol=Patrol(("gate", "yard"), 20, time(22), time(6))))
    assert "gate" in world.pass_by(30)
    world.now = NIGHT.replace(hour=7)
    assert ["gate", HOME] == world.pass_by(30)
    assert [HOME] == world.pass_by(300)


@pytest.mark.parametrize(
    ("begins", "ends", "hour", "expected"),
    [(22, 6, 23, True), (22, 6, 3, True), (22, 6, 6, False), (22, 6, 12, False), (8, 9, 8, True),
     (8, 9, 9, False)],
)  # fmt: skip
def test_a_patrol_may_go_over_midnight(begins: int, ends: int, hour: int, expected: bool):  # noqa: FBT001 - a table
    patrol = Patrol(("gate",), 20, time(begins), time(ends))
    assert expected == patrol.is_on(NIGHT.replace(hour=hour))


def test_people_end_a_patrol_and_begin_it():
    world = World(Manners(LIMITS, patrol=ROUND))
    world.pass_by(30)
    world.turner.patrol(on=False)
    assert ["gate", HOME] == world.pass_by(100)
    world.turner.patrol(on=True)
    assert "yard" in world.pass_by(100)


def test_without_stops_there_is_no_patrol():
    with pytest.raises(PanTiltTrouble, match=r"has no patrol. Name its presets"):
        World().turner.patrol(on=True)


@dataclass
class Failing:
    """A motor that stops on its way."""

    at: Position = field(default=Position(0, 0))
    rested: int = 0

    def turn(self, to: Position) -> None:
        raise PanTiltTrouble(f"stuck on the way to {to}")

    def position(self) -> Position:
        return self.at

    def rest(self) -> None:
        self.rested += 1

    def close(self) -> None: ...


def test_a_motor_that_fails_leaves_it_elsewhere_and_not_turning():
    turner = Turner("front", Failing(), PRESETS, Manners(LIMITS, 0.0), clock=lambda: 5.0)
    turner.arrive()
    with pytest.raises(PanTiltTrouble, match="stuck"):
        turner.turn("gate")
    assert View(turning=False, place=ELSEWHERE) == turner.view(6.0)


def test_a_turn_by_somebody_else_is_noticed_and_what_it_looks_at_is_known():
    world = World()
    world.turner.turn("yard")
    world.driver.turn(Position(60, -10))  # by the maker's app
    assert ["yard", "gate"] == world.pass_by(15)
    world.driver.turn(Position(20, 20))
    assert Position(20, 20) == world.turner.position()
    assert ELSEWHERE == world.turner.place()


def test_before_anything_is_known_it_looks_home():
    turner = Turner("front", Failing(), PRESETS, Manners(LIMITS))
    assert View(turning=False, place=HOME) == turner.view(1.0)


def test_motors_are_let_go_after_a_while_and_once():
    world = World(Manners(LIMITS, idle_seconds=2))
    motor = Failing()
    world.turner.turn("gate")
    world.turner.driver = motor
    world.pass_by(1.5)
    assert 0 == motor.rested
    world.pass_by(10)
    assert 1 == motor.rested


def test_two_who_ask_at_once_are_served_one_after_the_other():
    """While one waits for the motor, the other is not heard."""
    began, go_on = threading.Event(), threading.Event()

    def wait(_: float) -> None:
        began.set()
        go_on.wait(10)

    driver = Simulated(LIMITS, 60.0, 0.5, wait)
    turner = Turner("front", driver, PRESETS, Manners(LIMITS, 0.0), wait=lambda _: None)
    first = threading.Thread(target=turner.turn, args=("gate",))
    second = threading.Thread(target=turner.turn, args=("yard",))
    first.start()
    assert began.wait(10)
    second.start()
    go_on.set()
    first.join(10)
    second.join(10)
    assert Position(-60, 0) == turner.position()
    assert "yard" == turner.place()
