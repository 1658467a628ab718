"""Times in which cameras showed nothing, and how they are told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from whosthere.core.spans import span

TOGETHER = timedelta(seconds=90)  # beginnings and ends this close have one reason


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """No pictures of one camera."""

    camera: str
    since: datetime
    until: datetime | None  # None: it goes on
    why: str = ""

    def seconds(self, now: datetime) -> float:
        return ((self.until or now) - self.since).total_seconds()


def in_lines(
    spots: Sequence[BlindSpot], now: datetime, said: Callable[[datetime], str]
) -> list[str]:
    """A line for each time; cameras that were blind together are named together."""
    lines = []
    for group in _groups(spots):
        first = group[0]
        since = min(one.since for one in group)
        open_ = any(one.until is None for one in group)
        until = max(one.until or now for one in group)
        names = ", ".join(sorted({one.camera for one in group}))
        lasted = span(_rounded((until - since).total_seconds()))
        when = f"since {said(since)}" if open_ else f"{said(since)} to {said(until)}"
        why = f": {first.why.rstrip('.')}" if first.why else ""
        lines.append(f"no pictures from {names} {when}, {lasted}{why}")
    return lines


def _rounded(seconds: float) -> float:
    """Whole minutes, where seconds would say nothing."""
    return round(seconds / 60) * 60 if seconds >= 600 else seconds  # noqa: PLR2004 - ten minutes


def _groups(spots: Sequence[BlindSpot]) -> list[list[BlindSpot]]:
    groups: list[list[BlindSpot]] = []
    for spot in sorted(spots, key=lambda one: (one.since, one.camera)):
        for group in groups:
            if _alike(group[0], spot):
                group.append(spot)
                break
        else:
            groups.append([spot])
    return groups


def _alike(one: BlindSpot, other: BlindSpot) -> bool:
    if (one.until is None) != (other.until is None) or one.why != other.why:
        return False
    ends = one.until is None or other.until is None or abs(one.until - other.until) <= TOGETHER
    return abs(one.since - other.since) <= TOGETHER and ends
