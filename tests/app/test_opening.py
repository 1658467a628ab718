"""A start on a damaged database, a full disk or a held file: the house is watched nevertheless."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from whosthere.app.opening import ASIDE, Opening
from whosthere.core.errors import StoreTrouble
from whosthere.core.modes import ArmState, Mode
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@dataclass
class Told:
    """What is said of each part."""

    said: dict[str, str | None] = field(default_factory=dict)

    def of(self, part: str) -> Callable[[str | None], None]:
        def tell(trouble: str | None) -> None:
            self.said[part] = trouble

        return tell


@dataclass
class Folder:
    """A data folder in which the house was set to a mode."""

    path: Path
    told: Told = field(default_factory=Told)
    opening: Opening = field(init=False)

    def __post_init__(self) -> None:
        self.opening = Opening(self.told, now=lambda: AT)

    @property
    def database(self) -> Path:
        return self.path / "whosthere.db"

    @property
    def ledger(self) -> Path:
        return self.path / "ledger.db"

    def keep(self, mode: Mode) -> None:
        with closing(SqliteStore(self.database)) as store:
            store.remember([ArmState(mode, AT, "a person")])
            store.tidy(AT, incident_days=365)  # which keeps a copy of the day
        SqliteLedger(self.ledger).close()

    def store(self) -> SqliteStore:
        return self.opening.store(
            self.database,
            lambda path, source: SqliteStore(path, copied_from=source, busy_seconds=0.0),
        )

    def open_ledger(self) -> SqliteLedger:
        return self.opening.ledger(self.ledger, SqliteLedger)

    def aside(self) -> list[str]:
        return sorted(one.name for one in (self.path / ASIDE).glob("*.db"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def mode_of(store: SqliteStore) -> Mode | None:
    state = store.arm_state()
    return state.mode if state else None


def damage(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + bytes(len(whole) - 100))


def test_what_is_whole_is_opened_and_nothing_is_told(folder: Folder):
    folder.keep(Mode.NIGHT)
    with closing(folder.store()) as store, closing(folder.open_ledger()):
        assert Mode.NIGHT is mode_of(store)
    assert ({}, []) == (folder.told.said, folder.aside())
    assert not folder.opening.works_again()


def test_a_damaged_database_is_put_aside_and_its_copy_goes_on(folder: Folder):
    folder.keep(Mode.NIGHT)
    damage(folder.database)
    with closing(folder.store()) as store:
        assert Mode.NIGHT is mode_of(store)
    assert ["whosthere-20261122T080000.db"] == folder.aside()
    said = folder.told.said["data folder"] or ""
    assert "whosthere.db was damaged and lies in" in said
    assert "what came later is missing" in said


def test_a_copy_that_is_damaged_too_is_passed_over(folder: Folder):
    folder.keep(Mode.NIGHT)
    (copy,) = (folder.path / "backups").glob("*.db")
    older = copy.with_name("whosthere-day-2026-11-20.db")
    older.write_bytes(copy.read_bytes())
    damage(copy)
    damage(folder.database)
    with closing(folder.store()) as store:
        assert Mode.NIGHT is mode_of(store)
    assert copy.exists()


def test_without_a_whole_copy_it_begins_anew(folder: Folder):
    folder.keep(Mode.NIGHT)
    for one in [folder.database, *(folder.path / "backups").glob("*.db")]:
        damage(one)
    with closing(folder.store()) as store:
        assert None is mode_of(store)
    assert "It begins anew." in (folder.told.said["data folder"] or "")


def test_a_damaged_ledger_begins_anew_and_only_the_newest_few_are_kept(folder: Folder):
    folder.keep(Mode.NIGHT)
    for day in range(5):
        damage(folder.ledger)
        folder.opening = Opening(folder.told, now=lambda day=day: AT + timedelta(days=day))
        folder.open_ledger().close()
    assert [f"ledger-202611{day}T080000.db" for day in (24, 25, 26)] == folder.aside()
    assert "ledger.db was damaged" in (folder.told.said["data folder"] or "")


def test_a_held_database_is_kept_in_memory_and_goes_back_in_the_end(folder: Folder):
    folder.keep(Mode.NIGHT)
    with closing(sqlite3.connect(folder.database)) as other:
        other.execute("BEGIN EXCLUSIVE")
        store = folder.store()
        ledger = folder.open_ledger()
        held = folder.told.said["database"] or ""
        assert not folder.opening.works_again()
    assert "another program holds it" in held
    assert "kept in memory alone" in held
    assert Mode.NIGHT is mode_of(store)
    store.remember([ArmState(Mode.OFF, AT, "a person")])
    assert folder.opening.works_again()
    ledger.close()
    store.close()
    with closing(SqliteStore(folder.database)) as again:
        assert Mode.OFF is mode_of(again)
        again.remember([ArmState(Mode.AWAY, AT, "a person")])


def test_a_disk_that_takes_nothing_is_no_reason_not_to_watch(folder: Folder):
    folder.keep(Mode.NIGHT)
    lock = folder.path / "whosthere.lock"
    lock.unlink()
    lock.mkdir()  # as a file system that is read only: it cannot be opened to write
    with closing(folder.store()) as store:
        assert Mode.NIGHT is mode_of(store)
        store.remember([ArmState(Mode.OFF, AT, "a person")])
        assert Mode.OFF is mode_of(store)
    assert "cannot be written to" in (folder.told.said["database"] or "")


def test_a_first_start_in_a_folder_that_cannot_be_written_ends_in_a_sentence(folder: Folder):
    (folder.path / "whosthere.lock").mkdir()
    with pytest.raises(StoreTrouble, match="cannot be written to"):
        folder.store()


def test_a_second_program_is_refused_as_ever(folder: Folder):
    folder.keep(Mode.NIGHT)
    with (
        closing(SqliteStore(folder.database)),
        pytest.raises(StoreTrouble, match="Another whosthere"),
    ):
        folder.store()


def test_a_file_of_another_program_is_left_alone(folder: Folder):
    with closing(sqlite3.connect(folder.database)) as other:
        other.execute("PRAGMA user_version = 7")
    with pytest.raises(StoreTrouble, match="belongs to another program"):
        folder.store()
    assert [] == folder.aside()
