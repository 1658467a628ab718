"""What the program sees and thinks, on the terminal, while it happens."""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from threading import Lock

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from whosthere.app import logs
from whosthere.app.diary import Line, Weight
from whosthere.app.gate_view import all_gates, bars, first_failed
from whosthere.app.half_blocks import HalfBlocks, columns_of
from whosthere.app.onlooker import Onlooker
from whosthere.app.program import Program
from whosthere.core.model import CameraState, Verdict
from whosthere.core.sighting import Frame, Motion, Scene, Sighting

TIMES_A_SECOND = 5
MOST_LINES = 10  # of what happened
BORDERS = 5  # lines that frames and a gap take
NUMBERS_ROWS, NUMBERS_COLUMNS = 15, 58  # that the numbers of one camera take
LEAST_PICTURE, LARGEST_PICTURE = 24, 72  # columns
STALE = 3.0  # seconds; an older picture is never shown as live

VERDICTS = {
    Verdict.QUIET: ("quiet", "green"),
    Verdict.WATCHING: ("watching", "black on yellow"),
    Verdict.ALERT: ("ALERT", "bold white on red"),
    Verdict.JOINED: ("joined", "bold white on red"),
    Verdict.TOLD: ("people know", "bold white on red"),
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
        title: str,
        cameras: Iterable[str],
        *,
        zone: tzinfo | None = None,
        clock: Callable[[], float] = time.monotonic,
        pictures: bool = True,
    ) -> None:
        self._program: Program | None = None
        self._title = title
        self._zone = zone
        self._clock = clock
        self._pictures = pictures
        self._began = clock()
        self._over = False
        self._seen = {name: Seen() for name in cameras}
        self._lines: deque[Line] = deque(maxlen=MOST_LINES)
        self._lock = Lock()

    def onlooker(self) -> Onlooker:
        return Onlooker(self.saw, self.sighted, self.happened, self.told)

    def handler(self) -> logging.Handler:
        """Take warnings, which would tear the view apart, into it."""
        return _Lines(self)

    @contextmanager
    def shown(self, console: Console, program: Program) -> Iterator[None]:
        """Draw the view until the context is left; warnings join what happened."""
        self._program = program
        logs.set_up(handler=self.handler())
        try:
            with Live(self, console=console, refresh_per_second=TIMES_A_SECOND):
                yield
                self._over = True
        finally:
            logs.set_up(zone=self._zone)

    def saw(self, frame: Frame, motion: Motion) -> None:
        """Take note of a frame as it is analysed."""
        with self._lock:
            seen = self._seen[frame.camera]
            seen.frame, seen.motion = frame, motion
            seen.arrived.append(self._clock())

    def sighted(self, sighting: Sighting) -> None:
        with self._lock:
            self._seen[sighting.camera].sighting = sighting

    def happened(self, lines: Iterable[Line]) -> None:
        with self._lock:
            self._lines.extend(lines)

    def told(self, text: Text) -> None:
        """Show what a person is told."""
        self.happened([Line(datetime.now(UTC), "told", text.plain, Weight.ALERT)])

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        height = options.height or options.size.height
        with self._lock:
            several = len(self._seen) > 1
            rows = 4 * len(self._seen) if several else NUMBERS_ROWS
            lines = min(MOST_LINES, max(3, height - rows - BORDERS))
            parts: list[RenderableType] = [
                self._short(name, seen)
                if several
                else self._long(name, seen, options.max_width, height - lines - BORDERS)
                for name, seen in self._seen.items()
            ]
            parts.append(self._happenings(lines))
        title, footer = f"[bold]{self._title}[/]", self._footer()
        yield Panel(Group(*parts), title=title, subtitle=footer, border_style="blue")

    def _footer(self) -> str:
        seconds = int(self._clock() - self._began)
        mode = f"mode [bold]{self._program.house_now.arm_state.mode}[/] · " if self._program else ""
        hint = "over" if self._over else "Ctrl-C ends"
        return f"{mode}{seconds // 60}:{seconds % 60:02d} · {hint}"

    def _state(self, name: str) -> CameraState:
        return self._program.house_now.camera(name) if self._program else CameraState()

    def _age(self, seen: Seen) -> float:
        return self._clock() - seen.arrived[-1] if seen.arrived else math.inf

    def _short(self, name: str, seen: Seen) -> RenderableType:
        """One of several cameras: what it sees, and what keeps it from an alert."""
        state = self._state(name)
        return Group(
            self._head(name, seen),
            *bars(seen.motion, state.decision)[1:],
            first_failed(state.decision),
        )

    def _long(self, name: str, seen: Seen, width: int, rows: int) -> RenderableType:
        """The only camera: its picture, and all gates."""
        decision = self._state(name).decision
        numbers = Group(
            self._head(name, seen),
            Text(),
            *bars(seen.motion, decision),
            Text(),
            *all_gates(decision),
        )
        parts = Table.grid(padding=(0, 2))
        shown = self._picture(seen, width - NUMBERS_COLUMNS, rows)
        parts.add_row(*([shown] if shown else []), numbers)
        return parts

    def _picture(self, seen: Seen, columns: int, rows: int) -> HalfBlocks | None:
        if not self._pictures or seen.frame is None:
            return None
        height, width = seen.frame.luma.shape
        columns = min(columns, columns_of(rows, width, height), LARGEST_PICTURE)
        if columns < LEAST_PICTURE:
            return None
        found = seen.sighting.detections if seen.sighting else ()
        faded = self._age(seen) > STALE
        return HalfBlocks.of(seen.frame, seen.motion, found, columns, faded=faded)

    def _head(self, name: str, seen: Seen) -> Text:
        head, age = Text(name, "bold", no_wrap=True), self._age(seen)
        if age > STALE:
            gap = f"no picture for {age:.0f} s" if seen.arrived else "no picture yet"
            why = self._program.health.of(name).why if self._program else ""
            return head.append(f"  {gap}", "bold red").append(f"  {why}", "not bold red")
        decision = self._state(name).decision
        words, style = VERDICTS[decision.verdict if decision else Verdict.QUIET]
        head.append("  ").append(f" {words} ", style)
        return head.append(f"  {seen.rate():.1f} fps, {age:.1f} s old", "not bold dim")

    def _happenings(self, lines: int) -> RenderableType:
        shown = list(self._lines)[-lines:]
        width = max((len(line.where) for line in shown), default=0)
        rows = [self._row(line, width) for line in shown]
        rows += [Text() for _ in range(lines - len(shown))]
        return Panel(Group(*rows), title="what happened", title_align="left", border_style="dim")

    def _row(self, line: Line, width: int) -> Text:
        at = line.at.astimezone(self._zone).strftime("%H:%M:%S")
        row = Text(f"{at} {line.where:<{width}} ", "dim", no_wrap=True, overflow="ellipsis")
        return row.append(line.text, f"not dim {STYLES[line.weight]}")


class _Lines(logging.Handler):
    """Shows warnings within the view, so that they do not tear it apart."""

    def __init__(self, view: LiveView) -> None:
        super().__init__(logging.WARNING)
        self._view = view

    def emit(self, record: logging.LogRecord) -> None:
        at = datetime.fromtimestamp(record.created, UTC)
        where, _, text = logs.without_secrets(record.getMessage()).partition(": ")
        self._view.happened([Line(at, where, text, Weight.TROUBLE)])
