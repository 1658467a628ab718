"""Crashes, full disks and locks: nothing is damaged, and nothing that was promised is lost."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.storage.making import alert, busy, incident, quiet
from whosthere.core.errors import StoreTrouble
from whosthere.core.messages import SetMode
from whosthere.core.model import Answer, Tag
from whosthere.core.modes import ArmState, Mode
from whosthere.storage import pending as pending_module
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.migrations import HOUSE, Step, open_database
from whosthere.storage.pending import Pending
from whosthere.storage.sqlite import SqliteStore

REMEMBERING = """
import sys; from pathlib import Path
from tests.storage.making import alert, incident
from whosthere.storage.sqlite import SqliteStore
store = SqliteStore(Path(sys.argv[1]), messengers=["console", "webhook"])
for number in range(int(sys.argv[2]), 10**9):
    store.remember([incident(number), alert(number)])
    print(number, flush=True)
    for delivery, _ in store.waiting("console"):
        store.sending(delivery)
        store.sent(delivery)
"""
ADDING = """
import sys; from pathlib import Path
from tests.storage.making import busy, quiet
from whosthere.storage.ledger import SqliteLedger
ledger = SqliteLedger(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), 10**9):
    ledger.add(quiet(number) if number % 3 else busy(number))
    if number % 10 == 9:
        ledger.flush()
        print(number, flush=True)
"""


def killed(script: str, path: Path, first: int, lines: int) -> int:
    """Run the script, kill it with no warning after so many lines; return the last number told."""
    command = [sys.executable, "-c", script, str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        told = [int(next(program.stdout)) for _ in range(lines)]
        program.send_signal(signal.SIGKILL)
        told += [int(line) for line in program.stdout if line.endswith("\n")]
    return told[-1]


@pytest.mark.slow
def test_whenever_the_program_is_killed_all_that_was_remembered_is_there(tmp_path: Path):
    path, chance, first = tmp_path / "whosthere.db", random.Random(2018), 0  # noqa: S311 - seeded, for a test
    for _ in range(8):
        last = killed(REMEMBERING, path, first, chance.randrange(1, 150))
        store = SqliteStore(path, messengers=["console", "webhook"])
        known = store.incidents()
        assert [incident(n) for n in range(last + 1)] == known[: last + 1]
        assert [alert(n) for n in range(len(known))] == store.alerts()
        assert len(known) == len(store.waiting("webhook"))
        assert len(store.waiting("console")) <= 1
        store.close()
        first = len(known)


@pytest.mark.slow
def test_whenever_the_program_is_killed_the_ledger_loses_at_most_a_batch(tmp_path: Path):
    path, chance, first = tmp_path / "ledger.db", random.Random(2018), 0  # noqa: S311 - seeded, for a test
    for _ in range(6):
        last = killed(ADDING, path, first, chance.randrange(1, 60))
        ledger = SqliteLedger(path)
        found = list(ledger.read())
        ledger.close()
        expected = [quiet(n) if n % 3 else busy(n) for n in range(len(found))]
        assert expected == found
        assert last + 1 <= len(found) <= last + 11
        first = len(found)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can make a small disk")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip(f"no small disk can be made here: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Leave not a byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(b"x" * 1024)
            except OSError:
                return ballast


def test_a_full_disk_loses_nothing_and_people_are_told_meanwhile(small_disk: Path):
    told: list[str | None] = []
    path = small_disk / "whosthere.db"
    store = SqliteStore(path, messengers=["console"], on_trouble=told.append)
    store.remember([incident(1), alert(1)])
    ballast = fill(small_disk)
    waited = 1
    while not told:
        waited += 1
        with suppress(StoreTrouble):
            store.remember([incident(waited), alert(waited)])
    assert "the disk is full. Free some space" in str(told[-1])
    with pytest.raises(StoreTrouble):
        store.remember([incident(waited, labels={"person": 0.9}), alert(waited + 1)])
    assert "3 things wait in memory" in str(told[-1])

    deliveries = [delivery for delivery, _ in store.waiting("console")]
    assert [alert(n) for n in range(1, waited + 2)] == [d.alert for d in deliveries]
    for delivery in deliveries[1:]:  # people are told of all but the first
        store.sending(delivery)
        store.sent(delivery)
    assert [alert(1)] == [delivery.alert for delivery, _ in store.waiting("console")]

    ballast.unlink()
    store.tend()
    assert told[-1] is None
    store.close()
    again = SqliteStore(path, messengers=["console"])
    assert incident(waited, labels={"person": 0.9}) == again.incident(f"incident-{waited}")
    assert [alert(n) for n in range(1, waited + 2)] == again.alerts()
    assert [alert(1)] == [delivery.alert for delivery, _ in again.waiting("console")]
    again.close()


def test_a_full_disk_makes_the_ledger_wait(small_disk: Path):
    told: list[str | None] = []
    ledger = SqliteLedger(small_disk / "ledger.db", on_trouble=told.append)
    ledger.add(quiet(0))
    ledger.flush()
    ballast = fill(small_disk)
    number = 0
    while not told:
        number += 1
        ledger.add(busy(number, x=number % 997 / 997))
        ledger.flush()
    assert "the disk is full" in str(told[-1])
    ballast.unlink()
    ledger.add(quiet(number + 1))
    ledger.flush()
    assert told[-1] is None
    assert list(range(number + 2)) == [round(s.clock) for s in ledger.read()]
    ledger.close()


def test_a_disk_that_is_full_from_the_start_is_said(small_disk: Path):
    fill(small_disk)
    with pytest.raises(StoreTrouble, match=r"the disk (is full|does not)"):
        SqliteStore(small_disk / "whosthere.db")


def test_an_upgrade_that_has_no_room_for_a_copy_changes_nothing(small_disk: Path):
    path = small_disk / "whosthere.db"
    store = SqliteStore(path)
    store.remember([incident(n) for n in range(500)])
    store.close()
    before = path.read_bytes()
    ballast = fill(small_disk)
    os.truncate(ballast, ballast.stat().st_size - 100_000)  # room to open it, and no more
    star = Step(HOUSE.version + 1, "ALTER TABLE incident ADD COLUMN star INTEGER;")
    with pytest.raises(StoreTrouble, match="the disk is full"):
        open_database(path, replace(HOUSE, steps=(*HOUSE.steps, star)))
    assert before == path.read_bytes()
    assert [] == list((small_disk / "backups").iterdir())


def test_a_read_only_disk_is_said(small_disk: Path):
    path = small_disk / "whosthere.db"
    SqliteStore(path).close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(StoreTrouble, match="cannot be written to"):
        SqliteStore(path)
    with pytest.raises(StoreTrouble, match=r"cannot be (written to|opened)"):
        SqliteLedger(small_disk / "ledger.db")


def test_a_database_that_others_hold_makes_things_wait(tmp_path: Path):
    told: list[str | None] = []
    path = tmp_path / "whosthere.db"
    store = SqliteStore(path, messengers=["console"], on_trouble=told.append, busy_seconds=0.01)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreTrouble, match="another program holds it"):
            store.remember([incident(), alert()])
        assert [alert()] == [delivery.alert for delivery, _ in store.waiting("console")]
        store.tend()
        assert [] == store.incidents()
        other.execute("ROLLBACK")
    store.remember([incident(2)])
    assert [incident(1), incident(2)] == store.incidents()
    assert told[-1] is None
    store.close()


def test_a_request_is_taken_once_though_it_cannot_be_deleted(tmp_path: Path):
    path = tmp_path / "whosthere.db"
    store = SqliteStore(path, busy_seconds=0.01)
    visitor = SqliteStore.visit(path)
    visitor.ask(SetMode(Mode.AWAY, "Ann", incident().started))
    visitor.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert [Mode.AWAY] == [request.mode for request in store.asked()]
        other.execute("COMMIT")
    assert [] == store.asked()
    store.close()


def test_what_waits_in_memory_is_bounded_and_alerts_go_last():
    waiting = Pending(most=4)
    state = ArmState(Mode.AWAY, incident().started, "test")
    tag = Tag("incident-1", Answer.OCCUPIED, "Ann", incident().started)
    waiting.add([alert(1), incident(1), incident(2, alert_id="alert-2"), state])
    waiting.add([incident(1), incident(2, alert_id="alert-2")])  # known already: no more room
    assert (4, []) == (len(waiting), waiting.dropped)
    waiting.add([tag, alert(3), alert(4), alert(5)])
    dropped = [incident(1), incident(2, alert_id="alert-2"), state, tag]
    assert dropped == waiting.dropped
    waiting.add([alert(6)])
    assert alert(1) == waiting.dropped[-1]


def test_what_had_to_be_dropped_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pending_module, "MOST", 2)
    told: list[str | None] = []
    path = tmp_path / "whosthere.db"
    store = SqliteStore(path, messengers=["console"], on_trouble=told.append, busy_seconds=0.001)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for number in range(5):
            with pytest.raises(StoreTrouble):
                store.remember([alert(number)])
        other.execute("ROLLBACK")
    assert "3 things are lost" in str(told[-1])
    store.tend()
    assert [alert(3), alert(4)] == store.alerts()
    store.close()
