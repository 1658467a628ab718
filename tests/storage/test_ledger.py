"""The numbers of frames come back as they were, in the order in which they were added."""

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.storage.making import (
    EVENING,
    busy,
    busy_sightings,
    quiet,
    quiet_sightings,
    seconds,
    sightings,
)
from whosthere.core.history import Calm, Heard
from whosthere.core.messages import Tick
from whosthere.core.model import House
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import Policy
from whosthere.core.sighting import Frame, Look, Motion, Scene, Sighting
from whosthere.storage import ledger as ledger_module
from whosthere.storage.chunks import FORMAT, Numbered, pack, quiet_stretches, unpack
from whosthere.storage.database import MEMORY
from whosthere.storage.ledger import SqliteLedger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def add_in_batches(ledger: SqliteLedger, some: Sequence[Sighting], size: int) -> None:
    for first in range(0, len(some), size):
        for sighting in some[first : first + size]:
            ledger.add(sighting)
        ledger.flush()


def what_gates_use(sighting: Sighting) -> tuple[object, ...]:
    motion = sighting.motion
    seen = (motion.scene, motion.area, motion.boxes, motion.zones)
    return sighting.camera, sighting.clock, sighting.at, seen, sighting.look, sighting.detections


@given(st.lists(sightings, max_size=30), st.integers(1, 10))
def test_sightings_come_back_as_the_gates_saw_them(some: list[Sighting], batch: int):
    ledger = SqliteLedger(MEMORY)
    add_in_batches(ledger, some, batch)
    found = list(ledger.read())
    ledger.close()
    assert [what_gates_use(s) for s in some] == [what_gates_use(s) for s in found]


@given(st.lists(busy_sightings, max_size=20))
def test_busy_frames_come_back_whole(some: list[Sighting]):
    chunk = pack([Numbered(n, replace(s, camera="front")) for n, s in enumerate(some or [busy(1)])])
    assert [replace(s, camera="front") for s in some or [busy(1)]] == [
        found.sighting for found in unpack("front", chunk)
    ]


@given(st.floats(0, 1), st.floats(0, 1e6))
def test_numbers_that_were_not_rounded_lose_nothing(share: float, clock: float):
    box = busy(1).motion.boxes[0]._replace(right=share)
    odd = replace(busy(1), clock=clock, motion=Motion(Scene.STEADY, share, (box,)))
    ((_, found),) = unpack("front", pack([Numbered(1, odd)]))
    assert odd == found


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_a_number_that_is_none_stops_nothing(number: float):
    odd = replace(busy(1), motion=Motion(Scene.STEADY, number, noise=number, brightness=number))
    ((_, found),) = unpack("front", pack([Numbered(1, odd)]))
    assert repr(odd.motion) == repr(found.motion)


def test_a_mistake_in_one_batch_does_not_stop_the_next():
    ledger = SqliteLedger(MEMORY)
    ledger.add(replace(quiet(1), at=EVENING.replace(tzinfo=None)))
    with pytest.raises(TypeError):
        ledger.flush()
    ledger.add(quiet(2))
    assert [quiet(2)] == list(ledger.read())
    ledger.close()


@given(st.lists(quiet_sightings, min_size=1, max_size=40))
def test_times_of_quiet_frames_are_exact_whatever_the_clocks_do(some: list[Sighting]):
    found = [f.sighting for f in unpack("x", pack([Numbered(n, s) for n, s in enumerate(some)]))]
    assert [(s.clock, s.at, s.look) for s in some] == [(s.clock, s.at, s.look) for s in found]


def test_of_a_quiet_stretch_the_light_is_kept():
    lights = [(102.0, 2.0), (102.4, 4.0), (102.2, 3.0)]
    some = [
        quiet(n, motion=Motion(Scene.STEADY, brightness=light, noise=noise))
        for n, (light, noise) in enumerate(lights)
    ]
    chunk = pack([Numbered(n, s) for n, s in enumerate([*some, busy(4), quiet(5)])])
    first, second = quiet_stretches(chunk)
    assert (3, 1, Look.NOT_NEEDED) == (first.frames, second.frames, first.look)
    assert (102.0, 102.2, 102.4) == (
        first.brightness.least,
        first.brightness.mean,
        first.brightness.most,
    )
    assert (2.0, 3.0, 4.0) == (first.noise.least, first.noise.mean, first.noise.most)
    assert 102.2 == next(unpack("front", chunk)).sighting.motion.brightness


def test_where_it_gets_darker_another_stretch_begins():
    some = [
        quiet(n, motion=Motion(Scene.STEADY, brightness=light))
        for n, light in enumerate([90.0, 90.0, 87.5, 87.5, 90.0])
    ]
    chunk = pack([Numbered(n, s) for n, s in enumerate(some)])
    assert [2, 2, 1] == [one.frames for one in quiet_stretches(chunk)]
    assert some == [one.sighting for one in unpack("front", chunk)]


def test_nothing_is_read_from_a_format_of_the_future():
    chunk = pack([Numbered(1, quiet(1))])
    assert FORMAT == chunk[0]
    with pytest.raises(ValueError, match="unknown format"):
        list(unpack("front", bytes([FORMAT + 1]) + chunk[1:]))


def test_cameras_come_back_in_the_order_in_which_the_house_heard_them(path: Path):
    some = [quiet(n / 5, ("front", "garden", "shed")[n // 4 % 3]) for n in range(200)]
    ledger = SqliteLedger(path)
    add_in_batches(ledger, some, 37)
    assert [(s.camera, s.clock) for s in some] == [(s.camera, s.clock) for s in ledger.read()]
    of_garden = [s.clock for s in some if s.camera == "garden"]
    assert of_garden == [s.clock for s in ledger.read("garden")]
    assert ["front", "garden", "shed"] == ledger.cameras()
    ledger.close()


def test_a_wall_clock_that_jumps_back_and_a_clock_that_begins_anew_keep_the_order(path: Path):
    first = [quiet(5000.0), replace(quiet(5001.0), at=seconds(-7200)), busy(5002.0)]
    second = [replace(quiet(0.2), at=seconds(-9000)), quiet(0.4)]
    for run in (first, second):
        ledger = SqliteLedger(path)
        for sighting in run:
            ledger.add(sighting)
        ledger.close()
    ledger = SqliteLedger.visit(path)
    assert [s.at for s in (*first, *second)] == [s.at for s in ledger.read()]
    ledger.close()


def test_a_stretch_of_time_is_found(path: Path):
    ledger = SqliteLedger(path)
    for number in range(3000):
        ledger.add(quiet(number / 5))
    found = [s.at for s in ledger.read(since=seconds(100), until=seconds(101))]
    assert [seconds(100 + n / 5) for n in range(5)] == found
    assert [] == list(ledger.read("garden"))
    ledger.close()


def test_the_past_is_told_up_to_a_moment_and_no_further(path: Path):
    ledger = SqliteLedger(path)
    house, policy = House(ArmState(Mode.AWAY, EVENING, "test")), Policy()
    for second in range(300):
        ledger.note(house, policy)
        ledger.add(quiet(second) if second % 50 else busy(second))
        ledger.add(Tick(seconds(second), float(second)))
    told = list(ledger.history(until=seconds(120)))
    ledger.close()
    heard = [one.message for one in told if isinstance(one, Heard)]
    stretches = [one for calm in told if isinstance(calm, Calm) for one in calm.stretches]
    moments = [one.at for one in heard] + [one.message.at for calm in stretches for one in calm]
    expected = [seconds(second) for second in range(121) for _ in range(2)]  # the last is at it
    assert expected == sorted(moments)


def test_pictures_are_let_go_of(path: Path):
    class Dark:
        luma = np.zeros((1, 1), np.uint8)

        def bgr(self, _box: object) -> np.ndarray:
            return self.luma

    ledger = SqliteLedger(path)
    ledger.add(replace(busy(1), frame=Frame("front", EVENING, 1.0, Dark())))
    (found,) = ledger.read()
    assert found.frame is None
    ledger.close()


def test_batches_are_written_when_it_is_time(path: Path):
    time = [0.0]
    ledger = SqliteLedger(path, batch_seconds=30, clock=lambda: time[0])
    reader = SqliteLedger.visit(path)
    for second, written in ((0.0, 0), (29.9, 0), (30.0, 3), (31.0, 3), (60.0, 5)):
        time[0] = second
        ledger.add(quiet(second))
        assert written == len(list(reader.read()))
    time[0] = 91.0
    ledger.add(quiet(61))
    ledger.tend()
    assert 6 == len(list(reader.read()))
    reader.close()
    ledger.close()


def test_quiet_batches_share_chunks(path: Path):
    ledger = SqliteLedger(path)
    add_in_batches(ledger, [quiet(n / 5) for n in range(1500)], 150)
    with closing(sqlite3.connect(path)) as connection:
        assert [(1500,)] == connection.execute("SELECT frames FROM chunk").fetchall()
    clocks = [s.clock for s in ledger.read()]
    assert all(before < after for before, after in pairwise(clocks))
    ledger.close()


def test_a_damaged_chunk_is_left_out_and_the_others_are_read(
    path: Path, caplog: pytest.LogCaptureFixture
):
    for run in range(3):
        ledger = SqliteLedger(path)
        ledger.add(quiet(run))
        ledger.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE chunk SET body = substr(body, 1, 20) WHERE id = 2")
        connection.commit()
    ledger = SqliteLedger(path)
    assert [0.0, 2.0] == [s.clock for s in ledger.read()]
    ledger.close()
    assert "chunk 2 of front is damaged" in caplog.text


def test_old_numbers_go(path: Path):
    for day in range(10):
        ledger = SqliteLedger(path)
        ledger.add(replace(quiet(day), at=EVENING + timedelta(days=day)))
        ledger.close()
    ledger = SqliteLedger(path)
    ledger.tidy(EVENING + timedelta(days=9), days=3.5)
    assert [6.0, 7.0, 8.0, 9.0] == [s.clock for s in ledger.read()]
    ledger.close()


def test_the_oldest_go_when_there_are_too_many_and_the_file_shrinks(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ledger_module, "OLDEST_AT_ONCE", 5)
    ledger = SqliteLedger(path)
    chance = random.Random(1)  # noqa: S311 - seeded, for a test
    add_in_batches(ledger, [busy(n / 5, x=chance.random()) for n in range(9000)], 100)
    before = ledger.used_bytes()
    ledger.tidy(EVENING, days=30, most_bytes=before // 2)
    assert before // 4 < ledger.used_bytes() <= before // 2
    assert 1799.8 == list(ledger.read())[-1].clock
    ledger.close()
    assert path.stat().st_size <= before // 2


def test_a_day_of_a_camera_takes_few_bytes(path: Path):
    """An hour at 5 frames a second, 5 % of them busy; a day takes 24 times that."""
    chance = np.random.default_rng(1)
    jitter = chance.normal(0, 0.005, 18_000)
    ledger = SqliteLedger(path)
    makers = [*[busy] * 75, *[quiet] * 1425]
    add_in_batches(ledger, [makers[n % 1500](n / 5 + jitter[n]) for n in range(18_000)], 150)
    a_day = 24 * ledger.used_bytes()
    ledger.close()
    assert a_day < 2_500_000
