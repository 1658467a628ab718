"""What was decided in the past: the ledger's numbers, put to the rules of then once more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from whosthere.app.answers.house import Parts
from whosthere.core.decide import decide
from whosthere.core.model import (
    Alert,
    CameraState,
    Decision,
    House,
    Sighting,
    Verdict,
)
from whosthere.core.policy import Policy

LEAD = timedelta(seconds=90)  # before the moment, to know what the cameras remembered then
RANKS = {Verdict.ALERT: 4, Verdict.JOINED: 3, Verdict.TOLD: 2, Verdict.WATCHING: 1}


@dataclass(frozen=True, slots=True)
class Past:
    """Decisions of one camera, with the rules of that time."""

    decisions: tuple[Decision, ...]
    policy: Policy


def replay(parts: Parts, camera: str, since: datetime, until: datetime) -> Past:
    """Decide again on what one camera saw."""
    policy = policy_at(parts, since)
    begin = since - LEAD
    sightings = parts.ledger.read(camera, begin, until)
    decisions = tuple(
        decision
        for decision in _decided(parts, camera, sightings, policy, begin, until)
        if since <= decision.at < until
    )
    return Past(decisions, policy)


def _decided(
    parts: Parts,
    camera: str,
    sightings: Iterator[Sighting],
    policy: Policy,
    begin: datetime,
    until: datetime,
) -> Iterator[Decision]:
    changes = _changes(parts, begin, until)
    house = House(parts.house().arm_state)
    clock = None
    for sighting in sightings:
        while changes and changes[0][0] <= sighting.at:
            _, known = changes.pop(0)
            house = replace(known, cameras=house.cameras)
        if clock is None or sighting.clock < clock:  # the first, or the program began anew
            state = _as_it_was(parts, sighting, policy) if clock is None else CameraState()
            house = replace(house, cameras={camera: state})
        clock = sighting.clock
        house, _ = decide(house, sighting, policy)
        decision = house.camera(camera).decision
        if decision is not None:
            yield decision


def _changes(parts: Parts, begin: datetime, until: datetime) -> list[tuple[datetime, House]]:
    """What held at the beginning and each change after, as houses without cameras."""
    modes = parts.store.arm_states_of(begin, until)
    controls = parts.store.controls_of(begin, until)
    if not modes:
        return []
    moments = [state.since for state in modes]
    moments += [one.since for one in controls if one.since is not None]
    found = []
    for moment in sorted(set(moments)):
        mode = [state for state in modes if state.since <= moment] or modes[:1]
        house = House(mode[-1])
        held = [one for one in controls if one.since is not None and one.since <= moment]
        found.append((moment, replace(house, controls=held[-1]) if held else house))
    return found


def _as_it_was(parts: Parts, first: Sighting, policy: Policy) -> CameraState:
    """What a camera remembered of the alert before."""
    rules = policy.of(first.camera)
    since = first.at - timedelta(seconds=rules.cooldown)
    before = [
        alert
        for alert in parts.store.alerts(since, first.at)
        if alert.camera == first.camera and alert.revision == 1 and alert.incident_ids
    ]
    if not before:
        return CameraState()
    last: Alert = before[-1]
    ago = (first.at - last.at).total_seconds()
    return CameraState(alerts=(last,), alert_clock=round(first.clock - ago, 3))


def policy_at(parts: Parts, moment: datetime) -> Policy:
    """The numbers that were used then, or the first that are known."""
    kept = parts.store.policies()
    held = [record.policy for record in kept if record.at <= moment] or [
        record.policy for record in kept[:1]
    ]
    return held[-1] if held else parts.policy()


def closest(decisions: Sequence[Decision]) -> Decision | None:
    """Return the decision that told people, or else came closest to it."""
    return max(decisions, key=_closeness, default=None)


def _closeness(decision: Decision) -> tuple[float, ...]:
    gates = decision.gates
    failed = [number for number, gate in enumerate(gates) if not gate.passed]
    first = failed[0] if failed else len(gates)
    sizes = [float(g.value) for g in gates if g.name in SIZES and isinstance(g.value, (int, float))]
    return (RANKS.get(decision.verdict, 0), first, -len(failed), *sizes[::-1])


SIZES = ("area", "occupied", "person")
