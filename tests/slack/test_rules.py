"""The sandbox refuses what Slack refuses, by its reference and by the models of its library."""

from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from tests.slack.rig import NOW, overview
from whosthere.app.sandbox.rules import Refused, check_by_model, check_message_blocks, check_view
from whosthere.messaging.slack import wording
from whosthere.messaging.slack.cards import Card
from whosthere.messaging.slack.home import home_view, refusing_view

CARD = Card("id", NOW, "front", "person", "Person at front", picture="F1", shown=True)
ACTIONS = wording.alert_blocks(CARD, None)[-1]
BUTTON = ACTIONS["elements"][0]


def fine(_: str) -> None:
    return None


@pytest.mark.parametrize(
    "view",
    [
        wording.mode_dialog(),
        wording.tag_dialog(CARD),
        home_view(overview(), {"front": ("F1", NOW)}, None, may_change=True, notice="Done."),
        home_view(overview(), {}, None, may_change=False),
        refusing_view("No."),
    ],
)
def test_all_our_views_are_taken(view: dict[str, Any]):
    check_view(view, fine)


@pytest.mark.parametrize(
    "block",
    [
        wording.section("x" * 3000) | {"txt": "y"},
        wording.section("x") | {"text": wording.mrkdwn("x" * 3001)},
        wording.section("x") | {"text": "x"},
        wording.header("x") | {"text": wording.mrkdwn("x")},
        wording.image("F1", "") | {"alt_text": "x" * 2001},
        {**ACTIONS, "elements": [BUTTON] * 26},
        {**ACTIONS, "elements": [{**BUTTON, "text": wording.plain("x", 76) | {"text": "x" * 76}}]},
        {**ACTIONS, "elements": [{**BUTTON, "value": "x" * 2001}]},
        {**ACTIONS, "elements": [{**BUTTON, "stlye": "danger"}]},
        {"type": "sektion", "text": wording.mrkdwn("x")},
    ],
)
def test_what_slack_does_not_take_is_refused(block: dict[str, Any]):
    with pytest.raises(Refused):
        check_message_blocks([block], fine)


def test_what_slacks_library_does_not_know_is_refused():
    odd = {**ACTIONS, "elements": [{**BUTTON, "stlye": "danger"}]}
    with pytest.raises(Refused, match="reads this as something else"):
        check_by_model(Block.parse, odd, "/blocks/0")
    long = {**ACTIONS, "elements": [{**BUTTON, "value": "x" * 2001}]}
    with pytest.raises(Refused, match="cannot exceed 2000"):
        check_by_model(Block.parse, long, "/blocks/0")
