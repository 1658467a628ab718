"""Why people were, or were not, told: by the ledger, not by guessing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from whosthere.app.answers.choose import Unclear, camera_of, incident_of
from whosthere.app.answers.grammar import Line
from whosthere.app.answers.house import Parts
from whosthere.app.answers.past import Past, closest, replay
from whosthere.app.answers.times import last_past
from whosthere.app.answers.why_words import gate_lines, reason, remedy
from whosthere.app.answers.wording import Moments, seen, told
from whosthere.core.model import Decision, Incident, Verdict
from whosthere.core.requests import Reply, Request

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
LONGEST = timedelta(minutes=10)  # of an incident, that is looked at
TOLD = {Verdict.ALERT, Verdict.JOINED, Verdict.TOLD}


class Window(NamedTuple):
    """The time that is asked about."""

    since: datetime
    until: datetime


def why(parts: Parts, line: Line, request: Request) -> Reply:
    """Explain an incident or a moment."""
    if line.time_of_day is not None:
        return _of_moment(parts, line, _window(parts, line), request)
    if line.day is not None:
        raise Unclear("At what time?", "why yesterday 14:32")
    return _of_incident(parts, incident_of(parts, line, request))


def _window(parts: Parts, line: Line) -> Window:
    asked = line.time_of_day
    assert asked is not None  # noqa: S101 - why() has looked
    at = last_past(asked, parts.now(), parts.zone, line.day)
    if at > parts.now():
        raise Unclear("That is still to come.", "why 14:32")
    return Window(at - SECOND, at + 2 * SECOND) if asked.to_the_second else Window(at, at + MINUTE)


def _of_incident(parts: Parts, incident: Incident) -> Reply:
    moments = parts.moments()
    head = (
        f"*{incident.camera}, {moments.at(incident.started)}*: {seen(incident)};"
        f" {told(incident, moments)}."
    )
    decision = incident.decision
    if incident.alerted_at is None or decision is None:
        until = min(incident.last_seen, incident.first_motion + LONGEST) + SECOND
        past = replay(parts, incident.camera, incident.first_motion - SECOND, until)
        decision = closest(past.decisions)
        if decision is None:
            return Reply(f"{head}\n{_no_numbers(incident.camera)}")
        return Reply("\n".join([head, *_explained(decision, moments, past)]))
    return Reply("\n".join([head, *_explained(decision, moments, None)]))


def _of_moment(parts: Parts, line: Line, window: Window, request: Request) -> Reply:
    several = line.camera is None and (line.everywhere or len(parts.cameras) > 1)
    if several and request.alert_id is None:
        return Reply("\n".join(_short(parts, window)))
    camera = camera_of(parts, line, request)
    past = replay(parts, camera, *window)
    decision, moments = closest(past.decisions), parts.moments()
    if decision is None:
        return Reply(f"*{camera}, {moments.at(window.since)}*: {_no_numbers(camera)}")
    head = f"*{camera}, {moments.at(decision.at)}*: {VERDICTS[decision.verdict]}."
    return Reply("\n".join([head, *_explained(decision, moments, past)]))


VERDICTS = {
    Verdict.QUIET: "nothing worth an incident, so nobody was told",
    Verdict.WATCHING: "an incident, but nobody was told",
    Verdict.ALERT: "people were told",
    Verdict.JOINED: "it joined the alert before",
    Verdict.TOLD: "people knew already",
}


def _explained(decision: Decision, moments: Moments, past: Past | None) -> Iterator[str]:
    failed = [gate for gate in decision.gates if not gate.passed]
    if decision.verdict in TOLD and not failed:
        yield "All conditions were met."
    elif failed:
        first, *others = failed
        if decision.verdict is not Verdict.TOLD:
            yield f"{reason(first)} People would have been told {remedy(first)}" + (
                f", but for: {', '.join(gate.name for gate in others)}." if others else "."
            )
    by = f" by the numbers of policy {past.policy.version}" if past else ""
    yield f"The conditions at {moments.at(decision.at)}{by}:"
    yield from gate_lines(decision)


def _short(parts: Parts, window: Window) -> Iterator[str]:
    """A line for each camera."""
    moments = parts.moments()
    for camera in parts.cameras:
        decision = closest(replay(parts, camera, *window).decisions)
        if decision is None:
            yield f"• *{camera}*: {_no_numbers(camera)}"
            continue
        gate = decision.first_failed
        stopped = f" {gate.name}: {reason(gate)}" if gate else ""
        yield f"• *{camera}, {moments.at(decision.at)}*: {VERDICTS[decision.verdict]}.{stopped}"
    yield f"More: `why {window.since.astimezone(parts.zone):%H:%M} {parts.cameras[0]}`"


def _no_numbers(camera: str) -> str:
    return f"there are no numbers of {camera} of then: it showed no pictures, or it is too long ago"
