"""Gates in words: what each asks, what it found, and what would have passed."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from whosthere.core.model import Decision, Gate
from whosthere.core.spans import span
from whosthere.learning.explain import Move, Turn
from whosthere.learning.past import Stopped

Number: TypeAlias = float | str


def gate_lines(decision: Decision) -> list[str]:
    """All gates in their order, with value and limit; the first that failed is marked."""
    lines = []
    for gate in decision.gates:
        mark = "   ← stopped here" if gate is decision.first_failed else ""
        values = _passed(gate) if gate.passed else _values(gate)
        lines.append(f"{'✓' if gate.passed else '✗'} {gate.name}: {values}{mark}")
    return lines


def reason(gate: Gate) -> str:
    """Why a gate failed, in a sentence."""
    said = REASONS.get(gate.name)  # an old decision may have gates that are no more
    return said(gate.value, gate.limit) if said else f"{gate.name} was {gate.value}."


def remedy(gate: Gate) -> str:
    """What people could have set for it to pass."""
    said = REMEDIES.get(gate.name)
    return said(gate.value, gate.limit) if said else f"with {gate.name} at {gate.limit}"


def turned(found: Turn | None, decision: Decision) -> str:
    """What would have told people, found by deciding again."""
    if found is None:
        return "No number would have changed that: what was seen is not enough for any."
    people = [remedy(gate) for gate in decision.gates if gate.name in found.people]
    numbers = [f"with {_moved(move)}" for move in found.moves]
    return f"People would have been told {', and '.join([*people, *numbers])}."


def silenced(found: Turn | None) -> str:
    """What would have kept it from people."""
    if found is None:
        return "No single number would have silenced it."
    return f"It would have been silent with {' and '.join(map(_moved, found.moves))}."


def _moved(move: Move) -> str:
    unit = " s" if move.number.unit == "s" else ""
    return f"`{move.number.name}` = {move.to:g}{unit} (it was {move.was:g}{unit})"


def stretch_lines(camera: str, found: Stopped) -> Iterator[str]:
    """Which gate stopped how much, the one that stopped most first."""
    incidents = found.told + found.incidents.total()
    if not found.all_sightings:
        yield f"*{camera}*: no pictures"
        return
    yield (
        f"*{camera}*: {_many(found.all_sightings, 'picture')},"
        f" {_many(incidents, 'incident')}, {found.told} told"
    )
    if found.known:
        yield f"• told: {_many(found.known, 'picture')} of visits that people know of"
    for name, count in found.sightings.most_common():
        stops = found.incidents[name]
        more = f", and {_many(stops, 'incident')}" if stops else ""
        yield f"• {name} stopped {_many(count, 'picture')}{more}: {STOPS.get(name, '')}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}".replace(",", " ")


def _passed(gate: Gate) -> str:
    """What was found, and why that was enough."""
    match gate.value, gate.limit:
        case float(value), float(limit) if gate.name in UNNEEDED and value < limit:
            return f"{_values(gate)}; {UNNEEDED[gate.name]}"
        case str(value), _ if gate.name == "sensor":
            return f"not asked, since the motion sensor is not believed: {value}"
        case str(value), _ if gate.name != "armed":
            return value or "anywhere"
    return _values(gate)


UNNEEDED = {
    "likely": "not asked, since the detector is sure of a person",
    "area": "not asked, since a person was recognised",
    "occupied": "asked only where the detector is unsure",
}


def _values(gate: Gate) -> str:
    match gate.name:
        case "area" | "occupied" | "person" | "likely":
            return f"{percent(gate.value)}, needs {percent(gate.limit)}"
        case "cooldown":
            ago = f"{gate.value:g} s after the alert before" if gate.value else "no alert before"
            return f"{ago}, needs {gate.limit:g} s"
        case "sensor":
            if isinstance(gate.value, str):
                return f"{gate.value}, needs within {gate.limit:g} s"
            ago = f"active {gate.value:g} s before" if gate.value else "active"
            return f"{ago}, needs within {gate.limit:g} s"
        case "snooze":
            return f"{span(float(gate.value))} left" if gate.value else "none"
        case "armed":
            return f"{gate.value}, needs {gate.limit.replace(', ', ' or ')}"  # type: ignore[union-attr] # names of modes
        case _:
            return f"{gate.value or 'nowhere'}, needs {gate.limit}"


def percent(value: Number) -> str:
    return value if isinstance(value, str) else f"{100 * value:.1f} %"


def _scene(value: Number, _: Number) -> str:
    if value == "shaking":
        return "The camera itself shook, and nobody was recognised."
    if value == "turning":
        return "The camera was being turned."
    return "The light changed all over the picture, and nobody was recognised."


REASONS: dict[str, Callable[[Number, Number], str]] = {
    "armed": lambda value, limit: f"The mode was {value}; people are told in {limit}.",
    "notifications": lambda *_: "Notifications were off.",
    "snooze": lambda left, _: f"Alerts were snoozed for another {span(float(left))}.",
    "warm": lambda *_: "The camera was still learning what its scene looks like.",
    "light change": _scene,
    "area": lambda value, limit: (
        "Nothing moved." if not value else
        f"What moved covered {percent(value)} of the picture; {percent(limit)} is needed."
    ),
    "occupied": lambda value, limit: (
        f"Something moved for {percent(value)} of the time looked at; {percent(limit)} is needed"
        " where no detector is sure."
    ),
    "person": lambda value, limit: (
        "Nobody was recognised." if not value else
        f"A person was recognised, {percent(value)} sure; {percent(limit)} is needed."
    ),
    "likely": lambda value, limit: (
        f"All numbers together made a visit {percent(value)} likely; {percent(limit)} is needed."
    ),
    "zone": lambda value, limit: f"It was at {value or 'no zone'}, and only {limit} counts.",
    "sensor": lambda value, limit: (
        f"The motion sensor saw nobody; it must have within {float(limit):g} s."
        if value == "silent" else
        f"The motion sensor saw somebody {float(value):g} s before; within {float(limit):g} s is"
        " needed."
    ),
    "cooldown": lambda value, limit: (
        f"It was {float(value):.0f} s after the alert before; within {float(limit):.0f} s a visit"
        " joins that alert."
    ),
}  # fmt: skip
REMEDIES: dict[str, Callable[[Number, Number], str]] = {
    "armed": lambda _, limit: f"in mode {str(limit).replace(', ', ' or ')}",
    "notifications": lambda *_: "with notifications on",
    "snooze": lambda *_: "without the snooze",
    "sensor": lambda *_: "with a motion sensor that saw somebody, or is not asked",
    "zone": lambda value, _: f"with {value or 'the place where it was'} among `zones`",
}
STOPS = {
    "armed": "in a mode in which nobody is told",
    "notifications": "notifications were off",
    "snooze": "alerts were snoozed",
    "warm": "the camera was learning its scene",
    "light change": "the light changed all over, or the camera shook or was turned",
    "area": "nothing moved, or too little",
    "occupied": "it did not last",
    "person": "nobody was recognised, or not surely enough",
    "likely": "all numbers together made a visit unlikely",
    "zone": "not in a zone that counts",
    "sensor": "the motion sensor saw nobody",
    "cooldown": "soon after an alert, which it joined",
}
