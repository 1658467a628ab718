"""Cameras that somebody has covered, turned or defocused: told once, and once more when over.

It is told in every mode and though people want no news, as a lost camera is: it may be the
beginning of something. Only a camera that suddenly sees nothing at all is told while nobody is at
home: who is at home turns off lamps.
"""

from dataclasses import replace

from whosthere.core.escalation import awaiting
from whosthere.core.messages import Action, Notify, Outage, Tampered
from whosthere.core.model import Alert, AlertKind, House, News, named_moment
from whosthere.core.modes import Mode
from whosthere.core.policy import Policy
from whosthere.core.spans import span

DARK = "covered, or wholly in the dark"  # the picture alone cannot tell


def on_tampered(house: House, message: Tampered, policy: Policy) -> tuple[House, list[Action]]:
    state = house.camera(message.camera)
    if message.what is None:
        return _over(house, message)
    mode = house.mode_of(message.camera)
    if state.tampered is not None or (message.what == DARK and mode is not Mode.AWAY):
        return house, []
    alert = Alert(
        id=f"{named_moment(message.at, message.camera)}-tampered",
        revision=1,
        news=News.FIRST,
        kind=AlertKind.TAMPERED,
        camera=message.camera,
        at=message.at,
        mode=mode,
        detail=message.what,
    )
    actions: list[Action] = [Notify(alert)]
    if message.picture is not None:
        shown = replace(alert, revision=2, news=News.PICTURE, file=message.picture)
        actions.append(Notify(shown))
        alert = replace(alert, revision=2)
    state = awaiting(replace(state, tampered=alert), alert, policy.of(message.camera))
    return replace(house, cameras={**house.cameras, message.camera: state}), actions


def _over(house: House, message: Tampered) -> tuple[House, list[Action]]:
    state = house.camera(message.camera)
    told = state.tampered
    if told is None:
        return house, []
    lasted = span((message.at - told.at).total_seconds())
    alert = replace(
        told,
        revision=told.revision + 1,
        news=News.STOPPED,
        kind=AlertKind.UNTAMPERED,
        at=message.at,
        detail=f"{f'{message.why}; ' if message.why else ''}it was {told.detail} for {lasted}",
    )
    unanswered = tuple(one for one in state.unanswered if one.alert_id != alert.id)
    state = replace(state, tampered=None, unanswered=unanswered)
    return replace(house, cameras={**house.cameras, message.camera: state}), [Notify(alert)]


def on_outage(house: House, message: Outage) -> list[Action]:
    """Tell for how long nothing was seen, since nobody could tell it meanwhile."""
    return [
        Notify(
            Alert(
                id=f"{named_moment(message.at, 'house')}-outage",
                revision=1,
                news=News.FIRST,
                kind=AlertKind.OUTAGE,
                camera="",
                at=message.at,
                mode=house.arm_state.mode,
                detail="\n".join(message.lines),
            )
        )
    ]
