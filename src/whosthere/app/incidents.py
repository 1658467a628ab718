"""`whosthere incidents`: what happened, as a table or as JSON, and when nobody could see."""

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

from rich.table import Table

from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.core.blind_spots import in_lines
from whosthere.core.model import Incident
from whosthere.storage.outages import Outages
from whosthere.storage.sqlite import SqliteStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=float, default=1.0, help="how far back (default: 1)")
    parser.add_argument("--camera", metavar="NAME", help="of this camera only")
    parser.add_argument("--limit", type=int, metavar="N", help="the newest N only")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    store, now = SqliteStore.visit(settings.storage.database), datetime.now(UTC)
    try:
        since = now - timedelta(days=chosen.days)
        found = store.incidents(since, camera=chosen.camera, limit=chosen.limit)
        blind = Outages(store.database).read(since, chosen.camera)
    finally:
        store.close()
    if chosen.json:
        for incident in found:
            say(json.dumps(as_plain(incident)))
        return 0
    if found:
        console().print(table(found, settings.house.zone))
    else:
        say(f"No incidents in the last {'day' if chosen.days == 1 else f'{chosen.days:g} days'}.")
    for line in in_lines(blind, now, partial(_said, zone=settings.house.zone)):
        say(f"{line[0].upper()}{line[1:]}.")
    return 0


def _said(moment: datetime, zone: tzinfo | None) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def as_plain(incident: Incident) -> dict[str, object]:
    """Return what programs may want to read; times in UTC."""
    return {
        "id": incident.id,
        "camera": incident.camera,
        "first_motion": incident.first_motion.isoformat(),
        "started": incident.started.isoformat(),
        "ended": incident.ended.isoformat() if incident.ended else None,
        "alerted_at": incident.alerted_at.isoformat() if incident.alerted_at else None,
        "evidence": incident.evidence,
        "labels": dict(incident.labels),
        "zones": sorted(incident.zones),
        "picture": incident.picture,
        "recording": incident.recording,
        "preview": incident.preview,
    }


def table(incidents: Sequence[Incident], zone: tzinfo | None) -> Table:
    """What happened, under the names that `why` and `dataset` take; they end with the camera."""
    made = Table(header_style="bold")
    made.add_column("incident", no_wrap=True)  # to be copied, so it is shown whole
    for name in ("started", "seconds", "seen", "told", "clip"):
        made.add_column(name)
    for one in incidents:
        labels = sorted(one.labels.items(), key=lambda item: -item[1])
        seconds = (one.last_seen - one.first_motion).total_seconds()
        made.add_row(
            one.id,
            f"{one.started.astimezone(zone):%-d %b %H:%M:%S}",
            f"{seconds:.0f}" if one.ended else f"{seconds:.0f}, goes on",
            ", ".join(f"{label} {confidence:.0%}" for label, confidence in labels) or "motion",
            f"{one.alerted_at.astimezone(zone):%H:%M:%S}" if one.alerted_at else "",
            "yes" if one.recording else "",
        )
    return made
