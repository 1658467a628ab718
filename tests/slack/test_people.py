"""Who asks from elsewhere is told whose times an answer has; everybody else is not."""

import pytest

from tests.servers.fake_slack import ANNA, FakeSlack
from tests.slack.rig import NOW, Rig
from whosthere.core.requests import Reply

HOUR = 3600
NOTE = "_Times are those of the house, where it is 22:00 now._"


@pytest.fixture(autouse=True)
def now(rig: Rig) -> None:
    rig.parts.requests.now = lambda: NOW


def answer(rig: Rig, text: str) -> str:
    rig.book.replies["why"] = Reply(text)
    rig.fake.slash("/whosthere", "why")
    return str(rig.fake.until(lambda: rig.fake.responses)[-1]["text"])


@pytest.mark.parametrize("offset", [9 * HOUR, -HOUR, 5 * HOUR + 1800])
def test_times_of_the_house_are_called_so_elsewhere(rig: Rig, fake: FakeSlack, offset: int):
    fake.offsets[ANNA] = offset
    assert f"*front, 21:10:07*: told.\n{NOTE}" == answer(rig, "*front, 21:10:07*: told.")


@pytest.mark.parametrize(("offset", "text"), [(0, "at 21:10"), (9 * HOUR, "16 of 9")])
def test_where_clocks_agree_or_no_time_is_named_nothing_is_added(
    rig: Rig, fake: FakeSlack, offset: int, text: str
):
    fake.offsets[ANNA] = offset
    assert text == answer(rig, text)


def test_without_a_word_of_slack_about_it_nothing_is_added(rig: Rig):
    assert "at 21:10" == answer(rig, "at 21:10")
