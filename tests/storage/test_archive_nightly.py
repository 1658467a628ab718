"""The memory itself is copied: days of the ledger and of the database, and old copies go."""

import gzip
import io
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.storage.archiving import House
from tests.storage.making import EVENING, alert, busy, quiet
from whosthere.core.model import House as HouseState
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import Policy
from whosthere.core.ports import Copy, Resume
from whosthere.core.sighting import Sighting
from whosthere.storage.archive.folder import FolderArchive
from whosthere.storage.archive.nightly import copy_day, days_of, merge_ledgers
from whosthere.storage.archive.pace import Pace
from whosthere.storage.archive.restore import Restoring, choose
from whosthere.storage.archive.tending import kept_of, prune
from whosthere.storage.archive.things import Kind, digest
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

HOUR = 3600.0


def ledger_of(path: Path, first: float, hours: int, camera: str = "front") -> list[Sighting]:
    """A sighting each ten minutes; the program is started anew every two hours."""
    added: list[Sighting] = []
    for start in range(0, hours, 2):
        ledger = SqliteLedger(path)
        ledger.note(HouseState(ArmState(Mode.AWAY, EVENING, "test")), Policy())
        for number in range(start * 6, (start + 2) * 6):
            added.append((busy if number % 3 else quiet)(first + number * 600, camera))
            ledger.add(added[-1])
        ledger.close()
    return added


def read(path: Path) -> list[Sighting]:
    ledger = SqliteLedger(path)
    try:
        return list(ledger.read())
    finally:
        ledger.close()


def test_days_of_a_ledger_joined_again_are_the_ledger(tmp_path: Path) -> None:
    whole = tmp_path / "ledger.db"
    added = ledger_of(whole, 0, 30) + ledger_of(whole, 32 * HOUR, 30, "back")
    days = days_of(whole)
    assert [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3), date(2026, 1, 4)] == list(days)
    for day in days:
        copy_day(whole, day, tmp_path / f"{day}.db")
    merge_ledgers([tmp_path / f"{day}.db" for day in days], tmp_path / "joined.db")
    assert added == read(whole) == read(tmp_path / "joined.db")
    with closing(sqlite3.connect(tmp_path / "joined.db")) as joined:
        notes, runs, rules = (
            joined.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - ours
            for table in ("note", "run", "rules")
        )
        assert (30, 30, 1) == (notes, runs, rules)
        assert [] == joined.execute("PRAGMA foreign_key_check").fetchall()


def test_a_day_of_a_ledger_can_be_read_as_a_ledger(tmp_path: Path) -> None:
    added = ledger_of(tmp_path / "ledger.db", 0, 30)
    copy_day(tmp_path / "ledger.db", date(2026, 1, 2), tmp_path / "day.db")
    of_day = [one for one in added if one.at.date() == date(2026, 1, 2)]
    assert 144 == len(of_day)
    assert of_day == read(tmp_path / "day.db")


def test_each_day_that_is_over_is_copied_once(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        ledger_of(house.data / "ledger.db", 0, 30)
        house.clock.seconds = 27 * HOUR  # one in the morning of the third
        house.step(5)
        assert ["ledger/2026/01/01/ledger.db"] == house.there("ledger/")
        house.clock.wait(HOUR)
        house.step(5)
        assert 2 == len(house.there("ledger/"))
        for _ in range(3):
            house.clock.wait(24 * HOUR)
            house.step(5)
        assert 3 == len(house.there("ledger/"))
        assert [] == [path for path in (house.data / "outgoing").rglob("*") if path.is_file()]


def test_a_day_whose_last_chunk_grew_after_midnight_is_copied_again(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        ledger = SqliteLedger(house.data / "ledger.db")
        for hour in range(4):
            ledger.add(busy(hour * HOUR))
        ledger.flush()
        house.clock.seconds = 5 * HOUR  # three in the morning
        house.step(4)
        ledger.add(busy(6 * HOUR))
        ledger.close()
        house.clock.wait(2 * HOUR)
        house.step(4)
        older, newer = house.there("ledger/")
        (chosen,) = choose(house.archive, [Kind.LEDGER])
        assert newer == chosen.copy.key != older
        restoring = Restoring(house.archive, tmp_path / "new")
        restoring.fetch(chosen)
        restoring.finish([chosen])
    assert 5 == len(read(tmp_path / "new" / "ledger.db"))


def test_the_databases_copy_of_the_day_goes_too_and_opens(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        one = house.visit(1)
        house.store.tidy(house.clock.now(), incident_days=365)
        house.steps_until_idle()
        house.step(3)
        (key,) = house.there("database/")
        assert "database/2026/01/01/whosthere.db.gz" == key
        (tmp_path / "back.db").write_bytes(gzip.decompress(house.content(key)))
    store = SqliteStore(tmp_path / "back.db")
    assert store.incident(one.id) is not None
    store.close()


def test_a_new_machine_gets_all_of_it(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        one = house.visit(1, clip=b"film")
        house.remember(alert(1))
        house.store.tidy(house.clock.now(), incident_days=365)
        added = ledger_of(house.data / "ledger.db", 0, 1)
        house.clock.seconds = 27 * HOUR
        house.step(8)
        restoring = Restoring(house.archive, tmp_path / "new")
        found = choose(house.archive, Kind)
        for chosen in found:
            restoring.fetch(chosen)
        said = restoring.finish(found)
        assert 2 == len(said), said
        again = restoring.finish(found)
        assert all("left alone" in line for line in again)
    store = SqliteStore(tmp_path / "new" / "whosthere.db")
    known = store.incident(one.id)
    store.close()
    assert known is not None
    assert known.recording is not None
    assert b"film" == (tmp_path / "new" / known.recording).read_bytes()
    assert added == read(tmp_path / "new" / "ledger.db")


def test_the_rule_keeps_days_weeks_and_months() -> None:
    days = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(500)]
    kept = kept_of(days)
    assert days[-7:] == kept[-7:]
    assert 7 + 2 + 10 <= len(kept) <= 7 + 4 + 12
    assert kept == kept_of(kept)
    assert (days[-1] - kept[0]).days >= 300
    assert [] == kept_of([])


def test_a_year_of_nights_pruned_each_night_keeps_the_same_as_at_once() -> None:
    days = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(400)]
    kept: list[datetime] = []
    for day in days:
        kept = kept_of([*kept, day])
    assert kept_of(days) == kept


@pytest.mark.parametrize(("asked", "left"), [(False, 30), (True, 9)])
def test_old_copies_go_only_if_asked(tmp_path: Path, asked: bool, left: int) -> None:  # noqa: FBT001 - a row
    with House(tmp_path, prune=asked) as house:
        for number in range(30):
            day = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(days=number)
            put(house.archive, f"database/{day:%Y/%m/%d}/whosthere.db.gz")
        house.step(2)
        assert left == len(house.there("database/"))


def test_days_of_the_ledger_stay_a_year(tmp_path: Path) -> None:
    archive = FolderArchive(tmp_path, Pace())
    archive.begin()
    put(archive, "ledger/2024/12/30/ledger.db")
    put(archive, "ledger/2025/01/02/ledger.db")
    put(archive, "incidents/2020/01/01/20200101T000000000-front.mp4")
    assert ["ledger/2024/12/30/ledger.db"] == prune(archive, datetime(2026, 1, 1, tzinfo=UTC))


def put(archive: object, key: str) -> None:
    size, sha256 = digest(io.BytesIO(key.encode()))
    assert isinstance(archive, FolderArchive)
    archive.put(Copy(key, size, sha256), io.BytesIO(key.encode()), Resume())
