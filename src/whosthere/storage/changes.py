"""What people set, and who did, as rows and back."""

import json
from collections.abc import Mapping
from sqlite3 import Row
from typing import Any

from whosthere.core.errors import StoreTrouble
from whosthere.core.modes import ArmedBy, ArmState, Controls, Mode
from whosthere.core.people import AuditEntry, Reaction, Switch
from whosthere.storage.moments import as_moment, as_text


def of_arm_state(state: ArmState) -> dict[str, object]:
    return {
        "mode": state.mode,
        "since": as_text(state.since),
        "reason": state.reason,
        "by_hand": state.by_hand,
        "until": as_text(state.until),
        "after_until": state.then,
        "source": state.source,
        "evidence": json.dumps(state.evidence),
        "stays": state.stays,
        "then_by": state.then_by,
    }


def to_arm_state(row: Row | Mapping[str, Any]) -> ArmState:
    then = row["after_until"]
    new = "source" in row.keys()  # noqa: SIM118 - a Row; cameras' modes of old have none
    return ArmState(
        Mode(row["mode"]),
        as_moment(row["since"]),
        row["reason"],
        by_hand=bool(row["by_hand"]),
        until=as_moment(row["until"]),
        then=None if then is None else Mode(then),
        source=ArmedBy(row["source"]) if new else ArmedBy.HAND,
        evidence=tuple(json.loads(row["evidence"])) if new else (),
        stays=bool(row["stays"]) if new else False,
        then_by=ArmedBy(row["then_by"]) if new and row["then_by"] else None,
    )


def of_controls(controls: Controls) -> dict[str, object]:
    return {"since": as_text(controls.since), "body": _body(controls)}


def _body(controls: Controls) -> str:
    snoozed = {name: as_text(end) for name, end in controls.snoozed_cameras.items()}
    return json.dumps(
        {
            "notifications": controls.notifications,
            "quiet_until": as_text(controls.quiet_until),
            "snoozed": as_text(controls.snoozed),
            "snoozed_cameras": snoozed,
            "modes": {name: of_arm_state(state) for name, state in controls.modes.items()},
            "switches": sorted(controls.switches),
        }
    )


def to_controls(row: Row) -> Controls:
    try:
        found: dict[str, Any] = json.loads(row["body"])
        return Controls(
            notifications=found["notifications"],
            quiet_until=as_moment(found["quiet_until"]),
            snoozed=as_moment(found["snoozed"]),
            snoozed_cameras={
                name: as_moment(end) for name, end in found["snoozed_cameras"].items()
            },
            modes={name: to_arm_state(state) for name, state in found["modes"].items()},
            switches=frozenset(Switch(name) for name in found["switches"]),
            since=as_moment(row["since"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise unreadable("controls", str(row["id"])) from error


def of_audit(entry: AuditEntry) -> dict[str, object]:
    return {
        "at": as_text(entry.at),
        "who": entry.who,
        "origin": entry.origin,
        "what": entry.what,
        "done": entry.done,
    }


def to_audit(row: Row) -> AuditEntry:
    return AuditEntry(
        as_moment(row["at"]), row["who"], row["origin"], row["what"], bool(row["done"])
    )


def of_reaction(reaction: Reaction) -> dict[str, object]:
    return {
        "alert_id": reaction.alert_id,
        "by": reaction.by,
        "at": as_text(reaction.at),
        "what": reaction.what,
        "origin": reaction.origin,
    }


def to_reaction(row: Row) -> Reaction:
    return Reaction(row["alert_id"], row["by"], as_moment(row["at"]), row["what"], row["origin"])


def unreadable(what: str, name: str) -> StoreTrouble:
    return StoreTrouble(
        f"The {what} {name} in the database cannot be read. The disk may be failing: "
        "save the data folder elsewhere and put back the newest copy in backups/."
    )
