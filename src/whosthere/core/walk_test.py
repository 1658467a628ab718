"""A walk test: somebody walks about, and is told what was seen of each walk and how fast.

Pure: what is known of each camera is a `Track`, replaced by `saw` with each sighting and what was
decided on it. Nothing here alerts anybody.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from whosthere.core.gates import COOLDOWN
from whosthere.core.model import CameraState, Decision, Gate
from whosthere.core.policy import CameraPolicy
from whosthere.core.sighting import Box, Detection, Look, Scene, Sighting

LONGEST = 600.0  # seconds of a walk test
USUAL = 180.0
OF_PEOPLE = frozenset({"armed", "notifications", "snooze", COOLDOWN})  # gates that say nothing of
# the camera: people opened or shut them, or an alert came a moment ago
EARLIER = 10.0  # s; a sensor that spoke so long before the camera saw somebody saw them too


class Spot(NamedTuple):
    """Where somebody stood, or something moved, at a moment."""

    clock: float
    box: Box
    person: float  # how sure the detector was; 0: something moved


@dataclass(frozen=True, slots=True)
class Walk:
    """One time that something came before a camera, until it was quiet again."""

    camera: str
    number: int
    at: datetime
    began: float  # the first sign of it, by the clock
    last: float
    counted: float | None = None  # when the motion had lasted long enough for an incident
    person: float | None = None  # when somebody was recognised
    alert: float | None = None  # when people would have been told
    surest: float = 0.0
    area: float = 0.0
    zones: frozenset[str] = frozenset()
    person_zones: frozenset[str] = frozenset()
    path: tuple[Spot, ...] = ()
    closest: Decision | None = None  # the decision that came closest to an alert
    sensors: Mapping[str, float] = field(default_factory=dict)  # when each spoke, by the clock

    @property
    def is_unclassified(self) -> bool:
        """Whether people would first have been told of something that nobody could judge."""
        return self.alert is not None and (self.person is None or self.alert < self.person)

    @property
    def stopped_by(self) -> Gate | None:
        """The first gate that would have kept this from people, whatever the mode."""
        if self.alert is not None or self.closest is None:
            return None
        return next(iter(_failed(self.closest)), None)

    def after(self, clock: float | None) -> float | None:
        """Seconds from the first sign of it."""
        return None if clock is None else max(0.0, round(clock - self.began, 1))


@dataclass(frozen=True, slots=True)
class Track:
    """All that a walk test has learned of one camera."""

    camera: str
    rules: CameraPolicy
    asked_rate: float  # pictures a second, as the settings say
    zones: frozenset[str] = frozenset()  # that it has
    sensors: frozenset[str] = frozenset()  # that belong to it
    spoke: Mapping[str, float] = field(default_factory=dict)  # sensors, and when, by the clock
    speaking: frozenset[str] = frozenset()  # sensors that see something now
    walks: tuple[Walk, ...] = ()
    going_on: Walk | None = None
    frames: int = 0
    first: float | None = None
    last: float | None = None
    brightness: float = 0.0  # mean of all
    noise: float = 0.0  # mean of all
    scenes: Mapping[Scene, int] = field(default_factory=dict)
    flickers: int = 0  # times that something moved, and did not count: too small, or too short
    longest: Walk | None = None  # of these
    failed_looks: int = 0
    slowest: float | None = None  # seconds from a picture's arrival to the decision on it
    held_by: Gate | None = None  # of those that people open and shut

    @property
    def rate(self) -> float | None:
        if self.first is None or self.last is None or self.last <= self.first:
            return None
        return (self.frames - 1) / (self.last - self.first)

    @property
    def all_walks(self) -> tuple[Walk, ...]:
        """The one that goes on is the last of them, once it counts."""
        now = self.going_on
        return (*self.walks, now) if now is not None and now.counted is not None else self.walks

    def share(self, scene: Scene) -> float:
        return self.scenes.get(scene, 0) / self.frames if self.frames else 0.0


def saw(
    track: Track, sighting: Sighting, state: CameraState, *, delay: float | None = None
) -> Track:
    """Take note of a sighting, and of what was decided on it."""
    decision = state.decision
    frames = track.frames + 1
    track = replace(
        track,
        frames=frames,
        first=sighting.clock if track.first is None else track.first,
        last=sighting.clock,
        brightness=track.brightness + (sighting.motion.brightness - track.brightness) / frames,
        noise=track.noise + (sighting.motion.noise - track.noise) / frames,
        scenes=Counter(track.scenes) + Counter([sighting.motion.scene]),
        failed_looks=track.failed_looks + (sighting.look is Look.FAILED),
        slowest=_most(track.slowest, delay),
        held_by=_held_by(decision),
    )
    spot = _spot(sighting)
    if spot is None:
        return _quiet(track, sighting.clock)
    track = _quiet(track, sighting.clock)
    walk = track.going_on or _begun(track, sighting)
    return replace(track, going_on=_goes_on(walk, sighting, state, spot))


def heard(track: Track, sensor: str, clock: float, *, active: bool = True) -> Track:
    """Take note of a motion sensor that begins to see something, or ends."""
    if not active:
        return replace(track, speaking=track.speaking - {sensor})
    speaking, spoke = track.speaking | {sensor}, {**track.spoke, sensor: clock}
    track, walk = replace(track, speaking=speaking, spoke=spoke), track.going_on
    if walk is None or sensor in walk.sensors:
        return track
    return replace(track, going_on=replace(walk, sensors={**walk.sensors, sensor: clock}))


def _begun(track: Track, sighting: Sighting) -> Walk:
    """A walk that sensors may have seen before the camera."""
    now = sighting.clock
    sensors = {
        name: clock
        for name, clock in track.spoke.items()
        if name in track.speaking or now - clock <= EARLIER
    }
    number = len(track.walks) + 1
    return Walk(track.camera, number, sighting.at, now, now, sensors=sensors)


def ended(track: Track) -> Track:
    """Let what goes on be over."""
    return _quiet(track, float("inf"))


def _quiet(track: Track, clock: float) -> Track:
    """End the walk if it has been quiet for long enough."""
    walk = track.going_on
    if walk is None or clock - walk.last < track.rules.quiet_seconds:
        return track
    if walk.counted is None:
        longest = max(filter(None, (track.longest, walk)), key=_length)
        return replace(track, going_on=None, flickers=track.flickers + 1, longest=longest)
    return replace(track, going_on=None, walks=(*track.walks, walk))


def _goes_on(walk: Walk, sighting: Sighting, state: CameraState, spot: Spot) -> Walk:
    decision, clock = state.decision, sighting.clock
    gates = {gate.name: gate for gate in decision.gates} if decision else {}
    person = gates.get("person")
    is_person = person is not None and person.passed and isinstance(person.value, float)
    passes = decision is not None and not _failed(decision) and state.incident is not None
    people = [found for found in sighting.detections if found.is_moving_person]
    return replace(
        walk,
        last=clock,
        counted=_first(walk.counted, clock, now=state.incident is not None),
        person=_first(walk.person, clock, now=is_person),
        alert=_first(walk.alert, clock, now=passes),
        surest=max(walk.surest, sighting.person_confidence),
        area=max(walk.area, sighting.motion.area),
        zones=walk.zones | sighting.motion.zones,
        person_zones=walk.person_zones.union(*(found.zones for found in people)),
        path=(*walk.path, spot),
        closest=_closest(walk.closest, decision),
    )


def _first(known: float | None, clock: float, *, now: bool) -> float | None:
    return clock if known is None and now else known


def _closest(one: Decision | None, other: Decision | None) -> Decision | None:
    """The decision that fewer gates kept from people; the later one of two that are alike."""
    if one is None or other is None:
        return one or other
    return other if len(_failed(other)) <= len(_failed(one)) else one


def _failed(decision: Decision) -> list[Gate]:
    return [gate for gate in decision.gates if not gate.passed and gate.name not in OF_PEOPLE]


def _held_by(decision: Decision | None) -> Gate | None:
    gates = decision.gates if decision else ()
    held = OF_PEOPLE - {COOLDOWN}
    return next((gate for gate in gates if gate.name in held and not gate.passed), None)


def _most(known: float | None, more: float | None) -> float | None:
    return more if known is None else known if more is None else max(known, more)


def _spot(sighting: Sighting) -> Spot | None:
    """Where somebody is, or else the largest thing that moves; nowhere, if all changes at once."""
    people = [found for found in sighting.detections if found.is_moving_person]
    if people:
        surest = max(people, key=_confidence)
        return Spot(sighting.clock, surest.box, surest.confidence)
    if sighting.motion.scene is Scene.STEADY and sighting.motion.boxes:
        return Spot(sighting.clock, sighting.motion.boxes[0], 0.0)
    return None


def _length(walk: Walk) -> float:
    return walk.last - walk.began


def _confidence(found: Detection) -> float:
    return found.confidence
