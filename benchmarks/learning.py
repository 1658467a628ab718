"""What tags are worth: tuned on one half of the clips, measured on the other: `make learning`.

A script tags every incident by the labels of its clip, as an honest person would. The tuner sees
the tags of one half of the clips, drawn by a seed, with its own guard rails: it chooses on the
older of these and reports on the newer, or refuses. Then the other half is watched by the rules
before and after. All clips count as one camera, which is harder than it is at home, where every
camera looks at one place and always the same.

python -m benchmarks.learning --seeds 10
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import footage
from benchmarks.accuracy import STARTS, TALK, Memory, alerts
from benchmarks.footage import Interval, Labelled
from benchmarks.scoring import TOLERANCE, Score, score
from benchmarks.talk import TalkMotion
from whosthere.cameras.video_file import VideoFile
from whosthere.core.messages import Message, Tick
from whosthere.core.model import (
    Answer,
    ArmState,
    Box,
    Detection,
    Frame,
    House,
    Incident,
    Look,
    Mode,
    Motion,
    Sighting,
    rounded_share,
)
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.ports import ObjectDetector
from whosthere.flow import Hands, HouseKeeper, watch
from whosthere.learning.examples import ENOUGH_OF_EACH
from whosthere.learning.tune import Outcome, tune
from whosthere.learning.tune_cases import Case, by_days, read_cases
from whosthere.learning.tune_counts import missing
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.model_files import bundled_model
from whosthere.vision.motion import BackgroundMotion

CAMERA = "camera"
FRAMES_PER_SECOND = 5.0
ENOUGH = 4  # tags of each kind; at home it asks for 50, and half of the clips have not so many
DAY = timedelta(days=1)
LEAST, LOOK_SECONDS = 0.04, 0.3  # of the detector that names people easily


class Way(StrEnum):
    """What a camera can do."""

    DETECTOR = "motion and detector"
    MOTION = "motion"
    TALK = "the motion of the talk"
    EAGER = "a detector that names people easily"


@dataclass(frozen=True, slots=True)
class Start:
    """Rules that people might have, and what their camera can do."""

    name: str
    rules: CameraPolicy
    way: Way


SENSITIVE = CameraPolicy(
    least_area=0.0005, opening_share=0.3, occupied_share=0.3, person_confidence=0.15,
    unsure_confidence=0.1,
)  # fmt: skip
EASILY = CameraPolicy(person_confidence=0.08, unsure_confidence=0.06)
STARTING = (
    Start("as delivered", CameraPolicy(), Way.DETECTOR),
    Start("too sensitive", SENSITIVE, Way.DETECTOR),
    Start("a detector that names people easily", EASILY, Way.EAGER),
    Start("motion alone", CameraPolicy(), Way.MOTION),
    Start("motion alone, too sensitive", SENSITIVE, Way.MOTION),
    Start("the talk's motion rule", TALK, Way.TALK),
)


@dataclass(slots=True)
class Seen:
    """An inbox that only listens."""

    sightings: list[Sighting]

    def put(self, message: Message) -> None:
        assert isinstance(message, Sighting)  # noqa: S101 - a camera says nothing else
        self.sightings.append(replace(message, frame=None))


@dataclass(frozen=True, slots=True)
class Watched:
    """A clip as the camera saw it, on a day of its own."""

    clip: Labelled
    sightings: tuple[Sighting, ...]

    @property
    def visits(self) -> tuple[Interval, ...]:
        """When somebody is there; animals, cars and light are not somebody."""
        return self.clip.person

    def on_day(self, number: int) -> Iterator[Sighting]:
        for one in self.sightings:
            clock = round(one.clock + number * DAY.total_seconds(), 3)
            yield replace(one, at=one.at + number * DAY, clock=clock)

    def answer(self, incident: Incident, number: int) -> Answer:
        """What an honest person says who looks at the clip."""
        began = STARTS + number * DAY
        start = (incident.first_motion - began).total_seconds() - TOLERANCE
        end = (incident.last_seen - began).total_seconds() + TOLERANCE
        somebody = any(first <= end and last >= start for first, last in self.visits)
        return Answer.OCCUPIED if somebody else Answer.UNOCCUPIED


class Eager:
    """Whatever moves and may just be a person is one, as with cameras that judge by themselves."""

    def __init__(self) -> None:
        self._detector = OnnxDetector(bundled_model(), least_confidence=LEAST)
        self._last = -1.0

    def __call__(self, frame: Frame, motion: Motion) -> tuple[Look, tuple[Detection, ...]]:
        if not motion.boxes or 0 <= frame.clock - self._last < LOOK_SECONDS:
            return Look.NOT_NEEDED, ()
        self._last = frame.clock
        found = [
            Detection(one.label, rounded_share(one.confidence), Box(*map(rounded_share, one.box)))
            for one in self._detector.find(frame.pixels.bgr())
        ]
        touched = [one for one in found if any(one.box.shared_area(box) for box in motion.boxes)]
        return Look.DONE, tuple(touched)


def recogniser(way: Way) -> ObjectDetector:
    match way:
        case Way.EAGER:
            return Eager()
        case Way.DETECTOR:
            return Looking(OnnxDetector(bundled_model()))
        case _:
            return Looking(None)


def seen(clips: Sequence[Labelled], way: Way) -> list[Watched]:
    """Watch each clip once; all rules decide on the same sightings."""
    found = []
    for clip in track(clips, f"watching by {way}", transient=True):
        heard = Seen([])
        camera = VideoFile(CAMERA, clip.path, STARTS, frames_per_second=FRAMES_PER_SECOND)
        motion = TalkMotion() if way is Way.TALK else BackgroundMotion()
        watch(camera, motion, recogniser(way), heard)
        found.append(Watched(clip, tuple(heard.sightings)))
    return found


def lived(clips: Sequence[Watched], rules: CameraPolicy, folder: Path) -> list[list[Case]]:
    """Let a house live through all clips, a day each, and tag what happened; cases by clip."""
    state = ArmState(Mode.AWAY, STARTS, "benchmark")
    with ExitStack() as stack:
        store = SqliteStore(folder / "whosthere.db")
        stack.callback(store.close)
        ledger = SqliteLedger(folder / "ledger.db")
        stack.callback(ledger.close)
        memory = Memory()
        hands = Hands(ledger, memory, memory, lambda: None)
        keeper = HouseKeeper(House(state), Policy(cameras={CAMERA: rules}), hands)
        for number, one in enumerate(clips):
            last = None
            for last in one.on_day(number):
                keeper.put(last)
            if last is not None:
                keeper.put(Tick(last.at + timedelta(hours=1), round(last.clock + 3600, 3)))
        ledger.flush()
        found: list[list[Case]] = [[] for _ in clips]
        for incident in sorted(memory.incidents.values(), key=lambda one: one.started):
            number = (incident.first_motion - STARTS) // DAY
            answer = clips[number].answer(incident, number)
            cases, _ = read_cases([(incident, answer)], ledger.history, UTC)
            found[number] += cases
    return found


def measured(clips: Sequence[Watched], rules: CameraPolicy) -> Score:
    """What people would have been told of some clips."""
    total = Score()
    for one in clips:
        memory = Memory()
        house = House(ArmState(Mode.AWAY, STARTS, "benchmark"))
        hands = Hands(memory, memory, memory, lambda: None)
        keeper = HouseKeeper(house, Policy(default=rules), hands)
        for sighting in one.sightings:
            keeper.put(sighting)
        keeper.put(Tick(STARTS, memory.clock + 3600))
        total += score(alerts(memory.incidents.values()), one.visits)
    return total


@dataclass(frozen=True, slots=True)
class Half:
    """One seed: what was found on one half, and what it did on the other."""

    outcome: Outcome
    refused: bool  # with the guard rails that hold at home
    before: Score
    after: Score
    seconds: float


def halves(
    clips: Sequence[Watched], cases: Sequence[Sequence[Case]], start: Start, seed: int
) -> Half:
    order = list(range(len(clips)))
    random.Random(seed).shuffle(order)  # noqa: S311 - seeded, to be the same each time
    learn, other = order[::2], order[1::2]
    began = time.perf_counter()
    # the days of the clips are as they were drawn, so that older and newer ones are mixed too
    tagged = [replace(case, day=(STARTS + DAY * place).date(),
                      incident=replace(case.incident, started=STARTS + DAY * place))
              for place, number in enumerate(learn) for case in cases[number]]  # fmt: skip
    older, newer = by_days(tagged)
    outcome = tune(CAMERA, start.rules, older, newer, enough=ENOUGH)
    seconds = time.perf_counter() - began
    refused = bool(missing(older, newer, ENOUGH_OF_EACH))
    rules = outcome.after if outcome.proposed else start.rules
    held = [clips[number] for number in other]
    return Half(outcome, refused, measured(held, start.rules), measured(held, rules), seconds)


def row(start: Start, found: Sequence[Half]) -> tuple[str, ...]:
    proposed = [one for one in found if one.outcome.proposed]
    return (
        start.name,
        f"{len(proposed)} of {len(found)}",
        _range([one.before.false for one in found]),
        _range([one.after.false for one in found]),
        _range([one.before.found for one in found]),
        _range([one.after.found for one in found]),
        str(sum(one.after.found < one.before.found for one in found)),
        _range([one.before.missed for one in found]),
        f"{statistics.mean(one.seconds for one in found):.1f}",
    )


def _range(some: Sequence[int]) -> str:
    if min(some) == max(some):
        return str(some[0])
    return f"{statistics.mean(some):.1f} ({min(some)}-{max(some)})"


def table(rows: Sequence[tuple[str, ...]], clips: int, seeds: int) -> Table:
    title = f"Tuned on half of {clips} clips, measured on the other half; {seeds} seeds"
    caption = "mean and range over the seeds; where nothing is proposed, all stays"
    view = Table(title=title, caption=caption)
    for number, name in enumerate((
        "rules before", "proposed", "false alerts before", "after", "visits told before", "after",
        "seeds that lost one", "visits missed before", "seconds",
    )):  # fmt: skip
        view.add_column(name, justify="right" if number else "left")
    for one in rows:
        view.add_row(*one)
    return view


def refusals(found: Sequence[tuple[Start, Half]], say: Callable[[str], object]) -> None:
    """Say why nothing was proposed, and what was."""
    for start, half in found:
        outcome = half.outcome
        if outcome.proposed:
            what = "; ".join(price.what for price in outcome.prices)
            say(f"{start.name}: {what} [{half.before.false} → {half.after.false} false,"
                f" {half.before.found} → {half.after.found} visits]")  # fmt: skip
        else:
            say(f"{start.name}: nothing, since {outcome.why_not}")


def verdict(found: Sequence[Half]) -> str:
    """Say plainly whether tags helped on clips that were not seen."""
    better = sum(one.after.false < one.before.false for one in found)
    lost = sum(one.after.found < one.before.found for one in found)
    refused = sum(one.refused for one in found)
    said = (
        f"With the {ENOUGH_OF_EACH} tags of each kind that it asks for at home, it refuses in"
        f" {refused} of {len(found)} draws. With {ENOUGH}, it was better on clips it had not seen"
        f" in {better}, and lost a visit in {lost}."
    )
    if better <= 2 * lost:
        said += " So few tags of so many cameras are not enough: it cannot get better by these."
    return said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=10, help="how often to draw halves")
    parser.add_argument("--all", action="store_true", help="say what came of each seed")
    parser.add_argument("--only", default="", help="clips whose name holds this")
    chosen = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    clips = [one for one in footage.labelled() if chosen.only in one.name]
    if footage.folder() is None:
        console.print("Without more footage (WHOSTHERE_FOOTAGE), on the few clips that come along.")
    sights = {way: seen(clips, way) for way in Way}
    rows, all_found = [], []
    for start in STARTING:
        watched = sights[start.way]
        with tempfile.TemporaryDirectory() as folder:
            cases = lived(watched, start.rules, Path(folder))
        visits = sum(case.visit for some in cases for case in some)
        tags = sum(map(len, cases))
        console.print(f"{start.name}: {tags} incidents tagged, {visits} of them visits")
        found = [halves(watched, cases, start, seed) for seed in range(chosen.seeds)]
        rows.append(row(start, found))
        all_found += [(start, one) for one in found]
    if chosen.all:
        refusals(all_found, lambda text: console.print(f"  {text}", markup=False))
    console.print(table(rows, len(clips), chosen.seeds))
    console.print(verdict([one for _, one in all_found]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
