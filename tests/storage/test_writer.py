"""A disk that does not answer holds up the thread that writes, and nobody else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.storage.making import EVENING, alert
from whosthere.core.sighting import Motion, Scene, Sighting
from whosthere.storage.database import Database
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore
from whosthere.storage.writer import NotInTimeError, Writer

PATIENCE = 20.0  # seconds, of tests


@contextmanager
def at_work(writer: Writer) -> Iterator[None]:
    """Have it run in a thread of its own."""
    thread = threading.Thread(target=writer.run, daemon=True)
    thread.start()
    while not writer.running:
        thread.join(0.01)
    yield
    writer.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()


@contextmanager
def stalled(database: Database) -> Iterator[None]:
    """Somebody is in the middle of a write that does not end."""
    began, over = threading.Event(), threading.Event()

    def write() -> None:
        with database.writing():
            began.set()
            over.wait(PATIENCE)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    assert began.wait(PATIENCE)
    yield
    over.set()
    thread.join(PATIENCE)


def test_work_is_done_before_who_asked_goes_on():
    done: list[str] = []
    writer = Writer(lambda: done.append("it"))
    with at_work(writer):
        writer.ask(PATIENCE)
        assert ["it"] == done
    assert not writer.running


def test_a_mistake_reaches_who_asked():
    def fail() -> None:
        raise ValueError("a mistake")

    writer = Writer(fail)
    ended: list[str] = []

    def run() -> None:
        with pytest.raises(ValueError, match="a mistake"):
            writer.run()
        ended.append("and whoever runs it")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    with pytest.raises(ValueError, match="a mistake"):
        writer.ask(PATIENCE)
    thread.join(PATIENCE)
    assert ["and whoever runs it"] == ended


def test_nobody_waits_behind_work_that_is_late():
    clock, let_go, begun = [0.0], threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        let_go.wait(PATIENCE)

    writer = Writer(hang, lambda: clock[0])
    with at_work(writer):
        with pytest.raises(NotInTimeError):
            writer.ask(0.01)
        assert begun.wait(PATIENCE)
        assert not writer.late(5.0)
        clock[0] = 6.0
        assert writer.late(5.0)
        with pytest.raises(NotInTimeError):
            writer.ask(5.0)
        let_go.set()


def test_an_alert_goes_out_from_memory_and_is_written_later(tmp_path: Path):
    told: list[str | None] = []
    store = SqliteStore(tmp_path / "a.db", messengers=["slack"], on_trouble=told.append)
    with at_work(store.writer):
        with stalled(store.database):
            store.remember_within([alert()], 0.05)
            waiting = [delivery for delivery, _ in store.waiting("slack")]
            assert [alert().id] == [one.alert.id for one in waiting]
            assert "a write does not end" in (told[-1] or "")
            assert [] == store.asked()
            store.sending(waiting[0])
        store.remember_within([], PATIENCE)
        assert None is told[-1]
        assert [alert().id] == [one.id for one in store.alerts()]
        assert [1] == [one.attempts for one, _ in store.waiting("slack")]
    store.close()


def test_an_alert_waits_for_the_disk_before_anybody_is_told(tmp_path: Path):
    store = SqliteStore(tmp_path / "a.db", messengers=["slack"])
    asked = threading.Thread(target=store.remember_within, args=([alert()], PATIENCE), daemon=True)
    with at_work(store.writer):
        with stalled(store.database):
            asked.start()
            asked.join(0.2)
            assert [] == store.waiting("slack")
        asked.join(PATIENCE)
        assert 1 == len(store.waiting("slack"))
    store.close()


def test_the_house_is_heard_while_the_ledger_stalls(tmp_path: Path):
    told: list[str | None] = []
    clock = [0.0]
    ledger = SqliteLedger(
        tmp_path / "l.db", batch_seconds=1.0, on_trouble=told.append, clock=lambda: clock[0]
    )
    ledger.writer = Writer(ledger.flush, lambda: clock[0])
    with at_work(ledger.writer):
        with stalled(ledger._database):  # noqa: SLF001 - the disk below it
            for second in range(10):
                clock[0] = float(second)
                ledger.add(Sighting("front", EVENING, clock[0], Motion(Scene.STEADY)))
            assert "a write does not end" in (told[-1] or "")
        ledger.flush()
        assert None is told[-1]
    assert 10 == sum(1 for _ in ledger.read("front"))
    ledger.close()
