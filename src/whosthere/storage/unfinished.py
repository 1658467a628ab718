"""What the house was in the middle of, as JSON and back."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from whosthere.core.devices import Lasting
from whosthere.core.model import Alert, Evidence, Held, Incident, Pending
from whosthere.core.modes import ArmedBy, Countdown, Mode, Triggered, Wish
from whosthere.core.standing import Standing
from whosthere.storage.changes import unreadable
from whosthere.storage.moments import as_moment, as_text
from whosthere.storage.plain import plain, reader

Plain: TypeAlias = dict[str, Any]
OfAlert: TypeAlias = Callable[[Alert], Mapping[str, object]]
ToAlert: TypeAlias = Callable[[Mapping[str, Any]], Alert]


def as_json(standing: Standing, of_alert: OfAlert) -> str:
    """Write it down. Incidents are rows of their own and only named here."""
    pending = {name: _of_pending(one, of_alert) for name, one in standing.pending.items()}
    return json.dumps(
        {
            "countdown": standing.countdown and _of_countdown(standing.countdown),
            "triggered": standing.triggered and _of_triggered(standing.triggered),
            "pending": pending,
            "wish": standing.wish,
            "unconfirmed": standing.unconfirmed,
            "schedule_seen": as_text(standing.schedule_seen),
            "notices": {name: of_alert(alert) for name, alert in standing.notices.items()},
            "has_people": standing.has_people,
            "devices": plain(standing.devices),
            "has_sensors": standing.has_sensors,
        }
    )


def from_json(
    text: str, to_alert: ToAlert, incident_of: Callable[[str], Incident | None]
) -> Standing:
    try:
        found: Plain = json.loads(text)
        pending = {
            name: _to_pending(one, to_alert, incident_of) for name, one in found["pending"].items()
        }
        return Standing(
            countdown=found["countdown"] and _to_countdown(found["countdown"]),
            triggered=found["triggered"] and _to_triggered(found["triggered"]),
            pending={name: one for name, one in pending.items() if one.incidents},
            wish=found["wish"] and Wish(found["wish"]),
            unconfirmed=found["unconfirmed"],
            schedule_seen=as_moment(found["schedule_seen"]),
            notices={name: to_alert(alert) for name, alert in found["notices"].items()},
            has_people=found["has_people"],
            devices=reader(Lasting)(found["devices"]) if "devices" in found else Lasting(),
            has_sensors=found.get("has_sensors", False),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise unreadable("state of the house", "1") from error


def _of_countdown(one: Countdown) -> Plain:
    return {
        "mode": one.mode,
        "since": as_text(one.since),
        "due": as_text(one.due),
        "due_clock": one.due_clock,
        "reason": one.reason,
        "source": one.source,
        "by": one.by,
        "origin": one.origin,
        "evidence": one.evidence,
        "until": as_text(one.until),
        "then": one.then,
    }


def _to_countdown(found: Plain) -> Countdown:
    return Countdown(
        mode=Mode(found["mode"]),
        since=as_moment(found["since"]),
        due=as_moment(found["due"]),
        due_clock=found["due_clock"],
        reason=found["reason"],
        source=ArmedBy(found["source"]),
        by=found["by"],
        origin=found["origin"],
        evidence=tuple(found["evidence"]),
        until=as_moment(found["until"]),
        then=found["then"] and Mode(found["then"]),
    )


def _of_triggered(one: Triggered) -> Plain:
    return {
        "alert_id": one.alert_id,
        "camera": one.camera,
        "since": as_text(one.since),
        "clock": one.clock,
        "last": as_text(one.last),
        "last_clock": one.last_clock,
    }


def _to_triggered(found: Plain) -> Triggered:
    since, last = as_moment(found["since"]), as_moment(found["last"])
    return Triggered(**{**found, "since": since, "last": last})


def _of_pending(one: Pending, of_alert: OfAlert) -> Plain:
    return {
        "why": one.why,
        "alert": of_alert(one.alert),
        "evidence": one.evidence,
        "incidents": [incident.id for incident in one.incidents],
        "since": as_text(one.since),
        "due": as_text(one.due),
        "due_clock": one.due_clock,
        "told": one.told and of_alert(one.told),
    }


def _to_pending(
    found: Plain, to_alert: ToAlert, incident_of: Callable[[str], Incident | None]
) -> Pending:
    known = [incident_of(name) for name in found["incidents"]]
    return Pending(
        why=Held(found["why"]),
        alert=to_alert(found["alert"]),
        evidence=Evidence(found["evidence"]),
        incidents=tuple(incident for incident in known if incident is not None),
        since=as_moment(found["since"]),
        due=as_moment(found["due"]),
        due_clock=found["due_clock"],
        told=found["told"] and to_alert(found["told"]),
    )
