"""Copies keep to the rate that was set, and let alerts go first."""

import threading

import pytest

from tests.storage.archiving import Clock
from whosthere.storage.archive.pace import MOST_YIELD, Pace, Stopped

PIECE = 16_384


def test_over_time_no_more_goes_than_the_rate_and_one_second_of_it():
    clock = Clock()
    pace, sent, began = Pace(100_000, clock=clock, wait=clock.wait), 0, clock()
    for _ in range(1000):
        pace.take(PIECE)
        sent += PIECE
        assert sent - PIECE <= 100_000 * (clock() - began + 1)
    assert sent == pytest.approx(100_000 * (clock() - began), rel=0.02)


def test_what_was_not_used_is_not_saved_up():
    clock = Clock()
    pace = Pace(100_000, clock=clock, wait=clock.wait)
    pace.take(PIECE)
    clock.wait(3600)
    began = clock()
    for _ in range(100):
        pace.take(PIECE)
    assert clock() - began > 100 * PIECE / 100_000 - 1.5


def test_without_a_limit_nothing_waits():
    clock = Clock()
    pace = Pace(clock=clock, wait=clock.wait)
    began = clock()
    for _ in range(100):
        pace.take(10**9)
    assert began == clock()


def test_while_an_alert_is_sent_each_piece_waits_though_not_for_ever():
    clock = Clock()
    busy = [True]
    pace = Pace(busy=lambda: busy[0], clock=clock, wait=clock.wait)
    began = clock()
    pace.take(PIECE)
    assert MOST_YIELD == pytest.approx(clock() - began)
    busy[0] = False
    clock.wait(1)
    began = clock()
    pace.take(PIECE)
    assert began == clock()


def test_a_pause_ends_as_soon_as_the_alert_is_out():
    clock = Clock()
    left = [True, True, False]
    pace = Pace(busy=lambda: left.pop(0), clock=clock, wait=clock.wait)
    began = clock()
    pace.take(PIECE)
    assert 0.5 == pytest.approx(clock() - began)


def test_a_program_that_ends_does_not_wait():
    stopping = threading.Event()
    pace = Pace(1000, stopping=stopping)
    stopping.set()
    with pytest.raises(Stopped):
        pace.take(10**9)
