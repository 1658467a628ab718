"""What is measured of the machine and the program, from where on it is trouble, and its end."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.answers.living import SmallHouse
from whosthere.app.disk_trend import DiskTrend
from whosthere.app.health import CameraWatch
from whosthere.app.health_parts import HealthKeeper
from whosthere.app.health_settings import HealthSettings
from whosthere.app.vitals import Vitals
from whosthere.app.workers import QueueInbox
from whosthere.core.messages import Tick
from whosthere.core.sighting import Look, Motion, Scene, Sighting
from whosthere.devices.board import FIRMWARE, Board
from whosthere.monitoring.tally import Tally

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
GIGABYTE = 2**30
DAY = 86400.0


@dataclass
class Machine:
    """A machine of files, and clocks that only tests move."""

    house: SmallHouse
    root: Path
    clock: float = 0.0
    free: float = 20.0  # GB
    jumped: float = 0.0
    keeper: HealthKeeper = field(init=False)

    def __post_init__(self) -> None:
        self.vitals = Vitals(
            self.house.answers.parts,
            QueueInbox(),
            CameraWatch(10.0),
            Tally(("front",), (), clock=lambda: self.clock),
            clock=lambda: self.clock,
        )
        self.keeper = HealthKeeper(
            HealthSettings(),
            self.root,
            self.vitals,
            self.house.health,
            Board(self.root),
            now=lambda: AT + timedelta(seconds=self.clock + self.jumped),
            clock=lambda: self.clock,
            free=lambda _folder: round(self.free * GIGABYTE),
        )

    def later(self, seconds: float = 2.0) -> None:
        self.clock += seconds
        self.vitals.heard(Tick(AT, self.clock))
        self.keeper.look()

    def why(self, part: str) -> str:
        return self.house.health.of(part).why

    def heat(self, degrees: float) -> None:
        self.write("sys/class/thermal/thermal_zone0/temp", f"{degrees * 1000:.0f}")

    def write(self, name: str | Path, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    house = SmallHouse(tmp_path / "house")
    yield Machine(house, tmp_path / "machine")
    house.close()


def test_a_hot_machine_is_trouble_until_it_is_clearly_cooler(machine: Machine):
    heats = [60.0, 81.0, 78.0, 74.0]
    told = []
    for degrees in heats:
        machine.heat(degrees)
        machine.later()
        told.append(bool(machine.why("temperature")))
    assert [False, True, True, False] == told


def test_a_trouble_ends_with_the_sensor_that_told_of_it(machine: Machine):
    machine.heat(90.0)
    machine.write(FIRMWARE, "1")
    machine.later()
    assert machine.why("temperature")
    assert machine.why("power")
    shutil.rmtree(machine.root / "sys")
    machine.later(60)
    assert "" == machine.why("temperature") == machine.why("power")


def test_under_voltage_stays_for_a_minute_since_it_comes_and_goes(machine: Machine):
    machine.write(FIRMWARE, "1")
    machine.later()
    machine.write(FIRMWARE, "50000")
    machine.later(30)
    assert "supply voltage" in machine.why("power")
    machine.later(60)
    assert "" == machine.why("power")


def test_a_disk_that_is_nearly_full(machine: Machine):
    machine.free = 0.2
    machine.later()
    assert "only 0.2 GB are free" == machine.why("disk")
    machine.free = 0.4  # not yet clearly more
    machine.later()
    assert "only 0.4 GB are free" == machine.why("disk")
    machine.free = 5.0
    machine.later()
    assert "" == machine.why("disk")


def test_a_disk_that_will_soon_be_full(machine: Machine):
    for _ in range(24):
        machine.free -= 0.25
        machine.later(3600)
    assert "it will be full in 2 days as it fills now" == machine.why("disk")


@pytest.mark.parametrize(
    ("change", "expected"), [(-1.0, 9.0), (0.0, None), (1.0, None)], ids=["fills", "stays", "frees"]
)
def test_the_trend_of_the_disk(change: float, expected: float | None):
    trend = DiskTrend()
    for hour in range(25):
        trend.note(hour * 3600.0, 10.0 + change * hour / 24)
    left = trend.days_left()
    assert expected == (left if left is None else round(left, 6))


def test_nothing_is_foretold_from_a_few_hours():
    trend = DiskTrend()
    for hour in range(5):
        trend.note(hour * 3600.0, 10.0 - hour)
    assert None is trend.days_left()


@pytest.mark.parametrize(("jump", "way"), [(600.0, "forward"), (-3600.0, "back")])
def test_a_clock_that_jumps_is_told_for_a_while(machine: Machine, jump: float, way: str):
    machine.later()
    machine.jumped = jump
    machine.later()
    assert f"it jumped {way} by" in machine.why("clock of the machine")
    machine.later(130)
    assert "" == machine.why("clock of the machine")


def test_a_clock_that_follows_nobody_for_an_hour(machine: Machine):
    (machine.root / "run/systemd/timesync").mkdir(parents=True)
    machine.later()
    assert "" == machine.why("clock of the machine")
    machine.later(3601)
    assert "follows no time server" in machine.why("clock of the machine")
    machine.write("run/systemd/timesync/synchronized", "")
    machine.later()
    assert "" == machine.why("clock of the machine")


def test_what_makes_no_progress_is_named_within_ten_seconds(machine: Machine):
    machine.later()
    for _ in range(5):
        machine.clock += 2.0
        machine.keeper.look()
    assert "the house takes no messages" == machine.why("inbox")
    machine.later()
    assert "" == machine.why("inbox")


def sighting(seconds: float, look: Look) -> Sighting:
    return Sighting("front", AT, seconds, Motion(Scene.STEADY), look)


def test_a_detector_that_fails_is_told_until_it_works(machine: Machine):
    for seconds in (10.0, 11.0, 12.5):
        machine.keeper.heard(sighting(seconds, Look.FAILED))
    machine.later()
    assert "motion alone is told" in machine.why("detector")
    machine.keeper.heard(sighting(14.0, Look.DONE))
    machine.later()
    assert "" == machine.why("detector")


def test_one_picture_that_fails_is_nothing(machine: Machine):
    machine.keeper.heard(sighting(10.0, Look.FAILED))
    machine.later()
    assert "" == machine.why("detector")
