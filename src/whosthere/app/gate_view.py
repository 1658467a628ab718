"""Motion, person and gates of one camera as bars and lines."""

import math

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from whosthere.core.model import Decision, Gate, Verdict
from whosthere.core.sighting import Motion, Scene

BAR = 24  # characters
KNOWN = frozenset({Verdict.ALERT, Verdict.TOLD, Verdict.JOINED})
FULL_AREA = 0.1  # share of the picture at which the bar of motion is full


def bars(motion: Motion, decision: Decision | None) -> list[Text]:
    gates = {gate.name: gate for gate in decision.gates} if decision else {}
    style = "green" if motion.scene is Scene.STEADY else "yellow"
    person = _number(gates.get("person"))
    return [
        Text.assemble(("scene   ", "dim"), (str(motion.scene), style)),
        _bar("motion ", _spread(motion.area), _spread(_limit(gates.get("area"))),
             f"{_percent(motion.area)} of the picture"),
        _bar("person ", person, _limit(gates.get("person")), f"{100 * person:.0f} % sure"),
    ]  # fmt: skip


def _spread(area: float) -> float:
    """The root makes small visitors visible beside large ones."""
    return math.sqrt(min(area, FULL_AREA) / FULL_AREA)


def _number(gate: Gate | None) -> float:
    return gate.value if gate is not None and isinstance(gate.value, float) else 0.0


def _limit(gate: Gate | None) -> float:
    return gate.limit if gate is not None and isinstance(gate.limit, (int, float)) else 1.0


def _bar(name: str, share: float, limit: float, words: str) -> Text:
    """Draw a bar with a mark where the limit is."""
    full, mark = round(min(1.0, share) * BAR), min(BAR - 1, round(limit * BAR))
    bar = Text.assemble((f"{name} ", "dim"))
    style = "red" if share >= limit else "green"
    for at in range(BAR):
        if at == mark:
            bar.append("┃", "bold")
        else:
            bar.append("█" if at < full else "·", style if at < full else "dim")
    return bar.append(f" {words}")


def all_gates(decision: Decision | None) -> list[RenderableType]:
    """Show all gates of the last decision, and where it stopped."""
    if decision is None:
        return [Text("no decision yet", "dim")]
    known = decision.verdict in KNOWN
    table = Table.grid(padding=(0, 1))
    for gate in decision.gates:
        stops = gate is decision.first_failed and not known
        style = "" if gate.passed or known else "red"
        table.add_row(
            Text("✓", "green") if gate.passed else Text("✗", style or "dim"),
            Text(gate.name, style),
            Text(_values(gate), style or "dim"),
            Text("← stops here" if stops else "", "red"),
        )
    title = "gates to an alert" + ("; people know of this visit" if known else "")
    return [Text(title, "dim"), table]


def first_failed(decision: Decision | None) -> Text:
    """Name the gate that keeps a camera from an alert."""
    if decision is None:
        return Text("no decision yet", "dim")
    gate = decision.first_failed
    if gate is None or decision.verdict in KNOWN:
        return Text("people know of this visit", "dim")
    return Text.assemble(("stops at ", "dim"), (f"{gate.name}: {_values(gate)}", "red"))


def _values(gate: Gate) -> str:
    match gate.name:
        case "area" | "occupied" | "person" | "likely":
            return f"{_percent(gate.value)}, needs {_percent(gate.limit)}"
        case "cooldown":
            return f"{gate.value:.0f} s, needs {gate.limit:.0f} s" if gate.value else "no alert yet"
        case "snooze":
            return f"{gate.value:.0f} s left" if gate.value else "none"
        case _ if gate.passed:
            return str(gate.value or gate.limit)
        case _:
            return f"{gate.value or 'nowhere'}, needs {gate.limit}"


def _percent(value: float | str) -> str:
    return value if isinstance(value, str) else f"{100 * value:.1f} %"
