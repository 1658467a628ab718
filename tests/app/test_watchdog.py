"""systemd hears of the program as long as it makes progress, and not longer."""

import signal
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.answers.living import EVENING
from tests.app.conftest import Running
from tests.monitoring.conftest import Home
from tests.monitoring.conftest import eventful as eventful  # noqa: PLC0414 - a fixture
from tests.monitoring.conftest import home as home  # noqa: PLC0414 - a fixture
from whosthere.app.assemble import assemble
from whosthere.app.settings import load
from whosthere.app.watchdog import Watchdog
from whosthere.core.messages import CameraLost, Tick
from whosthere.monitoring.systemd import Systemd

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


PATIENCE = 30.0


@pytest.fixture
def notify(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd listens with."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(PATIENCE)
        yield line


def heard_until(line: socket.socket, wanted: Callable[[str], bool]) -> list[str]:
    """Read until something is said; the socket's timeout is the bound."""
    said: list[str] = []
    while not (said and wanted(said[-1])):
        said.append(line.recv(4096).decode())
    return said


def pending(line: socket.socket) -> list[str]:
    """What waits to be read now."""
    line.settimeout(0)
    said: list[str] = []
    try:
        while True:
            said.append(line.recv(4096).decode())
    except BlockingIOError:
        return said
    finally:
        line.settimeout(PATIENCE)


def test_systemd_hears_when_it_is_ready_that_it_lives_and_that_it_stops(
    notify: socket.socket, settings_file: Path, start: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NOTIFY_SOCKET", str(settings_file.parent / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "3000000")
    running: Running = start("run", "--settings", settings_file)
    begun = heard_until(notify, lambda one: "1 of 1 cameras" in one)
    again = heard_until(notify, lambda one: "WATCHDOG=1" in one)
    code = running.end(signal.SIGTERM)
    ended = heard_until(notify, lambda one: "STOPPING=1" in one)

    assert "READY=1" == begun[0]
    assert "STATUS=mode away; 1 of 1 cameras" in begun[-1]
    assert again
    assert ("STOPPING=1", 0) == (ended[-1], code)
    assert "READY=1" not in begun[1:]


def test_a_house_that_hangs_gives_no_sign_of_life(home: Home, notify: socket.socket):
    dog = Watchdog(Systemd(notify.getsockname(), 30.0), home.vitals)
    home.vitals.heard(Tick(home.house.now, 0.0))
    home.house.clock = 44.0
    dog.look()
    well = pending(notify)
    home.house.clock = 46.0
    dog.look()
    ill = pending(notify)
    home.vitals.heard(Tick(home.house.now, 46.0))
    dog.look()
    again = pending(notify)

    assert ["WATCHDOG=1"] == [one.splitlines()[0] for one in well]
    assert ["STATUS=no progress: the house has taken no message for 46 s"] == ill
    assert ["WATCHDOG=1"] == [one.splitlines()[0] for one in again]


def test_a_detector_that_hangs_is_named(home: Home):
    with home.tally.working("detector for front", home.tally.detector["front"]):
        home.house.clock = 46.0
        home.vitals.heard(Tick(home.house.now, 46.0))
        during = home.vitals.stuck()

    assert (["the detector for front hangs"], []) == (during, home.vitals.stuck())


def test_a_silence_that_nobody_has_noticed_is_one(home: Home):
    home.vitals.watch.expect("front", 0.0)
    home.house.clock = 60.0
    home.vitals.heard(Tick(home.house.now, 60.0))
    unnoticed = home.vitals.stuck()
    home.vitals.watch.newly_lost(60.0)

    assert ["front is silent, and nobody has noticed"] == unnoticed
    assert [] == home.vitals.stuck()


@pytest.mark.parametrize("part", ["front", "database", "messenger test", "web", "ledger"])
def test_what_a_new_start_would_not_mend_starts_nothing_anew(home: Home, part: str):
    home.house.put(CameraLost("garden", "no new picture", home.house.now, 0.0))
    home.house.health.noted(part, "The disk is full.")

    assert [] == home.vitals.stuck()


@pytest.mark.parametrize(("seconds", "every"), [(None, 10.0), (60.0, 10.0), (6.0, 2.0)])
def test_signs_come_three_times_as_often_as_they_must(
    home: Home, seconds: float | None, every: float
):
    assert every == Watchdog(Systemd("", seconds), home.vitals).every


def test_the_whole_program_falls_silent_when_its_house_hangs(
    notify: socket.socket, settings_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NOTIFY_SOCKET", notify.getsockname())
    monkeypatch.setenv("WATCHDOG_USEC", "600000")
    monkeypatch.setattr("whosthere.app.vitals.LONGEST_STEP", 1.5)
    program = assemble(load(settings_file))
    hang, hanging = threading.Event(), threading.Event()
    kept = program.ears.done

    def done(message: Any) -> None:
        kept(message)
        if hang.is_set():
            hanging.set()
            let_go.wait(PATIENCE)

    let_go = threading.Event()
    program.ears.done = done
    program.start()
    try:
        heard_until(notify, lambda one: "WATCHDOG=1" in one)
        hang.set()
        assert hanging.wait(PATIENCE)
        heard_until(notify, lambda one: "no progress: the house has taken" in one)
        rest = [notify.recv(4096).decode() for _ in range(3)]
    finally:
        hang.clear()
        let_go.set()
        program.stop()

    assert all("WATCHDOG=1" not in one for one in rest)


def test_the_heartbeat_hears_of_a_database_that_is_held(home: Home):

    well = home.vitals.troubles()
    other = sqlite3.connect(home.house.folder / "whosthere.db")
    home.house.store.database.writer.execute("PRAGMA busy_timeout=0")
    other.execute("BEGIN IMMEDIATE")
    held = home.vitals.troubles()
    other.close()

    assert ([], 1) == (well, len(held))
    assert "another program holds it" in held[0]


def test_the_heartbeat_hears_that_nobody_can_be_told(eventful: Home):
    queued = eventful.house.store.waiting("test")[0][0].queued  # by the real clock
    eventful.house.clock = (queued - EVENING).total_seconds() + 2000
    eventful.vitals.heard(Tick(eventful.house.now, 2000.0))

    assert ["test: 3 messages wait, the oldest for 33 min 20 s"] == eventful.vitals.troubles()
