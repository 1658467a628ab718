"""What people are told, and the news that later join it."""

from dataclasses import replace
from datetime import datetime

from whosthere.core.devices import SENSOR_PART
from whosthere.core.escalation import awaiting
from whosthere.core.messages import Action, CameraBack, CameraLost, Kept, Notify, Remember
from whosthere.core.model import (
    Alert,
    AlertKind,
    CameraState,
    Evidence,
    House,
    Incident,
    News,
    Urgency,
    named_moment,
)
from whosthere.core.modes import Mode
from whosthere.core.policy import Policy
from whosthere.core.sighting import PERSON

SHOWN = 30  # pictures: an alert may be of several visits
KEPT = 4  # alerts of a camera that may still get news: their clips come later


def first_alert(incident: Incident, evidence: Evidence, at: datetime, mode: Mode) -> Alert:
    unclear = evidence is Evidence.UNCLASSIFIED
    said = [label for label in incident.labels if label.startswith(SENSOR_PART)]
    if unclear and PERSON in incident.labels:
        said.insert(0, "perhaps a person")
    return Alert(
        id=incident.id,
        revision=1,
        news=News.FIRST,
        kind=AlertKind(evidence),
        camera=incident.camera,
        at=at,
        confidence=incident.labels.get(PERSON, 0.0),
        labels=incident.labels,
        mode=mode,
        incident_ids=(incident.id,),
        detail=", ".join(said) if unclear else "",
    )


def revised(
    alert: Alert,
    news: News,
    incident: Incident,
    at: datetime,
    evidence: Evidence | None = None,
    *,
    file: str | None = None,
) -> Alert:
    """The same alert with news of an incident."""
    known = incident.id in alert.incident_ids
    return replace(
        alert,
        revision=alert.revision + 1,
        news=news,
        kind=AlertKind(evidence) if evidence else alert.kind,
        at=at,
        confidence=max(alert.confidence, incident.labels.get(PERSON, 0.0)),
        labels=incident.labels or alert.labels,
        incident_ids=alert.incident_ids if known else (*alert.incident_ids, incident.id),
        detail="",
        file=file,
        urgency=Urgency.USUAL,
    )


def with_alert(state: CameraState, alert: Alert) -> CameraState:
    others = tuple(one for one in state.alerts if one.id != alert.id)
    shown = state.shown
    if alert.news is News.PICTURE and alert.file is not None:
        shown = (*shown, alert.file)[-SHOWN:]
    return replace(state, alerts=(*others, alert)[-KEPT:], shown=shown)


def on_kept(house: House, message: Kept) -> tuple[House, list[Action]]:
    """Remember an incident's files; show the first picture and the clip to those who were told."""
    camera = message.incident.camera
    state = house.camera(camera)
    incident = message.incident
    if state.incident is not None and state.incident.id == incident.id:
        incident = state.incident
        incident = replace(
            incident,
            picture=message.picture or incident.picture,
            picture_with_boxes=message.picture_with_boxes or incident.picture_with_boxes,
            recording=message.recording or incident.recording,
            preview=message.preview or incident.preview,
        )
        state = replace(state, incident=incident)
    actions: list[Action] = [Remember(message)]
    alert = next((one for one in state.alerts if incident.id in one.incident_ids), None)
    for news, file in (
        (News.PICTURE, message.picture if message.picture not in state.shown else None),
        (News.CLIP, message.recording),
    ):
        if alert is not None and file is not None:
            alert = revised(alert, news, incident, alert.at, file=file)
            state = with_alert(state, alert)
            actions.append(Notify(alert))
    return replace(house, cameras={**house.cameras, camera: state}), actions


def on_camera_lost(house: House, message: CameraLost, policy: Policy) -> tuple[House, list[Action]]:
    """Tell once that a camera shows nothing: a thief may have cut its cable."""
    state = house.camera(message.camera)
    if state.lost is not None:
        return house, []
    alert = Alert(
        id=f"{named_moment(message.at, message.camera)}-lost",
        revision=1,
        news=News.FIRST,
        kind=AlertKind.CAMERA_LOST,
        camera=message.camera,
        at=message.at,
        mode=house.mode_of(message.camera),
        detail=message.why,
    )
    state = awaiting(replace(state, lost=alert), alert, policy.of(message.camera))
    return replace(house, cameras={**house.cameras, message.camera: state}), [Notify(alert)]


def on_camera_back(house: House, message: CameraBack) -> tuple[House, list[Action]]:
    state = house.camera(message.camera)
    if state.lost is None:
        return house, []
    away = (message.at - state.lost.at).total_seconds()
    alert = replace(
        state.lost,
        revision=state.lost.revision + 1,
        kind=AlertKind.CAMERA_BACK,
        at=message.at,
        detail=f"no pictures for {max(0.0, away):.0f} s",
    )
    unanswered = tuple(one for one in state.unanswered if one.alert_id != alert.id)
    state = replace(state, lost=None, unanswered=unanswered)
    return replace(house, cameras={**house.cameras, message.camera: state}), [Notify(alert)]
