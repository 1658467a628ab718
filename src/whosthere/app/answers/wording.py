"""Moments and names as people read them."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from whosthere.core.model import Evidence, Incident
from whosthere.core.modes import ArmState
from whosthere.core.spans import span

WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Moments:
    """Writes moments in the reader's zone, with the day only where it is another one."""

    now: datetime
    zone: tzinfo | None

    def at(self, moment: datetime) -> str:
        """For example '14:32:07', 'Mon 14:32:07' or '2026-01-31 14:32:07'."""
        return self._said(moment, "%H:%M:%S")

    def until(self, moment: datetime) -> str:
        """For example 'until 16:05 (2 h)'."""
        left = (moment - self.now).total_seconds()
        return f"until {self._said(moment, '%H:%M')} ({span(_rounded(left))})"

    def ago(self, moment: datetime) -> str:
        return f"{span(_rounded((self.now - moment).total_seconds()))} ago"

    def _said(self, moment: datetime, form: str) -> str:
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone).date()
        if local.date() == today:
            return f"{local:{form}}"
        day = "%a" if abs(local.date() - today) < WEEK else "%Y-%m-%d"
        return f"{local:{day} {form}}"


def _rounded(seconds: float) -> float:
    """Whole minutes, where seconds would say nothing."""
    return round(seconds / 60) * 60 if seconds > 600 else seconds  # noqa: PLR2004 - ten minutes


def mode_in_words(state: ArmState, moments: Moments) -> str:
    """For example '*away* since 14:32:07 (Ann asked), until 16:30 (2 h), then off'."""
    said = f"*{state.mode}* since {moments.at(state.since)} ({state.reason})"
    if state.until is not None:
        said += f", {moments.until(state.until)}, then {state.then or 'as the house'}"
    return said


def seen(incident: Incident) -> str:
    """What was recognised, surest first."""
    labels = sorted(incident.labels.items(), key=lambda item: -item[1])
    return ", ".join(f"{label} {sure:.0%}".replace("%", " %") for label, sure in labels) or "motion"


def told(incident: Incident, moments: Moments) -> str:
    if incident.alerted_at is None:
        return "nobody was told"
    how = " (unclassified)" if incident.evidence is Evidence.UNCLASSIFIED else ""
    return f"told at {moments.at(incident.alerted_at)}{how}"
