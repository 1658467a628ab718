"""Tagged incidents as scenes, which any rules can decide on again in milliseconds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from whosthere.core.history import History
from whosthere.core.model import Answer, Evidence, Incident
from whosthere.core.policy import CameraPolicy
from whosthere.core.sighting import Box, Sighting
from whosthere.learning.explain import Scene
from whosthere.learning.past import LONGEST, Past

BEFORE = timedelta(seconds=10)
AFTER = timedelta(seconds=2)
AROUND = timedelta(seconds=10)  # of a quiet picture
NEWER = 0.4  # share of the cases that are kept back to report on

Read = Callable[[datetime, datetime], Iterable[History]]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One tagged incident."""

    incident: Incident
    visit: bool  # somebody was there
    scene: Scene
    day: date

    @property
    def quiet(self) -> bool:
        """Nothing was known of it: a picture that was kept at random."""
        return self.incident.evidence is Evidence.QUIET

    def told(self, rules: CameraPolicy) -> bool:
        """Whether people would know of it by these rules, through the live decisions."""
        then = self.scene.policy
        cameras = {**then.cameras, self.scene.camera: rules}
        return self.scene.told(replace(then, cameras=cameras))

    def sightings(self) -> list[Sighting]:
        camera = self.scene.camera
        heard = self.scene.heard
        return [one for one in heard if isinstance(one, Sighting) and one.camera == camera]

    def moved_in(self) -> Box | None:
        """The place that holds all that moved or was recognised while it lasted."""
        since = self.incident.first_motion
        boxes = [
            box
            for one in self.sightings()
            if one.at >= since
            for box in (*one.motion.boxes, *(d.box for d in one.detections if d.moving))
        ]
        return around(boxes) if boxes else None


def around(boxes: Sequence[Box]) -> Box:
    """The smallest place that holds all of these."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


@dataclass(frozen=True, slots=True)
class Cases:
    """What is known of one camera in some days."""

    visits: tuple[Case, ...] = ()
    false: tuple[Case, ...] = ()

    @classmethod
    def of(cls, some: Iterable[Case]) -> "Cases":
        some = list(some)
        return cls(
            tuple(one for one in some if one.visit), tuple(one for one in some if not one.visit)
        )

    @property
    def all(self) -> list[Case]:
        return sorted((*self.visits, *self.false), key=lambda one: one.incident.started)


def read_cases(
    tagged: Iterable[tuple[Incident, Answer]], read: Read, zone: tzinfo | None
) -> tuple[list[Case], int]:
    """Make scenes of tagged incidents; also tell how many the ledger does not have any more."""
    found, gone = [], 0
    for incident, answer in tagged:
        scene = _scene(_widened(incident), read)
        if scene is None:
            gone += 1
            continue
        day = incident.started.astimezone(zone).date()
        found.append(Case(incident, answer is Answer.OCCUPIED, scene, day))
    return found, gone


def _widened(incident: Incident) -> Incident:
    """A quiet picture is one moment; who is on it was there somewhat before and after."""
    if incident.evidence is not Evidence.QUIET:
        return incident
    begin, end = incident.first_motion - AROUND, incident.last_seen + AROUND
    return replace(incident, first_motion=begin, last_seen=end)


def _scene(incident: Incident, read: Read) -> Scene | None:
    since = incident.first_motion - BEFORE
    until = min(incident.last_seen, incident.first_motion + LONGEST) + AFTER
    return Past.of(read(since - timedelta(minutes=1), until), since, until).around(incident)


def by_days(some: Sequence[Case]) -> tuple[Cases, Cases]:
    """Split by whole days and in their order: the older to choose on, the newer to report on."""
    ordered = sorted(some, key=lambda one: one.incident.started)
    if not ordered:
        return Cases(), Cases()
    cut = ordered[min(len(ordered) - 1, round(len(ordered) * (1 - NEWER)))].day
    return (
        Cases.of(one for one in ordered if one.day < cut),
        Cases.of(one for one in ordered if one.day >= cut),
    )
