"""Alerts that are held back for a moment: for those who live here to disarm, or for one more look.

All gates have passed by then, so an alert is certain unless the house is disarmed in time, which is
written down. All is timed by the clocks of sightings and ticks, so a replay decides the same.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from whosthere.core import alerts
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.escalation import awaiting
from whosthere.core.messages import Action, Kept, LookAgain, Notify, Record, Remember, Tick
from whosthere.core.model import (
    WALK_TEST,
    Alert,
    AlertKind,
    Answer,
    CameraState,
    Evidence,
    Held,
    House,
    Incident,
    News,
    Pending,
    Tag,
    named_moment,
)
from whosthere.core.modes import Mode, Triggered
from whosthere.core.people import ITSELF, AuditEntry
from whosthere.core.policy import Policy
from whosthere.core.sighting import PERSON, Sighting


def why_hold(house: House, state: CameraState, sighting: Sighting, policy: Policy) -> Held | None:
    """Say whether an alert that is due now is to be held back."""
    rules, camera = policy.arming, sighting.camera
    if state.pending is not None:
        return state.pending.why
    if house.triggered is not None or camera in house.controls.modes:
        return None
    zones = rules.entry_zones.get(camera, frozenset())
    seen = frozenset().union(*(moment.zones | moment.person_zones for moment in state.recent))
    if rules.entry_seconds.get(camera, 0.0) > 0 and (not zones or zones & seen):
        return Held.ENTRY
    if house.unconfirmed and rules.sources and rules.look_again_seconds > 0:
        return Held.LOOK
    return None


def hold(
    house: House, sighting: Sighting, why: Held, evidence: Evidence, policy: Policy
) -> tuple[House, list[Action]]:
    """Hold back the alert of the camera's incident; a later incident joins the one before."""
    camera, rules = sighting.camera, policy.arming
    state = house.camera(camera)
    incident, pending = state.incident, state.pending
    assert incident is not None  # noqa: S101 - only incidents are held back
    if pending is not None and any(one.id == incident.id for one in pending.incidents):
        return house, []
    incident = replace(incident, decision=state.decision)
    state = replace(state, incident=incident)
    if pending is not None:
        pending = replace(pending, incidents=(*pending.incidents, incident))
        house = _with(house, camera, replace(state, pending=pending))
        return house, [_clip(incident, pending.alert)]
    alert = alerts.first_alert(incident, evidence, sighting.at, house.mode_of(camera))
    house, due_clock, actions = _look(house, sighting, why, rules)
    due = sighting.at + timedelta(seconds=round(due_clock - sighting.clock, 3))
    told = _entry_alert(alert, due) if why is Held.ENTRY else None
    pending = Pending(why, alert, evidence, (incident,), sighting.at, due, due_clock, told)
    house = _with(house, camera, replace(state, pending=pending))
    actions.append(_clip(incident, alert))
    return house, [*actions, *([Notify(told)] if told else [])]


def _clip(incident: Incident, alert: Alert) -> Record:
    """Begin the clip now, though only those of alerts are kept: later, its beginning is gone."""
    return Record(replace(incident, alert_id=alert.id))


def _look(
    house: House, sighting: Sighting, why: Held, rules: ArmingRules
) -> tuple[House, float, list[Action]]:
    """Have people looked for once more, if they were thought to be away, and say until when."""
    presence, clock = house.presence, sighting.clock
    actions: list[Action] = []
    if house.unconfirmed and presence.look_clock is None:
        presence = replace(presence, look_clock=clock)
        house = replace(house, presence=presence)
        actions.append(LookAgain())
    if why is Held.ENTRY:
        return house, round(clock + rules.entry_seconds[sighting.camera], 3), actions
    began = presence.look_clock
    until = (clock if began is None else began) + rules.look_again_seconds
    return house, round(max(until, clock), 3), actions


def _entry_alert(alert: Alert, due: datetime) -> Alert:
    """One incident may be held back twice, if people disarm and arm meanwhile."""
    sure = f"person {100 * alert.confidence:.0f} % sure" if PERSON in alert.labels else ""
    named = f"{named_moment(alert.at, alert.camera)}-entry"
    return replace(alert, id=named, kind=AlertKind.ENTRY, detail=sure or alert.detail, due=due)


def on_time(house: House, tick: Tick, policy: Policy) -> tuple[House, list[Action]]:
    """Raise what nobody has disarmed in time. An alarm without news is over some day."""
    on = house.triggered
    if on is not None and tick.clock - on.last_clock >= policy.arming.trigger_seconds:
        house = replace(house, triggered=None)
    return raise_due(house, house.cameras, policy, tick.at, tick.clock)


def raise_due(
    house: House, cameras: Iterable[str], policy: Policy, at: datetime, clock: float
) -> tuple[House, list[Action]]:
    actions: list[Action] = []
    for camera in list(cameras):
        pending = house.camera(camera).pending
        if pending is not None and clock >= pending.due_clock:
            house, told = _raise(house, camera, pending, policy, at, clock)
            actions += told
    return house, actions


def nobody_found(
    house: House, policy: Policy, at: datetime, clock: float
) -> tuple[House, list[Action]]:
    """The one more look is over: what waited for it is raised."""
    presence = replace(house.presence, look_clock=None)
    house = replace(house, presence=presence, unconfirmed=False)
    actions: list[Action] = []
    for camera, state in list(house.cameras.items()):
        if state.pending is not None and state.pending.why is Held.LOOK:
            house, told = _raise(house, camera, state.pending, policy, at, clock)
            actions += told
    return house, actions


def _raise(
    house: House, camera: str, pending: Pending, policy: Policy, at: datetime, clock: float
) -> tuple[House, list[Action]]:
    state = house.camera(camera)
    incidents = [_newest(one, state) for one in pending.incidents]
    first, *others = [
        replace(one, alert_id=pending.alert.id, alerted_at=at, evidence=pending.evidence)
        for one in incidents
    ]
    sure = max(pending.alert.confidence, first.labels.get(PERSON, 0.0))
    alert = replace(pending.alert, confidence=sure, labels={**pending.alert.labels, **first.labels})
    house = raised(replace(house, unconfirmed=False), alert, at, clock)
    state = alerts.with_alert(replace(state, pending=None, alert_clock=clock), alert)
    state = awaiting(state, alert, policy.of(camera))
    told: list[Action] = [Notify(alert)]
    for one in (first, *others):
        if one is not first:
            alert = alerts.revised(alert, News.ANOTHER_VISIT, one, at)
            state = alerts.with_alert(state, alert)
            told.append(Notify(alert))
        for news, file in ((News.PICTURE, one.picture), (News.CLIP, one.recording)):
            if file is not None:
                alert = alerts.revised(alert, news, one, at, file=file)
                state = alerts.with_alert(state, alert)
                told.append(Notify(alert))
        if state.incident is not None and state.incident.id == one.id:
            state = replace(state, incident=one)
    if pending.told is not None:
        told.append(Notify(_later(pending.told, News.OVER, at, "")))
    kept: list[Action] = [Remember(one) for one in (first, *others)]
    kept += [Record(one) for one in (first, *others) if one.ended is None]
    return _with(house, camera, state), [*kept, *told]


def _newest(incident: Incident, state: CameraState) -> Incident:
    now = state.incident
    return now if now is not None and now.id == incident.id else incident


def with_incident(state: CameraState, incident: Incident) -> CameraState:
    """Keep what is known of an incident whose alert is held back."""
    if state.pending is None or all(one.id != incident.id for one in state.pending.incidents):
        return state
    held = tuple(incident if one.id == incident.id else one for one in state.pending.incidents)
    return replace(state, pending=replace(state.pending, incidents=held))


def with_files(house: House, kept: Kept) -> House:
    """Files of an incident whose alert is held back are told with that alert."""
    camera = kept.incident.camera
    state = house.camera(camera)
    for one in state.pending.incidents if state.pending is not None else ():
        if one.id == kept.incident.id:
            known = replace(
                one,
                picture=kept.picture or one.picture,
                picture_with_boxes=kept.picture_with_boxes or one.picture_with_boxes,
                recording=kept.recording or one.recording,
                preview=kept.preview or one.preview,
            )
            return _with(house, camera, with_incident(state, known))
    return house


def raised(house: House, alert: Alert, at: datetime, clock: float) -> House:
    """Note that an alarm is on, if it is one of the house and not of a single camera's mode."""
    if house.arm_state.mode is Mode.OFF or WALK_TEST in alert.labels:
        return house
    on = house.triggered
    if on is None:
        on = Triggered(alert.id, alert.camera, at, clock, at, clock)
    return replace(house, triggered=replace(on, last=at, last_clock=clock))


def without_alarm_of(house: House, tag: Tag) -> House:
    """Who says that nobody was there ends the alarm; who says more of it does not."""
    on = house.triggered
    if on is None or tag.answer is not Answer.UNOCCUPIED:
        return house
    known = (alert for alert in house.camera(on.camera).alerts if alert.id == on.alert_id)
    about = any(tag.incident_id in alert.incident_ids for alert in known)
    return replace(house, triggered=None) if about else house


def goes_on(house: House, at: datetime, clock: float) -> House:
    """An alarm that is on has news."""
    on = house.triggered
    if on is None:
        return house
    return replace(house, triggered=replace(on, last=at, last_clock=clock))


def settle(house: House, policy: Policy, at: datetime, why: str) -> tuple[House, list[Action]]:
    """Let go of alerts that were held back where it was disarmed in time, and write that down."""
    actions: list[Action] = []
    for camera, state in list(house.cameras.items()):
        pending = state.pending
        if pending is None or house.mode_of(camera) in policy.of(camera).alerts_in:
            continue
        house = _with(house, camera, replace(state, pending=None))
        what = f"no alert of {camera} (seen {pending.since:%H:%M:%S} UTC): disarmed in time, {why}"
        actions.append(Remember(AuditEntry(at, ITSELF, ITSELF, what)))
        if pending.told is not None:
            actions.append(Notify(_later(pending.told, News.STOPPED, at, why)))
    return house, actions


def held_back(house: House) -> list[str]:
    """The cameras whose alerts wait."""
    return [name for name, state in house.cameras.items() if state.pending is not None]


def _later(alert: Alert, news: News, at: datetime, detail: str) -> Alert:
    return replace(alert, revision=alert.revision + 1, news=news, at=at, detail=detail, due=None)


def _with(house: House, camera: str, state: CameraState) -> House:
    return replace(house, cameras={**house.cameras, camera: state})
