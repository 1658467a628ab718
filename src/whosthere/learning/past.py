"""Moments of the past as they were decided, and the scenes around them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from whosthere.core.history import History
from whosthere.core.messages import Tick
from whosthere.core.model import Decision, Incident, Verdict
from whosthere.core.sighting import Scene as Light
from whosthere.core.sighting import Sighting
from whosthere.learning.explain import TOLD, Scene
from whosthere.learning.replay import Rested, Rules, Step, as_then, replay

LEAD = timedelta(seconds=40)  # of a scene before what is asked about
BEFORE = timedelta(seconds=6)  # of an incident, so that gates have something to look back on
LOOKED_BACK = 1.5  # s of quiet; more of it changes nothing
LONGEST = timedelta(seconds=60)  # of a scene
SIZES = ("area", "occupied", "person")
RANKS = {Verdict.ALERT: 5, Verdict.JOINED: 4, Verdict.PENDING: 3, Verdict.TOLD: 2,
         Verdict.WATCHING: 1}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """What was decided in some time, and somewhat before."""

    steps: tuple[Step, ...]
    since: datetime
    until: datetime

    @classmethod
    def of(
        cls,
        history: Iterable[History],
        since: datetime,
        until: datetime,
        rules: Rules = as_then,
    ) -> "Past":
        """Live through it again, by the rules of then or by others."""
        begin = since - LEAD
        steps = [
            step
            for step in replay(history, rules, whole_from=begin)
            if isinstance(step, Step)
            and (not isinstance(step.message, (Sighting, Tick)) or step.message.at >= begin)
        ]
        return cls(tuple(steps), since, until)

    def decided(self, camera: str) -> list[Step]:
        """The steps of this time that decided on a sighting of a camera."""
        return [
            step
            for step in self.steps
            if isinstance(step.message, Sighting)
            and step.message.camera == camera
            and self.since <= step.message.at < self.until
        ]

    def closest(self, camera: str) -> Step | None:
        """The step that told people, or else came closest to it."""
        return max(self.decided(camera), key=closeness, default=None)

    def before(self, last: Step) -> Scene:
        """The scene that ends with a step: as much before as an incident took, or some seconds."""
        assert isinstance(last.message, Sighting)  # noqa: S101 - it has a decision
        camera, at = last.message.camera, last.message.at
        incident = last.house.camera(camera).incident
        motion = at if incident is None else incident.first_motion
        return self._scene(camera, max(motion - BEFORE, at - LEAD), last)

    def around(self, incident: Incident) -> Scene | None:
        """The scene of a whole incident, or of its first minute."""
        begin = incident.first_motion
        until = min(incident.last_seen, begin + LONGEST) + timedelta(seconds=1)
        within = [step for step in self.decided(incident.camera) if step.message.at <= until]  # type: ignore[union-attr] # a sighting
        return self._scene(incident.camera, begin - BEFORE, within[-1], begin) if within else None

    def _scene(
        self, camera: str, begin: datetime, last: Step, since: datetime | None = None
    ) -> Scene:
        some: list[Step] = []
        for step in self.steps:
            if step.place > last.place or step.place.run != last.place.run:
                continue
            if some or (isinstance(step.message, Sighting) and step.message.at >= begin):
                some.append(step)
        some = some[_quiet_begin(some, camera) :]
        heard = tuple(step.message for step in some if _matters(step, camera))
        return Scene(camera, some[0].before, heard, last.policy, since)


def _quiet_begin(steps: Sequence[Step], camera: str) -> int:
    """How many steps may be left out at the beginning, in which gates find nothing to look at."""
    begin, motion = 0, None
    for step in steps:
        message = step.message
        if isinstance(message, Sighting) and message.camera == camera and _shows(message):
            motion = message.clock
            break
    while motion is not None and begin < len(steps):
        message = steps[begin].message
        if isinstance(message, Sighting) and message.clock >= motion - LOOKED_BACK:
            break
        begin += 1
    return begin


def _shows(sighting: Sighting) -> bool:
    motion = sighting.motion
    return bool(motion.boxes or motion.area or sighting.detections) or (
        motion.scene is not Light.STEADY
    )


def _matters(step: Step, camera: str) -> bool:
    message = step.message
    if isinstance(message, Sighting):
        return message.camera == camera
    return bool(step.actions) or not isinstance(message, Tick)


def closeness(step: Step) -> tuple[float, ...]:
    """How close a decision came to telling people."""
    decision = step.decision
    assert decision is not None  # noqa: S101 - these decided on something
    gates = decision.gates
    failed = [number for number, gate in enumerate(gates) if not gate.passed]
    first = failed[0] if failed else len(gates)
    sizes = [float(g.value) for g in gates if g.name in SIZES and isinstance(g.value, (int, float))]
    return (RANKS.get(decision.verdict, 0), first, -len(failed), *sizes[::-1])


@dataclass(slots=True)
class Stopped:
    """What came of a stretch of time at one camera: by the gate that stopped it."""

    sightings: Counter[str] = field(default_factory=Counter)
    incidents: Counter[str] = field(default_factory=Counter)
    told: int = 0  # incidents
    known: int = 0  # sightings of which people knew

    @property
    def all_sightings(self) -> int:
        return self.sightings.total() + self.known

    def saw(self, decision: Decision, count: int = 1) -> None:
        gate = decision.first_failed
        if decision.verdict in TOLD or gate is None:
            self.known += count
        else:
            self.sightings[gate.name] += count


def stopped(
    history: Iterable[History], since: datetime, until: datetime, cameras: Sequence[str]
) -> dict[str, Stopped]:
    """Count which gate stopped how much, by camera."""
    found = {camera: Stopped() for camera in cameras}
    closest: dict[str, Step] = {}
    for one in replay(history, only_alike=True):
        if isinstance(one, Rested):
            count = sum(since <= one.stretch.at(i) < until for i in range(len(one.stretch)))
            if one.camera in found and one.decision is not None and count:
                found[one.camera].saw(one.decision, count)
            continue
        decision = one.decision
        if decision is not None and since <= decision.at < until and decision.camera in found:
            found[decision.camera].saw(decision)
            incident = one.house.camera(decision.camera).incident
            if incident is not None:
                known = closest.get(incident.id)
                if known is None or closeness(one) > closeness(known):
                    closest[incident.id] = one
    for step in closest.values():
        decision = step.decision
        assert decision is not None  # noqa: S101 - seen above
        gate, camera = decision.first_failed, found[decision.camera]
        if decision.verdict in TOLD or gate is None:
            camera.told += 1
        else:
            camera.incidents[gate.name] += 1
    return found
