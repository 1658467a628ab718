"""What the house hears, and what it asks for in return."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from whosthere.core.model import Alert, Incident, Tag
from whosthere.core.modes import ArmState, Controls, Mode
from whosthere.core.people import AuditEntry, Reaction, Switch
from whosthere.core.policy import Policy
from whosthere.core.presence import SourceFailed, SourceReport
from whosthere.core.questions import Pick
from whosthere.core.sighting import Sighting
from whosthere.core.standing import Standing


@dataclass(frozen=True, slots=True)
class SetMode:
    """A person asks for a mode."""

    mode: Mode
    by: str
    at: datetime
    origin: str = ""  # the way they asked
    camera: str | None = None  # for this camera alone
    until: datetime | None = None  # then as before
    force: bool = False  # though something is wrong


@dataclass(frozen=True, slots=True)
class StayOff:
    """A person wants the house off, whoever is home, until somebody comes or that time."""

    by: str
    at: datetime
    origin: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArmNow:
    """A person wants what is counted down to, or mode away, at once."""

    by: str
    at: datetime
    origin: str = ""
    force: bool = False


@dataclass(frozen=True, slots=True)
class Snooze:
    """A person wants no alerts for a while; incidents are recorded as ever."""

    until: datetime | None  # None: no longer
    by: str
    at: datetime
    origin: str = ""
    camera: str | None = None  # None: all


@dataclass(frozen=True, slots=True)
class SetNotifications:
    """A person turns all alerts of visitors on or off."""

    on: bool
    by: str
    at: datetime
    origin: str = ""
    until: datetime | None = None  # then they are on again


@dataclass(frozen=True, slots=True)
class SetSwitch:
    """A person turns something on or off."""

    switch: Switch
    on: bool
    by: str
    at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class BackToNormal:
    """A person ends all exceptions: snoozes, silence and cameras' own modes. The mode stays."""

    by: str
    at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class SetLight:
    """A person turns a light on or off, or gives it back to motion."""

    on: bool | None  # None: as motion has it
    by: str
    at: datetime
    origin: str = ""
    light: str | None = None  # None: all


@dataclass(frozen=True, slots=True)
class SetSiren:
    """A person has all sirens sound, or be silent."""

    on: bool
    by: str
    at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class SetWalkTest:
    """A person walks before cameras to try them, until that time or (None) no longer."""

    cameras: tuple[str, ...]
    until: datetime | None
    by: str
    at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class CameraLost:
    """A camera has shown nothing new for too long."""

    camera: str
    why: str
    at: datetime
    clock: float


@dataclass(frozen=True, slots=True)
class CameraBack:
    """A lost camera shows new frames again."""

    camera: str
    at: datetime
    clock: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part of the program is in trouble, or no longer, as a disk that is full."""

    part: str
    why: str | None  # None: it is well
    at: datetime
    clock: float
    after: float = 0.0  # the clock, before which people are not told: much begins at a start


@dataclass(frozen=True, slots=True)
class SensorReading:
    """A motion sensor says something new, or cannot say any more."""

    sensor: str
    active: bool | None  # None: it cannot say
    at: datetime
    clock: float


@dataclass(frozen=True, slots=True)
class Tampered:
    """Somebody has done something to a camera, or it sees as before."""

    camera: str
    what: str | None  # "covered"; None: it is over
    at: datetime
    clock: float
    picture: str | None = None  # of how it looks, below the data folder
    why: str = ""  # it is over, if not by itself


@dataclass(frozen=True, slots=True)
class Outage:
    """After a start: for how long nothing was seen."""

    lines: tuple[str, ...]
    at: datetime
    clock: float


@dataclass(frozen=True, slots=True)
class Kept:
    """Files of an incident are on disk; each is named below the data folder."""

    incident: Incident  # as it was when its files were asked for
    picture: str | None = None
    picture_with_boxes: str | None = None
    recording: str | None = None
    preview: str | None = None


@dataclass(frozen=True, slots=True)
class AskAbout:
    """Something that nobody was told of, and about which people may be asked."""

    incident: Incident
    pick: Pick | None = None  # why just this; None: a quiet picture of this moment


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed. The only way that the rules learn of it."""

    at: datetime
    clock: float


@dataclass(frozen=True, slots=True)
class Propose:
    """Other numbers would have done better; people are asked whether to use them."""

    proposal: int
    text: str  # what they would have changed, in lines
    at: datetime


@dataclass(frozen=True, slots=True)
class UsePolicy:
    """A person has other numbers used from now on; who arms when is not among them."""

    policy: Policy
    by: str
    at: datetime
    origin: str = ""
    reason: str = ""
    proposal: int | None = None  # which asked for it


@dataclass(frozen=True, slots=True)
class LeavePolicy:
    """A person does not want what was proposed, at least not now."""

    proposal: int
    by: str
    at: datetime
    origin: str = ""


Tuning: TypeAlias = Propose | UsePolicy | LeavePolicy
Change: TypeAlias = (
    SetMode
    | StayOff
    | ArmNow
    | Snooze
    | SetNotifications
    | SetSwitch
    | SetLight
    | SetSiren
    | SetWalkTest
    | BackToNormal
)
Heard: TypeAlias = (  # from parts
    CameraLost
    | CameraBack
    | SourceReport
    | SourceFailed
    | SensorReading
    | Trouble
    | Tampered
    | Outage
)
Message: TypeAlias = Sighting | Change | Reaction | Tag | Heard | Kept | AskAbout | Tuning | Tick


@dataclass(frozen=True, slots=True)
class Remember:
    """Store this."""

    what: ArmState | Controls | Standing | Incident | Tag | Reaction | AuditEntry | Kept | Pick


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell people. Goes to disk together with everything remembered for the same message."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class Record:
    """Keep a clip: begun, with its pre-roll, the first time; closed once `ended` is set."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class KeepPicture:
    """Keep this frame as the picture that shows the incident best so far."""

    incident: Incident
    sighting: Sighting


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Have all sources of presence look once more, as well as they can, and report."""


@dataclass(frozen=True, slots=True)
class Wake:
    """Have an economical camera look at all of its pictures for a while."""

    camera: str


@dataclass(frozen=True, slots=True)
class Drive:
    """Switch a light or a siren."""

    device: str
    on: bool
    seconds: float | None = None  # then it goes off by itself, where it can do so


Action: TypeAlias = Remember | Notify | Record | KeepPicture | LookAgain | Wake | Drive
