"""More days than clips: each clip as other cameras might have seen it, and how it was tagged.

A copy of a clip is mirrored, cut to a part, darker, noisier or in the rain, at another hour, and of
long clips a stretch. Each is watched once; all rules decide on the same sightings. Copies of a clip
are no clips of their own: who learns from one must not be judged by another.
"""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from rich.progress import track

from benchmarks.accuracy import STARTS, Memory, alerts
from benchmarks.footage import Interval, Labelled
from benchmarks.scoring import TOLERANCE, Score, score
from benchmarks.talk import TalkMotion
from whosthere.cameras.pixels import ArrayPixels
from whosthere.cameras.video_file import VideoFile
from whosthere.core.messages import Message, Tick
from whosthere.core.model import Answer, House, Incident
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import Frame, Image, Look, Sighting
from whosthere.flow import Hands, HouseKeeper, watch
from whosthere.learning.tune_cases import Case, read_cases
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.motion import BackgroundMotion

CAMERA = "camera"
FRAMES_PER_SECOND = 5.0
DAY = timedelta(days=1)
WIDEST = 640  # pixels of a copy
LONGEST = 40.0  # s of a copy
SHORTEST_VISIT = 1.0  # s that a stretch must show
STREAKS = 60  # of rain, in a picture
MIRRORED, RAINY = 0.5, 0.3  # shares of copies


class Way(StrEnum):
    """What a camera can do."""

    DETECTOR = "motion and detector"
    MOTION = "motion"
    TALK = "the motion of the talk"


@dataclass(frozen=True, slots=True)
class Copy:
    """How a clip is seen another time."""

    number: int
    mirrored: bool
    gain: float
    noise: float  # grey levels
    rain: bool
    part: tuple[float, float, float]  # left, top, and the share of width and height that is seen
    hour: float
    begins: float  # share of what is left out that lies before the stretch

    @classmethod
    def of(cls, clip: str, number: int) -> "Copy":
        """Make the same copy each time. The first is the clip as it is."""
        chance = random.Random(f"{clip} {number}")  # noqa: S311 - seeded, to be the same each time
        hour, begins = chance.uniform(0, 24), chance.random()
        if not number:
            return cls(0, False, 1.0, 0.0, False, (0.0, 0.0, 1.0), hour, begins)  # noqa: FBT003 # as it is
        size = chance.uniform(0.8, 1.0)
        return cls(
            number,
            mirrored=chance.random() < MIRRORED,
            gain=chance.choice([0.35, 0.5, 0.7, 1.0, 1.25]),
            noise=chance.choice([0.0, 3.0, 6.0, 10.0]),
            rain=chance.random() < RAINY,
            part=(chance.uniform(0, 1 - size), chance.uniform(0, 1 - size), size),
            hour=hour,
            begins=begins,
        )

    def seen(self, picture: Image, chance: np.random.Generator) -> Image:
        height, width = picture.shape[:2]
        left, top, size = self.part
        rows = slice(round(top * height), round((top + size) * height))
        picture = picture[rows, round(left * width) : round((left + size) * width)]
        if self.mirrored:
            picture = picture[:, ::-1]
        if self.rain:
            picture = _rained_on(picture, chance)
        if self.gain == 1.0 and not self.noise:
            return np.ascontiguousarray(picture)
        bright = picture.astype(np.float32) * self.gain
        if self.noise:
            bright += chance.normal(0, self.noise, picture.shape[:2])[..., None]
        return np.clip(bright, 0, 255).astype(np.uint8)


def _rained_on(picture: Image, chance: np.random.Generator) -> Image:
    picture = np.ascontiguousarray(picture)
    height, width = picture.shape[:2]
    long = max(3, height // 20)
    for x, y in zip(chance.integers(0, width, STREAKS), chance.integers(0, height, STREAKS),
                    strict=True):  # fmt: skip
        cv2.line(picture, (int(x), int(y)), (int(x) + 1, int(y) + long), (190, 190, 190), 1)
    return picture


@dataclass(slots=True)
class Played:
    """A camera that shows pictures which are at hand."""

    name: str
    some: Iterator[Frame]

    def frames(self) -> Iterator[Frame]:
        return self.some


@dataclass(slots=True)
class Seen:
    """An inbox that only listens."""

    sightings: list[Sighting]

    def put(self, message: Message) -> None:
        assert isinstance(message, Sighting)  # noqa: S101 - a camera says nothing else
        self.sightings.append(replace(message, frame=None))


@dataclass(frozen=True, slots=True)
class Watched:
    """A copy of a clip as the camera saw it, on a day of its own."""

    clip: str
    copy: Copy
    visits: tuple[Interval, ...]  # when somebody is there; animals, cars and light are not somebody
    sightings: tuple[Sighting, ...]

    def on_day(self, number: int) -> Iterator[Sighting]:
        began = starts(number, self.copy)
        for one in self.sightings:
            clock = round(one.clock + number * DAY.total_seconds(), 3)
            yield replace(one, at=began + timedelta(seconds=one.clock), clock=clock)

    def answer(self, incident: Incident, number: int) -> Answer:
        """What an honest person says who looks at the clip."""
        began = starts(number, self.copy)
        start = (incident.first_motion - began).total_seconds() - TOLERANCE
        end = (incident.last_seen - began).total_seconds() + TOLERANCE
        somebody = any(first <= end and last >= start for first, last in self.visits)
        return Answer.OCCUPIED if somebody else Answer.UNOCCUPIED


def starts(number: int, copy: Copy) -> datetime:
    return STARTS + number * DAY + timedelta(hours=copy.hour)


def seen(clips: Sequence[Labelled], copies: int) -> dict[Way, list[Watched]]:
    """Watch all copies of all clips, in every way."""
    with ProcessPoolExecutor() as pool:
        jobs = pool.map(partial(_copies_of, count=copies), clips)
        all_of = list(track(jobs, "watching", total=len(clips), transient=True))
    return {way: [one for some in all_of for one in some[way]] for way in Way}


def _copies_of(clip: Labelled, count: int) -> dict[Way, list[Watched]]:
    pictures = list(_pictures(clip.path))
    found: dict[Way, list[Watched]] = {way: [] for way in Way}
    for number in range(count):
        copy = Copy.of(clip.name, number)
        begin, end = _stretch(copy, pictures[-1][0])
        visits = tuple(_cut(clip.person, begin, end))
        for way in (Way.DETECTOR, Way.TALK):
            frames = _frames(pictures, copy, begin, end)
            heard = Seen([])
            motion = TalkMotion() if way is Way.TALK else BackgroundMotion()
            recognise = Looking(OnnxDetector() if way is Way.DETECTOR else None)
            watch(Played(CAMERA, frames), motion, recognise, heard)
            found[way].append(Watched(clip.name, copy, visits, tuple(heard.sightings)))
        sharp = found[Way.DETECTOR][-1]
        # without a detector the same motion is seen, and nobody judges it
        blind = tuple(replace(one, look=Look.NO_DETECTOR, detections=()) for one in sharp.sightings)
        found[Way.MOTION].append(replace(sharp, sightings=blind))
    return found


def _pictures(path: Path) -> Iterator[tuple[float, Image]]:
    for frame in VideoFile(CAMERA, path, STARTS, frames_per_second=FRAMES_PER_SECOND).frames():
        picture = frame.pixels.bgr()
        height, width = picture.shape[:2]
        if width > WIDEST:
            size = (WIDEST, round(height * WIDEST / width))
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        yield frame.clock, picture


def _stretch(copy: Copy, last: float) -> tuple[float, float]:
    begin = max(0.0, last - LONGEST) * copy.begins
    return begin, begin + LONGEST


def _cut(visits: Sequence[Interval], begin: float, end: float) -> Iterator[Interval]:
    for first, last in visits:
        within = max(first, begin) - begin, min(last, end) - begin
        if within[1] - within[0] >= SHORTEST_VISIT:
            yield within


def _frames(
    pictures: Sequence[tuple[float, Image]], copy: Copy, begin: float, end: float
) -> Iterator[Frame]:
    chance = np.random.default_rng(copy.number)
    for clock, picture in pictures:
        if begin <= clock <= end:
            since = round(clock - begin, 3)
            at = STARTS + timedelta(seconds=since)
            yield Frame(CAMERA, at, since, ArrayPixels(copy.seen(picture, chance)))


def lived(days: Sequence[Watched], rules: CameraPolicy, folder: Path) -> list[list[Case]]:
    """Let a house live through all copies, a day each, and tag what happened; cases by day."""
    state = ArmState(Mode.AWAY, STARTS, "benchmark")
    with ExitStack() as stack:
        store = SqliteStore(folder / "whosthere.db")
        stack.callback(store.close)
        ledger = SqliteLedger(folder / "ledger.db")
        stack.callback(ledger.close)
        memory = Memory()
        hands = Hands(ledger, memory, memory, lambda: None)
        keeper = HouseKeeper(House(state), Policy(cameras={CAMERA: rules}), hands)
        for number, one in enumerate(days):
            last = None
            for last in one.on_day(number):
                keeper.put(last)
            if last is not None:
                keeper.put(Tick(last.at + timedelta(minutes=5), round(last.clock + 300, 3)))
        ledger.flush()
        found: list[list[Case]] = [[] for _ in days]
        for incident in sorted(memory.incidents.values(), key=lambda one: one.started):
            number = int(incident.started_clock // DAY.total_seconds())
            answer = days[number].answer(incident, number)
            cases, _ = read_cases([(incident, answer)], ledger.history, UTC)
            found[number] += cases
    return found


def measured(days: Sequence[Watched], rules: CameraPolicy) -> Score:
    """What people would have been told of some copies."""
    total = Score()
    for one in days:
        memory = Memory()
        house = House(ArmState(Mode.AWAY, STARTS, "benchmark"))
        hands = Hands(memory, memory, memory, lambda: None)
        keeper = HouseKeeper(house, Policy(default=rules), hands)
        for sighting in one.on_day(0):
            keeper.put(sighting)
        keeper.put(Tick(STARTS + DAY, memory.clock + 3600))
        later = one.copy.hour * 3600
        visits = [(first + later, last + later) for first, last in one.visits]
        total += score(alerts(memory.incidents.values()), visits)
    return total
