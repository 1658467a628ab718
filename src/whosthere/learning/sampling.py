"""Chooses what people are asked about: a few questions that teach most.

Answers about alerts say which alerts were false, and nothing of what was missed. So questions go
by turns to incidents of which nobody was told, and to quiet moments kept at random by day and
night. Among the incidents, near misses are drawn more often than disagreements and these more often
than the rest; within one kind and camera each has the same chance. The kinds are strata: what they
say is later weighted with how many there are of each (stratified sampling; W. G. Cochran, Sampling
Techniques, 3rd edition, 1977, chapter 5), so that missed visits can be estimated.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from whosthere.core.model import Gate, Incident
from whosthere.core.policy import CameraPolicy
from whosthere.core.questions import Kind, Pick
from whosthere.core.sighting import PERSON
from whosthere.learning.dataset import NOT_ABOUT_IT
from whosthere.learning.examples import Numbers

MORNING, EVENING = 9, 21  # hours between which people like to be asked
ASKED_HOURS = EVENING - MORNING
FRESH = timedelta(hours=24)  # what is older is not asked about: people must remember it
MEMORY = timedelta(days=14)  # over which cameras get their fair share
NEAR = 0.7  # of a limit that a value must reach to have missed it by little
SURE_OF_ANOTHER = 0.5  # confidence of a car or a cat, which then explains the motion
KEPT_A_DAY = 6.0  # quiet pictures of each camera, to draw from
MINUTE = 60.0  # seconds between two looks whether one is to be kept
SHARES = {Kind.SHADOW: 4, Kind.NEAR_MISS: 4, Kind.DISAGREEMENT: 2, Kind.MOTION: 1}

# The chance of each quiet minute to be kept. Minutes are drawn independently of each other and of
# the time of day, so that they stand for all of the quiet time.
CHANCE_OF_MINUTE = KEPT_A_DAY * MINUTE / 86400


class Reason(NamedTuple):
    """Of what kind something is, and in a short phrase why it is asked about."""

    kind: Kind
    why: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that people could be asked about."""

    incident: Incident
    reason: Reason
    stratum: str = ""  # of a quiet moment: by day or by night


class Chosen(NamedTuple):
    """What is to be asked now."""

    incident: Incident
    pick: Pick


QUIET_REASON = Reason(Kind.QUIET, "it is a quiet moment, drawn at random")


def is_time(at: datetime, hour: int, asked: Sequence[Pick], questions_a_day: int) -> bool:
    """Whether the next question of the day is due; `hour` is the local one."""
    if not MORNING <= hour < EVENING:
        return False
    last = max((pick.at for pick in asked), default=None)
    apart = timedelta(hours=ASKED_HOURS / questions_a_day)
    if last is not None and at - last < apart:
        return False
    today = [pick for pick in asked if at - pick.at < FRESH / 2]
    return len(today) < questions_a_day


def keeps_minute(rng: random.Random) -> bool:
    """Whether this quiet minute is one of those that are kept."""
    return rng.random() < CHANCE_OF_MINUTE


def reason_of(numbers: Numbers, rules: CameraPolicy, *, shadow_differs: bool = False) -> Reason:
    """Say of what kind an incident is of which nobody was told."""
    if shadow_differs:
        return Reason(Kind.SHADOW, "other rules that are being tried would have told you")
    failed = [g for g in numbers.gates if not g.passed and g.name not in NOT_ABOUT_IT]
    if len(failed) == 1 and (why := _near(failed[0], numbers)):
        return Reason(Kind.NEAR_MISS, why)
    another = max((v for k, v in numbers.labels.items() if k != PERSON), default=0.0)
    lasted = numbers.share_most >= rules.occupied_share
    if lasted and another < SURE_OF_ANOTHER:
        return Reason(Kind.DISAGREEMENT, "it moved for long, but no person was recognised")
    if numbers.person_ever >= rules.person_confidence and not lasted:
        return Reason(Kind.DISAGREEMENT, "a person was recognised, but hardly anything moved")
    return Reason(Kind.MOTION, "something moved, and nobody was told; drawn at random")


def _near(gate: Gate, numbers: Numbers) -> str:
    """Say how near a failed gate came to its limit; nothing if it did not."""
    value, limit = gate.value, gate.limit
    if gate.name == "zone":
        return "it was outside the zones that count, and all else was given for an alert"
    if gate.name in {"light change", "warm"}:
        return "the light was changing, and all else was given for an alert"
    if not isinstance(value, float | int) or not isinstance(limit, float | int):
        return ""
    if value < NEAR * limit:
        return ""
    match gate.name:
        case "person":
            return f"a person was nearly recognised ({_percent(value)}, needed: {_percent(limit)})"
        case "occupied":
            return (
                f"it may have been a person ({_percent(numbers.person_best)} sure)"
                " and did not move for long enough"
            )
        case "area":
            return "what moved was a little too small"
        case _:
            return ""


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def choose(
    waiting: Sequence[Candidate], asked: Sequence[Pick], at: datetime, rng: random.Random
) -> Chosen | None:
    """Draw one of what waits; `asked` are the questions of the last days, oldest first."""
    known = {pick.incident_id for pick in asked}
    waiting = [
        one
        for one in waiting
        if one.incident.id not in known and at - one.incident.started <= FRESH
    ]
    quiet = [one for one in waiting if one.reason.kind is Kind.QUIET]
    moved = [one for one in waiting if one.reason.kind is not Kind.QUIET]
    moved_last = bool(asked) and asked[-1].kind is not Kind.QUIET
    first, then = (quiet, moved) if moved_last else (moved, quiet)
    found = _of_one_kind(first or then, rng)
    if not found:
        return None
    drawn, among = _drawn(found, asked, at, rng)
    kind, why = drawn.reason
    chance = 1 / among * (CHANCE_OF_MINUTE if kind is Kind.QUIET else 1.0)
    pick = Pick(drawn.incident.id, drawn.incident.camera, at, kind, chance, why)
    return Chosen(drawn.incident, pick)


def _of_one_kind(waiting: Sequence[Candidate], rng: random.Random) -> list[Candidate]:
    kinds = sorted({one.reason.kind for one in waiting})
    if not kinds:
        return []
    (kind,) = rng.choices(kinds, [SHARES.get(kind, 1) for kind in kinds])
    return [one for one in waiting if one.reason.kind is kind]


def _drawn(
    waiting: Sequence[Candidate], asked: Sequence[Pick], at: datetime, rng: random.Random
) -> tuple[Candidate, int]:
    """Draw from the camera that was asked about least; by day and night alike."""
    lately = [pick for pick in asked if at - pick.at <= MEMORY]
    cameras = _rarest({one.incident.camera for one in waiting}, Counter(p.camera for p in lately))
    camera = rng.choice(cameras)
    mine = [one for one in waiting if one.incident.camera == camera]
    parts = sorted({one.stratum for one in mine})
    part = rng.choice(parts)
    found = [one for one in mine if one.stratum == part]
    return rng.choice(found), len(found)


def _rarest(names: set[str], counts: Mapping[str, int]) -> list[str]:
    least = min(counts.get(name, 0) for name in names)
    return sorted(name for name in names if counts.get(name, 0) == least)


def part_of_day(hour: int) -> str:
    """The stratum of a quiet moment."""
    return "day" if MORNING <= hour < EVENING else "night"
