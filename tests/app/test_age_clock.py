"""What is deleted for its age is gone: a clock that leaps years ahead makes nothing old."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.test_program import make_settings
from whosthere.app.age_clock import NAME, AgeClock
from whosthere.app.upkeep import Upkeep
from whosthere.core.model import Incident
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
NOTHING = timedelta(0)


@dataclass
class Machine:
    """Its clock may be wrong, and it may be off for a while."""

    folder: Path
    off: timedelta = NOTHING  # by which its clock is wrong
    ran: timedelta = NOTHING  # in truth
    follows: bool | None = True
    told: list[str | None] = field(default_factory=list)
    age: AgeClock = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    @property
    def now(self) -> datetime:
        return AT + self.ran + self.off

    def seconds(self) -> float:
        return self.ran.total_seconds()

    def start(self) -> None:
        """As after a power cut: all but the file is forgotten."""
        self.age = AgeClock(
            self.folder / NAME,
            self.told.append,
            lambda: self.follows,
            lambda: self.now,
            self.seconds,
        )
        self.age.moment()

    def run(self, lasting: timedelta) -> timedelta:
        """Ask each hour; return how far the age clock is behind the machine's at the end."""
        for _ in range(round(lasting / HOUR)):
            self.ran += HOUR
            self.age.moment()
        return self.now - self.age.moment()

    @property
    def wrong(self) -> str:
        return self.told[-1] or "" if self.told else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_clock_that_goes_on_is_believed(machine: Machine):
    assert NOTHING == machine.run(3 * DAY)
    assert "" == machine.wrong


def test_a_leap_of_years_makes_nothing_older_for_a_day_and_is_told(machine: Machine):
    machine.run(DAY)
    machine.off = 5 * YEAR
    assert 5 * YEAR == machine.run(23 * HOUR)
    assert "The clock leapt ahead by 1825 days" in machine.wrong
    assert NOTHING == machine.run(2 * HOUR)
    assert "" == machine.wrong


def test_a_leap_that_is_mended_within_the_day_leaves_nothing_behind(machine: Machine):
    machine.off = 5 * YEAR
    machine.run(3 * HOUR)
    machine.off = NOTHING
    assert NOTHING == machine.run(HOUR)
    assert "" == machine.wrong


def test_starts_anew_do_not_shorten_the_wait(machine: Machine):
    machine.off = 5 * YEAR
    for _ in range(20):
        machine.run(HOUR)
        machine.start()
    assert 5 * YEAR == machine.run(HOUR)
    assert NOTHING == machine.run(4 * HOUR)


def test_a_clock_that_follows_nobody_is_not_believed_after_a_leap(machine: Machine):
    machine.follows = False
    machine.off = 5 * YEAR
    assert 5 * YEAR == machine.run(10 * DAY)
    machine.follows = True
    assert NOTHING == machine.run(HOUR)


@pytest.mark.parametrize("off", [HOUR, -HOUR, -5 * YEAR], ids=["summer", "winter", "put back"])
def test_small_steps_and_steps_back_are_believed_at_once(machine: Machine, off: timedelta):
    machine.off = off
    assert NOTHING == machine.run(HOUR)


def test_a_machine_that_was_off_for_weeks_is_believed_a_day_later_and_nobody_worries(
    machine: Machine,
):
    machine.off = 14 * DAY
    machine.start()
    assert 14 * DAY == machine.run(0 * HOUR)
    assert "" == machine.wrong
    assert NOTHING == machine.run(25 * HOUR)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"believed": 3, "waited": null}', "null"])
def test_a_file_that_cannot_be_read_is_as_none(tmp_path: Path, text: str):
    (tmp_path / NAME).write_text(text)
    assert NOTHING == Machine(tmp_path).run(HOUR)


def test_a_first_start_on_older_files_believes_them(tmp_path: Path):
    age = AgeClock(tmp_path / NAME, now=lambda: AT + 5 * YEAR, newest=lambda: AT)
    assert AT == age.moment()


def test_clips_survive_a_clock_that_is_years_ahead(tmp_path: Path):
    store, ledger = SqliteStore(tmp_path / "a.db"), SqliteLedger(tmp_path / "b.db")
    machine = Machine(tmp_path)
    upkeep = Upkeep(make_settings(tmp_path), store, ledger, now=machine.age.moment)
    old, fresh = [
        Incident(
            f"{at:%Y%m%dT%H%M%S}000-front", "front", at, at, 0.0, at, 1.0, ended=at,
            picture=f"incidents/{at:%Y/%m/%d/%Y%m%dT%H%M%S}000-front.jpg",
        )
        for at in (AT - 29 * DAY, AT)
    ]  # fmt: skip
    for one in (old, fresh):
        path = tmp_path / str(one.picture)
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * 1000)
    store.remember([old, replace(fresh, ended=AT)])
    machine.off = 5 * YEAR
    machine.run(HOUR)
    upkeep.tidy()
    assert [old.id, fresh.id] == [one.incident_id for one in store.files_for_retention()]
    machine.run(2 * DAY)  # and a clock that keeps such a time is believed
    upkeep.tidy()
    assert [] == [one.incident_id for one in store.files_for_retention()]
    ledger.close()
    store.close()
