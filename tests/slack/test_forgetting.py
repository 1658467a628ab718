"""Pictures of somebody who does not wish to be kept leave Slack, without a running program."""

import shutil
from datetime import UTC, timedelta

import pytest

from tests.servers.fake_slack import FakeSlack
from tests.slack.rig import JPEG, NOW, TOKENS, Rig, alert, slack_settings
from whosthere.core.errors import DeliveryTrouble
from whosthere.core.model import News
from whosthere.messaging.slack.forgetting import cards_of, delete_files
from whosthere.storage.slack_messages import SlackMessages

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


@pytest.fixture
def shown(rig: Rig) -> Rig:
    """Two alerts, each with its picture in Slack."""
    for number in (0, 1):
        name = f"{number}.jpg"
        shutil.copy(JPEG, rig.folder / name)
        rig.send(alert(number))
        rig.send(alert(number, 2, News.PICTURE, file=name))
    rig.fake.until(lambda: 2 == len(rig.fake.files))
    rig.fake.until(lambda: all("slack_file" in str(one["blocks"]) for one in rig.fake.top()))
    return rig


def forget(rig: Rig, *incidents: str) -> None:
    notes = SlackMessages(rig.store.database, "slack")
    cards = cards_of(notes.since(NOW - timedelta(days=1)), set(incidents))
    delete_files(slack_settings(rig.fake), TOKENS, cards, UTC)


def left(fake: FakeSlack) -> list[bool]:
    return [not file.deleted for file in fake.files.values()]


def test_the_pictures_of_one_alert_go_and_no_message_shows_a_hole(shown: Rig):
    forget(shown, "incident-1")
    first, second = shown.fake.top()

    assert [True, False] == left(shown.fake)
    assert ("slack_file" in str(first), "slack_file" in str(second)) == (True, False)
    assert [] == shown.fake.oddities
    forget(shown, "incident-1")  # what is gone counts


def test_what_slack_refuses_is_told(shown: Rig):
    shown.fake.fail("files.delete", error="missing_scope")
    with pytest.raises(DeliveryTrouble, match="scope"):
        forget(shown, "incident-0")

    assert [True, True] == left(shown.fake)


def test_incidents_without_a_card_ask_slack_for_nothing(shown: Rig):
    asked = len(shown.fake.calls)
    forget(shown, "another")

    assert asked == len(shown.fake.calls)
