"""Replies that go on: one message that is rewritten, and the end with its picture in the thread."""

import shutil
from collections.abc import Iterator

import pytest

from tests.servers.fake_slack import CHANNEL, FakeSlack
from tests.slack.rig import JPEG, Rig
from whosthere.core.requests import Reply


@pytest.fixture(autouse=True)
def soon(rig: Rig) -> None:
    rig.parts.requests.goes_on_seconds = 0.05


def going(words: Iterator[str], folder) -> Reply:
    """A reply that goes on through these words, and ends with a picture."""
    shutil.copy(JPEG, folder / "path.jpg")

    def later() -> Reply:
        text = next(words)
        over = text.startswith("over")
        return Reply(text, "path.jpg" if over else None, later=None if over else later)

    return Reply("It begins.", later=later)


def test_a_walk_test_goes_on_in_the_thread_and_ends_with_its_picture(rig: Rig):
    words = iter(["one", "one", "one and two", "over: good"])
    rig.book.replies["walk test"] = going(words, rig.folder)
    rig.fake.slash("/whosthere", "walk test")
    end = rig.fake.until(lambda: [m for m in rig.fake.messages[CHANNEL] if m.get("files")])
    first, step, *_ = rig.fake.messages[CHANNEL]
    assert "over: good" == first["text"]  # it said "Anna: It begins." before
    assert (first["ts"], "over: good") == (step["thread_ts"], step["text"])
    assert first["ts"] == end[0]["thread_ts"]
    assert 3 == len(rig.fake.messages[CHANNEL])


def test_a_step_that_slack_does_not_take_is_told_with_the_next(rig: Rig, fake: FakeSlack):
    words = iter(["one", "two", "three", "over: good"])
    rig.book.replies["walk test"] = going(words, rig.folder)
    fake.fail("chat.update", error="fatal_error")
    rig.fake.slash("/whosthere", "walk test")
    rig.fake.until(lambda: [m for m in rig.fake.messages[CHANNEL] if m.get("files")])
    assert "over: good" == rig.fake.messages[CHANNEL][1]["text"]
