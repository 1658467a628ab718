"""Alerts that nobody answers grow louder: people are mentioned, then written to directly.

Only alerts of mode away do so, of visits and of lost cameras: at home, somebody hears. Any reaction
ends it: a tag, a word in the alert's thread, or a change of mode, snooze or notifications.
"""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from whosthere.core.messages import Action, Notify, Remember, Tick
from whosthere.core.model import (
    WALK_TEST,
    Alert,
    CameraState,
    House,
    News,
    Tag,
    Unanswered,
    Urgency,
)
from whosthere.core.modes import Mode
from whosthere.core.people import AuditEntry, Reaction
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.spans import span

STEPS = (Urgency.USUAL, Urgency.MENTION, Urgency.DIRECT)


class Asked(Protocol):
    """Who did something, when and from where."""

    @property
    def by(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def origin(self) -> str: ...


def awaiting(state: CameraState, alert: Alert, rules: CameraPolicy) -> CameraState:
    """From a first alert on, wait for somebody's reaction."""
    if alert.mode is not Mode.AWAY or not rules.escalate_after or WALK_TEST in alert.labels:
        return state
    waiting = (*state.unanswered, Unanswered(alert.id, alert.at))
    known = {one.id for one in _told(state)}
    return replace(state, unanswered=tuple(one for one in waiting if one.alert_id in known))


def on_time(house: House, tick: Tick, policy: Policy) -> tuple[House, list[Action]]:
    """Grow louder by one step where nobody has answered for long enough."""
    actions: list[Action] = []
    for name, state in house.cameras.items():
        after, told = _louder(state, tick.at, policy.of(name))
        if after is not state:
            house = replace(house, cameras={**house.cameras, name: after})
            actions += map(Notify, told)
    return house, actions


def _louder(
    state: CameraState, at: datetime, rules: CameraPolicy
) -> tuple[CameraState, list[Alert]]:
    told: list[Alert] = []
    for one in state.unanswered:
        step = STEPS.index(one.urgency) + 1
        waited = (at - one.raised).total_seconds()
        if not rules.escalate_after or waited < step * rules.escalate_after:
            continue
        left = tuple(other for other in state.unanswered if other.alert_id != one.alert_id)
        if step + 1 < len(STEPS):
            left = (*left, one._replace(urgency=STEPS[step]))
        state = replace(state, unanswered=left)
        alert = next((alert for alert in _told(state) if alert.id == one.alert_id), None)
        if alert is None:  # long ago, and other alerts took its place
            continue
        alert = replace(alert, revision=alert.revision + 1)
        state = _replaced(state, alert)
        why = f"nobody has answered for {span(waited)}"
        told.append(
            replace(
                alert,
                news=News.ESCALATED,
                at=at,
                detail=f"{alert.detail}; {why}" if alert.detail else why,
                file=None,
                urgency=STEPS[step],
            )
        )
    return state, told


def _told(state: CameraState) -> tuple[Alert, ...]:
    own = (state.lost, state.tampered)  # of the camera itself
    return (*state.alerts, *(alert for alert in own if alert is not None))


def _replaced(state: CameraState, alert: Alert) -> CameraState:
    if state.lost is not None and state.lost.id == alert.id:
        return replace(state, lost=alert)
    if state.tampered is not None and state.tampered.id == alert.id:
        return replace(state, tampered=alert)
    alerts = tuple(alert if alert.id == other.id else other for other in state.alerts)
    return replace(state, alerts=alerts)


def on_answer(house: House, message: Tag | Reaction) -> tuple[House, list[Action]]:
    """Somebody says something about an incident or an alert."""
    match message:
        case Tag():
            return on_tag(house, message)
        case Reaction():
            return on_reaction(house, message)


def on_reaction(house: House, reaction: Reaction) -> tuple[House, list[Action]]:
    """Somebody answered one alert, or all."""
    house, ended = _answered(house, reaction, reaction.what, alert_id=reaction.alert_id)
    if not ended:
        return house, []
    what = f"answered {len(ended)} alert{'s' if len(ended) > 1 else ''}: {reaction.what}"
    return house, [Remember(AuditEntry(reaction.at, reaction.by, reaction.origin, what)), *ended]


def on_tag(house: House, tag: Tag) -> tuple[House, list[Action]]:
    what = f"tagged {tag.incident_id} {tag.answer}"
    actions: list[Action] = [
        Remember(tag),
        Remember(AuditEntry(tag.at, tag.by, tag.origin, what)),
    ]
    of = [
        alert.id
        for state in house.cameras.values()
        for alert in state.alerts
        if tag.incident_id in alert.incident_ids
    ]
    for alert_id in of:
        house, ended = _answered(house, tag, what, alert_id=alert_id)
        actions += ended
    return house, actions


def answered(
    house: House, asked: Asked, what: str, camera: str | None = None
) -> tuple[House, list[Action]]:
    """Who changes something about a camera, or about all, has answered its alerts."""
    return _answered(house, asked, what, camera=camera)


def _answered(
    house: House,
    asked: Asked,
    what: str,
    *,
    camera: str | None = None,
    alert_id: str | None = None,
) -> tuple[House, list[Action]]:
    actions: list[Action] = []
    cameras = dict(house.cameras)
    for name, state in house.cameras.items():
        done = [
            one.alert_id
            for one in state.unanswered
            if camera in (None, name) and alert_id in (None, one.alert_id)
        ]
        if done:
            left = tuple(one for one in state.unanswered if one.alert_id not in done)
            cameras[name] = replace(state, unanswered=left)
            actions += [
                Remember(Reaction(known, asked.by, asked.at, what, asked.origin)) for known in done
            ]
    return (replace(house, cameras=cameras) if actions else house), actions
