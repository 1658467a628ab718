"""Time stamps that only go forward."""

from fractions import Fraction

import pytest

from whosthere.cameras.timeline import TREMBLING, Rate, Timeline

MS = Fraction(1, 1000)


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        ([0, 100, 200], [0, 100, 200]),
        ([7000, 7100, 7200], [0, 100, 200]),  # begins anywhere
        ([0, 40, 300, 310], [0, 40, 300, 310]),  # no steady rate
        ([0, 100, 100, 200], [0, 100, 200, 300]),  # stands still
        ([5000, 5100, 0, 100], [0, 100, 200, 300]),  # goes back
        ([0, 100, 3_600_000, 3_600_100], [0, 100, 200, 300]),  # jumps
        ([None, None, None], [0, 100, 200]),  # says nothing
        ([0, None, 200], [0, 100, 200]),
        ([0, 9000, 9100], [0, 9000, 9100]),  # a pause is a pause
    ],
)
def test_stamps_are_put_one_after_the_other(stamps, expected):
    timeline = Timeline(MS, 10)
    assert expected == [timeline.place(stamp) for stamp in stamps]


def test_rare_pictures_are_not_taken_for_jumps():
    timeline = Timeline(MS, 1 / 60)
    assert [0, 60_000, 120_000] == [timeline.place(n * 60_000) for n in range(3)]


def test_a_second_round_follows_the_first():
    timeline = Timeline(MS, 10)
    first = [timeline.place(stamp) for stamp in (0, 100)]
    timeline.begin_again()
    assert [0, 100, 200, 300] == first + [timeline.place(stamp) for stamp in (0, 100)]


@pytest.mark.parametrize(
    ("source", "wished", "analysed"),
    [(30, 5, 50), (25, 5, 50), (12, 5, 50), (7, 5, 50), (5, 5, 50), (3, 5, 30), (10, 10, 100)],
)
def test_the_analysed_rate_is_right_whatever_the_source_s(source, wished, analysed):
    rate = Rate(wished)
    due = sum(rate.due(number / source) for number in range(source * 10))
    assert abs(analysed - due) <= 1


def test_a_trembling_clock_does_not_halve_the_rate():
    rate = Rate(5, TREMBLING)
    clocks = [n * 0.2 + (0.02 if n % 2 else -0.02) for n in range(50)]
    assert 50 == sum(rate.due(clock) for clock in clocks)
