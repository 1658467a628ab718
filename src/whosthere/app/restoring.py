"""The house as it was left: mode, what people set, and alerts that nobody has answered yet."""

from datetime import datetime, timedelta

from whosthere.core.escalation import STEPS, awaiting
from whosthere.core.model import ArmState, CameraState, Controls, House, Unanswered
from whosthere.core.policy import Policy
from whosthere.storage.sqlite import SqliteStore

LATER = timedelta(minutes=15)  # beyond the last step, nobody need be told any more


def restored(store: SqliteStore, arm_state: ArmState, policy: Policy, at: datetime) -> House:
    """Go on where the program ended, however it ended."""
    cameras: dict[str, CameraState] = {}
    for revisions in store.unanswered(at - _longest(policy)):
        first, last = revisions[0], revisions[-1]
        state = cameras.get(first.camera, CameraState())
        state = CameraState(alerts=(*state.alerts, last), unanswered=state.unanswered)
        state = awaiting(state, first, policy.of(first.camera))
        loudest = max((alert.urgency for alert in revisions), key=STEPS.index)
        cameras[first.camera] = _at_step(state, Unanswered(first.id, first.at, loudest))
    return House(arm_state, cameras, store.controls() or Controls())


def _longest(policy: Policy) -> timedelta:
    """How far back an alert may lie that still has a step before it."""
    rules = [policy.default, *policy.cameras.values()]
    longest = max(one.escalate_after for one in rules)
    return timedelta(seconds=longest * (len(STEPS) - 1)) + LATER


def _at_step(state: CameraState, known: Unanswered) -> CameraState:
    """Take no step twice."""
    others = tuple(one for one in state.unanswered if one.alert_id != known.alert_id)
    if len(others) == len(state.unanswered) or known.urgency is STEPS[-1]:
        return CameraState(alerts=state.alerts, unanswered=others)
    return CameraState(alerts=state.alerts, unanswered=(*others, known))
