"""Durations and moments mean what people think, also when clocks are changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosthere.app.answers.times import (
    TimeOfDay,
    last_past,
    read_span,
    read_time,
    read_until,
    whole_day,
)

VIENNA = ZoneInfo("Europe/Vienna")
SUNDAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)  # 10:30 in Vienna


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("30m", minutes(30)),
        ("30 m", minutes(30)),
        ("30min", minutes(30)),
        ("2h", minutes(120)),
        ("2 hours", minutes(120)),
        ("1h30m", minutes(90)),
        ("1h 30m", minutes(90)),
        ("1 hour and 30 minutes", minutes(90)),
        ("half an hour", minutes(30)),
        ("an hour", minutes(60)),
        ("an hour and 5 min", minutes(65)),
        ("90s", minutes(1.5)),
        ("1d", minutes(1440)),
        ("a week", minutes(10080)),
        ("30", None),
        ("0m", None),
        ("m", None),
        ("30x", None),
        ("-5m", None),
        ("1e3m", None),
        ("٣٠m", None),  # noqa: RUF001 - digits of another script
        ("", None),
    ],
)
def test_spans(said, expected):
    found = read_span(said.split())

    assert expected == (found.length if found else None)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("7:00", "2026-11-23 07:00+01:00"),  # past for today
        ("10:31", "2026-11-22 10:31+01:00"),
        ("10:30", "2026-11-23 10:30+01:00"),  # now is not ahead
        ("7", "2026-11-23 07:00+01:00"),
        ("7pm", "2026-11-22 19:00+01:00"),
        ("7:30 am", "2026-11-23 07:30+01:00"),
        ("12am", "2026-11-23 00:00+01:00"),
        ("12pm", "2026-11-22 12:00+01:00"),
        ("noon", "2026-11-22 12:00+01:00"),
        ("midnight", "2026-11-23 00:00+01:00"),
        ("tomorrow", "2026-11-23 00:00+01:00"),
        ("tomorrow 8:00", "2026-11-23 08:00+01:00"),
        ("tomorrow at 8:00", "2026-11-23 08:00+01:00"),
        ("monday", "2026-11-23 00:00+01:00"),
        ("mon 8:00", "2026-11-23 08:00+01:00"),
        ("sunday", "2026-11-29 00:00+01:00"),  # today has begun: the next one
        ("sunday 12:00", "2026-11-22 12:00+01:00"),  # but this is still ahead today
        ("2026-12-24 18:00", "2026-12-24 18:00+01:00"),
        ("today 18:00", "2026-11-22 18:00+01:00"),
        ("today 8:00", None),  # past
        ("2020-01-01", None),
        ("25:00", None),
        ("24:00", None),
        ("13pm", None),
        ("7:60", None),
        ("9999-12-31", "9999-12-31 00:00+01:00"),
        ("someday", None),
        ("at", None),
        ("", None),
    ],
)
def test_moments_ahead(said, expected):
    found = read_until(said.split(), SUNDAY, VIENNA)

    assert expected == (found and found.at.astimezone(VIENNA).isoformat(" ", "minutes"))


@pytest.mark.parametrize(
    ("now", "said", "hours"),
    [
        ("2026-03-28T22:00+01:00", "7:00", 8.0),  # clocks are put forward: 9 by the clock
        ("2026-10-24T22:00+02:00", "7:00", 10.0),  # clocks are put back
        ("2026-03-28T22:00+01:00", "2:30", 4.5),  # clocks skip it: taken as 3:30
        ("2026-10-25T02:40+02:00", "2:30", 50 / 60),  # past, but it comes a second time
        ("2026-10-25T02:20+02:00", "2:30", 10 / 60),  # the first of the two
        ("2026-10-23T22:00+02:00", "monday", 51.0),
    ],
)
def test_moments_ahead_across_clock_changes(now, said, hours):
    start = datetime.fromisoformat(now)
    found = read_until(said.split(), start, VIENNA)

    assert pytest.approx(hours) == (found.at - start).total_seconds() / 3600


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("14:32", (time(14, 32), False)),
        ("14:32:07", (time(14, 32, 7), True)),
        ("2pm", (time(14), False)),
        ("14", None),
        ("1432", None),
        ("14:3", None),
    ],
)
def test_times_of_day(said, expected):
    found = read_time(said.split())

    assert expected == (found[:2] if found else None)


@pytest.mark.parametrize(
    ("at", "day", "expected"),
    [
        (time(10, 0), None, "2026-11-22 10:00"),
        (time(14, 32), None, "2026-11-21 14:32"),  # today it is still to come
        (time(10, 0), date(2026, 11, 21), "2026-11-21 10:00"),
        (time(14, 32), date(2026, 11, 22), "2026-11-22 14:32"),  # named, though it is to come
    ],
)
def test_the_past_is_meant_where_one_asks_why(at, day, expected):
    found = last_past(TimeOfDay(at, to_the_second=False, words=1), SUNDAY, VIENNA, day)

    assert expected == f"{found.astimezone(VIENNA):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 22), 24)],
)
def test_days_have_the_hours_that_they_have(day, hours):
    begin, end = whole_day(day, VIENNA)

    assert timedelta(hours=hours) == end - begin


@given(
    st.lists(
        st.sampled_from(["until", "7", "7:00", "25", "monday", "tomorrow", "noon", "1h", "m"])
    ),
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_whatever_is_said_is_ahead_or_nothing(words, now, zone):
    found = read_until(words, now, ZoneInfo(zone))

    assert found is None or found.at > now
    assert found is None or 0 < found.words <= len(words)
