"""How fast the past is decided again and explained, and how large it is.

A ledger of days is made from what a camera really saw in the clips that come with the project,
through the real writer: five frames a second, 5 % of them busy. Then it is replayed with another
rule, and moments of it are explained. Processor time is told too: it counts on a busy machine.

With `--presence`, two people's phones are reported every 15 s too, and both are home for half of
each day.

python -m benchmarks.replay --days 30 --folder /var/tmp/ledger
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import footage
from whosthere.app.answers.answering import Answers
from whosthere.app.settings import parse
from whosthere.app.why import parts_of
from whosthere.cameras.video_file import VideoFile
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.messages import Message, Notify, Tick
from whosthere.core.model import House, News
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.presence import DeviceSeen, Person, SourceReport, SourceRule
from whosthere.core.requests import Asker, Request, Role
from whosthere.core.sighting import Sighting
from whosthere.flow import Hands, HouseKeeper, watch
from whosthere.learning.replay import Rested, Step, replay
from whosthere.storage.chunks import is_quiet
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.motion import BackgroundMotion

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
FRAMES = 5  # a second
NOON = 12
BUSY = 0.05  # share of frames
SETTLED = 5.0  # seconds of quiet after which a quiet frame need not be decided on while making
WHYS = 20
SETTINGS = """
[storage]
folder = "{folder}"
[cameras.front]
kind = "file"
path = "-"
"""
EVERY = 15  # seconds between reports of a source of presence
PHONES = {"Ann": "ann-phone", "Bob": "bob-phone"}
PEOPLE = ArmingRules(
    people=tuple(Person(name, (phone,)) for name, phone in PHONES.items()),
    sources=(SourceRule("router", 600.0, EVERY),),
)
ASKER = Asker("", "somebody", Role.VIEWER, "benchmark")
OTHER = CameraPolicy(person_confidence=0.5, cooldown=30.0)


@dataclass(slots=True)
class Seen:
    """An inbox that only listens, and hands that do nothing."""

    sightings: list[Sighting] = field(default_factory=list)

    def put(self, message: Message) -> None:
        assert isinstance(message, Sighting)  # noqa: S101 - a camera says nothing else
        self.sightings.append(replace(message, frame=None))

    def keep_picture(self, *_: object) -> None: ...
    def record(self, *_: object) -> None: ...


def clips() -> list[list[Sighting]]:
    """What a camera really sees of each clip."""
    found = []
    for clip in footage.read(footage.SHIPPED):
        seen = Seen()
        watch(VideoFile("front", clip.path, BEGINS), BackgroundMotion(),
              Looking(OnnxDetector()), seen)  # fmt: skip
        found.append(seen.sightings)
    return found


def days_of(some: list[list[Sighting]], chance: random.Random) -> Iterator[Sighting]:
    """Clips with so much quiet between them that few frames are busy."""
    calm = next(one for clip in some for one in clip if is_quiet(one))
    for clip in cycle(some):
        yield from clip
        busy = sum(not is_quiet(one) for one in clip)
        gap = busy / BUSY - len(clip)
        for _ in range(round(gap * chance.uniform(0.2, 1.8))):
            yield calm


def report(at: datetime, clock: float) -> SourceReport:
    """Everybody is home in the second half of each day."""
    seen = tuple(DeviceSeen(phone, 2.0, "by its MAC address") for phone in PHONES.values())
    return SourceReport("router", at, clock, seen if at.hour >= NOON else ())


def make(folder: Path, days: float, *, presence: bool = False) -> None:
    """Let a house hear days in a few minutes."""
    chance = random.Random(1)  # noqa: S311 - seeded, to be the same each time
    store = SqliteStore(folder / "whosthere.db")
    clock = [0.0]
    ledger = SqliteLedger(folder / "ledger.db", clock=lambda: clock[0])
    policy = Policy(arming=PEOPLE if presence else ArmingRules())
    store.use_policy(policy, author="settings", reason="as the settings say")
    state = ArmState(Mode.AWAY, BEGINS, "to measure")
    store.remember([state])
    hands = Hands(ledger, store, Seen(), lambda: None)
    keeper = HouseKeeper(House(state), policy, hands)
    sightings, busy = days_of(clips(), chance), 0.0
    for _ in track(range(round(days * 24)), "making", transient=True):
        for number in range(3600 * FRAMES):
            clock[0] += 1 / FRAMES + chance.uniform(-0.004, 0.004)
            at = BEGINS + timedelta(seconds=clock[0])
            sighting = replace(next(sightings), at=at, clock=round(clock[0], 3))
            if not is_quiet(sighting):
                busy = clock[0]
            if clock[0] - busy < SETTLED:
                keeper.put(sighting)
            else:
                ledger.note(keeper.house, policy)
                ledger.add(sighting)
            if number % FRAMES == 0:
                moment = at.replace(microsecond=at.microsecond // 1000 * 1000)
                keeper.put(Tick(moment, round(clock[0], 3)))
            if presence and number % (EVERY * FRAMES) == 0:
                keeper.put(report(at, round(clock[0], 3)))
    ledger.close()
    store.close()


@dataclass(frozen=True, slots=True)
class Replayed:
    seconds: float
    processor: float
    sightings: int
    decided: int
    alerts: int

    @classmethod
    def of(cls, folder: Path, rules: CameraPolicy, since: datetime | None = None) -> "Replayed":
        began, worked = time.perf_counter(), time.process_time()
        sightings = decided = alerts = 0
        with closing(SqliteLedger.visit(folder / "ledger.db")) as ledger:
            for one in replay(ledger.history(since), lambda then: replace(then, default=rules)):
                match one:
                    case Step():
                        decided += isinstance(one.message, Sighting)
                        alerts += sum(
                            isinstance(action, Notify) and action.alert.news is News.FIRST
                            for action in one.actions
                        )
                    case Rested():
                        sightings += len(one.stretch)
        seconds, processor = time.perf_counter() - began, time.process_time() - worked
        return cls(seconds, processor, sightings + decided, decided, alerts)


@dataclass(frozen=True, slots=True)
class Explained:
    """Seconds, and seconds of the processor, that answers took."""

    seconds: list[float]
    processor: list[float]

    @classmethod
    def of(cls, folder: Path, days: float) -> "Explained":
        """Ask about incidents and about moments at random."""
        settings = parse(SETTINGS.format(folder=folder), "benchmark")
        chance = random.Random(2)  # noqa: S311 - seeded, to be the same each time
        found = cls([], [])
        with parts_of(settings) as parts:
            now = BEGINS + timedelta(days=days)
            answers = Answers(replace(parts, now=lambda: now))
            incidents = chance.sample(parts.store.incidents(), WHYS)
            asked = [one.id for one in incidents]
            asked += [f"{one.started.astimezone():%H:%M:%S} front" for one in incidents]
            for words in asked:
                began, worked = time.perf_counter(), time.process_time()
                reply = answers.answer(Request(f"why {words}", ASKER, now))
                found.seconds.append(time.perf_counter() - began)
                found.processor.append(time.process_time() - worked)
                assert not reply.refused, reply.text  # noqa: S101 - or nothing is measured
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=float, default=30.0, help="stored")
    parser.add_argument("--last", type=float, default=14.0, help="days that are replayed")
    parser.add_argument("--presence", action="store_true", help="people come and go")
    parser.add_argument("--folder", type=Path, help="keep the ledger here, and use it again")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = args.folder or Path(place)
        folder.mkdir(exist_ok=True)
        if not (folder / "ledger.db").exists():
            make(folder, args.days, presence=args.presence)
        since = BEGINS + timedelta(days=max(0.0, args.days - args.last))
        replayed = Replayed.of(folder, OTHER, since)
        explained = Explained.of(folder, args.days)
        size = (folder / "ledger.db").stat().st_size
    view = Table(title=f"{args.days:g} days of one camera, {BUSY:.0%} busy")
    view.add_column("")
    view.add_column("", justify="right")
    view.add_row("ledger", f"{size / 1e6 / args.days:.1f} MB a day")
    view.add_row("days replayed with another rule", f"{min(args.days, args.last):g}")
    view.add_row("in", f"{replayed.seconds:.1f} s ({replayed.processor:.1f} s processor)")
    view.add_row("sightings", f"{replayed.sightings:,}")
    view.add_row("of these decided one by one", f"{replayed.decided:,}")
    view.add_row("sightings a second", f"{replayed.sightings / replayed.seconds:,.0f}")
    view.add_row("decisions a second", f"{replayed.decided / replayed.seconds:,.0f}")
    view.add_row("alerts", f"{replayed.alerts}")
    for name, taken in (("answers to why", explained.seconds), ("processor", explained.processor)):
        median, slow = statistics.median(taken), sorted(taken)[round(0.95 * (len(taken) - 1))]
        view.add_row(name, f"median {1000 * median:.0f} ms, 95 % in {1000 * slow:.0f} ms")
    Console(width=None if sys.stdout.isatty() else 100).print(view)


if __name__ == "__main__":
    main()
