"""Spans of time in words. Moments are for those who know the reader's zone."""

from datetime import datetime


def for_span(since: datetime, until: datetime | None) -> str:
    """For example ' for 1 h 30 min', or nothing if there is no end."""
    if until is None:
        return ""
    return f" for {span((until - since).total_seconds())}"


def span(seconds: float) -> str:
    """A duration as people say it, of two units at most: 42 s, 1 h 30 min, 2 days 3 h."""
    left = max(0, round(seconds))
    if left >= 60 * 60:
        left = round(left / 60) * 60
    parts: list[str] = []
    for unit, size in (("day", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        amount, left = divmod(left, size)
        if amount:
            plural = "s" if unit == "day" and amount > 1 else ""
            parts.append(f"{amount} {unit}{plural}")
    return " ".join(parts[:2]) or "0 s"
