"""The comparison of a replay as tables and as plain data."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from rich.table import Table

from whosthere.app.answers.wording import seen
from whosthere.core.model import Answer
from whosthere.learning.compare import Change, Compared, Report

STYLES = {
    Change.VISIT_LOST: "bold red",
    Change.VISIT_FOUND: "bold green",
    Change.FALSE_GONE: "green",
    Change.FALSE_NEW: "red",
}
COLUMNS = (
    ("visits kept", Change.VISIT_KEPT),
    ("lost", Change.VISIT_LOST),
    ("found", Change.VISIT_FOUND),
    ("false alarms kept", Change.FALSE_KEPT),
    ("gone", Change.FALSE_GONE),
    ("new", Change.FALSE_NEW),
)
TAGGED = "Visits and false alarms: as people tagged them."
UNTAGGED = "Nobody has tagged any of these: without tags, no alert counts as right or false."


def totals_table(reports: Sequence[Report]) -> Table:
    """Alerts then and now, and what people had said of them."""
    tagged = any(one.answer is not None for report in reports for one in report.compared)
    table = Table(header_style="bold", caption=TAGGED if tagged else UNTAGGED)
    table.add_column("camera")
    for name in ("incidents", "alerts then", "now", *(name for name, _ in COLUMNS)):
        table.add_column(name, justify="right")
    for report in reports:
        table.add_row(
            report.camera,
            str(len(report.compared)),
            str(report.alerts_then),
            str(report.alerts_now),
            *(str(report.count(change)) for _, change in COLUMNS),
        )
    if len(reports) > 1:
        table.add_section()
        table.add_row(
            "all",
            str(sum(len(one.compared) for one in reports)),
            str(sum(one.alerts_then for one in reports)),
            str(sum(one.alerts_now for one in reports)),
            *(str(sum(one.count(change) for one in reports)) for _, change in COLUMNS),
        )
    return table


def difference_table(shown: Sequence[tuple[Compared, str]], zone: tzinfo | None) -> Table:
    """The incidents that differ, newest first."""
    table = Table("started", "camera", "seen", "what differs", "stopped by", header_style="bold")
    for one, gate in shown:
        table.add_row(
            f"{one.incident.started.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            one.incident.camera,
            seen(one.incident),
            f"[{STYLES.get(one.change, 'default')}]{one.change}[/]",
            f"{gate}, {'now' if one.then else 'then'}",
        )
    return table


def as_plain(
    reports: Sequence[Report],
    shown: Sequence[tuple[Compared, str]],
    changes: Sequence[str],
    since: datetime,
    until: datetime,
) -> dict[str, object]:
    """The same for programs; times in UTC."""
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "changed": list(changes),
        "cameras": {
            report.camera: {
                "incidents": len(report.compared),
                "alerts_then": report.alerts_then,
                "alerts_now": report.alerts_now,
                **{
                    change.value.replace(" ", "_").replace(",", ""): report.count(change)
                    for change in Change
                },
            }
            for report in reports
        },
        "differences": [
            {
                "incident": one.incident.id,
                "camera": one.incident.camera,
                "started": one.incident.started.isoformat(),
                "labels": dict(one.incident.labels),
                "tag": one.answer.value if isinstance(one.answer, Answer) else None,
                "change": one.change.value,
                "gate": gate,
            }
            for one, gate in shown
        ],
    }
