"""A small house with people and sources, told and asked in Slack."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from pathlib import Path
from threading import RLock

from tests.app.answers.living import SmallHouse
from tests.servers.fake_slack import FakeSlack
from tests.slack.rig import running
from whosthere.app.slack_parts import SlackParts
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.messages import Message
from whosthere.core.modes import Mode
from whosthere.core.presence import DeviceSeen, Person, SourceFailed, SourceReport, SourceRule

EVERY, LATE = 10.0, 60.0
RULES = ArmingRules(
    people=(
        Person("Ann", ("ann-phone",)),
        Person("Ben", ("ben-phone",)),
        Person("Gil", ("gil-phone",), guest=True, holds_arming=False),
    ),
    sources=(SourceRule("router", 300.0, EVERY), SourceRule("network", 420.0, EVERY)),
    zone=UTC,
)
HOW = {"router": "by its name", "network": "by its MAC address"}


class PresentHouse(SmallHouse):
    """Its sources report what tests say, every ten seconds."""

    def __init__(self, folder: Path, mode: Mode = Mode.OFF, rules: ArmingRules = RULES) -> None:
        self.rules = rules
        self.putting = RLock()
        super().__init__(folder, mode)

    def open(self) -> None:
        self._policy = replace(self._policy, arming=self.rules)
        super().open()

    def put(self, message: Message) -> None:
        with self.putting:  # people in Slack ask from a thread of their own
            super().put(message)

    def live(self, seconds: float, *seen: str, failing: Mapping[str, str] | None = None) -> None:
        """Let time pass, in which all sources see these devices, or fail."""
        until = self.clock + seconds
        while self.clock < until:
            self.wait(EVERY)
            for rule in self.rules.sources:
                why = (failing or {}).get(rule.name)
                devices = tuple(DeviceSeen(one, how=HOW[rule.name]) for one in seen)
                self.put(
                    SourceReport(rule.name, self.now, self.clock, devices)
                    if why is None
                    else SourceFailed(rule.name, why, self.now, self.clock)
                )
        self.wait(1.0)


@dataclass
class Told:
    """The house with its Slack."""

    house: PresentHouse
    fake: FakeSlack
    parts: SlackParts

    def tell(self) -> None:
        """Deliver all that waits, as the delivery thread does."""
        store = self.house.store
        while waiting := store.waiting("test"):
            for delivery, _ in waiting:
                late = (self.house.now - delivery.alert.at) / timedelta(seconds=1)
                self.parts.alerts.send(delivery, late if late > LATE else 0.0)
                store.sent(delivery)


@contextmanager
def told_house(fake: FakeSlack, folder: Path, house: PresentHouse) -> Iterator[Told]:
    """Connect a house with the fake Slack."""
    with running(fake, folder) as rig:
        rig.book.answer = house.answers.answer  # type: ignore[method-assign] # the house answers
        rig.book.overview = house.answers.overview  # type: ignore[method-assign]
        yield Told(house, fake, rig.parts)
