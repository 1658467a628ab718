"""What the house is set to, by whom and until when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from whosthere.core.people import Switch


class Mode(StrEnum):
    """What the house is set to."""

    OFF = "off"
    HOME = "home"
    AWAY = "away"
    NIGHT = "night"


ARMED = frozenset({Mode.AWAY, Mode.NIGHT})


class ArmedBy(StrEnum):
    """What set a mode."""

    HAND = "hand"
    PRESENCE = "presence"
    SCHEDULE = "schedule"
    TIME_OVER = "time over"  # of what was asked for a time
    START = "start"  # of the program, the first time


@dataclass(frozen=True, slots=True)
class ArmState:
    """The mode, and why: people must be able to ask "who armed this?"."""

    mode: Mode
    since: datetime
    reason: str
    by_hand: bool = False  # a person's word, which presence may not change yet
    until: datetime | None = None  # set for a time: from then on it is `then` again
    then: Mode | None = None  # of a camera's own mode, None: as the house
    source: ArmedBy = ArmedBy.START
    evidence: tuple[str, ...] = ()  # what presence saw, a line each
    stays: bool = False  # a word that holds until somebody comes, though somebody be home now
    then_by: ArmedBy | None = None  # what had set `then`


@dataclass(frozen=True, slots=True)
class Controls:
    """What people set beside the mode. Survives restarts."""

    notifications: bool = True
    quiet_until: datetime | None = None  # notifications are off until then; None: until turned on
    snoozed: datetime | None = None  # no alerts of any camera until then
    snoozed_cameras: Mapping[str, datetime] = field(default_factory=dict)
    modes: Mapping[str, ArmState] = field(default_factory=dict)  # cameras with a mode of their own
    switches: frozenset[Switch] = frozenset()  # those that are on
    since: datetime | None = None  # of the last change; None: as it is at first

    def notifies(self, at: datetime) -> bool:
        return self.notifications or (self.quiet_until is not None and at >= self.quiet_until)

    def snoozed_until(self, camera: str) -> datetime | None:
        """When alerts of a camera come again; may be past."""
        ends = (self.snoozed, self.snoozed_cameras.get(camera))
        return max((end for end in ends if end is not None), default=None)


class Wish(StrEnum):
    """What presence would have: armed or not."""

    SOMEBODY = "somebody is home"
    NOBODY = "nobody is home"


@dataclass(frozen=True, slots=True)
class Countdown:
    """The house is about to arm: time to leave, or to say no."""

    mode: Mode
    since: datetime
    due: datetime
    due_clock: float | None  # None: counted from the next tick on
    reason: str
    source: ArmedBy  # by hand: an exit delay; by presence: everybody has left
    by: str
    origin: str
    evidence: tuple[str, ...] = ()
    until: datetime | None = None  # of the mode that is to come
    then: Mode | None = None

    @property
    def seconds(self) -> float:
        """How long it is in all."""
        return (self.due - self.since).total_seconds()


@dataclass(frozen=True, slots=True)
class Triggered:
    """An alarm is on: people were told of a visit, and nobody has answered or disarmed."""

    alert_id: str
    camera: str
    since: datetime
    clock: float  # of its beginning
    last: datetime  # the newest alert
    last_clock: float
