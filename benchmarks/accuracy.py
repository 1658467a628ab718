"""What is found, missed and false on labelled footage: `make accuracy`.

Three ways of watching see the same clips: the rule of the talk with its own parameters, our motion
alone (no detector: what lasts is told as unclassified), and our motion with the person detector.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.footage import Interval, Labelled, labelled
from benchmarks.scoring import Score, Told, score
from benchmarks.talk import TalkMotion
from whosthere.cameras.video_file import VideoFile
from whosthere.core.messages import Message, Tick
from whosthere.core.model import House, Incident
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.ports import MotionDetector, ObjectDetector, Storable
from whosthere.core.sighting import Sighting
from whosthere.flow import Hands, HouseKeeper, watch
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.model_files import bundled_model
from whosthere.vision.motion import BackgroundMotion

STARTS = datetime(2026, 1, 1, tzinfo=UTC)
FRAMES_PER_SECOND = 5.0

# the talk's rule: 60 % of the last 30 frames at 10 a second, and 10 s since the alert before
TALK = CameraPolicy(window_seconds=3.0, occupied_share=0.6, cooldown=10.0)
TALK_FRAMES_PER_SECOND = 10.0


@dataclass(slots=True)
class Memory:
    """Keeps the incidents as they were last; also the hands that record nothing."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    clock: float = 0.0

    def remember(self, things: Sequence[Storable]) -> None:
        self.incidents.update({thing.id: thing for thing in things if isinstance(thing, Incident)})

    def note(self, house: House, policy: Policy) -> None: ...
    def add(self, message: Message) -> None:
        if isinstance(message, Sighting):
            self.clock = message.clock

    def flush(self) -> None: ...
    def read(self, *_: object) -> Iterable[Sighting]:
        return ()

    def keep_picture(self, incident: Incident, sighting: Sighting) -> None: ...
    def record(self, incident: Incident) -> None: ...


def watched(
    clip: Labelled,
    see_motion: MotionDetector,
    recognise: ObjectDetector,
    rules: CameraPolicy,
    frames_per_second: float = FRAMES_PER_SECOND,
) -> list[Incident]:
    """The incidents that one way of watching finds in a clip, mode away."""
    memory = Memory()
    house = House(ArmState(Mode.AWAY, STARTS, "benchmark"))
    hands = Hands(memory, memory, memory, wake_messengers=lambda: None)
    keeper = HouseKeeper(house, Policy(default=rules), hands)
    camera = VideoFile(clip.name, clip.path, STARTS, frames_per_second=frames_per_second)
    watch(camera, see_motion, recognise, keeper)
    over: Message = Tick(STARTS, memory.clock + 3600)
    keeper.put(over)
    return list(memory.incidents.values())


def _seconds(at: datetime) -> float:
    return (at - STARTS).total_seconds()


def alerts(incidents: Iterable[Incident]) -> list[Told]:
    return [
        Told(_seconds(one.first_motion), _seconds(one.ended or one.last_seen), _seconds(told))
        for one in incidents
        if (told := one.alerted_at) is not None
    ]


def spans(incidents: Iterable[Incident]) -> list[Told]:
    """All incidents, told or not."""
    return [
        Told(
            _seconds(one.first_motion), _seconds(one.ended or one.last_seen), _seconds(one.started)
        )
        for one in incidents
    ]


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time in intervals that do not overlap."""
    whole: list[Interval] = []
    for start, end in sorted(intervals):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


@dataclass(frozen=True, slots=True)
class Row:
    """The scores of one clip."""

    clip: Labelled
    talk_incidents: Score
    talk_alerts: Score
    motion_incidents: Score
    motion_alerts: Score
    person_alerts: Score

    @property
    def scores(self) -> tuple[Score, ...]:
        return (
            self.talk_incidents,
            self.talk_alerts,
            self.motion_incidents,
            self.motion_alerts,
            self.person_alerts,
        )


def row(clip: Labelled, detector: OnnxDetector) -> Row:
    blind = Looking(None)
    anything = merged((*clip.motion, *clip.person))
    talk = watched(clip, TalkMotion(), blind, TALK, TALK_FRAMES_PER_SECOND)
    motion = watched(clip, BackgroundMotion(), blind, CameraPolicy())
    person = watched(clip, BackgroundMotion(), Looking(detector), CameraPolicy())
    return Row(
        clip,
        score(spans(talk), anything),
        score(alerts(talk), anything),
        score(spans(motion), anything),
        score(alerts(motion), anything),
        score(alerts(person), clip.person),
    )


def table(rows: Sequence[Row]) -> Table:
    view = Table(title="found / missed / false", caption="delay: alert after the labelled start, s")
    view.add_column("clip")
    for name in ("talk: incidents", "talk: alerts", "motion: incidents", "motion: alerts"):
        view.add_column(name, justify="right")
    view.add_column("with detector: alerts", justify="right")
    view.add_column("delay", justify="right")
    for one in rows:
        view.add_row(one.clip.name, *map(_words, one.scores), _delays(one.person_alerts))
    for title, kinds in (
        ("light and noise", ("light", "tree", "synthetic")),
        ("without a person", ("negative",)),
        ("all", ("",)),
    ):
        chosen = [one for one in rows if any(kind in one.clip.kind for kind in kinds)]
        sums = [sum(scores, Score()) for scores in zip(*(r.scores for r in chosen), strict=True)]
        if sums:
            view.add_section()
            view.add_row(f"[bold]{title}[/]", *map(_words, sums), _delays(sums[-1]))
    return view


def _words(one: Score) -> str:
    false = f"[red]{one.false}[/]" if one.false else "0"
    missed = f"[red]{one.missed}[/]" if one.missed else "0"
    return f"{one.found} / {missed} / {false}"


def _delays(one: Score) -> str:
    ordered = sorted(one.delays)
    return f"{ordered[len(ordered) // 2]:.1f}, at most {ordered[-1]:.1f}" if ordered else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="clips whose name holds this")
    chosen = [clip for clip in labelled() if parser.parse_args().only in clip.name]
    if not chosen:
        print("There is no labelled footage. Set WHOSTHERE_FOOTAGE to a folder of it.")
        return 1
    detector = OnnxDetector(bundled_model())
    rows = [row(clip, detector) for clip in track(chosen, "watching", transient=True)]
    Console(width=None if sys.stdout.isatty() else 150).print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
