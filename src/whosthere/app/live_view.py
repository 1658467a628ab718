"""What the program sees and thinks, on the terminal, while it happens."""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import tzinfo
from threading import Lock

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from whosthere.app.diary import Line, Weight
from whosthere.app.half_blocks import picture
from whosthere.app.onlooker import Onlooker
from whosthere.core.model import (
    CameraState,
    Decision,
    Frame,
    Gate,
    House,
    Motion,
    Scene,
    Sighting,
    Verdict,
)

TIMES_A_SECOND = 5
LINES = 9  # of what happened
STALE = 3.0  # seconds; an older picture is never shown as live
BAR = 24  # characters

VERDICTS = {
    Verdict.QUIET: ("quiet", "green"),
    Verdict.WATCHING: ("watching", "yellow"),
    Verdict.ALERT: ("ALERT", "bold white on red"),
    Verdict.JOINED: ("joined", "bold red"),
    Verdict.TOLD: ("told", "bold red"),
}
STYLES = {Weight.NOTE: "", Weight.TROUBLE: "yellow", Weight.ALERT: "bold red"}


@dataclass(slots=True)
class Seen:
    """The newest of one camera."""

    frame: Frame | None = None
    motion: Motion = Motion(Scene.LEARNING)  # noqa: RUF009 # frozen
    sighting: Sighting | None = None
    arrived: deque[float] = field(default_factory=lambda: deque(maxlen=30))

    def rate(self) -> float:
        if len(self.arrived) < 2:  # noqa: PLR2004 # a rate needs two
            return 0.0
        return (len(self.arrived) - 1) / max(1e-6, self.arrived[-1] - self.arrived[0])


class LiveView:
    """Collects the newest of each camera from any thread, and draws it."""

    def __init__(
        self,
        title: str = "Who's There",
        *,
        zone: tzinfo | None = None,
        clock: Callable[[], float] = time.monotonic,
        pictures: bool = True,
    ) -> None:
        self._house: Callable[[], House] | None = None
        self._title = title
        self._zone = zone
        self._clock = clock
        self._pictures = pictures
        self._began = clock()
        self._seen: dict[str, Seen] = {}
        self._lines: deque[Line] = deque(maxlen=LINES)
        self._lock = Lock()

    def onlooker(self) -> Onlooker:
        return Onlooker(self.saw, self.sighted, self.happened)

    @contextmanager
    def shown(self, console: Console, house: Callable[[], House]) -> Iterator[None]:
        """Draw the view until the context is left; log lines join what happened."""
        self._house = house
        with Live(self, console=console, refresh_per_second=TIMES_A_SECOND):
            yield

    def saw(self, frame: Frame, motion: Motion) -> None:
        """Take note of a frame as it is analysed."""
        with self._lock:
            seen = self._seen.setdefault(frame.camera, Seen())
            seen.frame, seen.motion = frame, motion
            seen.arrived.append(self._clock())

    def sighted(self, sighting: Sighting) -> None:
        with self._lock:
            self._seen.setdefault(sighting.camera, Seen()).sighting = sighting

    def happened(self, lines: Iterable[Line]) -> None:
        with self._lock:
            self._lines.extend(lines)

    def __rich__(self) -> RenderableType:
        with self._lock:
            cameras = [self._camera(name, seen) for name, seen in self._seen.items()]
            lines = self._happenings()
        return Panel(
            Group(*cameras, lines),
            title=f"[bold]{self._title}[/]",
            subtitle=self._footer(),
            border_style="blue",
        )

    def _footer(self) -> str:
        seconds = int(self._clock() - self._began)
        state = self._house().arm_state if self._house else None
        mode = state.mode if state else ""
        return f"mode [bold]{mode}[/] · {seconds // 60}:{seconds % 60:02d} · Ctrl-C ends"

    def _camera(self, name: str, seen: Seen) -> RenderableType:
        state = self._house().camera(name) if self._house else CameraState()
        age = self._clock() - seen.arrived[-1] if seen.arrived else math.inf
        parts = Table.grid(padding=(0, 2))
        numbers = Group(
            self._head(name, seen, age, state.decision),
            Text(),
            *_bars(seen, state.decision),
            Text(),
            *_gates(state.decision),
        )
        if self._pictures and seen.frame is not None:
            found = seen.sighting.detections if seen.sighting else ()
            shown = picture(seen.frame, seen.motion, found, faded=age > STALE)
            parts.add_row(shown, numbers)
        else:
            parts.add_row(numbers)
        return parts

    def _head(self, name: str, seen: Seen, age: float, decision: Decision | None) -> Text:
        head = Text(no_wrap=True)
        head.append(name, "bold")
        if age > STALE:
            head.append(
                f"  no picture for {age:.0f} s" if seen.arrived else "  no picture yet", "red"
            )
            return head
        words, style = VERDICTS[decision.verdict if decision else Verdict.QUIET]
        head.append("  ")
        head.append(f" {words} ", style)
        head.append(f"  {seen.rate():.1f} fps, {age:.1f} s old", "dim")
        return head

    def _happenings(self) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for line in self._lines:
            at = line.at.astimezone(self._zone).strftime("%H:%M:%S")
            table.add_row(at, line.where, Text(line.text, STYLES[line.weight]))
        for _ in range(LINES - len(self._lines)):
            table.add_row("", "", "")
        return Panel(table, title="what happened", title_align="left", border_style="dim")


def _bars(seen: Seen, decision: Decision | None) -> list[Text]:
    gates = {gate.name: gate for gate in decision.gates} if decision else {}
    motion = seen.motion
    scene_style = "green" if motion.scene is Scene.STEADY else "yellow"
    return [
        Text.assemble(("scene   ", "dim"), (str(motion.scene), scene_style)),
        # the root makes small visitors visible: 1 % of the picture is a tenth of the bar
        _bar("motion ", math.sqrt(motion.area), _limit(gates.get("area"), root=True),
             f"{motion.area:.1%} of the picture"),
        _bar("person ", _number(gates.get("person")), _limit(gates.get("person")),
             f"{_number(gates.get('person')):.0%} sure"),
    ]  # fmt: skip


def _number(gate: Gate | None) -> float:
    return gate.value if gate is not None and isinstance(gate.value, float) else 0.0


def _limit(gate: Gate | None, *, root: bool = False) -> float:
    limit = gate.limit if gate is not None and isinstance(gate.limit, (int, float)) else 1.0
    return math.sqrt(limit) if root else limit


def _bar(name: str, share: float, limit: float, words: str) -> Text:
    """Draw a bar with a mark where the limit is."""
    full, mark = round(min(1.0, share) * BAR), min(BAR - 1, round(limit * BAR))
    bar = Text.assemble((f"{name} ", "dim"))
    style = "red" if share >= limit else "green"
    for at in range(BAR):
        filled = at < full
        if at == mark:
            bar.append("┃", "bold")
        else:
            bar.append("█" if filled else "·", style if filled else "dim")
    bar.append(f" {words}")
    return bar


def _gates(decision: Decision | None) -> list[RenderableType]:
    if decision is None:
        return [Text("no decision yet", "dim")]
    table = Table.grid(padding=(0, 1))
    first = decision.first_failed
    for gate in decision.gates:
        mark = Text("✓", "green") if gate.passed else Text("✗", "bold red")
        note = Text("← stops here", "red") if gate is first else Text("")
        style = "" if gate.passed else "red"
        table.add_row(mark, Text(gate.name, style), Text(_values(gate), style or "dim"), note)
    return [Text("asked for an alert", "dim"), table]


def _values(gate: Gate) -> str:
    match gate.name:
        case "area":
            return f"{_percent(gate.value)} of at least {_percent(gate.limit)}"
        case "occupied" | "person":
            return f"{_percent(gate.value)} of at least {_percent(gate.limit)}"
        case "cooldown":
            return f"{gate.value:.0f} s of {gate.limit:.0f} s" if gate.value else "no alert before"
        case _:
            return f"{gate.value}, needs {gate.limit}" if gate.value else str(gate.limit)


def _percent(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1%}"
