"""Scheduled modes: local times across clock changes, restarts, and jumps of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.core.say import alerts, hear, house
from whosthere.core.arming_rules import ArmingRules, Scheduled
from whosthere.core.messages import SetMode, StayOff, Tick
from whosthere.core.model import AlertKind, House
from whosthere.core.modes import ArmedBy, Mode
from whosthere.core.policy import Policy
from whosthere.core.schedule import moment_of, next_point, points

VIENNA, TORONTO = ZoneInfo("Europe/Vienna"), ZoneInfo("America/Toronto")
KOLKATA, LORD_HOWE = ZoneInfo("Asia/Kolkata"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("zone", "day", "shown", "expected"),
    [
        (VIENNA, date(2026, 7, 1), time(23), "2026-07-01 21:00"),
        (VIENNA, date(2026, 1, 1), time(23), "2026-01-01 22:00"),
        (VIENNA, date(2026, 3, 29), time(2, 30), "2026-03-29 01:00"),  # skipped: from 3:00 on
        (VIENNA, date(2026, 3, 29), time(3), "2026-03-29 01:00"),
        (VIENNA, date(2026, 3, 29), time(1, 59), "2026-03-29 00:59"),
        (VIENNA, date(2026, 10, 25), time(2, 30), "2026-10-25 00:30"),  # twice: the first
        (VIENNA, date(2026, 10, 25), time(3), "2026-10-25 02:00"),
        (TORONTO, date(2026, 3, 8), time(2), "2026-03-08 07:00"),
        (TORONTO, date(2026, 11, 1), time(1, 30), "2026-11-01 05:30"),
        (KOLKATA, date(2026, 3, 29), time(2, 30), "2026-03-28 21:00"),
        (LORD_HOWE, date(2026, 10, 4), time(2, 15), "2026-10-03 15:30"),  # half an hour is skipped
        (LORD_HOWE, date(2026, 4, 5), time(1, 45), "2026-04-04 14:45"),
    ],
)
def test_when_clocks_show_a_time(zone, day, shown, expected):
    assert datetime.fromisoformat(expected).replace(tzinfo=UTC) == moment_of(day, shown, zone)


@pytest.mark.parametrize("zone", [VIENNA, TORONTO, KOLKATA, LORD_HOWE])
@pytest.mark.parametrize("shown", [time(0), time(1, 30), time(2), time(2, 30), time(3), time(23)])
def test_each_day_of_a_year_has_its_point_once(zone, shown):
    rules = ArmingRules(schedule=(Scheduled(shown, Mode.NIGHT),), zone=zone)
    moment, found = datetime(2026, 1, 1, tzinfo=UTC), []
    for _ in range(365):
        found += points(rules, moment, moment + timedelta(days=1))
        moment += timedelta(days=1)

    assert 365 == len(found)
    days = [point.at.astimezone(zone).date() for point in found]
    assert 365 == len(set(days))


def test_days_of_the_week_are_local():
    monday = Scheduled(time(0, 30), Mode.OFF, frozenset({0}))
    rules = ArmingRules(schedule=(monday,), zone=VIENNA)

    point = next_point(rules, datetime(2026, 7, 1, tzinfo=UTC))
    assert datetime(2026, 7, 5, 22, 30, tzinfo=UTC) == point.at


RULES = Policy(
    arming=ArmingRules(
        schedule=(Scheduled(time(23), Mode.NIGHT, name="bed"), Scheduled(time(6, 30), Mode.OFF)),
        zone=VIENNA,
    )
)
EVENING = datetime(2026, 7, 1, 20, 59, 58, tzinfo=UTC)  # 22:59:58
MORNING = datetime(2026, 7, 2, 4, 29, 58, tzinfo=UTC)  # 6:29:58


def ticks(start: datetime, seconds: float, clock: float = 50.0) -> list[Tick]:
    count = int(seconds)
    return [Tick(start + timedelta(seconds=n), clock + n) for n in range(count + 1)]


def asleep() -> House:
    """Armed by the schedule, as of 23:00."""
    return hear(ticks(EVENING, 5), house(Mode.OFF), RULES)[0]


def test_the_schedule_arms_and_ends_what_it_armed():
    night, told = hear(ticks(EVENING, 5), house(Mode.OFF), RULES)
    assert (Mode.NIGHT, ArmedBy.SCHEDULE) == (night.arm_state.mode, night.arm_state.source)
    assert "schedule 'bed' at 23:00" == night.arm_state.reason
    assert [AlertKind.ARMING] == [alert.kind for alert in alerts(told)]

    at_home = hear([Tick(MORNING, 60.0)], night, RULES)[0]
    day, told = hear(ticks(MORNING, 5, 61.0), at_home, RULES)
    assert Mode.OFF is day.arm_state.mode
    assert [AlertKind.DISARMED] == [alert.kind for alert in alerts(told)]


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ([], Mode.NIGHT),
        ([SetMode(Mode.OFF, "Ann", EVENING)], Mode.NIGHT),
        ([SetMode(Mode.HOME, "Ann", EVENING)], Mode.NIGHT),
        ([SetMode(Mode.AWAY, "Ann", EVENING)], Mode.AWAY),
        ([SetMode(Mode.OFF, "Ann", EVENING, until=EVENING + HOUR)], Mode.OFF),
        ([StayOff("Ann", EVENING)], Mode.OFF),
    ],
)
def test_words_and_the_schedule(word, mode):
    after, _ = hear([*word, *ticks(EVENING, 5)], house(Mode.OFF), RULES)

    assert mode is after.arm_state.mode


def test_what_a_person_armed_is_not_ended_by_the_schedule():
    armed = hear([SetMode(Mode.NIGHT, "Ann", EVENING)], house(Mode.OFF), RULES)[0]
    after, _ = hear(ticks(MORNING, 5), armed, RULES)

    assert Mode.NIGHT is after.arm_state.mode


def test_a_time_off_in_the_night_does_not_keep_the_morning_armed():
    off = SetMode(Mode.OFF, "Ann", EVENING + HOUR, until=EVENING + 2 * HOUR)
    again, _ = hear([off, Tick(EVENING + 2 * HOUR, 60.0)], asleep(), RULES)
    assert Mode.NIGHT is again.arm_state.mode

    day, _ = hear([Tick(MORNING, 70.0), *ticks(MORNING, 5, 70.0)], again, RULES)
    assert Mode.OFF is day.arm_state.mode


@pytest.mark.parametrize("gone", [3.0, 600.0, 8 * 3600.0])
def test_a_missed_end_is_told_and_not_made_up_for(gone):
    """The wall clock jumps over the point; the other clock does not."""
    night = hear([Tick(MORNING, 60.0)], asleep(), RULES)[0]
    after, told = hear(ticks(MORNING + timedelta(seconds=gone + 4), 3, 60.5), night, RULES)

    assert Mode.NIGHT is after.arm_state.mode
    assert [AlertKind.STILL_ARMED] == [alert.kind for alert in alerts(told)]


def test_a_missed_beginning_is_made_up_for():
    before = hear([Tick(EVENING, 50.0)], house(Mode.OFF), RULES)[0]
    after, _ = hear([Tick(EVENING + HOUR, 51.0)], before, RULES)

    assert Mode.NIGHT is after.arm_state.mode


def test_of_a_whole_missed_night_only_its_end_counts():
    before = hear([Tick(EVENING, 50.0)], house(Mode.OFF), RULES)[0]
    after, told = hear([Tick(MORNING + HOUR, 51.0)], before, RULES)

    assert Mode.OFF is after.arm_state.mode
    assert [] == alerts(told)


def test_a_clock_that_is_put_back_a_little_repeats_nothing():
    off = SetMode(Mode.OFF, "Ann", EVENING)
    after, _ = hear([off, *ticks(EVENING, 10, 60.0)], asleep(), RULES)

    assert Mode.OFF is after.arm_state.mode
