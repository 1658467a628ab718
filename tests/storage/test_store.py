"""What is remembered is found again, equal, and together."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.storage.making import (
    EVENING,
    alert,
    clocks,
    full_incident,
    incident,
    moments,
    names,
    seconds,
    shares,
    zones,
)
from whosthere.core.messages import Kept, SetMode
from whosthere.core.model import Answer, Decision, Evidence, Gate, Incident, Tag, Verdict
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.storage.database import MEMORY
from whosthere.storage.sqlite import SqliteStore

gates = st.builds(
    Gate,
    name=names,
    value=st.floats(allow_nan=False) | names,
    limit=st.floats(allow_nan=False) | names,
    passed=st.booleans(),
)
decisions = st.builds(
    Decision,
    camera=names,
    at=moments,
    clock=clocks,
    verdict=st.sampled_from(Verdict),
    gates=st.lists(gates, max_size=4).map(tuple),
)
maybe_files = st.none() | st.sampled_from(["2026/a.jpg", "2026/ä b.mp4"])
incidents = st.builds(
    Incident,
    id=st.uuids().map(str),
    camera=names,
    first_motion=moments,
    started=moments,
    started_clock=clocks,
    last_seen=moments,
    last_seen_clock=clocks,
    labels=st.dictionaries(names, shares, max_size=3),
    area=shares,
    zones=zones,
    best_score=shares | st.just(-1.0),
    alert_id=st.none() | names,
    alerted_at=st.none() | moments,
    evidence=st.none() | st.sampled_from(Evidence),
    decision=st.none() | decisions,
    ended=st.none() | moments,
    picture=maybe_files,
    picture_with_boxes=maybe_files,
    recording=maybe_files,
    preview=maybe_files,
)


@pytest.fixture
def store(tmp_path: Path):
    with_everything = SqliteStore(tmp_path / "whosthere.db", messengers=["console", "webhook"])
    yield with_everything
    with_everything.close()


@given(incidents)
def test_an_incident_is_found_again_equal(thing: Incident):
    store = SqliteStore(MEMORY)
    store.remember([thing])
    assert thing == store.incident(thing.id)
    store.close()


def test_a_whole_visit_survives_closing_and_opening(tmp_path: Path):
    path = tmp_path / "whosthere.db"
    state = ArmState(Mode.NIGHT, EVENING, "Ann asked", by_hand=True)
    tag = Tag("incident-7", Answer.OCCUPIED, "Ann", seconds(60))
    first = SqliteStore(path)
    first.remember([state, full_incident(), alert(7)])
    first.remember([tag])
    first.close()
    again = SqliteStore(path)
    found = (again.arm_state(), again.incidents(), again.alerts(), again.tags())
    again.close()
    assert (state, [full_incident()], [alert(7)], [tag]) == found


def test_an_incident_grows_in_its_row(store: SqliteStore):
    store.remember([incident()])
    grown = incident(labels={"person": 0.9}, ended=seconds(9))
    store.remember([grown])
    assert [grown] == store.incidents()


def test_an_older_copy_of_an_incident_does_not_forget_files(store: SqliteStore):
    store.remember([incident(picture="a.jpg")])
    store.remember([incident(recording="a.mp4")])
    assert incident(picture="a.jpg", recording="a.mp4") == store.incident("incident-1")


def test_kept_files_change_nothing_else(store: SqliteStore):
    ended = incident(ended=seconds(9))
    store.remember([ended])
    store.remember([Kept(incident(), picture="a.jpg")])
    store.remember([Kept(incident(), recording="a.mp4")])
    assert replace(ended, picture="a.jpg", recording="a.mp4") == store.incident("incident-1")


def test_files_of_an_incident_that_is_not_known_are_not_lost(store: SqliteStore):
    store.remember([Kept(incident(), picture="a.jpg")])
    assert incident(picture="a.jpg") == store.incident("incident-1")


def test_incidents_are_found_by_time_and_camera(store: SqliteStore):
    some = [incident(n, camera="front" if n % 2 else "garden") for n in range(1, 7)]
    store.remember(some)
    assert some[2:5] == store.incidents(since=some[2].started, until=some[5].started)
    assert [some[1], some[3], some[5]] == store.incidents(camera="garden")
    assert some[4:] == store.incidents(limit=2)


def test_all_of_one_call_is_remembered_or_nothing(store: SqliteStore):
    with pytest.raises(ValueError, match="without time zone"):
        store.remember([incident(), replace(alert(), at=EVENING.replace(tzinfo=None))])
    assert [] == store.incidents()


def test_an_alert_is_queued_for_each_messenger(store: SqliteStore):
    store.remember([incident(), alert()])
    for messenger in ("console", "webhook"):
        (delivery, not_before), *more = store.waiting(messenger)
        assert (alert(), messenger, 0) == (delivery.alert, delivery.messenger, delivery.attempts)
        assert (None, []) == (not_before, more)


def test_the_same_revision_is_queued_once(store: SqliteStore):
    store.remember([alert()])
    store.remember([alert()])
    assert 1 == len(store.waiting("console"))
    store.sent(store.waiting("console")[0][0])
    store.remember([alert()])
    assert [] == store.waiting("console")


def test_a_revision_knows_when_its_alert_was_raised(store: SqliteStore):
    store.remember([alert()])
    store.sent(store.waiting("console")[0][0])
    store.remember([alert(1, 2, at=seconds(70))])
    ((delivery, _),) = store.waiting("console")
    assert (seconds(1), seconds(70)) == (delivery.raised, delivery.alert.at)


def test_those_who_deliver_are_woken_by_an_alert_only(store: SqliteStore):
    woken = []
    store.when_queued(lambda: woken.append(len(store.waiting("console"))))
    store.remember([incident()])
    store.remember([alert()])
    assert [1] == woken


def test_the_latest_tag_counts_whatever_the_clock_says(store: SqliteStore):
    first = Tag("incident-1", Answer.OCCUPIED, "Ann", seconds(60))
    second = Tag("incident-1", Answer.UNOCCUPIED, "Ben", seconds(10))
    store.remember([incident(), first])
    store.remember([second])
    assert second == store.tag("incident-1")
    assert [first, second] == store.tags("incident-1")
    assert store.tag("incident-2") is None


def test_the_latest_arm_state_counts(store: SqliteStore):
    assert store.arm_state() is None
    states = [ArmState(mode, seconds(-n), "test") for n, mode in enumerate(Mode)]
    for state in states:
        store.remember([state])
    assert states[-1] == store.arm_state()
    assert states == store.arm_states()


def test_a_crash_leaves_incidents_that_are_closed_at_the_next_start(store: SqliteStore):
    store.remember([incident(1), incident(2, ended=seconds(9))])
    assert [incident(1)] == store.open_incidents()
    closed = incident(1, ended=incident(1).last_seen)
    assert [closed] == store.close_interrupted()
    assert [] == store.open_incidents()
    assert [True, False] == [store.was_interrupted(f"incident-{n}") for n in (1, 2)]


def test_retention_learns_what_there_is_and_what_is_worth_keeping(store: SqliteStore):
    store.remember([incident(1, picture="a.jpg", recording="a.mp4", ended=seconds(9)), incident(2)])
    store.remember([incident(3, preview="c.gif", alert_id="alert-3")])
    store.remember([Tag("incident-1", Answer.OCCUPIED, "Ann", EVENING)])
    first, third = store.files_for_retention()
    assert ("incident-1", ("a.jpg", "a.mp4"), seconds(9)) == (
        first.incident_id,
        first.files,
        first.ended,
    )
    assert [(True, False), (False, True)] == [(f.tagged, f.alerted) for f in (first, third)]
    store.forget_files(["incident-1"])
    assert [third] == store.files_for_retention()
    assert incident(1, ended=seconds(9)) == store.incident("incident-1")


def test_policies_have_versions_that_change_with_their_numbers(store: SqliteStore):
    garden = CameraPolicy(least_area=0.01, alerts_in=frozenset(Mode), zones=frozenset({"path"}))
    assert store.current_policy() is None
    assert 1 == store.use_policy(Policy(), author="settings", reason="first start")
    assert 1 == store.use_policy(Policy(), author="settings", reason="started again")
    second = Policy(cameras={"garden": garden})
    assert 2 == store.use_policy(second, author="Ann", reason="the hedge")
    assert replace(second, version=2) == store.current_policy()
    assert Policy() == store.policy(1)
    assert ["settings", "Ann"] == [record.author for record in store.policies()]


def test_a_request_of_another_process_is_taken_once(tmp_path: Path):
    path = tmp_path / "whosthere.db"
    running = SqliteStore(path)
    assert [] == running.asked()
    visitor = SqliteStore.visit(path)
    requests = [SetMode(Mode.AWAY, "Ann", EVENING), SetMode(Mode.HOME, "Ben", seconds(5))]
    for request in requests:
        visitor.ask(request)
    visitor.close()
    assert requests == running.asked()
    assert [] == running.asked()
    running.close()


def test_a_request_made_while_nothing_ran_is_taken_at_the_start(tmp_path: Path):
    path = tmp_path / "whosthere.db"
    SqliteStore(path).close()
    visitor = SqliteStore.visit(path)
    visitor.ask(SetMode(Mode.OFF, "Ann", EVENING))
    visitor.close()
    running = SqliteStore(path)
    assert [SetMode(Mode.OFF, "Ann", EVENING)] == running.asked()
    running.close()


def test_old_rows_go_and_examples_and_what_has_files_stay(store: SqliteStore):
    old = [incident(n, ended=seconds(9)) for n in range(1, 5)]
    old[1] = replace(old[1], picture="b.jpg")
    now = EVENING + timedelta(days=40)
    fresh = incident(9, started=now, ended=now)
    state = ArmState(Mode.AWAY, EVENING, "test")
    store.remember([*old, fresh, alert(1), alert(2), state])
    store.remember([Tag("incident-3", Answer.OCCUPIED, "Ann", EVENING)])
    for messenger in ("console", "webhook"):
        store.sent(store.waiting(messenger)[0][0])
    store.tidy(now, incident_days=30)
    assert [old[1], old[2], fresh] == store.incidents()
    assert [alert(2)] == store.alerts()  # not told yet
    assert state == store.arm_state()


def test_what_waits_for_a_removed_messenger_is_given_up_and_said(tmp_path: Path):
    path = tmp_path / "whosthere.db"
    before = SqliteStore(path, messengers=["console", "old"], clock=lambda: EVENING)
    before.remember([alert()])
    before.close()
    after = SqliteStore(path, messengers=["console"])
    after.tidy(EVENING + timedelta(days=4), incident_days=30)
    given_up = ("failed", "old", 1, "this messenger is no longer in the settings")
    assert given_up in after.undelivered()
    after.close()


def test_a_copy_of_the_day_is_made_once_and_three_are_kept(store: SqliteStore, tmp_path: Path):
    store.remember([incident()])
    for hours in (0, 1, 24, 48, 72, 73):
        store.tidy(EVENING + timedelta(hours=hours), incident_days=365)
    names_of_copies = sorted(file.name for file in (tmp_path / "backups").iterdir())
    days = ("02", "03", "04")
    assert [f"whosthere-day-2026-01-{day}.db" for day in days] == names_of_copies
    copy = SqliteStore(tmp_path / "backups" / names_of_copies[-1])
    assert [incident()] == copy.incidents()
    copy.close()


def test_threads_remember_and_read_at_the_same_time(store: SqliteStore):
    def visits(first: int) -> None:
        for number in range(first, first + 20):
            store.remember([incident(number), alert(number)])
            assert incident(number) == store.incident(f"incident-{number}")
            assert incident(number) in store.incidents()

    threads = [threading.Thread(target=visits, args=(n * 100,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 80 == len(store.incidents()) == len(store.waiting("console"))


def test_sizes_are_told(store: SqliteStore):
    store.remember([incident(), alert()])
    sizes = store.sizes()
    assert (1, 1, 2) == (sizes["incident"], sizes["alert"], sizes["outbox"])
    assert sizes["bytes"] > 10_000
