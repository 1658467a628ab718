"""A database is made, brought up to date, or refused with what can be done about it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.storage.making import alert, full_incident, incident, quiet
from whosthere.core.errors import StoreTrouble
from whosthere.storage import migrations, sqlite
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.lock import running
from whosthere.storage.migrations import HOUSE, LEDGER, Schema, Step, open_database
from whosthere.storage.sqlite import SqliteStore

STAR = Step(HOUSE.version + 1, "ALTER TABLE incident ADD COLUMN star INTEGER DEFAULT 5;")
NEWER = replace(HOUSE, steps=(*HOUSE.steps, STAR))


def made(folder: Path) -> Path:
    """Return a database with something in it."""
    path = folder / "whosthere.db"
    store = SqliteStore(path, messengers=["console"])
    for number in range(50):
        store.remember([incident(number), alert(number)])
    store.remember([full_incident()])
    store.close()
    return path


def overwrite(path: Path, start: int, data: bytes) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:start] + data + content[start + len(data) :])


def refusal(path: Path) -> str:
    """Open the database, which must fail; check that nothing was touched."""
    before = {file: file.read_bytes() for file in path.parent.glob("*.db")}
    with pytest.raises(StoreTrouble) as trouble:
        SqliteStore(path)
    assert before == {file: file.read_bytes() for file in path.parent.glob("*.db")}
    return str(trouble.value)


@pytest.mark.parametrize("version", range(1, HOUSE.version + 1))
def test_every_older_version_is_brought_up_to_date(tmp_path: Path, version: int):
    old = replace(HOUSE, steps=HOUSE.steps[:version])
    path = tmp_path / "whosthere.db"
    open_database(path, old).close()
    database = open_database(path, NEWER)
    assert STAR.number == database.writer.execute("PRAGMA user_version").fetchone()[0]
    database.writer.execute("SELECT star FROM incident")
    database.close()


def test_an_upgrade_keeps_what_was_there_and_a_copy_of_it(tmp_path: Path):
    path = made(tmp_path)
    database = open_database(path, NEWER)
    rows = database.writer.execute("SELECT star FROM incident").fetchall()
    database.close()
    assert [5] * 50 == [row["star"] for row in rows]
    copy = SqliteStore(tmp_path / "backups" / f"whosthere-v{HOUSE.version}.db")
    assert full_incident() == copy.incident("incident-7")
    copy.close()


def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path):
    path = made(tmp_path)
    broken = Step(STAR.number + 1, "CREATE TABLE one (a); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        open_database(path, replace(NEWER, steps=(*NEWER.steps, broken)))
    with closing(sqlite3.connect(path)) as connection:
        assert STAR.number == connection.execute("PRAGMA user_version").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'one'")
        assert 0 == tables.fetchone()[0]
    open_database(path, NEWER).close()


def test_a_new_database_needs_no_copy(tmp_path: Path):
    open_database(tmp_path / "whosthere.db", NEWER).close()
    assert not (tmp_path / "backups").exists()


def test_steps_are_numbered_without_gaps():
    for form in (HOUSE, LEDGER):
        assert list(range(1, form.version + 1)) == [step.number for step in form.steps]


def test_a_database_from_a_newer_version_is_left_alone(tmp_path: Path):
    path = made(tmp_path)
    open_database(path, NEWER).close()
    told = refusal(path)
    assert "newer" in told
    copy = tmp_path / "backups" / f"whosthere-v{HOUSE.version}.db"
    assert f"cp '{copy}' '{path}'" in told


def test_the_copy_that_is_named_brings_the_older_program_back(tmp_path: Path):
    path = made(tmp_path)
    open_database(path, NEWER).close()
    (tmp_path / "backups" / f"whosthere-v{HOUSE.version}.db").replace(path)
    store = SqliteStore(path)
    assert full_incident() == store.incident("incident-7")
    store.close()


def test_a_database_of_another_program_is_left_alone(tmp_path: Path):
    path = tmp_path / "whosthere.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE mine (a)")
        other.commit()
    assert "another program" in refusal(path)


@pytest.mark.parametrize(
    "content", [b"hello", b"\0" * 8192, b"SQLite format 3\0", b"x" * 100_000], ids=len
)
def test_a_file_that_is_no_database_is_named(tmp_path: Path, content: bytes):
    path = tmp_path / "whosthere.db"
    path.write_bytes(content)
    told = refusal(path)
    assert f"{path} is damaged" in told
    assert f"mv '{path}'* damaged/" in told


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_overwritten_bytes_are_noticed(tmp_path: Path, share: float):
    path = made(tmp_path)
    start = int(path.stat().st_size * share) // 4096 * 4096
    overwrite(path, start, b"\xa5" * 4096)
    assert "is damaged" in refusal(path)


@pytest.mark.parametrize("share", [0.05, 0.4, 0.6, 0.95])
def test_a_truncated_database_is_noticed(tmp_path: Path, share: float):
    path = made(tmp_path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert "is damaged" in refusal(path)


def test_the_newest_copy_is_named_and_what_is_told_helps(tmp_path: Path):
    path = made(tmp_path)
    store = SqliteStore(path)
    store.tidy(incident().started, incident_days=365)
    store.close()
    overwrite(path, 0, b"\0" * 200)
    told = refusal(path)
    assert "whosthere-day-2026-01-01.db" in told
    for command in (part for part in told.split(": ") if "mkdir -p" in part or "cp '" in part):
        line = command.split(". ")[0].removesuffix(".")
        subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True)
    store = SqliteStore(path)
    assert full_incident() == store.incident("incident-7")
    store.close()


def test_a_damaged_ledger_is_told_and_leaves_the_house_alone(tmp_path: Path):
    path = made(tmp_path)
    ledger = SqliteLedger(tmp_path / "ledger.db")
    ledger.add(quiet(1))
    ledger.close()
    overwrite(tmp_path / "ledger.db", 4096, b"\xa5" * 4096)
    with pytest.raises(StoreTrouble, match=r"ledger\.db is damaged"):
        SqliteLedger(tmp_path / "ledger.db")
    SqliteStore(path).close()


def test_a_large_ledger_is_not_read_whole_at_the_start(tmp_path: Path):
    path = tmp_path / "ledger.db"
    open_database(path, LEDGER).close()
    overwrite(path, 4096, b"\xa5" * 4096)
    open_database(path, replace(LEDGER, most_checked_bytes=4096)).close()


def test_an_empty_file_is_a_new_database(tmp_path: Path):
    path = tmp_path / "whosthere.db"
    path.touch()
    store = SqliteStore(path)
    store.remember([incident()])
    store.close()


def test_a_second_copy_of_the_program_is_told_of_the_first(tmp_path: Path):
    path = made(tmp_path)
    first = SqliteStore(path)
    script = (
        "import sys; from pathlib import Path; from whosthere.storage.sqlite import SqliteStore;"
        "SqliteStore(Path(sys.argv[1]))"
    )
    second = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=False
    )
    with pytest.raises(StoreTrouble, match="process"):
        SqliteStore(path)
    pid = running(tmp_path)
    first.close()
    assert f"Another whosthere (process {pid}) is at work in {tmp_path}" in second.stderr
    assert running(tmp_path) is None
    SqliteStore(path).close()


def test_others_may_read_while_it_runs(tmp_path: Path):
    path = made(tmp_path)
    program = SqliteStore(path, messengers=["console"])
    visitor = SqliteStore.visit(path)
    program.remember([incident(99)])
    assert incident(99) == visitor.incident("incident-99")
    visitor.close()
    program.close()


def test_a_visit_makes_no_database(tmp_path: Path):
    with pytest.raises(StoreTrouble, match="no database"):
        SqliteStore.visit(tmp_path / "whosthere.db")
    assert [] == list(tmp_path.iterdir())


def test_a_visit_does_not_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = made(tmp_path)
    monkeypatch.setattr(sqlite, "HOUSE", NEWER)
    with pytest.raises(StoreTrouble, match="Start `whosthere run` once"):
        SqliteStore.visit(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreTrouble, match="cannot be made"):
        SqliteStore(tmp_path / "file" / "whosthere.db")


def test_the_schema_in_the_package_is_the_one_that_is_read():
    assert isinstance(migrations.schema("house", 1), Schema)
