"""What the ring of packets holds, drops and gives."""

import threading
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from whosthere.core.packets import Packet, StreamInfo
from whosthere.recording.pre_roll import PreRoll

AT = datetime(2026, 1, 1, tzinfo=UTC)
STREAM = StreamInfo("h264", b"", 640, 360, Fraction(1, 10), 10.0)
OTHER = StreamInfo("h264", b"other", 1280, 720, Fraction(1, 10), 10.0)


def packet(
    number: int, key_every: int = 20, size: int = 100, stream: StreamInfo = STREAM
) -> Packet:
    key = key_every > 0 and number % key_every == 0
    return Packet(stream, bytes(size), number, number, 1, key, AT, number / 10)


def filled(ring: PreRoll, numbers: range, key_every: int = 20, size: int = 100) -> PreRoll:
    for number in numbers:
        ring.add(packet(number, key_every, size))
    return ring


def test_it_begins_with_a_key_frame_and_covers_the_time() -> None:
    ring = PreRoll(5.0)
    for number in range(400):
        ring.add(packet(number))
        held = ring.since(0)
        assert held[0].packet.key
        covered = held[-1].packet.clock - held[0].packet.clock
        assert min(5.0, number / 10) <= covered < 5.0 + 2.0


def test_readers_take_what_is_new_to_them() -> None:
    ring = filled(PreRoll(60), range(50))
    assert [one.number for one in ring.since(47)] == [47, 48, 49]
    assert ring.since(50) == ()
    filled(ring, range(50, 53))
    assert [one.packet.pts for one in ring.since(50)] == [50, 51, 52]


def test_a_late_reader_gets_what_is_left_and_sees_the_gap() -> None:
    ring = filled(PreRoll(5), range(200))
    left = ring.since(10)
    assert left[0].number == 140
    assert left[0].packet.key


@pytest.mark.parametrize(
    ("clock", "number"), [(6.0, 60), (7.9, 60), (8.0, 80), (99.0, 80), (-5.0, 0)]
)
def test_a_clip_begins_at_the_last_key_frame_before_or_at_the_first_there_is(
    clock: float, number: int
) -> None:
    assert filled(PreRoll(60), range(90)).starting(clock) == number


def test_without_a_key_frame_nothing_can_begin() -> None:
    ring = filled(PreRoll(60), range(1, 10), key_every=0)
    assert ring.starting(0.0) is None
    assert ring.since(0) == ()


def test_packets_before_the_first_key_frame_of_a_changed_stream_are_left_out() -> None:
    ring = filled(PreRoll(60), range(5))
    ring.add(packet(5, stream=OTHER))
    ring.add(packet(20, stream=OTHER))
    ring.add(packet(21, stream=OTHER))
    assert [one.packet.pts for one in ring.since(0)] == [0, 1, 2, 3, 4, 20, 21]
    assert [one.number for one in ring.since(0)] == list(range(7))


def test_many_bytes_cost_time_and_not_memory() -> None:
    ring = filled(PreRoll(60, most_bytes=10_000), range(1000))
    assert ring.size <= 10_000
    assert ring.since(0)[0].packet.key
    assert ring.since(0)[-1].packet.pts == 999


def test_a_camera_that_sends_no_key_frames_cannot_eat_the_memory() -> None:
    ring = PreRoll(5, most_bytes=10_000)
    ring.add(packet(0))
    filled(ring, range(1, 5000), key_every=0)
    assert ring.size <= 10_000
    assert ring.size == sum(len(one.packet.data) for one in ring.since(0))
    assert ring.starting(499.0) is None  # none can begin …
    assert [one.number for one in ring.since(4998)] == [4998, 4999]  # … and those begun go on
    filled(ring, range(5000, 5010))
    assert ring.starting(499.0) == 5000


def test_readers_in_other_threads_miss_nothing() -> None:
    ring, taken, done = PreRoll(3600), [], threading.Event()

    def read() -> None:
        over = False
        while not over:
            over = done.is_set()
            taken.extend(ring.since(len(taken)))

    reader = threading.Thread(target=read)
    reader.start()
    filled(ring, range(20_000))
    done.set()
    reader.join(20)
    assert [one.number for one in taken] == list(range(20_000))
    assert [one.packet.pts for one in taken] == list(range(20_000))
