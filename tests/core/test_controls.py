"""Modes for a time, snoozes, silence and switches, and who is written down for them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.say import EVENING, alerts, at, hear, house, incidents, policy, stretch
from whosthere.core.decide import decide
from whosthere.core.messages import (
    BackToNormal,
    Remember,
    SetMode,
    SetNotifications,
    SetSwitch,
    Snooze,
    Tick,
)
from whosthere.core.model import Verdict
from whosthere.core.modes import ArmedBy, ArmState, Controls, Mode
from whosthere.core.people import AuditEntry, Switch

VISIT = stretch(10, 20, area=0.05, person=0.9)
ANN = {"by": "Ann", "at": at(0), "origin": "shell"}
HOUR = at(3600)


def tick(seconds: float) -> Tick:
    return Tick(at(seconds), seconds)


def audited(actions):
    return [a.what for a in actions if isinstance(a, Remember) and isinstance(a.what, AuditEntry)]


def controls_of(actions):
    return [a.what for a in actions if isinstance(a, Remember) and isinstance(a.what, Controls)]


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        (Snooze(HOUR, **ANN), ("snooze", 3590.0, 0.0, False)),
        (Snooze(HOUR, **ANN, camera="front"), ("snooze", 3590.0, 0.0, False)),
        (SetNotifications(on=False, **ANN), ("notifications", "off", "on", False)),
        (SetNotifications(on=False, **ANN, until=HOUR), ("notifications", "off", "on", False)),
        (SetMode(Mode.OFF, **ANN), ("armed", "off", "away, night", False)),
        (SetMode(Mode.HOME, **ANN, camera="front"), ("armed", "home", "away, night", False)),
    ],
)
def test_what_keeps_a_visit_from_being_told_is_a_gate_and_the_visit_is_recorded(change, gate):
    first, *_ = VISIT
    after, actions = hear([change, first], house(), policy())
    assert gate == after.camera("front").decision.first_failed

    after, actions = hear([change, *VISIT], house(), policy())
    assert [] == alerts(actions)
    assert Verdict.WATCHING == after.camera("front").decision.verdict
    assert 1 == len(incidents(actions))


@pytest.mark.parametrize(
    "changes",
    [
        [Snooze(at(9), **ANN)],
        [Snooze(HOUR, **ANN), Snooze(None, **ANN)],
        [Snooze(HOUR, **ANN, camera="front"), Snooze(None, **ANN, camera="front")],
        [Snooze(HOUR, **ANN, camera="front"), Snooze(None, **ANN)],
        [Snooze(HOUR, **ANN, camera="back")],
        [SetNotifications(on=False, **ANN), SetNotifications(on=True, **ANN)],
        [SetNotifications(on=False, **ANN, until=at(9))],
        [SetMode(Mode.OFF, **ANN, camera="back")],
        [SetMode(Mode.OFF, **ANN, camera="front"), SetMode(Mode.AWAY, **ANN)],
        [SetMode(Mode.OFF, **ANN, until=at(5)), tick(6)],
        [SetMode(Mode.OFF, **ANN, camera="front", until=at(5)), tick(6)],
        [Snooze(HOUR, **ANN), SetNotifications(on=False, **ANN), BackToNormal(**ANN)],
        [SetSwitch(Switch.AUTO_DETECT, on=True, **ANN)],
    ],
)
def test_a_visit_is_told_when_nothing_keeps_quiet_any_more(changes):
    assert 1 == len(alerts(hear([*changes, *VISIT], house(), policy())[1]))


def test_one_who_stays_longer_than_the_snooze_is_told():
    stays = stretch(10, 40, area=0.05, person=0.9)

    told = alerts(hear([Snooze(at(30), **ANN), *stays], house(), policy())[1])

    assert [at(30)] == [alert.at for alert in told]


def test_a_mode_for_a_time_ends_where_it_began():
    start, message = house(Mode.NIGHT), SetMode(Mode.AWAY, **ANN, until=HOUR)

    after, actions = decide(start, message, policy())
    armed = ArmState(
        Mode.AWAY, at(0), "Ann asked", by_hand=True, until=HOUR, then=Mode.NIGHT,
        source=ArmedBy.HAND, then_by=ArmedBy.START,
    )  # fmt: skip
    assert armed == after.arm_state
    assert [AuditEntry(at(0), "Ann", "shell", "mode away for 1 h")] == audited(actions)

    assert after == decide(after, tick(3599), policy())[0]
    after, actions = decide(after, tick(3600), policy())
    reason = "the time in mode away is over"
    back = ArmState(Mode.NIGHT, HOUR, reason, source=ArmedBy.TIME_OVER)
    assert back == after.arm_state
    assert Remember(back) in actions


def test_a_time_within_a_time_ends_in_what_was_before_both():
    asked = [
        SetMode(Mode.AWAY, **ANN, until=HOUR),
        SetMode(Mode.OFF, "Bob", at(60), "shell", until=at(120)),
        tick(121),
    ]
    assert Mode.NIGHT == hear(asked, house(Mode.NIGHT), policy())[0].arm_state.mode


def test_a_camera_returns_to_its_own_mode_or_to_that_of_the_house():
    off = SetMode(Mode.OFF, **ANN, camera="front")
    night = SetMode(Mode.NIGHT, **ANN, camera="front", until=at(60))

    own, _ = hear([off, night, tick(61)], house(), policy())
    none, _ = hear([night, tick(61)], house(), policy())

    assert Mode.OFF == own.mode_of("front")
    assert {} == none.controls.modes
    assert Mode.AWAY == none.mode_of("front") == own.mode_of("back")


def test_time_lets_go_of_what_is_over_and_writes_it_down_once():
    asked = [
        Snooze(at(10), **ANN),
        Snooze(at(10), **ANN, camera="front"),
        Snooze(at(99), **ANN, camera="back"),
        SetNotifications(on=False, **ANN, until=at(10)),
    ]
    before, _ = hear(asked, house(), policy())

    after, actions = decide(before, tick(10), policy())

    expected = Controls(snoozed_cameras={"back": at(99)}, since=at(10))
    assert expected == after.controls
    assert [expected] == controls_of(actions)
    assert [
        "notifications on again",
        "the snooze of all cameras is over",
        "the snooze of front is over",
    ] == [entry.what for entry in audited(actions)]
    assert (after, []) == decide(after, tick(11), policy())


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (Snooze(at(1800), **ANN), "snoozed all cameras for 30 min"),
        (Snooze(at(5400), **ANN, camera="back"), "snoozed back for 1 h 30 min"),
        (Snooze(None, **ANN, camera="back"), "ended the snooze of back"),
        (SetNotifications(on=False, **ANN), "notifications off"),
        (SetNotifications(on=False, **ANN, until=at(86400)), "notifications off for 1 day"),
        (SetNotifications(on=True, **ANN), "notifications on"),
        (SetSwitch(Switch.SAVE_IMAGES, on=True, **ANN), "save_images on"),
        (SetMode(Mode.HOME, **ANN, camera="back"), "mode home at back"),
        (BackToNormal(**ANN), "ended all snoozes, silence and modes of single cameras"),
    ],
)
def test_each_change_is_written_down_with_who_when_and_from_where(change, what):
    _, actions = decide(house(), change, policy())

    assert [AuditEntry(at(0), "Ann", "shell", what)] == audited(actions)
    assert isinstance(actions[0], Remember)


def test_switches_go_on_and_off_alone_and_survive_back_to_normal():
    on = [SetSwitch(one, on=True, **ANN) for one in Switch]

    after, _ = hear([*on, SetSwitch(Switch.SAVE_IMAGES, on=False, **ANN), BackToNormal(**ANN)],
                    house(), policy())  # fmt: skip

    assert {Switch.AUTO_DETECT, Switch.MOTION_SENSORS} == after.controls.switches


MOMENTS = st.integers(0, 500).map(at)
CAMERAS = st.sampled_from([None, "front", "back"])
BY = {"by": st.just("Ann"), "at": MOMENTS, "origin": st.just("shell")}
CHANGES = st.one_of(
    st.builds(Snooze, until=st.none() | MOMENTS, camera=CAMERAS, **BY),
    st.builds(SetNotifications, on=st.booleans(), until=st.none() | MOMENTS, **BY),
    st.builds(SetMode, mode=st.sampled_from(Mode), until=st.none() | MOMENTS, camera=CAMERAS, **BY),
    st.builds(SetSwitch, switch=st.sampled_from(Switch), on=st.booleans(), **BY),
    st.builds(BackToNormal, **BY),
    st.builds(tick, st.integers(0, 500)),
    st.sampled_from(VISIT),
)


@given(st.lists(CHANGES, max_size=20))
def test_whatever_people_set_all_that_has_an_end_ends_and_is_remembered(messages):
    after, actions = hear([*messages, tick(1000)], house(), policy())

    controls = after.controls
    assert (None, None, {}) == (
        controls.quiet_until, controls.snoozed, controls.snoozed_cameras,
    )  # fmt: skip
    assert None is after.arm_state.until
    assert [] == [own for own in controls.modes.values() if own.until is not None]
    assert controls == (controls_of(actions) or [Controls()])[-1]
    modes = [a.what for a in actions if isinstance(a, Remember) and isinstance(a.what, ArmState)]
    assert after.arm_state == (modes or [house().arm_state])[-1]
    assert (after, actions) == hear([*messages, tick(1000)], house(), policy())


def test_the_house_is_as_it_was_where_nothing_was_asked():
    assert (house(), []) == decide(house(), Tick(EVENING, 0), policy())
    assert replace(house(), controls=Controls()) == house()
