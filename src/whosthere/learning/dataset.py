"""Measures incidents by what the ledger has of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from whosthere.core.decide import decide
from whosthere.core.gates import occupied_share
from whosthere.core.history import History
from whosthere.core.incidents import how_well_it_shows
from whosthere.core.looks import two_surest
from whosthere.core.model import CameraState, Decision, Evidence, House, Incident, Moment, Verdict
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import PERSON, Sighting
from whosthere.learning.examples import FEATURE_VERSION, Numbers
from whosthere.learning.replay import Step, replay

LEAD = timedelta(seconds=31)  # before the first motion: what the longest window looks back on
TAIL = timedelta(seconds=1)
LONGEST = timedelta(minutes=10)  # of an incident, that is measured
NOT_ABOUT_IT = frozenset({"armed", "notifications", "snooze", "cooldown"})  # gates on other things


@dataclass(frozen=True, slots=True)
class Rules:
    """What decisions of that time depended on beside the sightings."""

    house: Callable[[datetime], House]  # mode and controls, without cameras
    policy: Policy
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """One sighting, decided on once more, with the window that the decision looked at."""

    sighting: Sighting
    decision: Decision
    recent: tuple[Moment, ...]


def stretch_of(incident: Incident) -> tuple[datetime, datetime]:
    """Return the time of which `measure` wants the sightings."""
    until = min(incident.last_seen, incident.first_motion + LONGEST)
    return incident.first_motion - LEAD, until + TAIL


def as_then(incident: Incident, history: Iterable[History]) -> list[Decided]:
    """Decide again on the whole house, as was decided then: with its cooldowns and delays.

    Nothing comes of it where the ledger has no note of what the house was like.
    """
    since, _ = stretch_of(incident)
    return [
        Decided(step.message, step.decision, step.house.camera(incident.camera).recent)
        for step in replay(history, whole_from=since)
        if isinstance(step, Step)
        and isinstance(step.message, Sighting)
        and step.message.camera == incident.camera
        and step.message.at >= since
        and step.decision is not None
    ]


def measure(incident: Incident, decided: Iterable[Decided], rules: Rules) -> Numbers:
    """Measure an incident that is over, or a quiet moment."""
    own = rules.policy.of(incident.camera)
    within = [step for step in decided if step.sighting.at >= incident.first_motion - TAIL]
    if not within:
        return _without_ledger(incident, rules)
    chosen = _decisive(incident, within)
    shown = next((s.sighting for s in within if _is_on_picture(s.sighting, incident)), None)
    if incident.evidence is Evidence.QUIET:
        shown = chosen.sighting
    sighting, motion = chosen.sighting, chosen.sighting.motion
    surest, _ = two_surest(chosen.recent)
    decision = incident.decision or chosen.decision
    return Numbers(
        version=FEATURE_VERSION,
        at=sighting.at,
        hour=_hour(sighting.at, rules.zone),
        mode=rules.house(sighting.at).mode_of(incident.camera),
        armed=_armed(decision) and not _held_back(incident, decision),
        verdict=decision.verdict,
        gates=decision.gates,
        policy=rules.policy.version,
        scene=motion.scene,
        look=sighting.look,
        person=sighting.person_confidence,
        person_best=surest,
        person_mean=_mean(chosen),
        person_most=max(_mean(step) for step in within),
        person_ever=max(step.sighting.person_confidence for step in within),
        area=max(moment.area for moment in chosen.recent),
        share=occupied_share(chosen.recent, own),
        share_most=max(occupied_share(step.recent, own) for step in within),
        blobs=len(motion.boxes),
        brightness=motion.brightness,
        changed=motion.changed,
        noise=motion.noise,
        seconds=_seconds(incident),
        sightings=len(within),
        labels=dict(incident.labels),
        zones=tuple(sorted(incident.zones)),
        detections=shown.detections if shown else (),
        picture_at=shown.at if shown else None,
    )


def alone(camera: str, sightings: Iterable[Sighting], rules: Rules) -> Iterator[Decided]:
    """Decide on what one camera saw, as if there were no other and nothing had been before."""
    state, clock = CameraState(), None
    for sighting in sightings:
        if clock is not None and sighting.clock < clock:  # the program began anew
            state = CameraState()
        clock = sighting.clock
        house = replace(rules.house(sighting.at), cameras={camera: state})
        house, _ = decide(house, sighting, rules.policy)
        state = house.camera(camera)
        if state.decision is not None:
            yield Decided(sighting, state.decision, state.recent)


def _mean(step: Decided) -> float:
    return round(sum(two_surest(step.recent)) / 2, 4)


def _decisive(incident: Incident, steps: Sequence[Decided]) -> Decided:
    """The sighting on which people were told, or that came closest to it."""
    if incident.evidence is Evidence.QUIET:
        return min(steps, key=lambda s: abs((s.sighting.at - incident.started).total_seconds()))
    if incident.decision is not None:
        told = incident.decision.at
        return min(steps, key=lambda s: abs((s.sighting.at - told).total_seconds()))
    return max(steps, key=lambda step: _closeness(step.decision))


def _closeness(decision: Decision) -> tuple[float, ...]:
    failed = [gate for gate in decision.gates if not gate.passed and gate.name not in NOT_ABOUT_IT]
    values = {gate.name: gate.value for gate in decision.gates}
    sizes = (values.get(name) for name in ("person", "occupied", "area"))
    numbers = [float(size) if isinstance(size, float | int) else 0.5 for size in sizes]
    at_all = decision.first_failed is None
    return (decision.verdict is not Verdict.QUIET, -len(failed), at_all, *numbers)


def _is_on_picture(sighting: Sighting, incident: Incident) -> bool:
    """Whether this is the sighting of which the best picture was kept: by its score, exactly."""
    shows = sighting.motion.boxes or sighting.detections
    return bool(shows) and how_well_it_shows(sighting) == incident.best_score


def _armed(decision: Decision) -> bool:
    others = {"armed", "notifications", "snooze"}
    return all(gate.passed for gate in decision.gates if gate.name in others)


def _held_back(incident: Incident, decision: Decision) -> bool:
    """Whether nobody was told though all was given: somebody came home and disarmed in time."""
    is_visit = incident.evidence is not Evidence.QUIET
    return is_visit and incident.alert_id is None and decision.first_failed is None


def _without_ledger(incident: Incident, rules: Rules) -> Numbers:
    """What the incident itself says: the ledger keeps its numbers for some weeks only."""
    decision = incident.decision
    at = decision.at if decision else incident.started
    person = incident.labels.get(PERSON, 0.0)
    house = rules.house(at)
    own = rules.policy.of(incident.camera)
    return Numbers(
        version=FEATURE_VERSION,
        at=at,
        hour=_hour(at, rules.zone),
        mode=house.mode_of(incident.camera),
        armed=_armed(decision) if decision else _is_armed(house, incident.camera, own),
        verdict=decision.verdict if decision else Verdict.WATCHING,
        gates=decision.gates if decision else (),
        policy=rules.policy.version,
        scene="",
        look="",
        person=person,
        person_best=person,
        person_mean=person,
        person_most=person,
        person_ever=person,
        area=incident.area,
        share=0.0,
        share_most=0.0,
        blobs=0,
        brightness=0.0,
        changed=0.0,
        noise=0.0,
        seconds=_seconds(incident),
        sightings=0,
        labels=dict(incident.labels),
        zones=tuple(sorted(incident.zones)),
    )


def _is_armed(house: House, camera: str, own: CameraPolicy) -> bool:
    return house.mode_of(camera) in own.alerts_in


def _seconds(incident: Incident) -> float:
    return round((incident.last_seen - incident.first_motion).total_seconds(), 3)


def _hour(at: datetime, zone: tzinfo | None) -> float:
    there = at.astimezone(zone)
    return round(there.hour + there.minute / 60 + there.second / 3600, 3)
