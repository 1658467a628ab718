"""What the dashboard in Slack shows. The program fills it in, since it knows all parts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class CameraLine:
    """One camera."""

    name: str
    state: str  # in a few words
    well: bool = True


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """Something that happened."""

    at: datetime
    camera: str
    what: str
    answer: str = ""  # what people said of it


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """Something to turn on or off, with what that asks for in the request grammar."""

    name: str
    on: bool
    turn_on: str
    turn_off: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The house at a glance."""

    house: str
    mode: str
    since: datetime
    reason: str  # why the mode is what it is
    until: datetime | None = None
    exceptions: tuple[str, ...] = ()  # snoozes, silence, cameras with a mode of their own
    at_home: str = ""  # who, and how that is known
    cameras: tuple[CameraLine, ...] = ()
    incidents: tuple[IncidentLine, ...] = ()  # newest first
    troubles: tuple[str, ...] = ()
    switches: tuple[SwitchLine, ...] = ()


Look: TypeAlias = Callable[[], Overview]  # may take a moment: it reads the database
