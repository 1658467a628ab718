"""Decides again on what the house heard, by the rules of then or by others.

All goes through the live `decide`, in the order of then, from notes of what the house was like at
each start. So the rules of then give the decisions of then, to the last byte.

Most of the time nobody is there, and then most sightings are left out: of a camera whose gates look
back on nothing but quiet, a further quiet sighting is decided like the one before and
changes nothing that counts. What could still change is time itself, so the last sighting and a tick
of each minute are tried; where either does anything, all of that time is gone through.
"""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from whosthere.core.decide import decide
from whosthere.core.history import EPOCH, Calm, Heard, History, Noted, Place, Stretch
from whosthere.core.incidents import OPENING_SECONDS, look_back
from whosthere.core.messages import Action, Message, Tick
from whosthere.core.model import CameraState, Decision, House, Sighting, Verdict
from whosthere.core.policy import Policy

END = 2**62  # of all sequences
PROBE_SECONDS = 60.0  # between the ticks that are tried while all rest
# Gates that ask only for what was seen. While one of them fails, time alone opens no way.
SEEN = frozenset({"area", "person"})

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
    decision: Decision  # on the last of them


@dataclass(slots=True)
class Camera:
    """How far a camera has come to rest."""

    rests: bool = False
    stopped: str | None = None  # at rest: the first gate that failed
    left_out: list[Stretch] = field(default_factory=list)  # the last of them, not decided on yet


def replay(
    history: Iterable[History],
    rules: Rules = as_then,
    *,
    start: House | None = None,
    leave_out: bool = True,
    whole_from: datetime | None = None,
) -> Iterator[Step | Rested]:
    """Decide on all of it. What comes before the first note is passed over, if nothing is given.

    From `whole_from` on, nothing is left out.
    """
    again = Again(rules, leave_out=leave_out)
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

    def __init__(self, rules: Rules, *, leave_out: bool) -> None:
        self.policy = rules(Policy())
        self.house: House | None = None
        self._leave_out = leave_out
        self._cameras: dict[str, Camera] = {}

    def begin(self, house: House, policy: Policy) -> None:
        self.house, self.policy = house, policy
        self._cameras = {}

    def hear(self, heard: Heard) -> Step:
        """Decide on one message."""
        message = heard.message
        if isinstance(message, Sighting):
            self._catch_up(message.camera)
            self._of(message.camera).rests = False
        return self._decide(heard)

    def calm(self, calm: Calm) -> Iterator[Step | Rested]:
        """Decide on what matters of a time in which nothing happened."""
        if not self._leave_out:
            yield from self.all_of(calm.stretches)
            return
        begin = 0
        if not self._all_rest(calm):
            begin = END
            for step in self.all_of(calm.stretches):
                yield step
                if self._all_rest(calm):
                    begin = step.place.sequence + 1
                    break
        yield from self._at_rest(_between(calm.stretches, begin, END))

    def _all_rest(self, calm: Calm) -> bool:
        assert self.house is not None  # noqa: S101 - it has begun
        for stretch in calm.stretches:
            if isinstance(stretch.like, Sighting) and not self._of(stretch.like.camera).rests:
                return False
        return all(
            camera.rests or self.house.camera(name).incident is None
            for name, camera in self._cameras.items()
        )

    def _looks_back(self, camera: str) -> float:
        return max(self.policy.of(camera).window_seconds, OPENING_SECONDS)

    def all_of(self, stretches: Iterable[Stretch]) -> Iterator[Step]:
        for heard in heapq.merge(*stretches, key=lambda heard: heard.place):
            message = heard.message
            if isinstance(message, Sighting):
                self._catch_up(message.camera)
            step = self._decide(heard)
            if isinstance(message, Sighting):
                self._see_whether_it_rests(message.camera)
            yield step

    def _decide(self, heard: Heard) -> Step:
        assert self.house is not None  # noqa: S101 - it has begun
        before = self.house
        self.house, actions = decide(before, heard.message, self.policy)
        return Step(heard.place, heard.message, before, self.house, self.policy, tuple(actions))

    def _see_whether_it_rests(self, name: str) -> None:
        """A camera rests when all that its gates look back on is as quiet as what it shows."""
        camera = self._of(name)
        assert self.house is not None  # noqa: S101 - it has begun
        state = self.house.camera(name)
        camera.stopped = _stopped(state.decision)
        camera.rests = (
            state.incident is None
            and camera.stopped is not None
            and len({moment[1:] for moment in state.recent}) == 1  # alike but for their clocks
        )

    def _at_rest(self, stretches: Sequence[Stretch]) -> Iterator[Step | Rested]:
        """Leave sightings out, and hear the ticks that do something."""
        while stretches:
            tick = self._first_to_do_something(stretches)
            if tick is None:
                yield from self._left_out(stretches)
                return
            at = tick.place.sequence
            yield from self._left_out(_between(stretches, 0, at))
            yield self._decide(tick)
            stretches = _between(stretches, at + 1, END)

    def _left_out(self, stretches: Sequence[Stretch]) -> Iterator[Step | Rested]:
        """Decide on the last sighting of each camera only, unless that turns out otherwise."""
        assert self.house is not None  # noqa: S101 - it has begun
        decided, ticks = list[Rested](), None
        brightness = dict(self.house.devices.brightness)
        for stretch in stretches:
            if isinstance(stretch.like, Tick):
                ticks = stretch
                continue
            camera = self._of(stretch.like.camera)
            house, actions = decide(self.house, stretch.heard(-1).message, self.policy)
            decision = house.camera(stretch.like.camera).decision
            if not camera.rests or actions or _stopped(decision) != camera.stopped:
                yield from self.all_of(stretches)
                return
            assert decision is not None  # noqa: S101 - it was just made
            decided.append(Rested(stretch.like.camera, stretch, decision))
            brightness |= house.devices.brightness
        if brightness != self.house.devices.brightness:
            devices = replace(self.house.devices, brightness=brightness)
            self.house = replace(self.house, devices=devices)
        for one in decided:
            self._leave(one.stretch, self._of(one.camera))
            state = replace(self.house.camera(one.camera), decision=one.decision)
            self.house = _with(self.house, one.camera, state)
        yield from decided
        if ticks is not None:  # the house remembers when it last was told the time
            yield self._decide(ticks.heard(-1))

    def _first_to_do_something(self, stretches: Iterable[Stretch]) -> Heard | None:
        """The first tick that changes the house or asks for anything. What it does, it does late.

        That is how time works on rules: a moment comes, and from then on it has come.
        """
        for ticks in (one for one in stretches if isinstance(one.like, Tick)):
            before = -1
            for index in _some(ticks):
                if self._does_something(ticks.heard(index)):
                    fresh = ticks.part(before + 1, index + 1)
                    return fresh.heard(bisect_left(fresh, 1, key=self._does_something))
                before = index
        return None

    def _does_something(self, tick: Heard) -> bool:
        assert self.house is not None  # noqa: S101 - it has begun
        house, actions = decide(self.house, tick.message, self.policy)
        if actions or house is self.house:
            return bool(actions)
        return replace(house, ticked=self.house.ticked) != self.house

    def _leave(self, stretch: Stretch, camera: Camera) -> None:
        """Keep what gates will look back on when something comes."""
        assert isinstance(stretch.like, Sighting)  # noqa: S101 - of a camera
        oldest = stretch.clocks[-1] - self._looks_back(stretch.like.camera)
        tail = stretch.part(max(0, bisect_left(stretch.clocks, oldest) - 1), len(stretch))
        kept = [one for one in camera.left_out if one.clocks[-1] >= oldest]
        camera.left_out = [*kept, tail]

    def _catch_up(self, name: str) -> None:
        """See what was left out, as far as gates look back on it. Nothing comes of that."""
        camera = self._of(name)
        if not camera.left_out:
            return
        assert self.house is not None  # noqa: S101 - it has begun
        state, rules = self.house.camera(name), self.policy.of(name)
        recent = state.recent
        for stretch in camera.left_out:
            for heard in stretch:
                assert isinstance(heard.message, Sighting)  # noqa: S101 - of a camera
                recent = look_back(recent, heard.message, rules)
        self.house = _with(self.house, name, replace(state, recent=recent))
        camera.left_out = []

    def _of(self, camera: str) -> Camera:
        return self._cameras.setdefault(camera, Camera())


def _stopped(decision: Decision | None) -> str | None:
    """The first gate that failed, if nothing came of the sighting and nothing soon will."""
    if decision is None or decision.verdict is not Verdict.QUIET:
        return None
    failed = [gate.name for gate in decision.gates if not gate.passed]
    return failed[0] if SEEN.intersection(failed) else None


def _some(ticks: Stretch) -> Iterator[int]:
    """One of each minute, and the last."""
    index = 0
    while index < len(ticks) - 1:
        yield index
        index = max(index + 1, bisect_left(ticks.clocks, ticks.clocks[index] + PROBE_SECONDS))
    yield len(ticks) - 1


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
    return replace(house, cameras={**house.cameras, camera: state})
