"""Decides again on what the house heard, by the rules of then or by others.

All goes through the live `decide`, in the order of then, from notes of what the house was like at
each start. So the rules of then give the decisions of then, to the last byte.

Most of the time nobody is there, and then most sightings are left out: where a gate fails that only
something seen could open, quiet sightings do nothing, however many. What could still do something
is time itself. It does so late rather than early: a moment comes, and from then on it has come. So
the last sighting and a tick of each minute are tried, and where one does anything, the first that
does is found by halving.
"""

import heapq
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from whosthere.core.decide import decide
from whosthere.core.gates import is_occupied
from whosthere.core.history import EPOCH, Calm, Heard, History, Noted, Place, Stretch
from whosthere.core.incidents import OPENING_SECONDS, look_back_on_quiet, looks_back
from whosthere.core.messages import Action, Message, SensorReading, Tick
from whosthere.core.model import CameraState, Decision, Evidence, House
from whosthere.core.policy import Policy
from whosthere.core.replacing import replaced
from whosthere.core.sighting import Look, Sighting

END = 2**62  # of all sequences
PROBE_SECONDS = 60.0  # between the ticks that are tried while all rest
FEW = 2  # messages, which are decided on sooner than tried

Rules: TypeAlias = Callable[[Policy], Policy]  # from those of then to those to decide by


def as_then(policy: Policy) -> Policy:
    """The rules of then."""
    return policy


class Step(NamedTuple):
    """One message, and what came of it."""

    place: Place
    message: Message
    before: House
    house: House  # afterwards
    policy: Policy
    actions: tuple[Action, ...]

    @property
    def decision(self) -> Decision | None:
        """The verdict on a sighting."""
        if not isinstance(self.message, Sighting):
            return None
        return self.house.camera(self.message.camera).decision


@dataclass(frozen=True, slots=True)
class Rested:
    """Quiet sightings of one camera that are all decided alike."""

    camera: str
    stretch: Stretch
    decision: Decision | None  # on the last of them; none, where it is sure that nothing comes


@dataclass(slots=True)
class Camera:
    """How far a camera has come to rest."""

    seen: Sighting | None = None  # last, if it is not known yet whether that lets it rest
    told: bool = False  # people know all that its incident can tell
    stopped: tuple[str, ...] = ()  # at rest: the gates that failed, in their order
    left_out: list[Stretch] = field(default_factory=list)  # the last of them, not decided on yet

    def rests_at(self, quiet: Sighting) -> bool:
        """Whether nothing comes of more such sightings but what comes by time."""
        judged = quiet.look is Look.NOT_NEEDED  # where none can judge, motion has to, in the end
        return self.told or "area" in self.stopped or (judged and "person" in self.stopped)


def replay(
    history: Iterable[History],
    rules: Rules = as_then,
    *,
    start: House | None = None,
    leave_out: bool = True,
    only_alike: bool = False,
    whole_from: datetime | None = None,
) -> Iterator[Step | Rested]:
    """Decide on all of it. What comes before the first note is passed over, if nothing is given.

    With `only_alike`, no sightings are left out but those that the same gates stop as the last of
    them. From `whole_from` on, nothing is left out.
    """
    again = Again(rules, leave_out=leave_out, only_alike=only_alike)
    if start is not None:
        again.begin(start, again.policy)
    for one in history:
        match one:
            case Noted():
                if one.begins or again.house is None:
                    again.begin(one.house, rules(one.policy))
            case Heard():
                if again.house is not None:
                    yield again.hear(one)
            case Calm():
                if again.house is not None:
                    before, after = _at(one, whole_from)
                    yield from again.calm(before)
                    yield from again.all_of(after.stretches)


class Again:
    """A house that goes through the past."""

    def __init__(self, rules: Rules, *, leave_out: bool, only_alike: bool = False) -> None:
        self.policy = rules(Policy())
        self.house: House | None = None
        self._leave_out = leave_out
        self._only_alike = only_alike
        self._cameras = defaultdict[str, Camera](Camera)
        self._tried: dict[Place, tuple[House, list[Action]]] = {}  # of the house as it is

    def begin(self, house: House, policy: Policy) -> None:
        self.house, self.policy = house, policy
        self._cameras.clear()
        self._tried = {}

    def hear(self, heard: Heard) -> Step:
        """Decide on one message."""
        assert self.house is not None  # noqa: S101 - it has begun
        before, message = self.house, heard.message
        for name, camera in self._cameras.items():
            if camera.left_out and _concerns(message, name, before):
                self._catch_up(name, camera)
        house, actions = decide(self.house, message, self.policy)
        self.house = house
        self._tried = {}
        if isinstance(message, Sighting):
            self._of(message.camera).seen = message
        return Step(heard.place, message, before, house, self.policy, tuple(actions))

    def all_of(self, stretches: Iterable[Stretch]) -> Iterator[Step]:
        for heard in heapq.merge(*stretches, key=_place):
            yield self.hear(heard)

    def calm(self, calm: Calm) -> Iterator[Step | Rested]:
        """Decide on what matters of a time in which nothing happened."""
        stretches: Sequence[Stretch] = calm.stretches
        if not self._leave_out or sum(map(len, stretches)) <= FEW:
            yield from self.all_of(stretches)
            return
        while stretches:
            if not self._all_rest(stretches):
                heard = min((one.heard(0) for one in stretches), key=_place)
            else:
                first = self._first_to_do_something(stretches)
                at = END if first is None else first.place.sequence
                yield from self._left_out(_between(stretches, 0, at))
                if first is None:
                    return
                heard = first
            yield self.hear(heard)
            stretches = _between(stretches, heard.place.sequence + 1, END)

    def _all_rest(self, stretches: Iterable[Stretch]) -> bool:
        for one in stretches:
            if not isinstance(one.like, Sighting):
                continue
            camera = self._of(one.like.camera)
            if camera.seen is not None:
                self._see_whether_it_rests(camera, camera.seen)
            if not camera.rests_at(one.like):
                return False
        return True

    def _see_whether_it_rests(self, camera: Camera, seen: Sighting) -> None:
        assert self.house is not None  # noqa: S101 - it has begun
        rules, state = self.policy.of(seen.camera), self.house.camera(seen.camera)
        incident = state.incident
        camera.seen, camera.told, camera.stopped = None, False, ()
        if rules.least_area <= 0 or rules.person_confidence <= 0:
            return  # then nothing is quiet
        if self._only_alike:
            if incident is not None or len({moment[1:] for moment in state.recent}) > 1:
                return
        elif incident is None:
            second = seen.clock - OPENING_SECONDS
            if any(m.clock > second and is_occupied(m, rules) for m in state.recent):
                return  # an incident may open
        else:
            camera.told = (
                incident.alert_id is not None and incident.evidence is not Evidence.UNCLASSIFIED
            )
        if not camera.told and state.decision is not None:
            failed = [gate.name for gate in state.decision.gates if not gate.passed]
            camera.stopped = tuple(failed)

    def _left_out(self, stretches: Sequence[Stretch]) -> Iterator[Rested]:
        """Remember what of it will be looked back on, and what the last of it says."""
        assert self.house is not None  # noqa: S101 - it has begun
        rested, ticked, devices = list[Rested](), self.house.ticked, self.house.devices
        for stretch in stretches:
            if isinstance(stretch.like, Tick):
                ticked = self._try(stretch.heard(-1))[0].ticked
                continue
            name = stretch.like.camera
            if self._sleeps(name):
                rested.append(Rested(name, stretch, None))
                continue
            house, _ = self._try(stretch.heard(-1))
            rested.append(Rested(name, stretch, house.camera(name).decision))
            if house.devices is not self.house.devices:  # where lights are, it counts how bright
                bright = {**devices.brightness, name: house.devices.brightness[name]}
                devices = replaced(devices, brightness=bright)
        cameras = dict(self.house.cameras)
        for one in rested:
            self._leave(one.stretch, self._of(one.camera))
            if one.decision is not None:
                state = self.house.camera(one.camera)
                cameras[one.camera] = replaced(state, decision=one.decision)
        self.house = replaced(self.house, cameras=cameras, ticked=ticked, devices=devices)
        self._tried = {}
        yield from rested

    def _first_to_do_something(self, stretches: Iterable[Stretch]) -> Heard | None:
        """The first message that changes the house or asks for anything."""
        found = (self._first_of(one) for one in stretches)
        return min((one for one in found if one is not None), key=_place, default=None)

    def _sleeps(self, camera: str) -> bool:
        """Whether a camera at rest has nothing that could end, begin or be told by time."""
        assert self.house is not None  # noqa: S101 - it has begun
        if self._only_alike or self.policy.devices:
            return False
        state = self.house.camera(camera)
        return state.incident is None and state.pending is None

    def _first_of(self, stretch: Stretch) -> Heard | None:
        is_tick, before = isinstance(stretch.like, Tick), -1
        if isinstance(stretch.like, Sighting) and self._sleeps(stretch.like.camera):
            return None
        for index in _some(stretch) if is_tick else [len(stretch) - 1]:
            if self._does_something(stretch.heard(index)):
                fresh = stretch.part(before + 1, index + 1)
                return fresh.heard(bisect_left(fresh, 1, key=self._does_something))
            before = index
        return None

    def _does_something(self, heard: Heard) -> bool:
        assert self.house is not None  # noqa: S101 - it has begun
        house, actions = self._try(heard)
        if actions or house is self.house:
            return bool(actions)
        if isinstance(heard.message, Sighting):
            name = heard.message.camera
            decision = house.camera(name).decision
            gate = decision.first_failed if decision is not None else None
            return self._only_alike and (gate is None or gate.name != self._of(name).stopped[0])
        return replaced(house, ticked=self.house.ticked) != self.house

    def _try(self, heard: Heard) -> tuple[House, list[Action]]:
        """What would come of a message."""
        assert self.house is not None  # noqa: S101 - it has begun
        known = self._tried.get(heard.place)
        if known is None:
            known = self._tried[heard.place] = decide(self.house, heard.message, self.policy)
        return known

    def _leave(self, stretch: Stretch, camera: Camera) -> None:
        """Keep what gates will look back on when something comes."""
        assert isinstance(stretch.like, Sighting)  # noqa: S101 - of a camera
        oldest = stretch.clocks[-1] - looks_back(self.policy.of(stretch.like.camera))
        tail = stretch.part(max(0, bisect_left(stretch.clocks, oldest) - 1), len(stretch))
        kept = [one for one in camera.left_out if one.clocks[-1] >= oldest]
        camera.left_out = [*kept, tail]

    def _catch_up(self, name: str, camera: Camera) -> None:
        """See what was left out, as far as gates look back on it. Nothing comes of that."""
        assert self.house is not None  # noqa: S101 - it has begun
        state, rules = self.house.camera(name), self.policy.of(name)
        recent = state.recent
        for stretch in camera.left_out:
            assert isinstance(stretch.like, Sighting)  # noqa: S101 - of a camera
            recent = look_back_on_quiet(recent, stretch.like, stretch.clocks, rules)
        self.house = _with(self.house, name, replaced(state, recent=recent))
        camera.left_out = []

    def _of(self, camera: str) -> Camera:
        return self._cameras[camera]


def _concerns(message: Message, camera: str, house: House) -> bool:
    """Whether a message may ask what a camera saw in the last seconds, or make that forgotten."""
    if isinstance(message, Sighting):
        return message.camera == camera
    return isinstance(message, SensorReading) or house.camera(camera).incident is not None


def _place(heard: Heard) -> Place:
    return heard.place


def _some(ticks: Stretch) -> Iterator[int]:
    """One of each minute, and the last."""
    index, last = 0, len(ticks) - 1
    while (index := bisect_left(ticks.clocks, ticks.clocks[index] + PROBE_SECONDS)) < last:
        yield index
    yield last


def _at(calm: Calm, moment: datetime | None) -> tuple[Calm, Calm]:
    """Cut where the moment is over, if it is."""
    if moment is None:
        return calm, Calm(())
    microseconds = (moment - EPOCH) // timedelta(microseconds=1)
    cuts = [
        one.sequences[index]
        for one in calm.stretches
        if (index := bisect_left(one.microseconds, microseconds)) < len(one)
    ]
    at = min(cuts, default=END)
    return Calm(tuple(_between(calm.stretches, 0, at))), Calm(
        tuple(_between(calm.stretches, at, END))
    )


def _between(stretches: Iterable[Stretch], begin: int, end: int) -> list[Stretch]:
    """What of these has a sequence from `begin` on and below `end`."""
    cut = [
        one.part(bisect_left(one.sequences, begin), bisect_left(one.sequences, end))
        for one in stretches
    ]
    return [one for one in cut if len(one)]


def _with(house: House, camera: str, state: CameraState) -> House:
    return replaced(house, cameras={**house.cameras, camera: state})
