"""What is said in Slack keeps to Slack's limits and holds no markup that nobody meant."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.slack.rig import NOW
from whosthere.app.sandbox.rules import check_message_blocks, odd_markup, texts
from whosthere.messaging.slack import grammar, wording
from whosthere.messaging.slack.cards import Card, Said, Told, Visit, as_json, from_json

TEXT = some.text(max_size=5000)


def fine(_: str) -> None:
    return None


@given(TEXT, TEXT, TEXT, some.integers(0, 30))
def test_whatever_the_names_are_slack_takes_an_alert(title: str, more: str, by: str, news: int):
    card = Card(
        "id", NOW, more[:40], "person", title or "x", more, {by[:50]: 0.5}, "away", "late",
        news=tuple(Told(NOW, more) for _ in range(news)), picture="F1", shown=True, gathered=3,
        visits={more: Visit(NOW, Said("occupied", by, NOW)), "another": Visit(NOW)},
    )  # fmt: skip
    blocks = wording.alert_blocks(card, UTC)
    check_message_blocks(blocks, fine)
    assert [] == [odd for text in texts(blocks) for odd in odd_markup(text)]
    assert [] == odd_markup(wording.alert_text(card, UTC))


@given(some.text(max_size=20000))
def test_whatever_a_reply_is_slack_takes_it(text: str):
    blocks = wording.reply_blocks(text)
    check_message_blocks(blocks, fine)
    assert [] == [odd for part in texts(blocks) for odd in odd_markup(part)]


@given(some.text())
def test_escapes_come_back(text: str):
    assert text == wording.unescaped(wording.escaped(text))


@given(some.text(), some.floats(0, 1), some.booleans())
def test_a_card_survives_being_written_down(text: str, sure: float, said: bool):  # noqa: FBT001
    card = Card(
        "id", NOW, text, "person", text, labels={text: sure}, news=(Told(NOW, text),),
        files=("F1",), stale=said, seen=Said("seen", text, NOW) if said else None,
        visits={text: Visit(NOW, Said("occupied", text, NOW + timedelta(1)) if said else None)},
    )  # fmt: skip
    assert card == from_json(as_json(card))


@pytest.mark.parametrize(
    ("command", "text", "asked"),
    [
        ("/whosthere", "arm away", "arm away"),
        ("/whosthere", "", ""),
        ("/pycam_on", "front", "pycam_on front"),
        ("/who_is_home", "", "who"),
        ("/whosthere_status", "", "status"),
        ("/whosthere", "a\nb\u00a0\u200b c", "a b c"),
    ],
)
def test_commands_are_lines_of_the_grammar(command: str, text: str, asked: str):
    assert asked == grammar.of_command(command, text)


@pytest.mark.parametrize(
    ("text", "asked"),
    [("<@U0BOT> why", "why"), ("&lt;b&gt; &amp; c", "<b> & c"), ("“a” – b", '"a" - b')],  # noqa: RUF001 - as Slack's clients write
)
def test_words_are_freed_of_slacks_marks(text: str, asked: str):
    assert asked == grammar.of_message(text)


@pytest.mark.parametrize(
    ("text", "changes"),
    [("arm away", True), ("pycam_off", True), ("mute 30m", True), ("Turn off the light", True),
     ("status", False), ("why", False), ("", False), ("armchair", False)],
)  # fmt: skip
def test_changes_are_known_as_such(text: str, changes: bool):  # noqa: FBT001
    assert changes is grammar.is_change(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("tag occupied", "occupied"),
        ("Unoccupied", "unoccupied"),
        ("why occupied", None),
        ("tag occupied 20260101T210012000-front", None),
    ],
)
def test_answers_are_found_in_requests(text: str, answer: str | None):
    assert answer == grammar.answer_in(text)
