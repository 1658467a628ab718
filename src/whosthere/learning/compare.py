"""What people were told, and what they would have been told by other rules."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from whosthere.core.history import Calm, Heard, History
from whosthere.core.messages import Remember
from whosthere.core.model import Answer, Decision, Evidence, Incident, Verdict
from whosthere.learning.past import closeness
from whosthere.learning.replay import Rules, Step, replay

NEAR = timedelta(seconds=2)  # that far from each other, two incidents may be the same visit


class Change(StrEnum):
    """What became of an incident by other rules."""

    VISIT_KEPT = "visit kept"
    VISIT_LOST = "visit lost"
    VISIT_FOUND = "visit found"  # nobody was told then
    VISIT_MISSED = "visit missed"  # then and now
    FALSE_KEPT = "false alarm kept"
    FALSE_GONE = "false alarm gone"
    FALSE_NEW = "new false alarm"
    FALSE_QUIET = "nothing told, rightly"  # then and now
    KEPT = "told as before"  # of these nobody has said what they were
    GONE = "no longer told"
    NEW = "newly told"
    QUIET = "nobody told, as before"


# by what people said (None: nothing), whether they were told then, and whether they would be now
CHANGES = {
    (Answer.OCCUPIED, True, True): Change.VISIT_KEPT,
    (Answer.OCCUPIED, True, False): Change.VISIT_LOST,
    (Answer.OCCUPIED, False, True): Change.VISIT_FOUND,
    (Answer.OCCUPIED, False, False): Change.VISIT_MISSED,
    (Answer.UNOCCUPIED, True, True): Change.FALSE_KEPT,
    (Answer.UNOCCUPIED, True, False): Change.FALSE_GONE,
    (Answer.UNOCCUPIED, False, True): Change.FALSE_NEW,
    (Answer.UNOCCUPIED, False, False): Change.FALSE_QUIET,
    (None, True, True): Change.KEPT,
    (None, True, False): Change.GONE,
    (None, False, True): Change.NEW,
    (None, False, False): Change.QUIET,
}


@dataclass(frozen=True, slots=True)
class Visit:
    """An incident as some rules see it."""

    incident: Incident
    decision: Decision | None = None  # the one that told, or came closest to it

    @property
    def told(self) -> bool:
        return self.incident.alerted_at is not None and self.incident.evidence is not Evidence.QUIET

    @property
    def stopped_by(self) -> str | None:
        """The first gate that failed, where nobody is told."""
        gate = None if self.told or self.decision is None else self.decision.first_failed
        return gate.name if gate else None


@dataclass(frozen=True, slots=True)
class Compared:
    """One incident, then and now."""

    incident: Incident  # of then; of now, where there was none
    answer: Answer | None
    then: bool  # whether people were told
    now: bool
    stopped_by: str | None  # the gate that stops it now, if one is known

    @property
    def change(self) -> Change:
        return CHANGES[self.answer, self.then, self.now]

    @property
    def differs(self) -> bool:
        return self.then is not self.now


@dataclass(frozen=True, slots=True)
class Report:
    """All of one camera."""

    camera: str
    compared: tuple[Compared, ...]  # by time
    alerts_then: int  # several visits may share one
    alerts_now: int

    def count(self, *changes: Change) -> int:
        return sum(one.change in changes for one in self.compared)


@dataclass(slots=True)
class Lived:
    """The incidents of a replay."""

    visits: dict[str, Visit] = field(default_factory=dict)
    _closest: dict[str, Step] = field(default_factory=dict)

    def saw(self, step: Step) -> None:
        for action in step.actions:
            if isinstance(action, Remember) and isinstance(action.what, Incident):
                known = self._closest.get(action.what.id)
                self.visits[action.what.id] = Visit(action.what, known.decision if known else None)
        decision = step.decision
        incident = step.house.camera(decision.camera).incident if decision else None
        if decision is None or incident is None or decision.verdict is Verdict.TOLD:
            return
        known = self._closest.get(incident.id)
        if known is None or closeness(step) > closeness(known):
            self._closest[incident.id] = step


def incidents_by(
    history: Iterable[History], rules: Rules, since: datetime, until: datetime
) -> list[Visit]:
    """Replay, and return the incidents that began in this time."""
    lived = Lived()
    for step in replay(history, rules):
        if isinstance(step, Step):
            lived.saw(step)
    found = (one for one in lived.visits.values() if since <= one.incident.started < until)
    return sorted(found, key=lambda one: one.incident.started)


def compare(
    then: Sequence[Incident], now: Sequence[Visit], answers: Mapping[str, Answer]
) -> list[Report]:
    """Put both beside each other, by camera."""
    visits = [Visit(incident) for incident in then if incident.evidence is not Evidence.QUIET]
    cameras = sorted({one.incident.camera for one in (*visits, *now)})
    return [
        _report(
            camera,
            [one for one in visits if one.incident.camera == camera],
            [one for one in now if one.incident.camera == camera],
            answers,
        )
        for camera in cameras
    ]


def _report(
    camera: str, then: list[Visit], now: list[Visit], answers: Mapping[str, Answer]
) -> Report:
    near = _by_hour(now)
    same = {one.incident.id: _same_as(one, near) for one in then}
    compared = [_compared(one, same[one.incident.id], answers) for one in then]
    known = {other.incident.id for others in same.values() for other in others}
    compared += [
        Compared(one.incident, None, then=False, now=one.told, stopped_by=one.stopped_by)
        for one in now
        if one.incident.id not in known
    ]
    compared.sort(key=lambda one: one.incident.started)
    return Report(camera, tuple(compared), _alerts(then), _alerts(now))


def _compared(then: Visit, now: list[Visit], answers: Mapping[str, Answer]) -> Compared:
    stopped = [one.stopped_by for one in now if one.stopped_by]
    told = any(one.told for one in now)
    return Compared(
        then.incident,
        answers.get(then.incident.id),
        then.told,
        told,
        None if told else stopped[0] if stopped else NO_INCIDENT,
    )


NO_INCIDENT = "no incident"


def _same_as(one: Visit, near: Mapping[int, list[tuple[int, Visit]]]) -> list[Visit]:
    """Of visits by hour those that are the same one, in their order."""
    some = {number: other for hour in _hours(one) for number, other in near.get(hour, [])}
    return [some[number] for number in sorted(some) if _same(one, some[number])]


def _same(one: Visit, other: Visit) -> bool:
    a, b = one.incident, other.incident
    return a.first_motion - NEAR <= b.last_seen and b.first_motion - NEAR <= a.last_seen


def _by_hour(visits: Sequence[Visit]) -> dict[int, list[tuple[int, Visit]]]:
    """Visits with their numbers, by each hour that they touch: not all need be held to all."""
    found = defaultdict[int, list[tuple[int, Visit]]](list)
    for number, visit in enumerate(visits):
        for hour in _hours(visit):
            found[hour].append((number, visit))
    return found


def _hours(visit: Visit) -> range:
    begins, ends = visit.incident.first_motion - NEAR, visit.incident.last_seen + NEAR
    return range(int(begins.timestamp() // 3600), int(ends.timestamp() // 3600) + 1)


def _alerts(visits: Iterable[Visit]) -> int:
    return len({one.incident.alert_id for one in visits if one.told})


def watched(
    history: Iterable[History], show: Callable[[datetime], object], every: int = 200
) -> Iterator[History]:
    """Pass a history on, and now and then tell how far it has come."""
    for number, one in enumerate(history):
        if number % every == 0:
            match one:
                case Calm():
                    show(one.stretches[0].at(-1))
                case Heard():
                    at = getattr(one.message, "at", None)
                    if isinstance(at, datetime):
                        show(at)
                case _:
                    show(one.at)
        yield one
