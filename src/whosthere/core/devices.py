"""Motion sensors, lights and sirens: the rules by which they act, and how they are now.

People write the rules as settings; none is tuned.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

SENSOR_PART = (
    "motion sensor "  # before its name, as a label of incidents and where its trouble is told
)


class How(StrEnum):
    """What a motion sensor is to its camera."""

    BOTH = "both"  # people are told only if both see something
    EITHER = "either"  # the sensor alone is enough, even if the camera is blind or lost
    WAKES = "wakes"  # the camera looks more closely, and decides alone


@dataclass(frozen=True, slots=True)
class SensorRule:
    """One motion sensor."""

    camera: str
    how: How = How.EITHER
    within_seconds: float = 10.0  # with `both`: how long what it saw counts
    warm_up_seconds: float = 60.0  # after its first word, in which it is not believed
    stuck_seconds: float = 900.0  # active for longer, it is not believed
    dead_days: float = 7.0  # silent for longer ...
    dead_persons: int = 3  # ... while its camera saw so many people
    zones: frozenset[str] = frozenset()  # of the camera, that it sees too; none: anywhere


class When(StrEnum):
    """When motion turns a light on."""

    NEVER = "never"
    DARK = "dark"
    TIMES = "times"
    DARK_OR_TIMES = "dark or times"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class LightRule:
    """One light."""

    cameras: frozenset[str] = frozenset()  # whose motion turns it on
    seen_by: frozenset[str] = frozenset()  # in whose pictures its light is
    when: When = When.NEVER
    dark_below: float = 50.0  # mean brightness of the picture, 0 to 255
    begins: time | None = None  # of the local times
    ends: time | None = None
    seconds: float = 120.0  # after the last motion
    settle_seconds: float = 3.0  # that its switching takes, in which only people count
    word_seconds: float = 3600.0  # for which motion leaves it off, once a person said so


@dataclass(frozen=True, slots=True)
class SirenRule:
    """One siren."""

    after_seconds: float = 0.0  # without an answer to an alert of mode away; 0: never by itself
    longest_seconds: float = 180.0
    most_times: int = 3  # by itself, until the mode changes
    unclassified: bool = False  # also for what nobody could judge


@dataclass(frozen=True, slots=True)
class DeviceRules:
    """All of them, by name."""

    sensors: Mapping[str, SensorRule] = field(default_factory=dict)
    lights: Mapping[str, LightRule] = field(default_factory=dict)
    sirens: Mapping[str, SirenRule] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.sensors or self.lights or self.sirens)

    def sensors_of(self, camera: str) -> list[str]:
        return [name for name, rule in self.sensors.items() if rule.camera == camera]


@dataclass(frozen=True, slots=True)
class SensorState:
    """What a motion sensor said last."""

    active: bool | None  # None: it cannot say
    since_clock: float  # of that
    since: datetime
    began_clock: float  # of its first word, or of the first after it could not say
    last_active_clock: float | None = None  # when it was active last, and believed


@dataclass(frozen=True, slots=True)
class SensorRecord:
    """How a motion sensor does over weeks. Survives restarts."""

    since: datetime  # when it was last seen to work, or watched for the first time
    persons: int = 0  # that its camera saw since then, and it did not


@dataclass(frozen=True, slots=True)
class LightState:
    """What somebody, or motion, made of a light. Survives restarts."""

    on: bool
    by_hand: bool
    since: datetime
    due: datetime | None = None  # by motion: when it goes off. By hand and off: as long as it holds
    due_clock: float | None = None  # by motion


@dataclass(frozen=True, slots=True)
class Unheeded:
    """An alert of mode away that nobody has answered: sirens may sound for it."""

    alert_id: str
    camera: str
    clock: float
    evidence: str
    sounded: frozenset[str] = frozenset()  # sirens that have begun for it


@dataclass(frozen=True, slots=True)
class SirenState:
    """Of all sirens. Ends with the program, so none sounds after a restart by itself."""

    unheeded: Unheeded | None = None
    until: Mapping[str, float | None] = field(default_factory=dict)  # of those that sound; None:
    # counted from the next tick on
    times: Mapping[str, int] = field(default_factory=dict)  # by itself, since the mode changed


@dataclass(frozen=True, slots=True)
class Lasting:
    """What survives a restart."""

    records: Mapping[str, SensorRecord] = field(default_factory=dict)
    lights: Mapping[str, LightState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DevicesState:
    """What the house knows of its devices."""

    sensors: Mapping[str, SensorState] = field(default_factory=dict)
    siren: SirenState = field(default_factory=SirenState)
    lasting: Lasting = field(default_factory=Lasting)
    lit: Mapping[str, datetime] = field(default_factory=dict)  # by camera: until a light settles
    brightness: Mapping[str, float] = field(default_factory=dict)  # of cameras that lights follow
