"""The whole program starts where something is broken: it watches, tells, and says what is wrong."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.app.conftest import Running, whosthere
from tests.app.test_faults import SOON, until
from whosthere.core.modes import ArmState, Mode
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

pytestmark = pytest.mark.slow  # real programs and films: CI runs it

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can mount a small disk"
)
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def earlier_run(folder: Path) -> None:
    """Leave what a run leaves: a house that is armed for the night, and a copy of the day."""
    with closing(SqliteStore(folder / "whosthere.db")) as store:
        store.remember([ArmState(Mode.NIGHT, AT, "a person said so")])
        store.tidy(AT, incident_days=365)
    SqliteLedger(folder / "ledger.db").close()


def damage(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + bytes(len(whole) - 100))


def runs(start: Callable[..., Running], settings: Path, warning: str) -> Running:
    """It tells of what is broken and of the visitor."""
    program = start("run", "--settings", settings)
    program.wait_for(warning)
    program.wait_for("Person at front")
    return program


def test_on_damaged_databases(start: Callable[..., Running], settings_file: Path):
    data = settings_file.parent / "data"
    earlier_run(data)
    damage(data / "whosthere.db")
    damage(data / "ledger.db")
    program = runs(start, settings_file, "ledger.db was damaged and lies in")
    assert "mode night (a person said so)" in program.text
    health = whosthere("ask", "health", "--settings", settings_file).stdout
    assert "✗ data folder: whosthere.db was damaged" in health
    assert 0 == program.end(signal.SIGTERM)
    assert 2 == len(list((data / "damaged").glob("*.db")))
    again = start("run", "--settings", settings_file)
    again.wait_for("watching front")
    assert "damaged" not in again.text


def test_while_another_program_holds_the_database(
    start: Callable[..., Running], settings_file: Path
):
    data = settings_file.parent / "data"
    earlier_run(data)
    with closing(sqlite3.connect(data / "whosthere.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        program = runs(start, settings_file, "another program holds it")
        assert "mode night" in program.text
    assert 0 == program.end(signal.SIGTERM)
    with closing(SqliteStore.visit(data / "whosthere.db")) as store:
        assert 1 == len(store.incidents())  # from memory, at the end


def test_once_the_database_is_free_it_begins_anew_with_what_was_in_memory(settings_file: Path):
    data = settings_file.parent / "data"
    earlier_run(data)
    words = ["-u", "-m", "tests.app.stalling", "no-file", "run", "--settings", str(settings_file)]
    log = settings_file.parent / "log"

    def said(words: str) -> bool:
        return words in log.read_text()

    with (
        log.open("wb") as out,
        closing(sqlite3.connect(data / "whosthere.db", check_same_thread=False)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with subprocess.Popen(
            [sys.executable, *words], cwd=Path(__file__).parents[2], stdout=out, stderr=out
        ) as process:
            assert until(lambda: said("Person at front"), SOON), log.read_text()
            other.rollback()
            assert until(lambda: said("beginning anew"), SOON), log.read_text()
            assert until(lambda: log.read_text().count("watching front") > 1, SOON), log.read_text()
            process.send_signal(signal.SIGTERM)
            assert 0 == process.wait(), log.read_text()
    assert 1 == log.read_text().count("is kept in memory alone")
    with closing(SqliteStore.visit(data / "whosthere.db")) as store:
        assert 1 <= len(store.incidents())


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own for the data."""
    folder = tmp_path / "data"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@needs_root
def test_on_a_full_disk(start: Callable[..., Running], settings_file: Path, disk: Path):
    earlier_run(disk)
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        for _ in range(1000):
            file.write(bytes(4096))
    program = runs(start, settings_file, "is kept in memory alone")
    assert "mode night" in program.text
    ballast.unlink()
    assert 0 == program.end(signal.SIGTERM)
    with closing(SqliteStore.visit(disk / "whosthere.db")) as store:
        assert 1 == len(store.incidents())


@needs_root
def test_on_a_disk_that_is_read_only(
    start: Callable[..., Running], settings_file: Path, disk: Path
):
    earlier_run(disk)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    program = runs(start, settings_file, "cannot be written to")
    assert "mode night" in program.text
    assert 0 == program.end(signal.SIGTERM)
    assert "Traceback" not in program.text


def test_the_first_start_where_nothing_can_be_written_ends_in_a_sentence(settings_file: Path):
    data = settings_file.parent / "data"
    (data / "whosthere.lock").mkdir(parents=True)
    ended = whosthere("run", "--settings", settings_file)
    assert 1 == ended.returncode
    assert "cannot be written to" in ended.stderr
    assert "Traceback" not in ended.stderr
