"""What people are asked about now and then, so that there is something to learn.

Asking only about alerts would teach what false alarms look like, and never what was missed. So
people are asked about incidents of which nobody was told, and about quiet moments.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from whosthere.core.alerts import revised, with_alert
from whosthere.core.messages import Action, AskAbout, Notify, Remember
from whosthere.core.model import Alert, AlertKind, CameraState, Evidence, House, News
from whosthere.core.people import Switch

AFTER_ALERT = timedelta(minutes=15)  # people have something else on their minds


def wants_pictures(house: House) -> bool:
    return Switch.SAVE_IMAGES in house.controls.switches


def may_ask(house: House, camera: str, at: datetime) -> bool:
    """Whether people want to be asked now, and no camera has anything more important to tell."""
    controls, state = house.controls, house.camera(camera)
    snoozed = controls.snoozed_until(camera)
    return (
        wants_pictures(house)
        and controls.notifies(at)
        and (snoozed is None or at >= snoozed)
        and state.incident is None
        and state.lost is None
        and not any(_has_alert(one, at) for one in house.cameras.values())
    )


def _has_alert(state: CameraState, at: datetime) -> bool:
    """Whether there is an alert that people may still be busy with."""
    if state.unanswered or (state.incident is not None and state.incident.alert_id is not None):
        return True
    told = [alert for alert in state.alerts if alert.kind is not AlertKind.QUIET]
    return any(at - alert.at < AFTER_ALERT for alert in told)


def on_ask_about(house: House, message: AskAbout) -> tuple[House, list[Action]]:
    """Remember that people were asked, and ask."""
    incident, pick = message.incident, message.pick
    at = pick.at if pick else incident.started
    is_quiet = incident.evidence is Evidence.QUIET
    if not may_ask(house, incident.camera, at):  # its file must be known, so that it goes some day
        return house, [Remember(incident)] if is_quiet else []
    alert = Alert(
        id=incident.id,
        revision=1,
        news=News.FIRST,
        kind=AlertKind.QUIET,
        camera=incident.camera,
        at=incident.started,
        mode=house.mode_of(incident.camera),
        incident_ids=(incident.id,),
        detail=pick.why if pick else "",
    )
    # an incident of which nobody was told stays one, though people are asked about it
    asked = replace(incident, alert_id=alert.id) if is_quiet else incident
    shown = revised(alert, News.PICTURE, asked, alert.at, file=incident.picture)
    # what was recognised is not said, so that it does not lead those who are asked
    shown = replace(shown, labels=alert.labels, confidence=0.0, detail=alert.detail)
    state = with_alert(house.camera(incident.camera), shown)
    house = replace(house, cameras={**house.cameras, incident.camera: state})
    actions: list[Action] = [Remember(asked)] if is_quiet else []
    if pick is not None:
        actions.append(Remember(pick))
    return house, [*actions, Notify(alert), Notify(shown)]
