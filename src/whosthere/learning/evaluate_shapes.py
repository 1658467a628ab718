"""What goes into an evaluation, and what comes out of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from whosthere.core.model import Answer, Evidence, Incident, Tag
from whosthere.core.policy import CameraPolicy
from whosthere.core.questions import Pick
from whosthere.learning.examples import Example, Numbers
from whosthere.learning.statistics import Estimate, Stratum


@dataclass(frozen=True, slots=True)
class Record:
    """One incident or quiet moment with all that is known of it."""

    incident: Incident
    numbers: Numbers | None = None
    tag: Tag | None = None
    pick: Pick | None = None
    example: Example | None = None

    @property
    def quiet(self) -> bool:
        return self.incident.evidence is Evidence.QUIET

    @property
    def told(self) -> bool:
        return self.incident.alert_id is not None and not self.quiet

    @property
    def occupied(self) -> bool | None:
        return None if self.tag is None else self.tag.answer is Answer.OCCUPIED

    @property
    def person(self) -> float:
        """How sure the detector was, as the rule takes it."""
        return self.numbers.person_most if self.numbers else 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """What is evaluated."""

    since: datetime
    until: datetime
    cameras: tuple[str, ...]
    zone: tzinfo | None
    rules: Callable[[str], CameraPolicy]
    # seconds in which people would have been told and nothing went on, by camera and part of day
    quiet_seconds: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return max(1.0, (self.until - self.since).total_seconds())


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of the table: what the rules saw, and what people said."""

    motion: bool  # it moved long enough by itself
    person: bool  # a person in the last frames
    occupied: int
    unoccupied: int


@dataclass(frozen=True, slots=True)
class Sides:
    """Counts of one hour or day."""

    name: str
    right: int = 0
    false: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Delay:
    """From the first motion of a visit until people were told, in seconds."""

    median: float | None
    ninety: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one camera, or of all."""

    name: str
    told: int
    tagged: int  # of those
    right: int
    missed: int  # that are known
    precision: Estimate
    recall: Estimate  # of visits in which something moved
    false_a_week: Estimate
    delay: Delay


@dataclass(frozen=True, slots=True)
class Point:
    """What another limit of the person's confidence would have done, on tagged incidents."""

    limit: float
    precision: float
    recall: float
    alerts: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All of it."""

    span: Span
    tags: int
    table: tuple[Cell, ...]
    all: Figures
    recall_with_quiet: Estimate
    strata: tuple[Stratum, ...]
    cameras: tuple[Figures, ...]
    hours: tuple[Sides, ...]
    days: tuple[Sides, ...]
    curve: tuple[Point, ...]
    limit: float  # of the person's confidence, as it is now
    confidences: tuple[tuple[float, bool], ...]
    mistakes: tuple[Record, ...]
    words: tuple[str, ...]
