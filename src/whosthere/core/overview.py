"""The house at a glance, as plain data: for `status`, Slack's App Home and dashboards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from whosthere.core.model import Alert, Incident, Tag
from whosthere.core.modes import ArmState, Controls, Countdown, Mode, Triggered
from whosthere.core.presence import Whereabouts


@dataclass(frozen=True, slots=True)
class CameraView:
    """One camera, now."""

    name: str
    arm_state: ArmState  # its own mode, or that of the house
    own_mode: bool
    trouble: str  # what is wrong; nothing: it works
    over: bool  # a film that has ended
    age_seconds: float | None  # of the newest picture; None: there was none yet
    snoozed_until: datetime | None
    picture: str | None  # of its last incident, with boxes; below the data folder
    picture_at: datetime | None


@dataclass(frozen=True, slots=True)
class IncidentView:
    """One incident with what people said of it."""

    incident: Incident
    tag: Tag | None


@dataclass(frozen=True, slots=True)
class PartView:
    """One part of the program."""

    name: str
    ok: bool
    trouble: str
    since: datetime | None  # of the trouble


@dataclass(frozen=True, slots=True)
class PersonView:
    """Where somebody is, and how that is known."""

    name: str
    whereabouts: Whereabouts
    since: datetime | None
    guest: bool = False
    holds_arming: bool = True
    device: str = ""  # the one seen last
    source: str = ""  # by which
    how: str = ""  # as "by its MAC address"
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceView:
    """How a presence source is doing."""

    name: str
    works: bool
    trouble: str = ""  # what is wrong; nothing: it has not reported yet
    since: datetime | None = None  # of the trouble
    leave_seconds: float = 0.0  # not seen for this long counts as gone


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An alert that is raised at `due` unless the house is disarmed."""

    camera: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it at one moment."""

    at: datetime
    house: str  # its name
    arm_state: ArmState
    controls: Controls
    notifies: bool
    presence: str  # who is home and how that is known, in words
    cameras: tuple[CameraView, ...]
    incidents: tuple[IncidentView, ...]  # the last ones, newest first
    parts: tuple[PartView, ...]
    people: tuple[PersonView, ...] = ()
    sources: tuple[SourceView, ...] = ()
    auto_detect: bool = False  # arms and disarms by who is home
    countdown: Countdown | None = None  # to another mode
    triggered: Triggered | None = None  # an alarm is on
    pending: tuple[HeldBack, ...] = ()
    siren: Alert | None = None  # what people were told of it, while it sounds
    next: str = ""  # what presence will do, in words
    away_mode: Mode = Mode.AWAY  # when everybody has left

    @property
    def troubles(self) -> tuple[PartView, ...]:
        return tuple(part for part in self.parts if not part.ok)


class Overviewing(Protocol):
    """Says how the house is. Quick, and safe to ask from any thread."""

    def overview(self) -> Overview: ...
