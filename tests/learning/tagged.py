"""Tagged days of a camera that sees what it really saw of a visitor: so, weaker, elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from pathlib import Path

from tests.app.answers.living import EVENING, visit
from whosthere.core.messages import Message, Tick
from whosthere.core.model import Answer, House, Tag
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import PERSON, Box, Detection, Sighting
from whosthere.flow import Hands, HouseKeeper
from whosthere.learning.tune import Outcome, tune
from whosthere.learning.tune_cases import Case, by_days, read_cases
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
HEDGE = Box(0.05, 0.1, 0.25, 0.3)
WEAK = 0.55  # times what the detector really said
ENOUGH = 5  # tags of each kind, instead of as many as people need
NO, YES = Answer.UNOCCUPIED, Answer.OCCUPIED


def short_visit() -> list[Sighting]:
    """The seconds in which the visitor is there, and some before and after."""
    return [replace(one, frame=None) for one in visit() if 14 <= one.clock <= 34]


def weaker(sightings: Iterable[Sighting], times: float = WEAK) -> list[Sighting]:
    """The same, but the detector is less sure."""
    return [
        replace(one, detections=tuple(_weaker(found, times) for found in one.detections))
        for one in sightings
    ]


def _weaker(found: Detection, times: float) -> Detection:
    sure = round(found.confidence * times, 4) if found.label == PERSON else found.confidence
    return replace(found, confidence=sure)


def within(sightings: Iterable[Sighting], place: Box) -> list[Sighting]:
    """The same, but it happens in a place of its own."""

    def moved(box: Box) -> Box:
        left, top = place.left + box.left * place.width, place.top + box.top * place.height
        right, bottom = place.left + box.right * place.width, place.top + box.bottom * place.height
        return Box(round(left, 4), round(top, 4), round(right, 4), round(bottom, 4))

    return [
        replace(
            one,
            motion=replace(one.motion, boxes=tuple(map(moved, one.motion.boxes))),
            detections=tuple(replace(found, box=moved(found.box)) for found in one.detections),
        )
        for one in sightings
    ]


@dataclass(slots=True)
class NoHands:
    """Keeps no clips and pictures."""

    def keep_picture(self, *_: object) -> None: ...
    def record(self, *_: object) -> None: ...


class TaggedHouse:
    """A store and a ledger as the program writes them."""

    def __init__(self, folder: Path, rules: CameraPolicy | None = None) -> None:
        self.folder = folder
        self.rules = rules or CameraPolicy(escalate_after=0.0)
        self.store = SqliteStore(folder / "whosthere.db")
        self.ledger = SqliteLedger(folder / "ledger.db")
        policy = Policy(default=self.rules, cameras={"front": self.rules})
        self.store.use_policy(policy, author="settings", reason="as the settings say")
        state = ArmState(Mode.AWAY, EVENING - DAY, "test")
        self.store.remember([state])
        hands = Hands(self.ledger, self.store, NoHands(), lambda: None)
        self.keeper = HouseKeeper(House(state), policy, hands)

    def close(self) -> None:
        self.ledger.close()
        self.store.close()

    def put(self, message: Message) -> None:
        self.keeper.put(message)

    def see(self, day: int, hours: int, sightings: Iterable[Sighting], answer: Answer) -> None:
        """Something happens on a day, and somebody says what it was."""
        before = {one.id for one in self.store.incidents()}
        later = day * DAY + hours * HOUR
        seconds, last = later.total_seconds(), 0.0
        for one in sightings:
            last = one.clock + seconds
            self.put(replace(one, at=one.at + later, clock=last))
        over = EVENING + later + timedelta(minutes=2)
        self.put(Tick(over, seconds + 120.0))
        for incident in self.store.incidents():
            if incident.id not in before:
                self.put(Tag(incident.id, answer, "Ann", over, "test"))

    def live(self, days: int, visits: list[Sighting], alarms: list[Sighting]) -> None:
        """A visit and a false alarm on each day."""
        for day in range(days):
            self.see(day, 0, visits, YES)
            self.see(day, 1, alarms, NO)
        self.ledger.flush()

    def cases(self) -> list[Case]:
        answers = {tag.incident_id: tag.answer for tag in self.store.tags()}
        tagged = [(one, answers[one.id]) for one in self.store.incidents() if one.id in answers]
        found, _ = read_cases(tagged, self.ledger.history, UTC)
        return found


def outcome(house: TaggedHouse, enough: int = ENOUGH) -> Outcome:
    """What the tuner finds in it."""
    older, newer = by_days(house.cases())
    return tune("front", house.rules, older, newer, enough=enough)
