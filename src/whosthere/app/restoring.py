"""The house as it was left: mode, controls, what it was in the middle of, unanswered alerts."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

from whosthere.core.escalation import STEPS, awaiting
from whosthere.core.model import CameraState, House, Unanswered
from whosthere.core.modes import ArmState, Controls
from whosthere.core.people import ITSELF, AuditEntry, Switch
from whosthere.core.policy import Policy
from whosthere.core.standing import Standing, resumed
from whosthere.storage.sqlite import SqliteStore

LATER = timedelta(minutes=15)  # beyond the last step, nobody need be told any more


def restored(
    store: SqliteStore,
    arm_state: ArmState,
    policy: Policy,
    at: datetime,
    clock: float | None = None,
) -> House:
    """Go on where the program ended, however it ended. Who is home, nobody knows yet."""
    cameras: dict[str, CameraState] = {}
    for revisions in store.unanswered(at - _longest(policy)):
        first, last = revisions[0], revisions[-1]
        state = cameras.get(first.camera, CameraState())
        state = replace(state, alerts=(*state.alerts, last))
        state = awaiting(state, first, policy.of(first.camera))
        loudest = max((alert.urgency for alert in revisions), key=STEPS.index)
        cameras[first.camera] = _at_step(state, Unanswered(first.id, first.at, loudest))
    house = House(arm_state, cameras, store.controls() or Controls())
    before, now = store.standing(), time.monotonic() if clock is None else clock
    if policy.arming.people and not (before and before.has_people):
        before = replace(before or Standing(), has_people=True)
        said = f"{Switch.AUTO_DETECT} on: people are in the settings for the first time"
        house = _turned_on(store, house, Switch.AUTO_DETECT, said, before, at)
    if policy.devices.sensors and not (before and before.has_sensors):
        before = replace(before or Standing(), has_sensors=True)
        said = f"{Switch.MOTION_SENSORS} on: sensors are in the settings for the first time"
        house = _turned_on(store, house, Switch.MOTION_SENSORS, said, before, at)
    return resumed(house, before, at, now) if before else house


def _turned_on(
    store: SqliteStore, house: House, switch: Switch, said: str, standing: Standing, at: datetime
) -> House:
    """What is configured for the first time shall act until somebody objects."""
    controls = replace(house.controls, switches=house.controls.switches | {switch}, since=at)
    store.remember([controls, AuditEntry(at, ITSELF, ITSELF, said), standing])
    return replace(house, controls=controls)


def _longest(policy: Policy) -> timedelta:
    """How far back an alert may lie that still has a step before it."""
    rules = [policy.default, *policy.cameras.values()]
    longest = max(one.escalate_after for one in rules)
    return timedelta(seconds=longest * (len(STEPS) - 1)) + LATER


def _at_step(state: CameraState, known: Unanswered) -> CameraState:
    """Take no step twice."""
    others = tuple(one for one in state.unanswered if one.alert_id != known.alert_id)
    if len(others) == len(state.unanswered) or known.urgency is STEPS[-1]:
        return replace(state, unanswered=others)
    return replace(state, unanswered=(*others, known))
