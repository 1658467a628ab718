"""Moments as options of commands name them: '14d', '6h', '2026-01-31', '2026-01-31T14:32'."""

from datetime import UTC, datetime, tzinfo

from whosthere.app.answers.times import read_span
from whosthere.core.errors import BadSettings


def moment_of(text: str, option: str, now: datetime, zone: tzinfo | None) -> datetime:
    """A span counts back from now; a date is one of the reader's zone."""
    span = read_span(text.lower().split())
    try:
        if span is not None:
            return now - span.length
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise BadSettings(
            f"{option} {text}: write a span such as 14d or 6h, or a date such as 2026-01-31."
        ) from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone) if zone else at.astimezone()
    return at.astimezone(UTC)


def stretch_of(
    since: str, until: str | None, now: datetime, zone: tzinfo | None
) -> tuple[datetime, datetime]:
    """Read --since and --until. Without an end, it is now."""
    first = moment_of(since, "--since", now, zone)
    last = moment_of(until, "--until", now, zone) if until else now
    if first >= last:
        raise BadSettings(
            f"--since {since} is not before {f'--until {until}' if until else 'now'}."
        )
    return first, last
