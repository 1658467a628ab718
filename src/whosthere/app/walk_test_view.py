"""A walk test on the terminal, while somebody walks."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from threading import Lock

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from whosthere.app.half_blocks import HalfBlocks, columns_of
from whosthere.app.onlooker import Onlooker
from whosthere.app.walk_test_alone import Alone
from whosthere.app.walk_test_words import gate_words, walk_line
from whosthere.core.sighting import Frame, Motion, Scene, Sighting
from whosthere.core.walk_test import Track, Walk

PICTURE_ROWS, PICTURE_COLUMNS = 18, 52
MOST_WALKS = 8
LEAST_WIDTH = 80  # columns, from which a picture fits beside the words


@dataclass(slots=True)
class WalkView:
    """The newest picture and what was seen of each walk, drawn again and again."""

    zone: tzinfo | None
    until: float  # by the monotonic clock
    alone: Alone | None = None
    _frames: dict[str, tuple[Frame, Motion]] = field(default_factory=dict)
    _sightings: dict[str, Sighting] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def onlooker(self) -> Onlooker:
        return Onlooker(saw=self.saw, sighted=self.sighted)

    def saw(self, frame: Frame, motion: Motion) -> None:
        with self._lock:
            self._frames[frame.camera] = frame, motion

    def sighted(self, sighting: Sighting) -> None:
        with self._lock:
            self._sightings[sighting.camera] = sighting

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        left = max(0, round(self.until - time.monotonic()))
        parts = list(self._cameras(options.max_width))
        yield Panel(
            Group(*parts) if parts else Text("opening …", "dim"),
            title="[bold]walk test[/]",
            subtitle=f"{left // 60}:{left % 60:02d} left · nobody is alerted · Ctrl-C ends",
            border_style="blue",
        )

    def _cameras(self, width: int) -> Iterator[RenderableType]:
        if self.alone is None:
            return
        tracks = self.alone.tracks.all()
        for track in tracks:
            words = Group(*self._words(track))
            picture = self._picture(track.camera) if len(tracks) == 1 else None
            if picture is None or width < LEAST_WIDTH:
                yield words
                continue
            now = self._now(track)
            side = Table.grid(padding=(0, 2))
            side.add_row(picture, Group(*now))
            yield Group(side, Text(), *self._walks(track))

    def _words(self, track: Track) -> Iterator[RenderableType]:
        yield from self._now(track)
        yield from self._walks(track)
        yield Text()

    def _now(self, track: Track) -> Iterator[RenderableType]:
        """What the camera sees at this moment."""
        yield Text(track.camera, "bold")
        trouble = self.alone.troubles.get(track.camera) if self.alone else None
        if trouble:
            yield Text(trouble, "red")
        seen = self._sightings.get(track.camera)
        if seen is None:
            yield Text("no picture yet", "yellow")
            return
        scene = seen.motion.scene
        yield Text(f"{track.rate or 0:.1f} pictures a second", "dim")
        yield Text(str(scene), "green" if scene is Scene.STEADY else "yellow")
        yield Text()
        walk = track.going_on
        if walk is None:
            yield Text("quiet: walk into the picture" if scene is Scene.STEADY else "wait …")
            return
        yield from _going_on(walk)

    def _walks(self, track: Track) -> Iterator[RenderableType]:
        for walk in track.all_walks[-MOST_WALKS:]:
            line = walk_line(walk, self.zone)
            yield Text(line, "green" if walk.alert is not None else "red", overflow="fold")

    def _picture(self, camera: str) -> HalfBlocks | None:
        with self._lock:
            shown, sighting = self._frames.get(camera), self._sightings.get(camera)
        if shown is None:
            return None
        frame, motion = shown
        height, width = frame.luma.shape
        columns = min(PICTURE_COLUMNS, columns_of(PICTURE_ROWS, width, height))
        found = sighting.detections if sighting else ()
        return HalfBlocks.of(frame, motion, found, columns)


def _going_on(walk: Walk) -> Iterator[Text]:
    """Each step that a walk has come to, as a line that turns green."""
    yield _step("motion", walk.after(walk.counted), "seen, not yet long enough")
    sure = f"{100 * walk.surest:.0f} % sure" if walk.surest else "nobody recognised yet"
    yield _step("person", walk.after(walk.person), sure)
    stopped = gate_words(walk.stopped_by) if walk.stopped_by is not None else "not yet"
    yield _step("alert", walk.after(walk.alert), stopped)
    zones = sorted(walk.zones | walk.person_zones)
    if zones:
        yield Text(f"in {', '.join(zones)}", "dim")


def _step(name: str, after: float | None, otherwise: str) -> Text:
    if after is None:
        return Text.assemble(("· ", "yellow"), f"{name:<7}", (otherwise, "dim"))
    return Text.assemble(("✓ ", "green"), f"{name:<7}", (f"after {after:.1f} s", "green"))
