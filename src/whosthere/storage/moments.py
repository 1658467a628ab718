"""Moments as text that sorts like time: UTC, always six decimals."""

from datetime import UTC, datetime
from typing import overload


@overload
def as_text(at: datetime) -> str: ...
@overload
def as_text(at: None) -> None: ...
def as_text(at: datetime | None) -> str | None:
    """Write a moment down."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError(f"a moment without time zone: {at}")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@overload
def as_moment(text: str) -> datetime: ...
@overload
def as_moment(text: None) -> None: ...
def as_moment(text: str | None) -> datetime | None:
    """Read what `as_text` wrote."""
    return None if text is None else datetime.fromisoformat(text)


def now() -> datetime:
    return datetime.now(UTC)
