"""Times of packets are repaired, whatever a camera says."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosthere.core.packets import Packet, StreamInfo
from whosthere.recording.timeline import Timeline

STREAM = StreamInfo("h264", b"", 640, 360, Fraction(1, 1000), 10.0)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def packet(dts: int | None, clock: float, pts: int | None = None) -> Packet:
    return Packet(STREAM, b"", dts if pts is None else pts, dts, 0, dts == 0, AT, clock)


def placed(*packets: Packet) -> list[int]:
    timeline = Timeline(STREAM)
    return [timeline.place(one)[0] for one in packets]


@pytest.mark.parametrize(
    ("stamps", "clocks", "expected"),
    [
        pytest.param([500, 600, 700], [9.0, 9.1, 9.2], [0, 100, 200], id="as they are, from zero"),
        pytest.param([0, 100, 3_600_200], [0, 0.1, 0.2], [0, 100, 200], id="a leap ahead"),
        pytest.param([90_000, 90_100, 0], [0, 0.1, 0.2], [0, 100, 200], id="a restart from zero"),
        pytest.param([0, 100, 100, 200], [0, 0.1, 0.1, 0.2], [0, 100, 101, 200], id="twice"),
        pytest.param([0, 100, 90, 200], [0, 0.1, 0.1, 0.2], [0, 100, 101, 200], id="a little back"),
        pytest.param([0, 8000], [0, 8.0], [0, 8000], id="the camera was away, and says so"),
        pytest.param([0, 100], [0, 8.0], [0, 100], id="a late burst"),
        pytest.param([0, 0, 0], [0, 0.1, 0.2], [0, 1, 2], id="stamps that stand still"),
        pytest.param([None, None, None], [5, 5.1, 5.3], [0, 100, 300], id="no stamps: by arrival"),
        pytest.param([None, None], [5, 5.0], [0, 100], id="no stamps, at once: by the rate"),
    ],
)
def test_decoding_times(stamps: list[int | None], clocks: list[float], expected: list[int]) -> None:
    given_packets = [packet(dts, clock) for dts, clock in zip(stamps, clocks, strict=True)]
    assert expected == placed(*given_packets)


def test_after_a_leap_the_new_stamps_count_on() -> None:
    stamps = [0, 100, 50_000, 50_040, 50_080]
    packets = [packet(dts, n / 10) for n, dts in enumerate(stamps)]
    assert [0, 100, 200, 240, 280] == placed(*packets)


def test_pictures_are_shown_as_late_as_the_camera_says() -> None:
    timeline = Timeline(STREAM)
    assert (0, 200) == timeline.place(packet(1000, 0, pts=1200))
    assert (100, 100) == timeline.place(packet(1100, 0.1, pts=1100))


@pytest.mark.parametrize("pts", [None, 50, 999_999])
def test_a_senseless_time_of_showing_is_that_of_decoding(pts: int | None) -> None:
    timeline = Timeline(STREAM)
    timeline.place(packet(0, 0))
    assert (100, 100) == timeline.place(replace(packet(100, 0.1), pts=pts))


@pytest.mark.parametrize(
    ("base", "scale"),
    [
        (Fraction(1, 90_000), 90_000),
        (Fraction(1, 12_800), 12_800),
        (Fraction(1, 10), 90_000),
        (Fraction(1001, 30_000), 90_000),
        (Fraction(1, 10**9), 90_000),
    ],
)
def test_times_are_exact_where_that_is_reasonable(base: Fraction, scale: int) -> None:
    assert scale == Timeline(replace(STREAM, time_base=base)).scale


@given(
    st.lists(
        st.tuples(st.none() | st.integers(-(2**63), 2**63), st.floats(0, 20), st.integers(-9, 9)),
        min_size=1,
    )
)
def test_whatever_comes_time_goes_forward_and_not_far(
    seen: list[tuple[int | None, float, int]],
) -> None:
    timeline, clock, times = Timeline(STREAM), 0.0, []
    for stamp, pause, delay in seen:
        clock += pause
        shown = None if stamp is None else stamp + delay
        times.append(timeline.place(packet(stamp, clock, shown)))
    decoded = [dts for dts, _ in times]
    assert all(before < after for before, after in itertools.pairwise(decoded))
    assert all(0 <= pts - dts <= 10_000 for dts, pts in times)
    assert decoded[-1] <= 1000 * (clock + 2.1 * len(seen))
