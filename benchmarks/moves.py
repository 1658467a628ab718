"""What moves of a camera do: `python -m benchmarks.moves`.

A window moves over real film as a camera's view does, and the real parts watch through it. Three
things are measured. Over pictures that stand still, whatever becomes an incident was made by the
moves: nothing else changes but the noise. Over film, the same of the stretches in which nothing is
labelled to move. And where people walk, whoever a camera finds that has looked there all the time
should be found by the one that has just turned there.
"""

import argparse
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, cycle, islice
from math import ceil

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.accuracy import Memory
from benchmarks.footage import Labelled, labelled
from whosthere.cameras.video_file import VideoFile
from whosthere.core.messages import Tick
from whosthere.core.model import House
from whosthere.core.modes import ArmState, Mode
from whosthere.core.pan_tilt import HOME, Limits, Position
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.ports import MotionDetector, ObjectDetector
from whosthere.core.sighting import WHOLE, Box, Detection, Frame, Image, Luma, Scene, Sighting
from whosthere.devices.pan_tilt import Manners, Preset, Turner
from whosthere.devices.simulated_pan_tilt import Simulated, WindowPixels
from whosthere.flow import Hands, HouseKeeper
from whosthere.vision.detector import Finder, OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.model_files import bundled_model
from whosthere.vision.motion import BackgroundMotion
from whosthere.vision.turning import TurnedEyes

STARTS = datetime(2026, 1, 1, tzinfo=UTC)
RATE = 5.0  # frames a second
LIMITS = Limits(-60.0, 60.0, -30.0, 30.0)
WINDOW = 0.5
NOISE = 2.0  # grey levels
LOOKED = 4.0  # seconds between two moves
FOUND_WITHIN = 3.0  # seconds after a move
RULES = CameraPolicy(escalate_after=0.0)


class NoisyPixels:
    """A picture with fresh noise, as a sensor gives it."""

    def __init__(self, luma: Luma, colours: Callable[[Box], Image], seed: int) -> None:
        noise = np.random.default_rng(seed).normal(0.0, NOISE, luma.shape)
        self.luma = np.clip(luma + noise, 0, 255).astype(np.uint8)
        self._colours = colours

    def bgr(self, box: Box = WHOLE) -> Image:
        return self._colours(box)


def film(clip: Labelled, seconds: float) -> list[Frame]:
    camera = VideoFile("front", clip.path, STARTS, frames_per_second=RATE)
    return list(islice(camera.frames(), int(seconds * RATE)))


def to_and_fro(frames: Sequence[Frame]) -> Iterator[Frame]:
    """Without a jump where the film ends."""
    return cycle(chain(frames, frames[-2:0:-1]))


def standing_still(frame: Frame) -> Iterator[Frame]:
    pixels = frame.pixels
    for seed in cycle(range(50)):
        yield replace(frame, pixels=NoisyPixels(frame.luma, pixels.bgr, seed))


@dataclass(slots=True)
class Saw:
    """What came of one frame."""

    clock: float
    scene: Scene
    detections: tuple[Detection, ...]


@dataclass(slots=True)
class Rig:
    """A camera over a film, in one thread: who waits lets the film go on."""

    frames: Iterator[Frame]
    finder: Finder | None
    muted: bool = True
    late_frames: int = 0  # so many frames ago is what the stream shows
    clock: float = 0.0
    saw: list[Saw] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    turner: Turner = field(init=False)
    _simulated: Simulated = field(init=False)
    _see: MotionDetector = field(init=False)
    _recognise: ObjectDetector = field(init=False)
    _keeper: HouseKeeper = field(init=False)
    _boxes: list[Box] = field(default_factory=list)
    _next: float = 0.0

    def __post_init__(self) -> None:
        self._simulated = Simulated(LIMITS, 60.0, WINDOW, self.advance)
        home = {HOME: Preset(Position(0.0, 0.0))}
        self.turner = Turner(
            "front", self._simulated, home, Manners(LIMITS, settle_seconds=0.3),
            clock=lambda: self.clock, wait=self.advance,
        )  # fmt: skip
        if self.muted:
            turned = TurnedEyes(self.turner.view, lambda _place: self._eyes())
            self._see, self._recognise = turned.see, turned.recognise
        else:
            self._see, self._recognise = self._eyes()
        house = House(ArmState(Mode.AWAY, STARTS, "benchmark"))
        hands = Hands(self.memory, self.memory, self.memory, wake_messengers=lambda: None)
        self._keeper = HouseKeeper(house, Policy(default=RULES), hands)

    def _eyes(self) -> tuple[MotionDetector, ObjectDetector]:
        return BackgroundMotion(), Looking(self.finder)

    def advance(self, seconds: float) -> None:
        self.clock = round(self.clock + seconds, 3)
        while self._next <= self.clock:
            self._show(self._next)
            self._next = round(self._next + 1 / RATE, 3)

    def _show(self, clock: float) -> None:
        whole = next(self.frames)
        at = STARTS + timedelta(seconds=clock)
        self._boxes.append(self._simulated.box())
        pixels = WindowPixels(whole.pixels, self._boxes[-1 - self.late_frames :][0])
        frame = Frame("front", at, clock, pixels)
        motion = self._see(frame)
        look, found = self._recognise(frame, motion)
        self._keeper.put(Sighting("front", at, clock, motion, look, found, frame))
        self.saw.append(Saw(clock, motion.scene, found))

    def finish(self) -> None:
        self._keeper.put(Tick(STARTS, self.clock + 3600))


@dataclass(slots=True)
class Score:
    """What came of a number of moves."""

    moves: int = 0
    incidents: int = 0
    alerts: int = 0
    back: list[float] = field(default_factory=list)  # seconds until each frame counts again

    def add(self, other: "Score") -> None:
        self.moves += other.moves
        self.incidents += other.incidents
        self.alerts += other.alerts
        self.back += other.back


def somewhere(rng: random.Random, but: Position) -> Position:
    """Another place, at least 10 degrees away."""
    while True:
        to = Position(
            round(rng.uniform(LIMITS.least_pan, LIMITS.most_pan)),
            round(rng.uniform(LIMITS.least_tilt, LIMITS.most_tilt)),
        )
        if to.away(but) > 10:  # noqa: PLR2004 - less hardly changes what is seen
            return to


def moved(
    frames: Iterator[Frame], finder: Finder | None, moves: int, seed: int, *, muted: bool = True
) -> Score:
    """Move about, and count what comes of it."""
    rig, rng, score = Rig(frames, finder, muted=muted), random.Random(seed), Score(moves)  # noqa: S311 - no secret
    rig.advance(LOOKED)
    before = set(rig.memory.incidents)
    for _ in range(moves):
        rig.turner.turn(somewhere(rng, rig.turner.position()))
        ended = rig.clock - rig.turner.manners.settle_seconds
        rig.advance(LOOKED)
        score.back.append(back_after(rig.saw, ended))
    rig.finish()
    new = [one for name, one in rig.memory.incidents.items() if name not in before]
    score.incidents = len(new)
    score.alerts = sum(one.alerted_at is not None for one in new)
    return score


def back_after(saw: Sequence[Saw], ended: float) -> float:
    """Seconds from the end of a move until a frame is judged as any other."""
    blind = {Scene.TURNING, Scene.LEARNING}
    judged = (one.clock for one in saw if one.clock >= ended and one.scene not in blind)
    return round(next(judged, saw[-1].clock) - ended, 2)


@dataclass(slots=True)
class People:
    """Whom a camera finds that has just turned, and one that has looked there all the time."""

    views: int = 0
    by_both: int = 0
    later: list[float] = field(default_factory=list)  # seconds


def people_after_moves(frames: Sequence[Frame], finder: Finder, moves: int, seed: int) -> People:
    rng, people = random.Random(seed), People()  # noqa: S311 - no secret
    for _ in range(moves):
        begin = rng.randrange(max(1, len(frames) - int(12 * RATE)))
        some = frames[begin:]
        away = somewhere(rng, Position(0.0, 0.0))
        to = somewhere(rng, away)
        turning, staying = Rig(to_and_fro(some), finder), Rig(to_and_fro(some), finder)
        turning.turner.turn(away)
        turning.advance(3.0)
        turning.turner.turn(to)
        ended = turning.clock - turning.turner.manners.settle_seconds
        turning.advance(FOUND_WITHIN)
        staying.turner.driver.turn(to)  # at once, and never again
        staying.advance(turning.clock - staying.clock)
        expected, found = first_person(staying.saw, ended), first_person(turning.saw, ended)
        if expected is None:
            continue
        people.views += 1
        if found is not None:
            people.by_both += 1
            people.later.append(round(found - expected, 2))
    return people


def first_person(saw: Sequence[Saw], since: float) -> float | None:
    """When somebody who moves was first recognised, from then on."""
    return next(
        (
            one.clock
            for one in saw
            if one.clock >= since
            and any(d.is_moving_person and d.confidence >= RULES.person_confidence
                    for d in one.detections)
        ),
        None,
    )  # fmt: skip


def quiet_part(clip: Labelled, frames: Sequence[Frame]) -> list[Frame]:
    """The longest stretch in which nothing is labelled, of what is at hand."""
    busy = [*clip.motion, *clip.person, *clip.disturbance]
    parts: list[list[Frame]] = [[]]
    first = frames[0].clock
    for frame in frames:
        if any(since - 1 <= frame.clock - first <= until + 1 for since, until in busy):
            parts.append([])
        else:
            parts[-1].append(frame)
    return max(parts, key=len)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=100, help="default: %(default)s of each")
    chosen = parser.parse_args(arguments)
    clips, finder = labelled(), OnnxDetector(bundled_model())
    played = {clip.name: film(clip, 30.0) for clip in clips}
    each = ceil(chosen.moves / len(clips))
    rows = {name: Score() for name in ("still, muted", "still, motion alone", "still, not muted")}
    quiet, quiet_alone = Score(), Score()
    for seed, clip in enumerate(clips):
        frame = played[clip.name][len(played[clip.name]) // 2]
        rows["still, muted"].add(moved(standing_still(frame), finder, each, seed))
        rows["still, motion alone"].add(moved(standing_still(frame), None, each, seed))
        rows["still, not muted"].add(moved(standing_still(frame), None, each, seed, muted=False))
    calm = {clip.name: quiet_part(clip, played[clip.name]) for clip in clips}
    enough = {name: part for name, part in calm.items() if len(part) > 5 * RATE}
    share = ceil(chosen.moves / max(1, len(enough)))
    for seed, part in enumerate(enough.values()):
        quiet.add(moved(to_and_fro(part), finder, share, seed))
        quiet_alone.add(moved(to_and_fro(part), None, share, seed))
    rows |= {"quiet film": quiet, "quiet film, motion alone": quiet_alone}
    people = People()
    busy = [clip for clip in clips if clip.person]
    for seed, clip in enumerate(busy):
        many = max(1, round(chosen.moves / 2 / len(busy)))
        some = people_after_moves(played[clip.name], finder, many, seed)
        people.views += some.views
        people.by_both += some.by_both
        people.later += some.later
    show(rows, people, len(clips), len(enough))
    good = all(not one.alerts for name, one in rows.items() if "not muted" not in name)
    return 0 if good else 1


def show(rows: dict[str, Score], people: People, clips: int, quiet: int) -> None:
    table = Table(title=f"Moves over {clips} clips ({quiet} with a quiet stretch)")
    for name in ("", "moves", "incidents", "alarms", "back after, median", "most"):
        table.add_column(name, justify="left" if not name else "right")
    for name, score in rows.items():
        back = score.back or [0.0]
        table.add_row(
            name, str(score.moves), str(score.incidents), str(score.alerts),
            f"{statistics.median(back):.2f} s", f"{max(back):.2f} s",
        )  # fmt: skip
    console = Console(width=100)
    console.print(table)
    later = people.later or [0.0]
    console.print(
        f"People: {people.by_both} of {people.views} that a camera found which had not moved were"
        f" found within {FOUND_WITHIN:g} s of a move; {statistics.median(later):.1f} s later than"
        f" by that one, {max(later):.1f} s at most."
    )


if __name__ == "__main__":
    sys.exit(main())
