"""Proposed numbers in Slack: from the message by a button to the next decision, and back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.answers.living import visit
from tests.servers.fake_slack import ANNA, BEN, FakeSlack
from tests.slack.household import PresentHouse, Told, told_house
from tests.slack.test_arming import actions, shown
from whosthere.app.policy_keeping import PolicyKeeping
from whosthere.app.settings import parse
from whosthere.app.shadow import ShadowKeeping
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.modes import Mode
from whosthere.storage.proposals import Policies

WORDS = (
    "front: all 60 tagged visits are told as before. False alarms: 19 before, 0 now.\nsmall print"
)
BUTTONS = ["alert_use_policy", "alert_leave_policy"]


@dataclass
class Proposing:
    """A house with a proposal that would tell nothing more, so that its use shows."""

    told: Told
    policies: Policies
    keeping: PolicyKeeping

    @property
    def house(self) -> PresentHouse:
        return self.told.house

    def propose(self) -> dict:
        now = self.house.keeper.policy
        deaf = replace(now.of("front"), person_confidence=1.0, unsure_confidence=1.0)
        self.policies.propose(
            replace(now, cameras={"front": deaf}), at=self.house.now, tags=79, words=WORDS,
            figures={},
        )  # fmt: skip
        self.keeping.tell_proposals()
        self.told.tell()
        return self.told.fake.posted()[-1]

    def visited(self) -> bool:
        """Whether people are told of the next visitor."""
        before = len(self.house.store.incidents())
        seconds = self.house.clock + 600
        later = self.house.now - visit()[0].at + timedelta(seconds=600)
        self.house.hear(
            replace(one, at=one.at + later, clock=one.clock + seconds) for one in visit()
        )
        newest = self.house.store.incidents()[before:]
        return any(one.alerted_at is not None for one in newest)


@pytest.fixture
def proposing(fake: FakeSlack, tmp_path: Path) -> Iterator[Proposing]:
    house = PresentHouse(tmp_path / "house", Mode.AWAY, ArmingRules())
    policies = Policies(house.store.database)
    settings = parse('[cameras.front]\nkind = "file"\npath = "-"\n', "test")
    shadow = ShadowKeeping(policies, house.keeper)
    keeping = PolicyKeeping(settings, policies, shadow, house)
    with told_house(fake, tmp_path / "slack", house) as told:
        yield Proposing(told, policies, keeping)
    house.close()


def test_one_message_tells_before_and_after_with_two_buttons(proposing: Proposing):
    message = proposing.propose()
    assert "Proposal for better alerts, " in message["text"]
    assert "all 60 tagged visits are told as before" in shown(message)
    assert {"type": "context", "elements": [{"type": "mrkdwn", "text": "small print"}]} in (
        message["blocks"]
    )
    assert "small print" not in message["text"]
    assert BUTTONS == actions(message)
    proposing.keeping.tell_proposals()
    proposing.told.tell()
    assert 1 == len(proposing.told.fake.posted())


def test_use_it_changes_the_next_decision_and_back_undoes_it(proposing: Proposing):
    message, fake, house = proposing.propose(), proposing.told.fake, proposing.house
    assert proposing.visited()
    fake.press(message, "alert_use_policy", user=ANNA)
    fake.until(lambda: house.keeper.policy.version == 2)
    fake.until(lambda: fake.thread(message))
    assert 1.0 == house.keeper.policy.of("front").person_confidence
    assert not proposing.visited()

    proposing.told.tell()
    assert "Anna uses proposal 1: it is policy 2 now" in shown(message)
    assert [] == actions(message)
    assert house.ask("policy back").text.startswith("Policy *3* is used from now on: back from 2")
    assert proposing.visited()
    audit = [entry.what for entry in house.store.audit()]
    assert "used policy 2: proposal p1, on 79 tags" in audit


def test_only_administrators_may_use_it(proposing: Proposing):
    message, fake = proposing.propose(), proposing.told.fake
    fake.press(message, "alert_use_policy", user=BEN)
    (refused,) = fake.until(lambda: fake.responses)
    assert "Only admins may ask" in refused["text"]
    assert 1 == proposing.house.keeper.policy.version


def test_not_now_is_shown_and_changes_nothing(proposing: Proposing):
    message, fake = proposing.propose(), proposing.told.fake
    fake.press(message, "alert_leave_policy", user=ANNA)
    fake.until(lambda: fake.thread(message))
    proposing.told.tell()
    assert "Anna does not want proposal 1 now" in shown(message)
    assert [] == actions(message)
    assert ("left", "Anna") == (
        proposing.policies.proposals()[0].state,
        proposing.policies.proposals()[0].by,
    )
    assert 1 == proposing.house.keeper.policy.version
