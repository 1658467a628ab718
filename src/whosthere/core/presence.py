"""Who is home, from what sources see of people's devices. Unknown is not away.

A source reports the devices that it sees, or that it failed. A person is home as soon as one of
their devices is seen, and away only when every working source that could see them has not for its
own waiting time. All waiting is counted on the monotonic clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose devices are known."""

    name: str
    devices: tuple[str, ...]  # names, as the settings give them
    guest: bool = False  # being seen disarms nothing
    holds_arming: bool = True  # as long as they are home, nothing arms by itself


@dataclass(frozen=True, slots=True)
class SourceRule:
    """What a source's word is worth."""

    name: str
    leave_seconds: float  # not seen for this long counts as gone
    every_seconds: float  # between its reports; without one for three of these, it has failed
    devices: frozenset[str] | None = None  # those it could see; None: all


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """One known device, as a source saw it."""

    device: str
    ago: float = 0.0  # seconds before the report
    how: str = ""  # how it was recognised: "by its MAC address"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A source looked, and this is what it saw. Nobody seen is an answer; failing is not."""

    source: str
    at: datetime
    clock: float
    seen: tuple[DeviceSeen, ...] = ()
    asked: bool = False  # an answer to `LookAgain`


@dataclass(frozen=True, slots=True)
class SourceFailed:
    """A source could not look."""

    source: str
    why: str
    at: datetime
    clock: float


@dataclass(frozen=True, slots=True)
class Observation:
    """Something that a source sees on the network or in the air, whosever it is."""

    mac: str = ""  # lower case with colons, as 'a4:83:e7:00:00:01'
    address: str = ""  # IPv4 or IPv6
    host: str = ""  # name, as the device gave it
    bluetooth: str = ""  # address, or UUID/major/minor of a beacon
    device: str = ""  # its name in the settings, from a source that was told of just this one
    ago: float = 0.0  # seconds since it was last heard


class Whereabouts(StrEnum):
    """Where a person is, as far as is known."""

    HOME = "home"
    AWAY = "away"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LastSeen:
    """When a source last saw a device."""

    at: datetime
    clock: float
    how: str = ""


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source is doing."""

    working_since: float | None = None  # by the clock; None: it fails, or has not reported yet
    reported: float | None = None  # newest report, or since when one is waited for, by the clock
    trouble: str = ""
    failing_since: datetime | None = None
    failing_clock: float | None = None


@dataclass(frozen=True, slots=True)
class PersonState:
    """Where a person is, since when, and how that is known."""

    whereabouts: Whereabouts = Whereabouts.UNKNOWN
    since: datetime | None = None
    device: str = ""  # the one seen last
    source: str = ""  # that saw it
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class PresenceState:
    """All that the house knows of who is home."""

    sources: Mapping[str, SourceState] = field(default_factory=dict)
    seen: Mapping[tuple[str, str], LastSeen] = field(default_factory=dict)  # (device, source)
    people: Mapping[str, PersonState] = field(default_factory=dict)
    look_clock: float | None = None  # when sources were asked to look again, if that is open
