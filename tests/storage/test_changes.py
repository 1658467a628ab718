"""What people set is found again after a restart, and as it was at any moment before."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.storage.making import EVENING, alert, incident, seconds
from whosthere.core.model import AlertKind, Answer, Tag, Urgency
from whosthere.core.modes import ArmState, Controls, Mode
from whosthere.core.people import AuditEntry, Reaction, Switch
from whosthere.storage.database import MEMORY
from whosthere.storage.sqlite import SqliteStore

ARMED = ArmState(Mode.AWAY, EVENING, "Ann asked", by_hand=True, until=seconds(60), then=Mode.NIGHT)
SET = Controls(
    notifications=False,
    quiet_until=seconds(100),
    snoozed=seconds(200),
    snoozed_cameras={"front": seconds(300)},
    modes={"back": ARMED, "shed": ArmState(Mode.OFF, EVENING, "Bob asked")},
    switches=frozenset({Switch.AUTO_DETECT, Switch.SAVE_IMAGES}),
    since=EVENING,
)


@pytest.mark.parametrize("controls", [SET, Controls()])
def test_what_was_set_is_there_after_a_restart(tmp_path: Path, controls: Controls):
    path = tmp_path / "whosthere.db"
    store = SqliteStore(path)
    store.remember([controls, ARMED])
    store.close()

    again = SqliteStore(path)
    assert controls == again.controls()
    assert ARMED == again.arm_state()
    again.close()


@pytest.fixture
def store():
    store = SqliteStore(MEMORY)
    yield store
    store.close()


def test_nothing_was_ever_set(store: SqliteStore):
    assert None is store.controls()
    assert [] == store.controls_of(EVENING, seconds(10))
    assert [] == store.arm_states_of(EVENING, seconds(10))


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [(-5, 0, []), (-5, 15, [0, 10]), (0, 10, [0]), (12, 15, [10]), (12, 99, [10, 20])],
)
def test_it_is_known_what_held_at_any_moment(store, since, until, expected):
    for moment in (0, 10, 20):
        state = ArmState(Mode.AWAY, seconds(moment), "test")
        store.remember([Controls(since=seconds(moment)), state])

    between = seconds(since), seconds(until)
    wanted = [seconds(moment) for moment in expected]
    assert wanted == [state.since for state in store.arm_states_of(*between)]
    assert wanted == [controls.since for controls in store.controls_of(*between)]


def test_who_did_what_is_kept_in_order(store: SqliteStore):
    entries = [AuditEntry(seconds(n), "Ann", "slack", f"{n}", done=n != 1) for n in range(5)]
    store.remember(entries)

    assert entries == store.audit()
    assert entries[-2:] == store.audit(2)


@pytest.mark.parametrize(
    ("things", "waiting"),
    [
        ([alert(1), alert(1, 2, urgency=Urgency.MENTION)], [2]),
        ([alert(1, mode=Mode.NIGHT)], []),
        ([alert(1, incident_ids=())], []),
        ([alert(1, kind=AlertKind.QUIET)], []),
        ([alert(1), Reaction("alert-1", "Ann", EVENING, "seen", "slack")], []),
        ([alert(1), Reaction("alert-2", "Ann", EVENING, "seen", "slack")], [1]),
        (
            [incident(alert_id="alert-1"), alert(1),
             Tag("incident-1", Answer.OCCUPIED, "Ann", EVENING, "slack")],
            [],
        ),
        ([alert(1, at=EVENING - timedelta(hours=2))], []),
    ],
)  # fmt: skip
def test_alerts_without_a_reaction_are_found(store, things, waiting):
    store.remember(things)

    assert waiting == [len(revisions) for revisions in store.unanswered(EVENING)]


def test_old_changes_are_let_go_of_but_the_last(store: SqliteStore):
    store.remember([Controls(since=seconds(n)) for n in range(3)])
    store.remember([AuditEntry(seconds(n), "Ann", "slack", "x") for n in range(3)])
    store.remember([Reaction("a", "Ann", EVENING, "seen")])

    store.tidy(seconds(1) + timedelta(days=365), incident_days=365)
    assert [seconds(1), seconds(2)] == [entry.at for entry in store.audit()]
    store.tidy(seconds(9) + timedelta(days=365), incident_days=365)

    assert seconds(2) == store.controls().since
    assert [] == store.audit()
    assert [] == store.reactions("a")
