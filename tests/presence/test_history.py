"""The history of presence: reports become periods, and periods survive."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from whosthere.app.presence_keeping import PresenceKeeping
from whosthere.core.messages import Tick
from whosthere.core.model import House
from whosthere.core.modes import ArmState, Mode
from whosthere.core.periods import Growing, Period, PeriodKey, PeriodKind, joined
from whosthere.core.presence import (
    DeviceSeen,
    PersonState,
    PresenceState,
    SourceFailed,
    SourceReport,
    Whereabouts,
)
from whosthere.storage.presence_history import PresenceHistory
from whosthere.storage.sqlite import SqliteStore

BEGIN = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
SEEN = PeriodKey(PeriodKind.SEEN, "router", "ann-phone")
WORKING = PeriodKey(PeriodKind.WORKING, "router")
FAILING = PeriodKey(PeriodKind.FAILING, "router")


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def report(seconds: float, *seen: str, ago: float = 0.0) -> SourceReport:
    devices = tuple(DeviceSeen(one, ago, "by its name") for one in seen)
    return SourceReport("router", at(seconds), seconds, devices)


def failed(seconds: float, why: str = "no answer") -> SourceFailed:
    return SourceFailed("router", why, at(seconds), seconds)


def grown(*messages: SourceReport | SourceFailed | Tick) -> list[tuple[PeriodKey, float, float]]:
    growing = Growing({"router": 10.0})
    for message in messages:
        growing.hear(message)
    return [
        (one.key, (one.since - BEGIN).total_seconds(), (one.until - BEGIN).total_seconds())
        for one in sorted(growing.take(), key=lambda one: (one.key, one.since))
    ]


@pytest.mark.parametrize(
    ("messages", "periods"),
    [
        ([], []),
        ([Tick(BEGIN, 0.0)], []),
        ([report(0)], [(WORKING, 0, 0)]),
        ([report(s, "ann-phone") for s in range(0, 3600, 10)],
         [(SEEN, 0, 3590), (WORKING, 0, 3590)]),
        ([report(0, "ann-phone"), *(report(s) for s in range(10, 60, 10)), report(60, "ann-phone")],
         [(SEEN, 0, 60), (WORKING, 0, 60)]),
        ([report(0, "ann-phone"), *(report(s) for s in range(10, 70, 10)), report(70, "ann-phone")],
         [(SEEN, 0, 0), (SEEN, 70, 70), (WORKING, 0, 70)]),
        ([report(100, "ann-phone", ago=40), report(110, "ann-phone", ago=50)],
         [(SEEN, 60, 60), (WORKING, 100, 110)]),
        ([report(0), report(10), failed(20), failed(30), report(40)],
         [(FAILING, 20, 30), (WORKING, 0, 10), (WORKING, 40, 40)]),
        ([report(0), report(40)], [(WORKING, 0, 0), (WORKING, 40, 40)]),
        ([report(7200, "ann-phone"), report(0, "ann-phone")],
         [(SEEN, 0, 0), (SEEN, 7200, 7200), (WORKING, 0, 0), (WORKING, 7200, 7200)]),
    ],
    ids=["nothing", "other messages", "a look", "a day at home", "a short pause", "a longer pause",
         "seen a while ago", "a failure", "reports that are missing", "a clock that jumps back"],
)  # fmt: skip
def test_reports_become_periods(messages, periods):
    assert sorted(periods) == grown(*messages)


def test_a_whole_day_is_few_rows():
    growing = Growing({"router": 10.0})
    for second in range(0, 86400, 10):
        growing.hear(report(second, "ann-phone", "ben-phone"))
    assert 3 == len(growing.take())


def test_only_what_has_changed_is_written_again():
    growing = Growing()
    growing.hear(report(0, "ann-phone"))
    growing.take()
    growing.hear(report(10))
    assert [WORKING] == [one.key for one in growing.take()]


def test_people_have_periods_too():
    growing = Growing()
    growing.people({"Ann": PersonState(Whereabouts.HOME, BEGIN, "ann-phone", "router")}, at(0))
    growing.people({"Ann": PersonState(Whereabouts.HOME, BEGIN, "ann-phone", "router")}, at(50))
    growing.people({"Ann": PersonState(Whereabouts.AWAY, at(60), "ann-phone", "router")}, at(60))
    periods = sorted(growing.take(), key=lambda one: one.since)
    assert [("home", at(0), at(60)), ("away", at(60), at(60))] == [
        (one.how, one.since, one.until) for one in periods
    ]


def test_periods_that_a_restart_cut_are_joined():
    cut = [
        Period(SEEN, at(0), at(100)),
        Period(SEEN, at(130), at(200)),
        Period(SEEN, at(900), at(900)),
    ]
    assert [(at(0), at(200)), (at(900), at(900))] == [(o.since, o.until) for o in joined(cut)]


@pytest.fixture
def store(tmp_path: Path):
    store = SqliteStore(tmp_path / "whosthere.db")
    yield store
    store.close()


def test_what_grows_is_one_row(store: SqliteStore):
    history = PresenceHistory(store.database)
    history.keep([Period(SEEN, at(0), at(10), "by its name")])
    history.keep(
        [Period(SEEN, at(0), at(50), "by its MAC address"), Period(WORKING, at(0), at(50))]
    )
    assert [
        Period(SEEN, at(0), at(50), "by its MAC address"),
        Period(WORKING, at(0), at(50)),
    ] == history.read(BEGIN)


def test_a_time_is_read_with_all_that_reaches_into_it(store: SqliteStore):
    history = PresenceHistory(store.database)
    for since, until in ((0, 10), (20, 40), (35, 60), (70, 80)):
        history.keep([Period(SEEN, at(since), at(until))])
    assert [at(20), at(35)] == [one.since for one in history.read(at(30), at(65))]


def test_what_ended_long_ago_is_forgotten(store: SqliteStore):
    history = PresenceHistory(store.database)
    history.keep([Period(SEEN, at(0), at(10)), Period(WORKING, at(0), at(100))])
    assert 1 == history.forget(at(50))
    assert [WORKING] == [one.key for one in history.read(BEGIN)]


class Home:
    """The house, as the keeping sees it."""

    def __init__(self) -> None:
        self.house = House(ArmState(Mode.OFF, BEGIN, "test"))

    def move(self, where: Whereabouts, seconds: float) -> None:
        people = {"Ann": PersonState(where, at(seconds), "ann-phone", "router")}
        self.house = House(self.house.arm_state, presence=PresenceState(people=people))


def test_nothing_is_written_on_the_thread_that_hears(store: SqliteStore):
    house = Home()
    keeping = PresenceKeeping(PresenceHistory(store.database), lambda: house.house)
    keeping.hear(report(0, "ann-phone"))
    assert [] == keeping.history.read(BEGIN)
    keeping.write()
    assert [SEEN, WORKING] == sorted(one.key for one in keeping.history.read(BEGIN))


def test_where_people_were_is_kept_with_the_moments_of_change(store: SqliteStore):
    house, clock = Home(), [at(0)]
    keeping = PresenceKeeping(
        PresenceHistory(store.database), lambda: house.house, now=lambda: clock[0]
    )
    for seconds, where in ((0, Whereabouts.HOME), (100, Whereabouts.AWAY)):
        clock[0] = at(seconds)
        house.move(where, seconds)
        keeping.hear(report(seconds))
    clock[0] = at(150)
    keeping.write()
    people = [one for one in keeping.history.read(BEGIN) if one.key.kind is PeriodKind.PERSON]
    assert [("home", at(0), at(100)), ("away", at(100), at(150))] == [
        (one.how, one.since, one.until) for one in people
    ]


def test_what_cannot_be_written_is_written_later(store: SqliteStore):
    house = Home()
    keeping = PresenceKeeping(PresenceHistory(store.database), lambda: house.house)
    store.database.writer.execute("PRAGMA query_only=ON")
    keeping.hear(report(0, "ann-phone"))
    keeping.write()
    keeping.hear(report(10, "ann-phone"))
    store.database.writer.execute("PRAGMA query_only=OFF")
    keeping.write()
    assert [(SEEN, at(10)), (WORKING, at(10))] == sorted(
        (one.key, one.until) for one in keeping.history.read(BEGIN)
    )


def test_a_stop_writes_what_is_left(store: SqliteStore):
    house = Home()
    keeping = PresenceKeeping(PresenceHistory(store.database), lambda: house.house)
    keeping.hear(report(0, "ann-phone"))
    keeping.stopping.set()
    keeping.run()
    assert 2 == len(keeping.history.read(BEGIN))
