"""What people's words do: delays, times, refusals, and who is told."""

import pytest

from tests.core.say import alerts, at, hear, house
from whosthere.core.arming_rules import ArmingRules, Refusing
from whosthere.core.messages import ArmNow, CameraLost, Remember, SetMode, StayOff, Tick, Trouble
from whosthere.core.modes import ArmedBy, Mode
from whosthere.core.people import AuditEntry
from whosthere.core.policy import Policy

EXIT = Policy(arming=ArmingRules(exit_seconds={Mode.AWAY: 30.0}))


def arm(seconds: float, mode: Mode = Mode.AWAY, **more: object) -> SetMode:
    return SetMode(mode, "Ann", at(seconds), "test", **more)


def ticks(*seconds: float) -> list[Tick]:
    return [Tick(at(second), 1000.0 + second) for second in seconds]


@pytest.mark.parametrize(
    ("said", "mode", "counts"),
    [
        ([arm(0), *ticks(1, 30)], Mode.OFF, True),
        ([arm(0), *ticks(1, 31)], Mode.AWAY, False),
        ([arm(0), arm(5)], Mode.AWAY, False),
        ([arm(0), arm(5, Mode.OFF), *ticks(60)], Mode.OFF, False),
        ([arm(0), arm(5, Mode.NIGHT), *ticks(60)], Mode.NIGHT, False),
        ([arm(0), StayOff("Bob", at(5)), *ticks(60)], Mode.OFF, False),
        ([arm(0), ArmNow("Bob", at(5))], Mode.AWAY, False),
        ([ArmNow("Bob", at(5))], Mode.AWAY, False),
        ([arm(0, Mode.NIGHT)], Mode.NIGHT, False),
    ],
)
def test_an_exit_delay_ends_by_time_or_by_word(said, mode, counts):
    after, _ = hear(said, house(Mode.OFF), EXIT)

    assert mode is after.arm_state.mode
    assert counts is (after.countdown is not None)


def test_a_newer_word_survives_the_end_of_an_older_ones_time():
    said = [arm(0, Mode.OFF, until=at(40)), arm(20, until=at(600)), *ticks(21, 45, 51)]
    after, _ = hear(said, house(Mode.HOME), EXIT)

    assert (Mode.AWAY, at(600)) == (after.arm_state.mode, after.arm_state.until)


def test_who_asked_is_kept_over_the_exit_delay():
    after, actions = hear([arm(0, until=at(3600)), *ticks(1, 31)], house(Mode.OFF), EXIT)

    state = after.arm_state
    assert ("Ann asked", ArmedBy.HAND, True) == (state.reason, state.source, state.by_hand)
    assert (at(3600), Mode.OFF) == (state.until, state.then)
    entries = [a.what for a in actions if isinstance(a, Remember) if type(a.what) is AuditEntry]
    assert ["mode away for 1 h in 30 s", "mode away, after 30 s to leave"] == [
        one.what for one in entries
    ]
    assert {("Ann", "test")} == {(one.who, one.origin) for one in entries}


def test_stay_off_for_a_time_ends_with_it():
    after, _ = hear([StayOff("Ann", at(0), until=at(60))], house(Mode.AWAY), EXIT)
    assert Mode.OFF is after.arm_state.mode

    after, _ = hear(ticks(59), after, EXIT)
    assert Mode.OFF is after.arm_state.mode
    after, _ = hear(ticks(60), after, EXIT)
    assert Mode.AWAY is after.arm_state.mode


LOST = CameraLost("front", "no frame", at(0), 1000.0)
FULL = Trouble("disk", "full", at(0), 1000.0)


@pytest.mark.parametrize(
    ("refuse", "wrong", "force", "armed"),
    [
        (Refusing.ALL_DEAD, [LOST], False, False),
        (Refusing.ALL_DEAD, [LOST], True, True),
        (Refusing.ALL_DEAD, [FULL], False, True),
        (Refusing.NEVER, [LOST, FULL], False, True),
        (Refusing.ANY_TROUBLE, [FULL], False, False),
        (Refusing.ANY_TROUBLE, [FULL], True, True),
        (Refusing.ANY_TROUBLE, [FULL, Trouble("disk", None, at(1), 1001.0)], False, True),
        (Refusing.ANY_TROUBLE, [], False, True),
    ],
)
@pytest.mark.parametrize("wish", ["mode", "now"])
def test_arming_is_refused_by_rule_and_forced_on_request(refuse, wrong, force, armed, wish):
    rules = Policy(arming=ArmingRules(refuse=refuse))
    said = {"mode": arm(5, force=force), "now": ArmNow("Ann", at(5), "test", force)}[wish]

    after, actions = hear([*wrong, said], house(Mode.OFF), rules)

    assert armed is (after.arm_state.mode is Mode.AWAY)
    entry = [a.what for a in actions if isinstance(a, Remember) if type(a.what) is AuditEntry][-1]
    assert armed is entry.done


def test_disarming_is_never_refused():
    rules = Policy(arming=ArmingRules(refuse=Refusing.ANY_TROUBLE))
    after, _ = hear([LOST, FULL, arm(5, Mode.OFF)], house(), rules)

    assert Mode.OFF is after.arm_state.mode


def test_one_camera_is_refused_by_its_own_state():
    rules = Policy()
    after, _ = hear([LOST, arm(5, camera="front"), arm(6, camera="back")], house(Mode.OFF), rules)

    assert {"back"} == set(after.controls.modes)


def test_nobody_is_alerted_of_a_word():
    _, actions = hear([arm(0), *ticks(1, 31), arm(40, Mode.OFF)], house(Mode.OFF), EXIT)

    assert [] == alerts(actions)
