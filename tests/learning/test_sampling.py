"""Which questions are asked: near misses first, quiet moments among them, cameras in turns."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.learning.living import SINCE, incident
from tests.learning.making import numbers
from whosthere.core.model import Evidence, Gate
from whosthere.core.policy import CameraPolicy
from whosthere.core.questions import Kind, Pick
from whosthere.learning.sampling import (
    CHANCE_OF_MINUTE,
    QUIET_REASON,
    Candidate,
    Reason,
    choose,
    is_time,
    keeps_minute,
    reason_of,
)

RULES = CameraPolicy()
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NOW = SINCE + timedelta(hours=10)


def rng(seed: int = 1) -> random.Random:
    return random.Random(seed)  # noqa: S311 - draws that are always the same


def candidate(number: int, kind: Kind, camera: str = "front") -> Candidate:
    made = incident(NOW - (number + 1) * MINUTE, camera)
    if kind is Kind.QUIET:
        return Candidate(replace(made, evidence=Evidence.QUIET), QUIET_REASON, "day")
    return Candidate(made, Reason(kind, "test"))


def failed(*gates: Gate, **more: object):
    return numbers(gates=gates, verdict="watching", **more)


@pytest.mark.parametrize(
    ("measured", "kind", "why"),
    [
        (failed(Gate("person", 0.38, 0.4, passed=False), share_most=0.2), Kind.NEAR_MISS,
         "a person was nearly recognised (38 %, needed: 40 %)"),
        (failed(Gate("occupied", 0.5, 0.6, passed=False), person_best=0.35, share_most=0.5),
         Kind.NEAR_MISS, "it may have been a person (35 % sure) and did not move for long enough"),
        (failed(Gate("area", 0.0018, 0.002, passed=False), share_most=0.1), Kind.NEAR_MISS,
         "what moved was a little too small"),
        (failed(Gate("zone", "road", "path", passed=False), share_most=0.1), Kind.NEAR_MISS,
         "it was outside the zones that count, and all else was given for an alert"),
        (failed(Gate("person", 0.05, 0.4, passed=False), labels={}, share_most=0.9,
                person=0.05), Kind.DISAGREEMENT,
         "it moved for long, but no person was recognised"),
        (failed(Gate("person", 0.05, 0.4, passed=False), labels={"car": 0.8}, share_most=0.9,
                person=0.05), Kind.MOTION,
         "something moved, and nobody was told; drawn at random"),
        (failed(Gate("person", 0.38, 0.4, passed=False), Gate("zone", "", "path", passed=False),
                person=0.1, share_most=0.2), Kind.MOTION,
         "something moved, and nobody was told; drawn at random"),
    ],
)  # fmt: skip
def test_each_kind_has_its_reason_in_a_short_phrase(measured, kind, why):
    assert (kind, why) == reason_of(measured, RULES)


def test_modes_and_pauses_make_no_near_miss():
    asleep = failed(
        Gate("armed", "home", "away", passed=False),
        Gate("person", 0.05, 0.4, passed=False),
        share_most=0.1,
        person=0.05,
    )

    assert Kind.MOTION is reason_of(asleep, RULES).kind


def test_what_the_shadow_would_tell_comes_first_of_all():
    assert Kind.SHADOW is reason_of(numbers(), RULES, shadow_differs=True).kind


@pytest.mark.parametrize(
    ("hour", "asked_hours_ago", "due"),
    [(8, [], False), (9, [], True), (21, [], False), (20, [2.9], False), (20, [3.1], True)],
)
def test_questions_come_by_day_and_are_spread(hour, asked_hours_ago, due):
    asked = [
        Pick(f"{n}", "front", NOW - hours * HOUR, Kind.QUIET, 1.0, "")
        for n, hours in enumerate(asked_hours_ago)
    ]

    assert due is is_time(NOW, hour, asked, questions_a_day=4)


def ask_for_days(days: int, *kinds: tuple[Kind, str]) -> list[Pick]:
    """Ask about something fresh of each kind and camera, four times a day."""
    asked: list[Pick] = []
    draw = rng()
    for number in range(4 * days):
        waiting = [candidate(number, kind, camera) for kind, camera in kinds]
        chosen = choose(waiting, asked, NOW, draw)
        asked.append(replace(chosen.pick, incident_id=f"{number}"))
    return asked


def test_incidents_and_quiet_moments_take_turns_and_near_misses_come_most():
    kinds = [(kind, "front") for kind in Kind if kind is not Kind.SHADOW]
    counts = Counter(pick.kind for pick in ask_for_days(50, *kinds))

    assert 100 == counts[Kind.QUIET]
    assert counts[Kind.NEAR_MISS] > counts[Kind.DISAGREEMENT] > counts[Kind.MOTION] > 0


def test_a_busy_camera_does_not_take_all_questions():
    busy = [(Kind.MOTION, "road")] * 20 + [(Kind.MOTION, "front")]
    counts = Counter(pick.camera for pick in ask_for_days(10, *busy))

    assert {"road": 20, "front": 20} == counts


def test_what_is_asked_about_says_with_which_chance():
    waiting = [candidate(n, Kind.MOTION) for n in range(5)]
    quiet = [candidate(n, Kind.QUIET) for n in range(2)]

    assert 0.2 == choose(waiting, [], NOW, rng()).pick.chance
    assert CHANCE_OF_MINUTE / 2 == choose(quiet, [], NOW, rng()).pick.chance


def test_nothing_is_asked_twice_and_nothing_old():
    one = candidate(0, Kind.MOTION)
    asked = [choose([one], [], NOW, rng()).pick]

    assert None is choose([one], asked, NOW + HOUR, rng())
    assert None is choose([one], [], NOW + timedelta(hours=25), rng())
    assert None is choose([], [], NOW, rng())


def test_within_a_kind_each_has_the_same_chance():
    waiting = [candidate(n, Kind.MOTION) for n in range(4)]
    draw = rng()
    counts = Counter(choose(waiting, [], NOW, draw).incident.id for _ in range(2000))

    assert 4 == len(counts)
    assert min(counts.values()) > 420


def test_quiet_minutes_are_kept_as_often_as_said():
    draw = rng()
    kept = sum(keeps_minute(draw) for _ in range(200 * 1440))

    assert 6.0 == pytest.approx(kept / 200, abs=0.5)
