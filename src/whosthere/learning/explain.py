"""Which number, moved how little, would have turned a decision: found by deciding again.

A scene is lived through again with one number of the camera's policy moved. Nothing is guessed from
the gates: where they suggest a value, that value and the next smaller move are tried, and otherwise
the edge is searched by halving, between a value that does not turn it and one that does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from whosthere.core.decide import decide
from whosthere.core.looks import two_surest
from whosthere.core.messages import Message
from whosthere.core.model import Gate, House, Verdict
from whosthere.core.modes import ArmState, Controls, Mode
from whosthere.core.people import Switch
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import Sighting

TOLD = frozenset({Verdict.ALERT, Verdict.JOINED, Verdict.TOLD, Verdict.PENDING})
STEPS = {"s": 0.001}  # the smallest move of a number, by its unit; of shares it is
SHARE_STEP = 0.0001
NUMBERS = {"area": "least_area", "occupied": "occupied_share", "person": "person_confidence",
           "cooldown": "cooldown", "likely": "least_likelihood"}  # fmt: skip
UNSURE = "unsure_confidence"
SEEN = frozenset({"least_area", "person_confidence", "unsure_confidence", "least_likelihood"})
# what people set, and no number, by the gate that asks for it
SET_BY_PEOPLE = ("armed", "notifications", "snooze", "zone", "sensor")


@dataclass(frozen=True, slots=True)
class Scene:
    """Some seconds of one camera, with what the house was like before them."""

    camera: str
    house: House
    heard: tuple[Message, ...]
    policy: Policy
    since: datetime | None = None  # only what people are told from then on counts

    def told(self, policy: Policy | None = None) -> bool:
        """Whether people know of it by its end."""
        house, policy = self.house, policy or self.policy
        for message in self.heard:
            house, _ = decide(house, message, policy)
            if isinstance(message, Sighting) and message.camera == self.camera:
                decision = house.camera(self.camera).decision
                counts = self.since is None or message.at >= self.since
                if counts and decision is not None and decision.verdict in TOLD:
                    return True
        return False

    def largest(self) -> dict[str, float]:
        """The largest values that gates found, by their numbers."""
        house, found = self.house, dict[str, float]()
        for message in self.heard:
            house, _ = decide(house, message, self.policy)
            state = house.camera(self.camera)
            decision = state.decision
            _, second = two_surest(state.recent)
            suggested = [*_suggested(decision.gates if decision else ()), (UNSURE, second)]
            for name, value in suggested:
                found[name] = max(value, found.get(name, 0.0))
        return found

    def with_number(self, name: str, value: float) -> "Scene":
        changes: dict[str, Any] = {name: value}
        rules = replace(self.policy.of(self.camera), **changes)
        cameras = {**self.policy.cameras, self.camera: rules}
        return replace(self, policy=replace(self.policy, cameras=cameras))


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the policy, as it can be moved."""

    name: str
    least: float
    most: float
    unit: str

    @property
    def step(self) -> float:
        return STEPS.get(self.unit, SHARE_STEP)

    @property
    def digits(self) -> int:
        return 3 if self.unit in STEPS else 4

    def rounded(self, value: float) -> float:
        return round(min(self.most, max(self.least, value)), self.digits)


@dataclass(frozen=True, slots=True)
class Move:
    """A number of a camera's policy, from what it was to what turns the decision."""

    number: Number
    was: float
    to: float

    @property
    def size(self) -> float:
        """How far it moves, as a share of what it was: so that seconds and shares compare."""
        return abs(self.to - self.was) / max(abs(self.was), self.number.step)


@dataclass(frozen=True, slots=True)
class Turn:
    """What together would have turned a decision: words of people, and numbers."""

    people: tuple[str, ...]  # gates that ask for what people set
    moves: tuple[Move, ...]


def numbers() -> tuple[Number, ...]:
    """All numbers of a policy that decide whether people are told."""
    found = [
        Number(one.name, _least(one.name, about["least"]), about["most"], about["unit"])
        for one in fields(CameraPolicy)
        if (about := one.metadata)
    ]
    return tuple(one for one in found if one.name != "escalate_after")


def _least(name: str, least: float) -> float:
    """A limit of nothing, which an empty picture passes too, is no change anybody would make."""
    return max(least, SHARE_STEP) if name in SEEN else least


def turn(scene: Scene, gates: Sequence[Gate]) -> Turn | None:
    """Find the smallest change that turns whether people are told; none if nothing would."""
    move = smallest_move(scene, gates)
    if move is not None:
        return Turn((), (move,))
    if scene.told():
        moves = _silencing(scene, gates)
        return Turn((), moves) if moves else None
    failed = [gate for gate in gates if not gate.passed]
    people = tuple(gate.name for gate in failed if gate.name in SET_BY_PEOPLE)
    freed = _freed(scene, people)
    if people and freed.told():
        return Turn(people, ())
    move = smallest_move(freed, gates) if people else None
    if move is not None:
        return Turn(people, (move,))
    moves = _together(freed, failed)
    return Turn(people, moves) if moves else None


def smallest_move(scene: Scene, gates: Iterable[Gate]) -> Move | None:
    """Find the one number that turns it with the smallest move, as a share of what it is.

    What gates suggest is tried first: the rest has only to be searched as far as would be better.
    """
    told, rules = scene.told(), scene.policy.of(scene.camera)
    suggested = dict(_suggested(gates))
    if told:
        suggested |= scene.largest()
    ways = [
        Way(scene, number, getattr(rules, number.name), end, told=told)
        for number in numbers()
        if _may_turn(number, rules)
        for end in (number.least, number.most)
    ]
    best: Move | None = None
    for way in ways:
        best = way.suggested(suggested.get(way.number.name), best) or best
    for way in ways:
        if best is None or not way.leads_to(best):
            best = way.searched(best) or best
    return best


def _may_turn(number: Number, rules: CameraPolicy) -> bool:
    """Whether anything hangs on a number: it need not be tried if nothing does.

    Soon after an alert, a visit joins it, so people are told of it whatever the cooldown is.
    """
    return number.name != "cooldown" and (number.name != "least_likelihood" or bool(rules.weights))


def _suggested(gates: Iterable[Gate]) -> Iterator[tuple[str, float]]:
    """Where an edge may be: a gate passes up to its value."""
    for gate in gates:
        if gate.name in NUMBERS and isinstance(gate.value, (int, float)):
            yield NUMBERS[gate.name], float(gate.value)


@dataclass(frozen=True, slots=True)
class Way:
    """A number of a scene, to be moved towards an end of its range, only as far as it must."""

    scene: Scene
    number: Number
    was: float
    end: float
    told: bool
    _tried: dict[float, bool] = field(default_factory=dict)

    def leads_to(self, move: Move) -> bool:
        return move.number is self.number and (move.to > self.was) is (self.end > self.was)

    def suggested(self, value: float | None, best: Move | None) -> Move | None:
        """See whether the edge is where a gate says, or a step beyond."""
        far = self._far(best)
        for edge in () if value is None else (value, value + self._step):
            if self.was < edge <= far or far <= edge < self.was:
                to = self.number.rounded(edge)
                if self._turns(to) and not self._turns(self.number.rounded(to - self._step)):
                    return Move(self.number, self.was, to)
        return None

    def searched(self, best: Move | None) -> Move | None:
        """Search the edge by halving, as far as would be better than what is known."""
        far, number = self._far(best), self.number
        if abs(far - self.was) < number.step / 2 or not self._turns(far):
            return None
        steps = round(abs(far - self.was) / number.step)
        low, high = 0, steps  # of steps away: does not turn it, and turns it
        while high - low > 1:
            middle = (low + high) // 2
            if self._turns(number.rounded(self.was + middle * self._step)):
                high = middle
            else:
                low = middle
        to = far if high == steps else number.rounded(self.was + high * self._step)
        return Move(number, self.was, to)

    @property
    def _step(self) -> float:
        return self.number.step if self.end > self.was else -self.number.step

    def _far(self, best: Move | None) -> float:
        if best is None:
            return self.end
        reach = best.size * max(abs(self.was), self.number.step)
        up = self.end > self.was
        far = min(self.end, self.was + reach) if up else max(self.end, self.was - reach)
        return self.number.rounded(far)

    def _turns(self, value: float) -> bool:
        if value not in self._tried:
            scene = self.scene.with_number(self.number.name, value)
            self._tried[value] = scene.told() is not self.told
        return self._tried[value]


def _freed(scene: Scene, people: Iterable[str]) -> Scene:
    """The same where people had set nothing against an alert."""
    house, policy = scene.house, scene.policy
    for name in people:
        match name:
            case "armed":
                modes = policy.of(scene.camera).alerts_in
                mode = Mode.AWAY if Mode.AWAY in modes or not modes else min(modes)
                house = _in_mode(house, mode)
            case "notifications":
                house = replace(
                    house, controls=replace(house.controls, notifications=True, quiet_until=None)
                )
            case "snooze":
                house = replace(
                    house, controls=replace(house.controls, snoozed=None, snoozed_cameras={})
                )
            case "zone":
                rules = replace(policy.of(scene.camera), zones=frozenset())
                policy = replace(policy, cameras={**policy.cameras, scene.camera: rules})
            case "sensor":
                switches = house.controls.switches - {Switch.MOTION_SENSORS}
                house = replace(house, controls=replace(house.controls, switches=switches))
            case _:
                pass
    only_seen = tuple(one for one in scene.heard if isinstance(one, Sighting))
    return replace(scene, house=house, policy=policy, heard=only_seen if people else scene.heard)


def _in_mode(house: House, mode: Mode) -> House:
    """Armed by nobody, for any time."""
    state = ArmState(mode, house.arm_state.since, "to see what would have been")
    controls: Controls = replace(house.controls, modes={})
    return replace(house, arm_state=state, controls=controls)


def _silencing(scene: Scene, gates: Sequence[Gate]) -> tuple[Move, ...]:
    """Ask for a surer person, and for more of what is told where nobody is sure."""
    person = next(one for one in numbers() if one.name == "person_confidence")
    was = scene.policy.of(scene.camera).person_confidence
    sure = scene.with_number(person.name, person.most)
    other = smallest_move(sure, gates)
    if other is None:
        return ()
    rest = scene.with_number(other.number.name, other.to)
    suggested = scene.largest().get(person.name)
    way = Way(rest, person, was, person.most, told=True)
    move = way.suggested(suggested, None) or way.searched(None)
    return (move, other) if move else ()


def _together(scene: Scene, failed: Sequence[Gate]) -> tuple[Move, ...]:
    """Move the numbers of all gates that failed, each as little as the others allow."""
    rules = scene.policy.of(scene.camera)
    by_name = {number.name: number for number in numbers()}
    named = [by_name[NUMBERS[gate.name]] for gate in failed if gate.name in NUMBERS]
    loose = scene
    for number in named:
        loose = loose.with_number(number.name, number.least)
    if not named or not loose.told():
        return ()
    moves = []
    for number in named:
        was = getattr(rules, number.name)
        low, high = 0, round((was - number.least) / number.step)
        while high - low > 1:
            middle = (low + high) // 2
            if loose.with_number(number.name, number.rounded(was - middle * number.step)).told():
                high = middle
            else:
                low = middle
        to = number.rounded(was - high * number.step)
        loose = loose.with_number(number.name, to)
        moves.append(Move(number, was, to))
    return tuple(moves)
