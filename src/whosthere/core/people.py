"""What people do, and what is written down of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ITSELF = "house"  # who and from where, when nobody asked


class Switch(StrEnum):
    """What people turn on and off, beside modes and notifications."""

    AUTO_DETECT = "auto_detect"  # arm and disarm by who is home
    SAVE_IMAGES = "save_images"  # keep pictures to learn from
    MOTION_SENSORS = "motion_sensors"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who changed what, when and from where; or wished to and may not."""

    at: datetime
    who: str
    origin: str  # the way they asked: "slack", "command line"; "house": it did so by itself
    what: str
    done: bool = True  # False: refused


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody did something about an alert, so it need not grow louder."""

    alert_id: str | None  # None: all alerts
    by: str
    at: datetime
    what: str  # in a few words
    origin: str = ""
