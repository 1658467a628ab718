"""Words of the core as rows, and back. What was written is found again as an equal object."""

import json
from collections.abc import Mapping
from sqlite3 import Row
from types import MappingProxyType
from typing import Any, NamedTuple

from whosthere.core.messages import Kept
from whosthere.core.model import (
    Alert,
    AlertKind,
    Answer,
    Decision,
    Evidence,
    Gate,
    Incident,
    News,
    Tag,
    Urgency,
    Verdict,
)
from whosthere.core.modes import ArmState, Controls, Mode
from whosthere.core.people import AuditEntry, Reaction
from whosthere.core.ports import Storable
from whosthere.core.questions import Kind, Pick
from whosthere.core.standing import Standing
from whosthere.storage import changes, unfinished
from whosthere.storage.changes import unreadable
from whosthere.storage.moments import as_moment, as_text

FILES = ("picture", "picture_with_boxes", "recording", "preview")


class Statement(NamedTuple):
    """What SQLite is to do. Made before anything is written, so that mistakes show early."""

    sql: str
    values: tuple[object, ...]


def statement(thing: Storable) -> Statement:  # noqa: C901, PLR0911 - a line for each kind
    """Say how one thing is written down."""
    match thing:
        case Incident():
            return _incident(_of_incident(thing))
        case Kept():
            return _files(thing)
        case Alert():
            return _insert("INSERT OR IGNORE", "alert", of_alert(thing))
        case Tag():
            return _insert("INSERT", "tag", _of_tag(thing))
        case ArmState():
            return _insert("INSERT", "arm_state", changes.of_arm_state(thing))
        case Controls():
            return _insert("INSERT", "controls", changes.of_controls(thing))
        case Standing():
            return _insert("INSERT OR REPLACE", "standing", _of_standing(thing))
        case AuditEntry():
            return _insert("INSERT", "audit", changes.of_audit(thing))
        case Reaction():
            return _insert("INSERT", "reaction", changes.of_reaction(thing))
        case Pick():
            return _insert("INSERT OR IGNORE", "pick", _of_pick(thing))


def _incident(row: Mapping[str, object]) -> Statement:
    """Insert or update. Files that are known are not forgotten by an older copy of the incident."""
    updates = ", ".join(
        f"{name}=coalesce(excluded.{name}, {name})" if name in FILES else f"{name}=excluded.{name}"
        for name in row
        if name != "id"
    )
    return _insert("INSERT", "incident", row, f"ON CONFLICT (id) DO UPDATE SET {updates}")


def _files(kept: Kept) -> Statement:
    """Note the files; of the incident itself the row knows more by now, if there is one."""
    row = _of_incident(kept.incident) | {name: getattr(kept, name) for name in FILES}
    updates = ", ".join(f"{name}=coalesce(excluded.{name}, {name})" for name in FILES)
    return _insert("INSERT", "incident", row, f"ON CONFLICT (id) DO UPDATE SET {updates}")


def _insert(verb: str, table: str, row: Mapping[str, object], more: str = "") -> Statement:
    """Names of tables and columns are ours; values go in as parameters."""
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join("?" for _ in row)
    return Statement(f"{verb} INTO {table} ({names}) VALUES ({places}) {more}", tuple(row.values()))


def _of_incident(incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id,
        "camera": incident.camera,
        "first_motion": as_text(incident.first_motion),
        "started": as_text(incident.started),
        "started_clock": incident.started_clock,
        "last_seen": as_text(incident.last_seen),
        "last_seen_clock": incident.last_seen_clock,
        "labels": json.dumps(dict(incident.labels)),
        "area": incident.area,
        "zones": json.dumps(sorted(incident.zones)),
        "best_score": incident.best_score,
        "alert_id": incident.alert_id,
        "alerted_at": as_text(incident.alerted_at),
        "evidence": incident.evidence,
        "decision": None if incident.decision is None else _of_decision(incident.decision),
        "ended": as_text(incident.ended),
        "picture": incident.picture,
        "picture_with_boxes": incident.picture_with_boxes,
        "recording": incident.recording,
        "preview": incident.preview,
    }


def to_incident(row: Row) -> Incident:
    try:
        return Incident(
            id=row["id"],
            camera=row["camera"],
            first_motion=as_moment(row["first_motion"]),
            started=as_moment(row["started"]),
            started_clock=row["started_clock"],
            last_seen=as_moment(row["last_seen"]),
            last_seen_clock=row["last_seen_clock"],
            labels=MappingProxyType(json.loads(row["labels"])),
            area=row["area"],
            zones=frozenset(json.loads(row["zones"])),
            best_score=row["best_score"],
            alert_id=row["alert_id"],
            alerted_at=as_moment(row["alerted_at"]),
            evidence=None if row["evidence"] is None else Evidence(row["evidence"]),
            decision=None if row["decision"] is None else to_decision(row["decision"]),
            ended=as_moment(row["ended"]),
            picture=row["picture"],
            picture_with_boxes=row["picture_with_boxes"],
            recording=row["recording"],
            preview=row["preview"],
        )
    except (ValueError, TypeError, KeyError) as error:
        raise unreadable("incident", row["id"]) from error


def _of_decision(decision: Decision) -> str:
    return json.dumps(
        {
            "camera": decision.camera,
            "at": as_text(decision.at),
            "clock": decision.clock,
            "verdict": decision.verdict,
            "gates": decision.gates,
        }
    )


def to_decision(text: str) -> Decision:
    found: dict[str, Any] = json.loads(text)
    return Decision(
        camera=found["camera"],
        at=as_moment(found["at"]),
        clock=found["clock"],
        verdict=Verdict(found["verdict"]),
        gates=tuple(Gate(*gate) for gate in found["gates"]),
    )


def of_alert(alert: Alert) -> dict[str, object]:
    return {
        "id": alert.id,
        "revision": alert.revision,
        "news": alert.news,
        "kind": alert.kind,
        "camera": alert.camera,
        "at": as_text(alert.at),
        "confidence": alert.confidence,
        "labels": json.dumps(dict(alert.labels)),
        "mode": alert.mode,
        "incident_ids": json.dumps(alert.incident_ids),
        "detail": alert.detail,
        "file": alert.file,
        "urgency": alert.urgency,
        "due": as_text(alert.due),
    }


def to_alert(row: Row | Mapping[str, Any]) -> Alert:
    try:
        return Alert(
            id=row["id"],
            revision=row["revision"],
            news=News(row["news"]),
            kind=AlertKind(row["kind"]),
            camera=row["camera"],
            at=as_moment(row["at"]),
            confidence=row["confidence"],
            labels=MappingProxyType(json.loads(row["labels"])),
            mode=Mode(row["mode"]),
            incident_ids=tuple(json.loads(row["incident_ids"])),
            detail=row["detail"],
            file=row["file"],
            urgency=Urgency(row["urgency"]),
            due=as_moment(row["due"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise unreadable("alert", row["id"]) from error


def _of_standing(standing: Standing) -> dict[str, object]:
    return {"id": 1, "body": unfinished.as_json(standing, of_alert)}


def _of_tag(tag: Tag) -> dict[str, object]:
    return {
        "incident_id": tag.incident_id,
        "answer": tag.answer,
        "by": tag.by,
        "at": as_text(tag.at),
        "origin": tag.origin,
    }


def to_tag(row: Row) -> Tag:
    return Tag(
        row["incident_id"], Answer(row["answer"]), row["by"], as_moment(row["at"]), row["origin"]
    )


def _of_pick(pick: Pick) -> dict[str, object]:
    return {
        "incident_id": pick.incident_id,
        "camera": pick.camera,
        "at": as_text(pick.at),
        "kind": pick.kind,
        "chance": pick.chance,
        "why": pick.why,
    }


def to_pick(row: Row) -> Pick:
    return Pick(
        row["incident_id"], row["camera"], as_moment(row["at"]), Kind(row["kind"]),
        row["chance"], row["why"],
    )  # fmt: skip
