"""The words of this system. Each means one thing, here and in docs/explanation/glossary.md.

What a camera sees has its words in `core/sighting.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from whosthere.core.devices import DevicesState
from whosthere.core.late import LateGates
from whosthere.core.modes import ArmState, Controls, Countdown, Mode, Triggered, Wish
from whosthere.core.presence import PresenceState

WALK_TEST = "walk test"  # a label of incidents that somebody made on purpose


class Gate(NamedTuple):
    """One named condition of a decision, with its value and its limit."""

    name: str
    value: float | str
    limit: float | str
    passed: bool


class Verdict(StrEnum):
    """What came of one sighting."""

    QUIET = "quiet"  # nothing worth an incident
    WATCHING = "watching"  # an incident, and nobody is told (yet)
    PENDING = "pending"  # people will be told, unless the house is disarmed in time
    ALERT = "alert"  # people are told now
    JOINED = "joined"  # added to the alert before, since that is too fresh for a new one
    TOLD = "told"  # people know already


@dataclass(frozen=True, slots=True)
class Decision(LateGates):
    """The verdict on a sighting, with its gates in the order of asking."""

    camera: str
    at: datetime
    clock: float
    verdict: Verdict
    gates: tuple[Gate, ...]

    @property
    def first_failed(self) -> Gate | None:
        return next((gate for gate in self.gates if not gate.passed), None)


class Evidence(StrEnum):
    """What an alert rests on."""

    PERSON = "person"
    UNCLASSIFIED = "unclassified"  # motion, which no detector could judge
    QUIET = "quiet"  # nothing: a picture to learn from


@dataclass(frozen=True, slots=True)
class Incident:
    """All sightings of one camera from the first until it has been quiet."""

    id: str
    camera: str
    first_motion: datetime
    started: datetime  # when the motion had lasted long enough to count
    started_clock: float
    last_seen: datetime
    last_seen_clock: float
    labels: Mapping[str, float] = field(default_factory=dict)  # best confidence of each label
    area: float = 0.0  # the largest that moved
    zones: frozenset[str] = frozenset()
    best_score: float = -1.0  # of the picture that shows it best
    alert_id: str | None = None
    alerted_at: datetime | None = None
    evidence: Evidence | None = None
    decision: Decision | None = None  # the one that alerted, or the last
    ended: datetime | None = None
    picture: str | None = None  # files, below the data folder
    picture_with_boxes: str | None = None
    recording: str | None = None
    preview: str | None = None

    def later(self, clock: float) -> datetime:
        """The wall time at `clock`, immune to jumps of the wall clock since the start."""
        return self.started + timedelta(seconds=round(clock - self.started_clock, 3))


class AlertKind(StrEnum):
    """What an alert is about."""

    PERSON = "person"
    UNCLASSIFIED = "unclassified"
    CAMERA_LOST = "camera lost"
    CAMERA_BACK = "camera back"
    QUIET = "quiet"  # nothing was seen: people are asked, to learn from what they say
    ARMING = "arming"  # the house arms by itself: soon if `due` is given, or now
    DISARMED = "disarmed"  # by itself
    STILL_ARMED = "still armed"  # though somebody came, or the schedule says otherwise
    ENTRY = "entry"  # somebody is seen; people are alerted unless it is disarmed until `due`
    PRESENCE_LOST = "presence lost"  # a source, or all, do not say who is home
    PRESENCE_BACK = "presence back"
    TROUBLE = "trouble"  # parts of the program, or its machine
    WELL_AGAIN = "well again"  # all of them
    TAMPERED = "tampered"  # a camera is covered, turned, out of focus
    UNTAMPERED = "as before"
    OUTAGE = "outage"  # for a while, nothing was seen; told when that is over
    SIREN = "siren"  # it sounds; later, it is silent again
    PROPOSAL = "proposal"  # other numbers would have done better: people are asked to use them


class News(StrEnum):
    """What a revision of an alert brings."""

    FIRST = "first"  # the alert itself
    ANOTHER_VISIT = "another visit"  # a new incident, joined to this alert
    RECOGNISED = "recognised"  # what was unclassified is a person
    PICTURE = "picture"
    CLIP = "clip"
    ESCALATED = "escalated"  # nobody has answered yet
    ANEW = "anew"  # what was announced comes later
    ARMED = "armed"  # what was announced is so now
    STOPPED = "stopped"  # what was announced does not happen
    OVER = "over"  # the time to disarm is over: an alert follows
    MORE = "more"  # other parts are in trouble too
    LESS = "less"  # some of them are well again
    STILL = "still"  # a reminder
    SETTLED = "settled"  # somebody has said what is to become of a proposal


class Urgency(StrEnum):
    """How loudly people are told."""

    USUAL = "usual"
    MENTION = "mention"  # nobody answered: name people, so that their phones ring
    DIRECT = "direct"  # still nobody: write to each directly


@dataclass(frozen=True, slots=True)
class Alert:
    """What people are told about an incident, once; later news come as revisions of the same."""

    id: str
    revision: int  # 1 is the first
    news: News
    kind: AlertKind
    camera: str
    at: datetime  # of what this revision tells
    confidence: float = 0.0
    labels: Mapping[str, float] = field(default_factory=dict)
    mode: Mode = Mode.AWAY
    incident_ids: tuple[str, ...] = ()
    detail: str = ""  # of trouble: what is wrong
    file: str | None = None  # of a picture or clip, below the data folder
    urgency: Urgency = Urgency.USUAL
    due: datetime | None = None  # when what it announces happens


class Answer(StrEnum):
    """What a person says of an incident."""

    OCCUPIED = "occupied"
    UNOCCUPIED = "unoccupied"


@dataclass(frozen=True, slots=True)
class Tag:
    """A person's answer about an incident."""

    incident_id: str
    answer: Answer
    by: str
    at: datetime
    origin: str = ""  # the way they answered


class Unanswered(NamedTuple):
    """An alert to which nobody has reacted yet."""

    alert_id: str
    raised: datetime
    urgency: Urgency = Urgency.USUAL


LONGEST_STEP = 1.0  # s; a longer gap between two frames does not count as time of motion


class Moment(NamedTuple):
    """What one sighting says about its camera, kept for the seconds that gates look back on."""

    clock: float
    area: float  # of the largest moving thing; 0 while the scene as a whole changes
    person: float
    looked: bool
    failed: bool  # there is no detector, or it could not say
    zones: frozenset[str]  # in which something moves
    person_zones: frozenset[str] = frozenset()  # in which a moving person stands


class Held(StrEnum):
    """Why an alert is held back for a while."""

    ENTRY = "entry delay"  # whoever lives here has time to disarm
    LOOK = "one more look"  # for people who were thought to be away


@dataclass(frozen=True, slots=True)
class Pending:
    """An alert of one camera that is raised at `due`, unless the house is disarmed before."""

    why: Held
    alert: Alert  # as it will be
    evidence: Evidence
    incidents: tuple[Incident, ...]  # what it is about, newest last
    since: datetime
    due: datetime
    due_clock: float
    told: Alert | None = None  # what people know of it: an alert of kind ENTRY

    @property
    def seconds(self) -> float:
        return (self.due - self.since).total_seconds()


@dataclass(frozen=True, slots=True)
class CameraState:
    """What the house knows of one camera."""

    recent: tuple[Moment, ...] = ()  # oldest first
    incident: Incident | None = None
    alerts: tuple[Alert, ...] = ()  # the newest revision of each of the last few, newest last
    alert_clock: float | None = None  # when the last of them was raised
    shown: tuple[str, ...] = ()  # pictures that came with these alerts; better ones replace them
    decision: Decision | None = None
    lost: Alert | None = None  # told and not yet back
    tampered: Alert | None = None  # told and not yet as before
    unanswered: tuple[Unanswered, ...] = ()
    pending: Pending | None = None  # an alert that is held back
    unseen: float = 0.0  # seconds that the camera turned since its incident was last seen


@dataclass(frozen=True, slots=True)
class House:
    """All the state that decisions depend on. Replaced, never changed."""

    arm_state: ArmState
    cameras: Mapping[str, CameraState] = field(default_factory=dict)
    controls: Controls = field(default_factory=Controls)
    countdown: Countdown | None = None  # to another mode
    triggered: Triggered | None = None  # an alarm is on
    presence: PresenceState = field(default_factory=PresenceState)
    wish: Wish | None = None  # of presence, as it was last known
    unconfirmed: bool = False  # armed by presence, and not looked again since
    schedule_seen: datetime | None = None  # up to here, all points of the schedule are dealt with
    ticked: tuple[datetime, float] | None = None  # both clocks at the last tick, for the schedule
    notices: Mapping[str, Alert] = field(default_factory=dict)  # open, about the house itself
    troubles: Mapping[str, str] = field(default_factory=dict)  # of parts, why they are in trouble
    trouble_clocks: Mapping[str, float] = field(default_factory=dict)  # since when, or well again
    devices: DevicesState = field(default_factory=DevicesState)
    testing: Mapping[str, datetime] = field(default_factory=dict)  # cameras of a walk test, until

    def camera(self, name: str) -> CameraState:
        return self.cameras.get(name) or CameraState()

    def mode_of(self, camera: str) -> Mode:
        return self.controls.modes.get(camera, self.arm_state).mode


def named_moment(at: datetime, camera: str) -> str:
    """A name that sorts by time and may stand in a path, as of an incident."""
    return f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}-{camera}"
