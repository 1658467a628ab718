"""How the parts work together: lost cameras, modes that are asked for, and a full disk."""

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from whosthere.app.assemble import Steady, arm_state, policy_of
from whosthere.app.health import CameraWatch, HealthBoard
from whosthere.app.program import Clock, Eyes
from whosthere.app.settings import Settings, parse
from whosthere.app.upkeep import Upkeep
from whosthere.app.workers import QueueInbox
from whosthere.core.messages import CameraBack, CameraLost, Message, SetMode, Tick
from whosthere.core.model import Incident
from whosthere.core.modes import ArmState, Mode
from whosthere.core.sighting import Motion, Scene, Sighting
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SEEN = Sighting("front", AT, 0.0, Motion(Scene.STEADY))


def make_settings(folder: Path, more: str = "") -> Settings:
    return parse(
        f'[storage]\nfolder = "{folder}"\n{more}\n[cameras.front]\nkind = "file"\npath = "a.mp4"\n',
        "test",
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "whosthere.db")
    yield made
    made.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    made = SqliteLedger(tmp_path / "ledger.db")
    yield made
    made.close()


class House:
    """The parts around the inbox, and what came into it."""

    def __init__(self, store: SqliteStore, ledger: SqliteLedger) -> None:
        self.inbox, self.watch, self.health = QueueInbox(), CameraWatch(10.0), HealthBoard()
        self.clock = Clock(self.inbox, store, ledger, self.watch, self.health)
        self.eyes = Eyes(self.inbox, self.watch, self.health, lambda _: None)

    def heard(self) -> list[Message]:
        self.inbox.close()
        return [message for message in self.inbox if not isinstance(message, Tick)]


@pytest.fixture
def house(store: SqliteStore, ledger: SqliteLedger) -> House:
    return House(store, ledger)


def test_a_camera_without_frames_is_told_with_the_reason(house: House):
    house.watch.expect("front", 0.0)
    house.health.failed("front", "answers 401", 1.0)
    for clock in (5.0, 10.0, 11.0, 12.0):
        house.clock.tick(AT, clock)
    assert [CameraLost("front", "answers 401", AT, 11.0)] == house.heard()


def test_its_next_frame_tells_that_it_is_back(house: House):
    house.watch.expect("front", 0.0)
    house.health.failed("front", "answers 401", 1.0)
    house.clock.tick(AT, 11.0)
    house.eyes.put(SEEN)
    lost, back, seen = house.heard()
    assert isinstance(lost, CameraLost)
    assert isinstance(back, CameraBack)
    assert SEEN == seen
    assert house.health.of("front").ok


def test_a_camera_that_saves_work_lives_while_its_stream_does(house: House):
    house.watch.expect("front", 0.0, lambda: 30.0)
    house.clock.tick(AT, 40.0)
    assert [] == house.heard()


def test_a_mode_that_another_process_asks_for_reaches_the_house(
    house: House, store: SqliteStore, tmp_path: Path
):
    visitor = SqliteStore.visit(tmp_path / "whosthere.db")
    visitor.ask(SetMode(Mode.NIGHT, "anna", AT))
    visitor.close()
    house.clock.tick(AT, 1.0)
    house.clock.tick(AT, 2.0)
    assert [SetMode(Mode.NIGHT, "anna", AT, "command line")] == house.heard()
    assert store.arm_state() is None


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        (None, None, Mode.AWAY),
        (None, Mode.HOME, Mode.HOME),
        (Mode.OFF, None, Mode.OFF),
        (Mode.OFF, Mode.NIGHT, Mode.NIGHT),
    ],
    ids=["as set", "as asked", "as before", "asked beats before"],
)
def test_the_mode_at_the_start(
    before: Mode | None, asked: Mode | None, expected: Mode, store: SqliteStore, tmp_path: Path
):
    store.remember([ArmState(mode, AT, "earlier") for mode in [before] if mode])
    state = arm_state(store, make_settings(tmp_path), asked, AT)
    assert expected is state.mode
    assert state == store.arm_state()


def test_a_policy_gets_a_new_version_only_when_its_numbers_change(
    store: SqliteStore, tmp_path: Path
):
    same, other = make_settings(tmp_path), make_settings(tmp_path, "[rules]\ncooldown = 5")
    assert [1, 1, 2] == [policy_of(one, store).version for one in (same, same, other)]
    assert ["settings", "settings"] == [kept.author for kept in store.policies()]


def test_a_disk_that_fails_does_not_stop_the_house_and_loses_nothing(tmp_path: Path):
    store = SqliteStore(tmp_path / "whosthere.db", busy_seconds=0.05)
    other = sqlite3.connect(tmp_path / "whosthere.db")
    other.execute("BEGIN IMMEDIATE")
    Steady(store).remember([ArmState(Mode.HOME, AT, "asked")])
    assert store.arm_state() is None
    other.close()
    store.tend()
    assert ArmState(Mode.HOME, AT, "asked") == store.arm_state()
    store.close()


def test_files_of_old_incidents_are_deleted_and_forgotten(
    store: SqliteStore, ledger: SqliteLedger, tmp_path: Path
):
    old = AT - timedelta(days=40)
    incident = Incident(
        "20261013T080000000-front", "front", old, old, 0.0, old, 1.0, ended=old,
        picture="incidents/2026/10/13/20261013T080000000-front.jpg",
    )  # fmt: skip
    fresh = replace(
        incident, id="20261122T080000000-front", started=AT, ended=AT,
        picture="incidents/2026/11/22/20261122T080000000-front.jpg",
    )  # fmt: skip
    for one in (incident, fresh):
        path = tmp_path / str(one.picture)
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * 1000)
    store.remember([incident, fresh])
    upkeep = Upkeep(make_settings(tmp_path), store, ledger, now=lambda: AT)
    upkeep.tidy()
    assert not (tmp_path / str(incident.picture)).exists()
    assert (tmp_path / str(fresh.picture)).exists()
    assert [fresh.id] == [kept.incident_id for kept in store.files_for_retention()]


def test_room_is_made_when_the_disk_is_full(
    store: SqliteStore, ledger: SqliteLedger, tmp_path: Path
):
    name = "incidents/2026/11/22/20261122T080000000-front.jpg"
    incident = Incident(
        "20261122T080000000-front", "front", AT, AT, 0.0, AT, 1.0, ended=AT, picture=name
    )
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_bytes(b"x" * 1000)
    store.remember([incident])
    upkeep = Upkeep(make_settings(tmp_path), store, ledger, now=lambda: AT)
    assert 0 == upkeep.delete_files()
    assert 1000 == upkeep.make_room()
    assert not (tmp_path / name).exists()


def test_upkeep_stops_at_once(store: SqliteStore, ledger: SqliteLedger, tmp_path: Path):
    upkeep = Upkeep(make_settings(tmp_path), store, ledger)
    thread = threading.Thread(target=upkeep.run, daemon=True)
    thread.start()
    upkeep.stopping.set()
    thread.join(5.0)
    assert not thread.is_alive()
