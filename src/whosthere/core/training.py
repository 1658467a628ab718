"""Quiet pictures, about which people are asked now and then, so that there is something to learn.

Asking only about alerts would teach what false alarms look like, and never what was missed.
"""

from dataclasses import replace
from datetime import datetime

from whosthere.core.alerts import revised, with_alert
from whosthere.core.messages import Action, AskAbout, Notify, Remember
from whosthere.core.model import Alert, AlertKind, House, News
from whosthere.core.people import Switch


def may_ask(house: House, camera: str, at: datetime) -> bool:
    """Whether people want to be asked now, and the camera has nothing more important to tell."""
    controls, state = house.controls, house.camera(camera)
    snoozed = controls.snoozed_until(camera)
    return (
        Switch.SAVE_IMAGES in controls.switches
        and controls.notifies(at)
        and (snoozed is None or at >= snoozed)
        and state.incident is None
        and state.lost is None
    )


def on_ask_about(house: House, message: AskAbout) -> tuple[House, list[Action]]:
    """Remember the picture, and ask about it."""
    incident = message.incident
    if not may_ask(house, incident.camera, incident.started):
        return house, [Remember(incident)]  # so that its file is known, and goes some day
    alert = Alert(
        id=incident.id,
        revision=1,
        news=News.FIRST,
        kind=AlertKind.QUIET,
        camera=incident.camera,
        at=incident.started,
        mode=house.mode_of(incident.camera),
        incident_ids=(incident.id,),
    )
    asked = replace(incident, alert_id=alert.id)
    shown = revised(alert, News.PICTURE, asked, alert.at, file=incident.picture)
    state = with_alert(house.camera(incident.camera), shown)
    house = replace(house, cameras={**house.cameras, incident.camera: state})
    return house, [Remember(asked), Notify(alert), Notify(shown)]
