"""The house at a glance as JSON, for scripts and dashboards of others."""

from datetime import UTC, datetime
from typing import Any

from whosthere.core.modes import ArmState, Countdown, Triggered
from whosthere.core.overview import CameraView, IncidentView, Overview, PersonView, SourceView


def status_view(house: Overview) -> dict[str, Any]:
    """Write it all down. Fields may be added; those here keep their meaning."""
    return {
        "at": moment(house.at),
        "house": house.house,
        "mode": mode_view(house.arm_state),
        "notifications": house.notifies,
        "presence": house.presence,
        "people": [person_view(one) for one in house.people],
        "sources": [source_view(one) for one in house.sources],
        "auto_detect": house.auto_detect,
        "next": house.next,
        "countdown": countdown_view(house.countdown),
        "alarm": alarm_view(house.triggered),
        "held_back": [{"camera": one.camera, "due": moment(one.due)} for one in house.pending],
        "cameras": [camera_view(one) for one in house.cameras],
        "incidents": [incident_view(one) for one in house.incidents],
        "troubles": [
            {"part": part.name, "trouble": part.trouble, "since": moment(part.since)}
            for part in house.troubles
        ],
    }


def mode_view(state: ArmState) -> dict[str, Any]:
    return {
        "mode": state.mode.value,
        "since": moment(state.since),
        "reason": state.reason,
        "by_hand": state.by_hand,
        "until": moment(state.until),
        "by": state.source.value,
        "evidence": list(state.evidence),
    }


def person_view(one: PersonView) -> dict[str, Any]:
    return {
        "name": one.name,
        "where": one.whereabouts.value,
        "since": moment(one.since),
        "last_seen": moment(one.last_seen),
        "device": one.device,
        "source": one.source,
        "how": one.how,
        "guest": one.guest,
    }


def source_view(one: SourceView) -> dict[str, Any]:
    return {
        "name": one.name,
        "works": one.works,
        "trouble": one.trouble,
        "since": moment(one.since),
        "leave_seconds": one.leave_seconds,
    }


def countdown_view(one: Countdown | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "mode": one.mode.value,
        "due": moment(one.due),
        "reason": one.reason,
        "by": one.source.value,
        "evidence": list(one.evidence),
    }


def alarm_view(one: Triggered | None) -> dict[str, Any] | None:
    return None if one is None else {"camera": one.camera, "since": moment(one.since)}


def camera_view(one: CameraView) -> dict[str, Any]:
    return {
        "name": one.name,
        "mode": one.arm_state.mode.value,
        "trouble": one.trouble,
        "age_seconds": None if one.age_seconds is None else round(one.age_seconds, 1),
        "snoozed_until": moment(one.snoozed_until),
    }


def incident_view(one: IncidentView) -> dict[str, Any]:
    incident = one.incident
    return {
        "id": incident.id,
        "camera": incident.camera,
        "started": moment(incident.started),
        "ended": moment(incident.ended),
        "labels": dict(incident.labels),
        "alerted": moment(incident.alerted_at),
        "answer": one.tag.answer.value if one.tag else None,
    }


def moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None
