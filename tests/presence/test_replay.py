"""The past, put to the live rules once more, and what other waiting times would have done."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from benchmarks.household import START, Calls, _every, _merged, _report, _rules
from benchmarks.household_world import DAY, GUEST, RESIDENTS, World, make_world
from whosthere.app.answers.times import whole_day
from whosthere.app.cli import main
from whosthere.app.presence_replay import tried
from whosthere.app.presence_timeline import CELLS, Timeline
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.decide import decide
from whosthere.core.household_advice import advised, likely_arms
from whosthere.core.household_judging import judged
from whosthere.core.household_past import Past, pauses
from whosthere.core.household_replay import replayed, with_waiting
from whosthere.core.messages import LookAgain, Message, Tick
from whosthere.core.model import House
from whosthere.core.modes import ArmedBy, ArmState, Controls, Mode
from whosthere.core.people import Switch
from whosthere.core.periods import Growing, Period, PeriodKey, PeriodKind
from whosthere.core.policy import Policy
from whosthere.core.presence import Person, SourceRule
from whosthere.storage.presence_history import PresenceHistory
from whosthere.storage.sqlite import SqliteStore

BEGIN = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
SEEN, WORKING = PeriodKind.SEEN, PeriodKind.WORKING
RULES = ArmingRules(
    people=(
        Person("Ann", ("ann-phone", "ann-watch")),
        Person("Gil", ("gil-phone",), guest=True, holds_arming=False),
    ),
    sources=(SourceRule("router", 300.0, 10.0), SourceRule("network", 420.0, 10.0)),
)


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def seen(*minutes: tuple[float, float], by: str = "router", what: str = "ann-phone"):
    return [Period(PeriodKey(SEEN, by, what), at(one), at(other)) for one, other in minutes]


def worked(*minutes: tuple[float, float], by: str = "router") -> list[Period]:
    return [Period(PeriodKey(WORKING, by), at(one), at(other)) for one, other in minutes]


def past(*periods: Sequence[Period], whole: float = 240, sources: int = 1, **more: object) -> Past:
    given = [one for some in periods for one in some]
    return Past(at(0), at(whole), given, RULES.people, RULES.sources[:sources], **more)


def rules(sources: int = 1, **more: object) -> ArmingRules:
    return replace(RULES, sources=RULES.sources[:sources], **more)


def minutes(states: Sequence[ArmState]) -> list[tuple[str, float]]:
    return [(str(one.mode), round((one.since - BEGIN).total_seconds() / 60, 1)) for one in states]


def test_who_leaves_is_armed_on_after_waiting_and_countdown():
    gone = past(worked((0, 240)), seen((0, 60), (180, 240)))
    assert [("away", 66.0), ("off", 180.0)] == minutes(replayed(gone, rules()))


def test_shorter_waiting_arms_sooner():
    gone = past(worked((0, 240)), seen((0, 60), (180, 240)))
    sooner = with_waiting(rules(), {"router": 120.0}, countdown=30.0)
    assert [("away", 62.5), ("off", 180.0)] == minutes(replayed(gone, sooner))


def test_a_source_that_failed_changes_nothing():
    failing = [Period(PeriodKey(PeriodKind.FAILING, "router"), at(60), at(120), "no answer")]
    gone = past(worked((0, 60), (120, 240)), seen((0, 60)), failing)
    assert [("away", 126.0)] == minutes(replayed(gone, rules()))


def test_a_program_that_did_not_run_knows_nothing():
    gone = past(worked((0, 60), (120, 240)), seen((0, 60), (120, 240)))
    assert [] == replayed(gone, rules())


def test_peoples_words_are_heard_again():
    word = ArmState(
        Mode.AWAY, at(30), "Ann asked", by_hand=True, source=ArmedBy.HAND, until=at(100)
    )
    stays = past(worked((0, 240)), seen((0, 240)), modes=[word])
    assert [("away", 30.0), ("off", 100.0)] == minutes(replayed(stays, rules()))


def test_guests_hold_nothing_up():
    gone = past(worked((0, 240)), seen((0, 60)), seen((0, 240), what="gil-phone"))
    assert [("away", 66.0)] == minutes(replayed(gone, rules()))


# --- what is a false arm


@pytest.mark.parametrize(
    ("again", "came", "is_false"),
    [
        (75, [], True),
        (75, [72], False),
        (75, [76], False),
        (75, [65], True),
        (89, [], True),
        (91, [], False),
        (None, [], False),
    ],
    ids=["seen again soon", "somebody came before", "seen at the door just after",
         "somebody came too early", "just within the time", "later", "never"],
)  # fmt: skip
def test_a_false_arm_is_one_with_somebody_home_all_along(again, came, is_false):
    times = [(0, 60)] if again is None else [(0, 60), (again, 240)]
    gone = past(worked((0, 240)), seen(*times), came=[at(one) for one in came])
    (arm,) = judged(gone, replayed(gone, rules())).arms
    assert (is_false, 360.0) == (arm.is_false, arm.late_seconds)


def test_a_device_that_was_new_then_proves_nothing():
    gone = past(worked((0, 240)), seen((0, 60)), seen((70, 240), what="ann-watch"))
    (arm,) = judged(gone, replayed(gone, rules())).arms
    assert not arm.is_false


def test_only_arms_by_presence_are_judged():
    modes = [
        ArmState(Mode.AWAY, at(10), "Ann asked", by_hand=True, source=ArmedBy.HAND),
        ArmState(Mode.AWAY, at(66), "everybody has left", source=ArmedBy.PRESENCE),
        ArmState(Mode.OFF, at(180), "Ann came home", source=ArmedBy.PRESENCE),
    ]
    result = judged(past(worked((0, 240)), seen((0, 60), (180, 240)), modes=modes), modes)
    assert (1, 0, 1) == (len(result.arms), len(result.false_arms), result.disarms)


# --- pauses and advice


def test_a_pause_is_sleep_as_long_as_something_else_sees_the_person():
    (pause,) = pauses(
        past(worked((0, 240)), worked((0, 240), by="network"),
             seen((0, 60), (200, 240)), seen((0, 100), (200, 240), by="network"), sources=2),
        "router",
    )  # fmt: skip
    assert (40 * 60, 140 * 60, True) == (pause.sleep_seconds, pause.seconds, pause.is_certain)


def test_a_pause_in_which_the_source_failed_says_nothing():
    assert [] == pauses(past(worked((0, 70), (90, 240)), seen((0, 60), (100, 240))), "router")


def sleeping(days: int, sleep: float) -> Past:
    """Every hour of the day the phone sleeps; from 10 to 16 its owner is out, seen at the door."""
    begins = [day * 1440.0 for day in range(days)]
    times, came = list[tuple[float, float]](), list[datetime]()
    for begin in begins:
        awake = [(begin + hour * 60, begin + (hour + 1) * 60 - sleep) for hour in range(24)]
        times += [one for number, one in enumerate(awake) if not 2 <= number < 8]
        came.append(at(begin + 8 * 60))
    return past(worked((0, days * 1440)), seen(*times), whole=days * 1440, came=came)


@pytest.mark.parametrize(("sleep", "seconds"), [(2.0, 180.0), (4.0, 240.0), (9.0, 600.0)])
def test_advice_is_longer_than_sleep_with_something_to_spare(sleep: float, seconds: float):
    (advice,) = advised(sleeping(8, sleep), rules())
    assert (seconds, True) == (advice.seconds, advice.is_enough)
    assert advice.just_enough == pytest.approx(60 * sleep - 60, abs=2)  # the countdown helps
    assert advice.longest_sleep == 60 * sleep


def test_after_a_few_days_nothing_is_advised():
    (advice,) = advised(sleeping(3, 4.0), rules())
    assert not advice.is_enough


def test_where_absences_are_in_doubt_nothing_shorter_is_advised():
    doubtful = sleeping(8, 2.0)
    gone = replace(doubtful, came=(), periods=[
        one for one in doubtful.periods if one.since != at(9 * 60)
    ])  # fmt: skip
    (sure,) = advised(replace(gone, again_seconds=600.0), rules())
    (advice,) = advised(replace(gone, again_seconds=2 * 3600.0), rules())
    assert (180.0, 300.0) == (sure.seconds, advice.seconds)
    assert advice.if_home != advice.seconds


# --- against the household of the benchmark


@cache
def lived(days: int, seed: int, leave: tuple[tuple[str, float], ...] = ()) -> tuple:
    """Let the live rules live in a household; return what it was like, and its history."""
    world = make_world(days, seed)
    live = with_waiting(_rules(("router", "network")), dict(leave))
    calls = Calls(live.sources[0].leave_seconds)
    growing = Growing({one.name: one.every_seconds for one in live.sources})
    controls = Controls(switches=frozenset({Switch.AUTO_DETECT}))
    house = House(ArmState(Mode.OFF, START, "the beginning"), controls=controls)
    states, again = list[ArmState](), list[float]()
    times = {"tick": _every(10.0, world)}
    times |= {one.name: _every(one.every_seconds, world) for one in live.sources}
    for second, what in _merged(times):
        messages: list[Message] = [
            _report(world, one.name, asked, calls, asked=True)
            for asked in again
            if asked <= second
            for one in live.sources
        ]
        again = [one for one in again if one > second]
        tick = Tick(START + timedelta(seconds=second), second)
        messages.append(tick if what == "tick" else _report(world, what, second, calls))
        for message in messages:
            growing.hear(message)
            before = house.arm_state
            house, actions = decide(house, message, Policy(arming=live))
            states += [house.arm_state] if house.arm_state is not before else []
            again += [second + 2 for one in actions if isinstance(one, LookAgain)]
    return world, live, states, growing.take()


def history(days: int, seed: int) -> tuple[World, ArmingRules, Past]:
    world, live, states, periods = lived(days, seed)
    comings = (one for name in (*RESIDENTS, GUEST) for one in world.home[name].starts)
    came = sorted(START + timedelta(seconds=one) for one in comings)
    end = START + timedelta(seconds=days * DAY)
    return world, live, Past(START, end, periods, live.people, live.sources, states, came)


@pytest.mark.slow
def test_a_replay_with_the_times_of_then_arms_and_disarms_at_the_same_moments():
    _, live, lived_past = history(4, 2)
    then = [one.since for one in lived_past.modes]
    now = [one.since for one in replayed(lived_past, live)]
    assert len(then) == len(now) > 3
    assert all(abs((a - b).total_seconds()) <= 10 for a, b in zip(then, now, strict=True))


@pytest.mark.slow
def test_a_replay_with_other_times_arms_when_living_with_them_would_have():
    _, live, lived_past = history(4, 2)
    leave = {"router": 120.0, "network": 200.0}
    _, _, states, _ = lived(4, 2, tuple(leave.items()))
    now = replayed(lived_past, with_waiting(live, leave))
    assert [one.mode for one in states] == [one.mode for one in now]
    assert all(
        abs((a.since - b.since).total_seconds()) <= 30 for a, b in zip(states, now, strict=True)
    )


@pytest.mark.slow
def test_arithmetic_finds_the_same_arms_as_the_live_rules():
    _, live, lived_past = history(4, 2)
    leave = {one.name: one.leave_seconds for one in live.sources}
    likely = [one.at for one in likely_arms(lived_past, leave, live.countdown_seconds)]
    armed = [one.since for one in lived_past.modes if one.mode is Mode.AWAY]
    assert all(min(abs((one - other).total_seconds()) for other in likely) <= 20 for one in armed)


@pytest.mark.slow
def test_no_false_arm_is_found_where_there_was_none():
    world, live, lived_past = history(4, 2)
    columns, _ = tried(lived_past, live, {}, None)
    arms = columns[0].judgement.arms
    truly = [world.anybody((one.at - START).total_seconds()) for one in arms]
    assert [one.is_false for one in arms] == truly


# --- the commands

SETTINGS = """
[house]
time_zone = "UTC"
[storage]
folder = "{folder}"
[cameras.front]
kind = "file"
path = "front.mp4"
[presence.people.Ann]
devices = [{{ name = "ann-phone", mac = "a4:83:e7:12:34:56" }}]
[[presence.sources]]
kind = "neighbours"
name = "router"
leave_seconds = 300
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A week of a phone that sleeps, until now."""
    file = tmp_path / "whosthere.toml"
    file.write_text(SETTINGS.format(folder=tmp_path))
    shift = datetime.now(UTC) - at(8 * 1440)
    shift = timedelta(days=shift.days, seconds=shift.seconds)
    store = SqliteStore(tmp_path / "whosthere.db")
    PresenceHistory(store.database).keep(
        replace(one, since=one.since + shift, until=one.until + shift)
        for one in sleeping(8, 4.0).periods
    )
    person = PeriodKey(PeriodKind.PERSON, "router", "Ann")
    now = datetime.now(UTC)
    PresenceHistory(store.database).keep([Period(person, now - timedelta(days=8), now, "home")])
    store.remember([ArmState(Mode.OFF, now - timedelta(days=9), "test")])
    store.close()
    return file


def test_the_command_shows_a_table_and_advice(settings: Path, capsys):
    assert 0 == main(["presence", "replay", "--settings", str(settings), "--leave", "router=2m"])
    said = capsys.readouterr().out
    for words in ("as it was", "as set now", "as you ask", "router waits", "of these false",
                  "False arms as you ask", "just suffice", "A false arm:"):  # fmt: skip
        assert words in said


def test_the_command_gives_json(settings: Path, capsys):
    assert 0 == main(["presence", "replay", "--settings", str(settings), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert ["as it was", "as set now"] == [one["title"] for one in said["columns"]][:2]
    assert 300 == said["columns"][1]["leave_seconds"]["router"]
    assert said["advice"][0]["enough"]


def test_a_source_that_is_not_there_is_named(settings: Path, capsys):
    words = ["presence", "replay", "--settings", str(settings), "--leave", "rooter=300"]
    assert 1 == main(words)
    told = "There is no source 'rooter' in the settings. Sources are router."
    assert told in capsys.readouterr().err


def test_without_history_it_is_said_when_there_will_be_some(settings: Path, capsys):
    store = SqliteStore(settings.parent / "whosthere.db")
    PresenceHistory(store.database).forget(datetime.now(UTC) + timedelta(days=1))
    store.close()
    assert 1 == main(["presence", "replay", "--settings", str(settings)])
    assert "There is no history of presence in that time." in capsys.readouterr().err


def test_only_the_time_that_was_asked_for_counts(settings: Path, capsys):
    main(["presence", "replay", "--settings", str(settings), "--since", "36h", "--json"])
    assert 1.5 == pytest.approx(json.loads(capsys.readouterr().out)["days"], abs=0.01)


def test_a_day_is_shown_as_bars(settings: Path, capsys):
    assert 0 == main(["presence", "history", "--settings", str(settings), "--day", "yesterday"])
    said = capsys.readouterr().out
    lines = {line[:25].strip(): line[25:] for line in said.splitlines()}
    assert 72 * "█" == lines["Ann"]
    assert "▪" in lines["ann-phone by router"]
    assert 72 * "·" == lines["mode"]
    assert "00       03       06" in said


def test_a_day_that_is_none_is_refused(settings: Path):
    with pytest.raises(SystemExit, match="is no day"):
        main(["presence", "history", "--settings", str(settings), "--day", "someday"])


def test_days_are_whole_across_clock_changes():
    vienna = ZoneInfo("Europe/Vienna")
    day = datetime(2026, 3, 29, tzinfo=UTC).date()
    begin, end = whole_day(day, vienna)
    person = Period(PeriodKey(PeriodKind.PERSON, "router", "Ann"), begin, end, "home")
    view = Timeline(
        Past(begin, end, [person], RULES.people, RULES.sources), day, vienna, begin, end
    )
    rows = [str(line) for line in view.lines()]
    assert any(CELLS * "█" in row for row in rows)
    assert 23 * 3600 == (end - begin).total_seconds()
    assert all(len(row) <= 100 for row in rows)
