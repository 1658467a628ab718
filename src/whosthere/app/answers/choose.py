"""Which camera and which incident is meant, where it is not said."""

from collections.abc import Sequence
from dataclasses import replace

from whosthere.app.answers.house import Parts
from whosthere.app.answers.line import Line
from whosthere.app.answers.overview import as_it_is
from whosthere.core.commands import Command
from whosthere.core.model import Alert, Evidence, Incident
from whosthere.core.requests import Request

RECENT = 30


class Unclear(Exception):
    """What was asked needs one word more. Tells which, with an example."""

    def __init__(self, why: str, example: str) -> None:
        super().__init__(why)
        self.example = example


def example_of(command: Command, cameras: Sequence[str]) -> str:
    """Return an example with a camera that there is."""
    words = command.example.split()
    there = [cameras[0] if word == "front" and word not in cameras else word for word in words]
    return " ".join(there)


def alert_of(parts: Parts, request: Request) -> Alert | None:
    """The alert below which something was asked, as first told, with all visits that joined it."""
    if request.alert_id is None:
        return None
    told = parts.store.alert(request.alert_id)
    return replace(told[0], incident_ids=told[-1].incident_ids) if told else None


def camera_of(parts: Parts, line: Line, request: Request) -> str:
    """The camera that is named, or that of the alert, or the only one."""
    if line.camera is not None:
        return line.camera
    alert = alert_of(parts, request)
    if alert is not None and alert.camera in parts.cameras:
        return alert.camera
    if len(parts.cameras) == 1:
        return parts.cameras[0]
    names = ", ".join(parts.cameras)
    example = f"{line.command.name} {parts.cameras[0]}"
    raise Unclear(f"Which camera? There are {names}.", example)


def incident_of(parts: Parts, line: Line, request: Request) -> Incident:
    """The incident that is named, or the first of the alert, or the last one; as it is now."""
    return as_it_is(parts, incidents_of(parts, line, request)[0])


def incidents_of(parts: Parts, line: Line, request: Request) -> list[Incident]:
    """The incident that is named, or all of the alert, or the last one."""
    if line.incident is not None:
        found = parts.store.incident(line.incident)
        if found is None:
            raise Unclear("There is no such incident.", "incidents today")
        return [found]
    alert = alert_of(parts, request)
    if alert is not None and not alert.incident_ids:
        raise Unclear(f"This is about the camera ({alert.detail}), not a visit.", "incidents today")
    if alert is not None:
        visits = [parts.store.incident(one) for one in alert.incident_ids]
        known = [one for one in visits if one is not None]
        if known:
            return known
    recent = parts.store.incidents(camera=line.camera, limit=RECENT)
    last = [one for one in recent if one.evidence is not Evidence.QUIET][-1:]
    if not last:
        at = f" at {line.camera}" if line.camera else ""
        raise Unclear(f"There is no incident{at} yet.", "incidents today")
    return last
