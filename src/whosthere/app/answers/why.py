"""Why people were, or were not, told: by the ledger, not by guessing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from whosthere.app.answers.choose import Unclear, camera_of, incident_of
from whosthere.app.answers.house import Parts
from whosthere.app.answers.line import Line
from whosthere.app.answers.times import last_past, whole_day
from whosthere.app.answers.why_words import gate_lines, reason, silenced, stretch_lines, turned
from whosthere.app.answers.wording import Moments, seen, told
from whosthere.core.model import Decision, Incident, Verdict
from whosthere.core.requests import Reply, Request
from whosthere.learning.explain import TOLD, Scene, turn
from whosthere.learning.past import Past, stopped
from whosthere.learning.replay import Step

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
LONGEST = timedelta(minutes=10)  # of an incident, that is looked at
NO_NUMBERS = "there were no pictures"


class Window(NamedTuple):
    """The time that is asked about."""

    since: datetime
    until: datetime


def why(parts: Parts, line: Line, request: Request) -> Reply:
    """Explain an incident, a moment or a day."""
    if line.time_of_day is not None:
        return _of_moment(parts, line, _window(parts, line), request)
    if line.day is not None:
        begin, end = whole_day(line.day, parts.zone)
        cameras = (line.camera,) if line.camera else parts.cameras
        return of_stretch(parts, begin, min(end, parts.now()), cameras)
    return _of_incident(parts, incident_of(parts, line, request))


def _window(parts: Parts, line: Line) -> Window:
    asked = line.time_of_day
    assert asked is not None  # noqa: S101 - why() has looked
    at = last_past(asked, parts.now(), parts.zone, line.day)
    if at > parts.now():
        raise Unclear("That is still to come.", "why 14:32")
    return Window(at - SECOND, at + 2 * SECOND) if asked.to_the_second else Window(at, at + MINUTE)


def past_of(parts: Parts, since: datetime, until: datetime) -> Past:
    """What was decided then."""
    return Past.of(parts.ledger.history(since - MINUTE, until), since, until)


def of_stretch(parts: Parts, since: datetime, until: datetime, cameras: tuple[str, ...]) -> Reply:
    """Say which gate stopped how much in some time."""
    found = stopped(parts.ledger.history(since, until), since, until, cameras)
    moments = parts.moments()
    lines = [line for camera, one in found.items() for line in stretch_lines(camera, one)]
    return Reply("\n".join([f"From {moments.at(since)} to {moments.at(until)}:", *lines]))


def _of_incident(parts: Parts, incident: Incident) -> Reply:
    moments = parts.moments()
    head = (
        f"*{incident.camera}, {moments.at(incident.started)}*: {seen(incident)};"
        f" {told(incident, moments)}."
    )
    past = past_of(parts, *_visit(incident))
    step = past.closest(incident.camera)
    decision = incident.decision if incident.alerted_at is not None else None
    decision = decision or (step.decision if step else None)
    if decision is None:
        return Reply(f"{head}\n{_no_numbers(incident.camera)}")
    scene = past.before(step) if step else None
    if decision.verdict in TOLD:
        scene = past.around(incident)
    lines = _explained(decision, moments, scene, step)
    return Reply("\n".join([head, *lines]))


def _visit(incident: Incident) -> Window:
    until = min(incident.last_seen, incident.first_motion + LONGEST) + SECOND
    return Window(incident.first_motion - SECOND, until)


def _of_moment(parts: Parts, line: Line, window: Window, request: Request) -> Reply:
    several = line.camera is None and (line.everywhere or len(parts.cameras) > 1)
    if several and request.alert_id is None:
        return Reply("\n".join(_short(parts, window)))
    camera = camera_of(parts, line, request)
    past, moments = past_of(parts, *window), parts.moments()
    step = past.closest(camera)
    if step is None or step.decision is None:
        return Reply(f"*{camera}, {moments.at(window.since)}*: {_no_numbers(camera)}")
    decision = step.decision
    head = f"*{camera}, {moments.at(decision.at)}*: {VERDICTS[decision.verdict]}."
    incident = step.house.camera(camera).incident
    scene: Scene | None = past.before(step)
    if decision.verdict in TOLD:  # what would have been silent is asked of the whole visit
        known = parts.store.incident(incident.id) if incident else None
        visit = known or incident
        scene = past_of(parts, *_visit(visit)).around(visit) if visit else None
    return Reply("\n".join([head, *_explained(decision, moments, scene, step)]))


VERDICTS = {
    Verdict.QUIET: "nothing worth an incident, so nobody was told",
    Verdict.WATCHING: "an incident, but nobody was told",
    Verdict.PENDING: "people were to be told, unless somebody disarmed in time",
    Verdict.ALERT: "people were told",
    Verdict.JOINED: "it joined the alert before",
    Verdict.TOLD: "people knew already",
}


def _explained(
    decision: Decision, moments: Moments, scene: Scene | None, step: Step | None
) -> Iterator[str]:
    failed = [gate for gate in decision.gates if not gate.passed]
    if decision.verdict in TOLD and not failed:
        yield "All conditions were met."
    elif failed and decision.verdict is not Verdict.TOLD:
        yield reason(failed[0])
    if scene is not None:
        found = turn(scene, decision.gates)
        yield silenced(found) if decision.verdict in TOLD else turned(found, decision)
    by = f" by the numbers of policy {step.policy.version}" if step else ""
    yield f"The conditions at {moments.at(decision.at)}{by}:"
    yield from gate_lines(decision)


def _short(parts: Parts, window: Window) -> Iterator[str]:
    """A line for each camera."""
    moments, past = parts.moments(), past_of(parts, *window)
    for camera in parts.cameras:
        step = past.closest(camera)
        if step is None or step.decision is None:
            yield f"• *{camera}*: {_no_numbers(camera)}"
            continue
        decision = step.decision
        gate = decision.first_failed
        stops = f" {gate.name}: {reason(gate)}" if gate else ""
        yield f"• *{camera}, {moments.at(decision.at)}*: {VERDICTS[decision.verdict]}.{stops}"
    yield f"More: `why {window.since.astimezone(parts.zone):%H:%M} {parts.cameras[0]}`"


def _no_numbers(camera: str) -> str:
    return f"{NO_NUMBERS} from {camera} then, or it is too long ago"
