"""The conditions of an alert, each with its name, value and limit.

All gates are asked of every sighting and in the same order, so that "why did you (not) alert?" has
an answer: the first gate that failed. There are two ways through. Where the detector can judge, a
person opens them, even while the light changes. Where it cannot (none there, or it fails), motion
that lasts opens them, and the alert says that nobody could judge it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, cached_property, partial
from typing import NamedTuple, TypeAlias

from whosthere.core.likelihood import likelihood, measured
from whosthere.core.looks import two_surest
from whosthere.core.model import LONGEST_STEP, Evidence, Gate, Moment
from whosthere.core.modes import Controls, Mode
from whosthere.core.overlooked import SURE
from whosthere.core.policy import CameraPolicy
from whosthere.core.sighting import Scene, Sighting

COOLDOWN = "cooldown"
LIKELY = "likely"


People: TypeAlias = Callable[[], tuple[Gate, ...]]  # what answers for the gates of people


class Judged(NamedTuple):
    """What the looks of a window say of people."""

    surest: float
    person: float
    is_person: bool
    blind: bool  # there is no detector, or it fails
    unsure: bool

    @property
    def must_last(self) -> bool:
        """Whether nobody can judge it, so that motion itself has to."""
        return self.blind or self.unsure

    @property
    def is_enough(self) -> bool:
        """Whether the gate 'person' lets it pass."""
        return self.is_person or self.must_last


class Answers(NamedTuple):
    """The gates of one sighting, and what an alert would rest on."""

    gates: tuple[Gate, ...]
    evidence: Evidence


class Asked:
    """The same, worked out when first looked at: nothing hangs on the gates of a visit once told.

    Most sightings that show something are of such a visit. Of others it is mostly soon seen that
    one gate fails, which `may_pass` tells.
    """

    def __init__(
        self, work_out: Callable[[], Answers], may_pass: Callable[[], bool] = lambda: True
    ) -> None:
        self._work_out = work_out
        self._may_pass = may_pass

    @cached_property
    def answers(self) -> Answers:
        return self._work_out()

    @cached_property
    def failed(self) -> list[str]:
        """Names of gates."""
        return [gate.name for gate in self.answers.gates if not gate.passed]

    @property
    def is_enough(self) -> bool:
        """Whether all is given for an alert, but maybe for the time since the one before."""
        return self._may_pass() and self.failed in ([], [COOLDOWN])

    @property
    def too_soon(self) -> bool:
        return COOLDOWN in self.failed

    def gates(self) -> tuple[Gate, ...]:
        return self.answers.gates

    def with_gate(self, gate: Gate) -> "Asked":
        """Ask for one thing more."""
        return Asked(
            lambda: Answers((*self.answers.gates, gate), self.answers.evidence), self._may_pass
        )


def ask(
    sighting: Sighting,
    recent: tuple[Moment, ...],
    alert_clock: float | None,
    rules: CameraPolicy,
    mode: Mode,
    controls: Controls,
) -> Asked:
    """Put all gates to a sighting, with which `recent` ends; the last alert was at that clock."""
    scene = sighting.motion.scene  # and not all of the sighting, which may hold a picture
    people = partial(of_people, sighting.camera, sighting.at, rules, mode, controls)
    return Asked(
        partial(_answers, people, scene, recent, rules, sighting.clock, alert_clock),
        partial(_may_pass, people, recent, rules),
    )


def _may_pass(people: People, recent: tuple[Moment, ...], rules: CameraPolicy) -> bool:
    return judge(recent, rules).is_enough and all(gate.passed for gate in people())


def _answers(
    people: People,
    scene: Scene,
    recent: tuple[Moment, ...],
    rules: CameraPolicy,
    clock: float,
    alert_clock: float | None,
) -> Answers:
    judged = judge(recent, rules)
    surest, person, is_person, blind, unsure = judged
    area = max([moment.area for moment in recent])
    share = occupied_share(recent, rules)
    zones = frozenset[str]().union(*[m.person_zones if is_person else m.zones for m in recent])
    gates = (
        *people(),
        Gate("warm", scene, "not learning", is_person or scene is not Scene.LEARNING),
        Gate("light change", scene, Scene.STEADY, is_person or scene is Scene.STEADY),
        Gate("area", area, rules.least_area, is_person or area >= rules.least_area),
        Gate("occupied", share, rules.occupied_share,
             not judged.must_last or share >= rules.occupied_share),
        Gate("person", "cannot say" if blind else "unsure" if unsure else person,
             rules.person_confidence, judged.is_enough),
        *(_likely(recent, surest, rules) if rules.weights else ()),
        Gate("zone", _names(zones), _names(rules.zones) or "anywhere",
             not rules.zones or bool(zones & rules.zones)),
        cooldown(clock, alert_clock, rules),
    )  # fmt: skip
    return Answers(gates, Evidence.PERSON if is_person else Evidence.UNCLASSIFIED)


def judge(recent: tuple[Moment, ...], rules: CameraPolicy) -> Judged:
    """Say whether the window shows somebody, or whether nobody can say."""
    surest, second = two_surest(recent)
    person = round((surest + second) / 2, 4)
    is_person = person >= rules.person_confidence
    blind = recent[-1].failed and not any(moment.looked for moment in recent)
    unsure = not is_person and second >= rules.unsure_confidence
    return Judged(surest, person, is_person, blind, unsure)


def _likely(recent: tuple[Moment, ...], surest: float, rules: CameraPolicy) -> tuple[Gate]:
    """The gate that judges several numbers together, where people took one."""
    value = likelihood(rules.weights, measured(recent, rules.window_seconds))
    limit = rules.least_likelihood
    return (Gate(LIKELY, value, limit, value >= limit or surest >= SURE),)


def of_people(
    camera: str, at: datetime, rules: CameraPolicy, mode: Mode, controls: Controls
) -> tuple[Gate, Gate, Gate]:
    """The gates that people open and shut, whatever is seen."""
    notifies = controls.notifies(at)
    snoozed = _left(controls.snoozed_until(camera), at)
    return (
        Gate("armed", mode, _names(rules.alerts_in), mode in rules.alerts_in),
        Gate("notifications", "on" if notifies else "off", "on", notifies),
        Gate("snooze", snoozed, 0.0, not snoozed),
    )


def cooldown(clock: float, alert_clock: float | None, rules: CameraPolicy) -> Gate:
    """Enough time must have passed since the last alert, which was at that clock."""
    since = 0.0 if alert_clock is None else round(clock - alert_clock, 3)
    return Gate(COOLDOWN, since, rules.cooldown, alert_clock is None or since >= rules.cooldown)


def is_occupied(moment: Moment, rules: CameraPolicy) -> bool:
    """Whether something worth an incident was there in that moment: motion, or a person."""
    return moment.area >= rules.least_area or moment.person >= rules.person_confidence


def occupied_share(recent: Iterable[Moment], rules: CameraPolicy) -> float:
    """The share of the window's time in which the picture was occupied.

    As in the talk, but by time and not by frames, so that it means the same at any frame rate.
    """
    occupied, before = 0.0, None
    least_area, least_person = rules.least_area, rules.person_confidence  # as in `is_occupied`
    for clock, area, person, _, _, _, _ in recent:
        if before is not None and (area >= least_area or person >= least_person):
            occupied += min(clock - before, LONGEST_STEP)
        before = clock
    return round(min(1.0, occupied / rules.window_seconds), 4)


def _left(until: datetime | None, at: datetime) -> float:
    """Seconds until then, none if it is past."""
    return max(0.0, round((until - at).total_seconds(), 3)) if until else 0.0


@cache
def _names(some: frozenset[str]) -> str:
    """Zones or modes in words; there are few different ones."""
    return ", ".join(sorted(some))
