"""Workers come back after failures, the inbox makes cameras wait, and everything can be stopped."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from whosthere.app.health import HealthBoard
from whosthere.app.workers import Pauses, QueueInbox, Worker, stop_all
from whosthere.core.errors import CameraTrouble
from whosthere.core.messages import Kept, SetMode, Tick
from whosthere.core.model import Answer, Tag
from whosthere.core.modes import Mode
from whosthere.core.sighting import Motion, Scene, Sighting

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SOON = 5.0  # seconds; nothing here takes so long unless it is broken


def sighting(clock: float) -> Sighting:
    return Sighting("front", AT, clock, Motion(Scene.STEADY))


TAG = Tag("one", Answer.OCCUPIED, "anna", AT)
MODE = SetMode(Mode.HOME, "anna", AT)


@pytest.mark.parametrize(
    ("ran", "expected"),
    [
        ([0, 0, 0, 0], [1, 2, 4, 8]),
        ([0] * 9, [1, 2, 4, 8, 16, 32, 60, 60, 60]),
        ([0, 0, 0, 61, 0], [1, 2, 4, 1, 2]),
        ([59, 59], [1, 2]),
    ],
    ids=["doubling", "at most a minute", "a long run starts over", "a short run does not"],
)
def test_pauses_grow(ran: list[float], expected: list[float]):
    pauses = Pauses()
    assert expected == [pauses.after(seconds) for seconds in ran]


def test_pauses_grow_no_longer_than_wanted():
    pauses = Pauses(longest=5.0)
    assert [1, 2, 4, 5, 5] == [pauses.after(0) for _ in range(5)]


def at_once() -> Pauses:
    return Pauses(_next=0.0)


def test_failed_work_is_started_again_until_it_succeeds():
    board, attempts, over = HealthBoard(), [], threading.Event()

    def work() -> None:
        attempts.append(1)
        if_not_yet = {1: CameraTrouble("no route"), 2: ValueError("a bug")}
        error = if_not_yet.get(len(attempts))
        over.set() if error is None else _raise(error)

    worker = Worker("front", work, board, pauses=at_once())
    worker.start()
    assert over.wait(SOON)
    assert worker.join(SOON)
    assert 3 == len(attempts)
    assert board.of("front").ended


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "traceback"),
    [(CameraTrouble("Camera 'front' refuses."), False), (ValueError("a bug"), True)],
    ids=["what people can mend", "a bug"],
)
def test_only_bugs_leave_a_traceback(
    error: Exception, caplog: pytest.LogCaptureFixture, *, traceback: bool
):
    failed = threading.Event()

    class Board(HealthBoard):
        def failed(self, part: str, why: str, clock: float) -> None:
            super().failed(part, why, clock)
            failed.set()

    worker = Worker("front", lambda: _raise(error), Board())
    worker.start()
    assert failed.wait(SOON)
    assert () == stop_all([worker], SOON)
    assert traceback == any(record.exc_info for record in caplog.records)
    assert str(error) in caplog.text


def test_a_waiting_worker_stops_at_once():
    failed = threading.Event()

    def work() -> None:
        failed.set()
        raise CameraTrouble("never works")

    worker = Worker("front", work, HealthBoard(), pauses=Pauses(_next=60.0))
    worker.start()
    assert failed.wait(SOON)
    assert () == stop_all([worker], SOON)
    assert not worker.running


def test_who_does_not_stop_in_time_is_named():
    free = threading.Event()
    stuck = Worker("stuck", free.wait, HealthBoard())
    stuck.start()
    assert ("stuck",) == stop_all([stuck], 0.05)
    free.set()
    assert stuck.join(SOON)


def test_a_stuck_house_makes_cameras_wait_and_drops_nothing_else():
    inbox, full, done = QueueInbox(waiting=2), threading.Event(), threading.Event()

    def camera() -> None:
        inbox.put(sighting(1.0))
        inbox.put(sighting(2.0))
        full.set()
        inbox.put(sighting(3.0))
        done.set()

    thread = threading.Thread(target=camera, daemon=True)
    thread.start()
    assert full.wait(SOON)
    kept = Kept(None)  # type: ignore[arg-type] # only passed on here
    for message in (TAG, MODE, kept):
        inbox.put(message)
    assert not done.is_set()
    reader = iter(inbox)
    assert sighting(1.0) == next(reader)
    assert done.wait(SOON)
    inbox.close()
    assert [sighting(2.0), TAG, MODE, kept, sighting(3.0)] == list(reader)


def test_a_new_tick_takes_the_place_of_one_that_waits():
    inbox = QueueInbox()
    early, late = Tick(AT, 1.0), Tick(AT, 2.0)
    for message in (early, TAG, late):
        inbox.put(message)
    inbox.close()
    assert [TAG, late] == list(inbox)


def test_closing_frees_cameras_that_wait_and_keeps_what_was_there():
    inbox = QueueInbox(waiting=1)
    inbox.put(sighting(1.0))
    worker = Worker("front", lambda: inbox.put(sighting(2.0)), HealthBoard())
    worker.start()
    inbox.close()
    inbox.put(replace(TAG, by="ben"))
    assert worker.join(SOON)
    assert [sighting(1.0), replace(TAG, by="ben")] == list(inbox)
