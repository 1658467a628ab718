"""Moments as options of commands name them: '14d', '6h', '2026-01-31', '2026-01-31T14:32'."""

from datetime import UTC, datetime, tzinfo

from whosthere.app.answers.times import read_span
from whosthere.core.errors import BadSettings


def moment_of(text: str, option: str, now: datetime, zone: tzinfo | None) -> datetime:
    """A span counts back from now; a date is one of the reader's zone."""
    span = read_span(text.lower().split())
    if span is not None:
        return now - span.length
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadSettings(
            f"{option} {text}: write a span such as 14d or 6h, or a date such as 2026-01-31."
        ) from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone) if zone else at.astimezone()
    return at.astimezone(UTC)
