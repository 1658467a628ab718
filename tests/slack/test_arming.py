"""Arming by who is home, in Slack: from reports to a message, from a button to the house."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.app.answers.living import visit
from tests.servers.fake_slack import ANNA, BEN, CHANNEL, CLEO, FakeSlack
from tests.slack.household import RULES, PresentHouse, Told, told_house
from whosthere.core.modes import Mode

GONE = 430.0  # seconds until everybody counts as gone by all sources


@pytest.fixture
def told(fake: FakeSlack, tmp_path: Path) -> Iterator[Told]:
    house = PresentHouse(tmp_path / "house")
    with told_house(fake, tmp_path / "slack", house) as told:
        yield told
    house.close()


def shown(message: dict[str, Any]) -> str:
    return str(message["blocks"])


def actions(message: dict[str, Any]) -> list[str]:
    return [
        one["action_id"]
        for block in message["blocks"]
        if block["type"] == "actions"
        for one in block["elements"]
    ]


def counting(told: Told) -> dict[str, Any]:
    """Both were home, and have left; the house counts down."""
    told.house.live(600, "ann-phone", "ben-phone")
    told.house.live(GONE)
    told.tell()
    (message,) = told.fake.posted()
    return message


def test_before_arming_people_are_told_when_why_and_by_what_evidence(told: Told):
    message = counting(told)
    due = told.house.keeper.house.countdown.due
    assert f"<!date^{int(due.timestamp())}^" in shown(message)
    for words in ("Mode away at", "Everybody has left", "Ann: ann-phone last seen 21:10",
                  "Ben: ben-phone last seen 21:10"):  # fmt: skip
        assert words in shown(message)
    assert ["alert_stay_off", "alert_stay_off_long", "alert_arm_now"] == actions(message)


def test_the_words_without_blocks_say_it_all(told: Told):
    text = counting(told)["text"]
    assert text.startswith("Mode away at 21:18:")
    for words in ("everybody has left", "ann-phone last seen 21:10 by", "ben-phone"):
        assert words in text


def test_the_message_is_brought_up_to_date_once_when_it_is_armed(told: Told):
    message = counting(told)
    told.house.live(70)
    told.tell()
    assert Mode.AWAY is told.house.keeper.house.arm_state.mode
    assert "🔒 *Armed, mode away*" in shown(message)
    assert "before: Mode away at" in shown(message)
    assert ["alert_disarm"] == actions(message)
    assert 1 == told.fake.calls.count("chat.update")
    assert 1 == len(told.fake.messages[CHANNEL])


def test_a_countdown_that_begins_anew_shows_its_new_end_and_keeps_its_buttons(told: Told):
    message = counting(told)
    before = told.house.keeper.house.countdown.due
    told.house.live(400, failing={"router": "no answer", "network": "no answer"})
    told.house.live(GONE)
    told.tell()
    due = told.house.keeper.house.countdown.due
    assert before < due
    assert f"<!date^{int(due.timestamp())}^" in shown(message)
    assert f"<!date^{int(before.timestamp())}^" not in shown(message)
    assert "begins anew" in shown(message)
    assert "before:" not in shown(message)
    assert ["alert_stay_off", "alert_stay_off_long", "alert_arm_now"] == actions(message)
    assert message["text"].startswith(f"Mode away at {due:%H:%M:%S}")
    told.house.live(70)
    told.tell()
    assert "🔒 *Armed, mode away*" in shown(message)
    assert 1 == len(told.fake.top())


def test_stay_off_stops_it_until_somebody_comes(told: Told):
    message = counting(told)
    told.fake.press(message, "alert_stay_off", user=ANNA)
    told.fake.until(lambda: told.fake.thread(message))
    told.tell()
    told.house.live(3600)
    assert Mode.OFF is told.house.keeper.house.arm_state.mode
    assert "✋ *Not armed: Anna asked to stay off*" in shown(message)
    assert ["alert_arm_now"] == actions(message)
    (reply,) = told.fake.thread(message)
    assert "Anna: Mode away does not follow" in reply["text"]


def test_stay_off_for_long_names_the_end(told: Told):
    message = counting(told)
    told.fake.press(message, "alert_stay_off_long", user=ANNA)
    told.fake.until(lambda: told.fake.thread(message))
    state = told.house.keeper.house.arm_state
    assert (Mode.OFF, "07:00") == (state.mode, f"{state.until:%H:%M}")  # 8:00 in Vienna
    assert "until Fri 08:00" in told.fake.thread(message)[0]["text"]


def test_arm_now_arms_at_once(told: Told):
    message = counting(told)
    told.fake.press(message, "alert_arm_now", user=ANNA)
    told.fake.until(lambda: told.fake.thread(message))
    told.tell()
    assert Mode.AWAY is told.house.keeper.house.arm_state.mode
    assert "Armed, mode away" in shown(message)


@pytest.mark.parametrize("action", ["alert_stay_off", "alert_stay_off_long", "alert_arm_now"])
@pytest.mark.parametrize("user", [BEN, CLEO])
def test_who_may_not_change_the_mode_may_not_do_so_here(told: Told, action: str, user: str):
    message = counting(told)
    told.fake.press(message, action, user=user)
    (refused,) = told.fake.until(lambda: told.fake.responses)
    assert "Only admins" in refused["text"]
    assert told.house.keeper.house.countdown is not None
    assert [] == told.fake.thread(message)


def test_who_comes_in_time_stops_the_countdown(told: Told):
    message = counting(told)
    told.house.live(10, "ben-phone")
    told.tell()
    assert "✋ *Not armed: Ben is home*" in shown(message)
    assert "ben-phone seen 21:1" in shown(message)


def test_coming_home_disarms_and_is_told_with_who_and_how(told: Told):
    counting(told)
    told.house.live(3600)
    told.house.live(10, "ann-phone")
    told.tell()
    message = told.fake.messages[CHANNEL][-1]
    assert Mode.OFF is told.house.keeper.house.arm_state.mode
    for words in ("🏠 *Disarmed: Ann came home*", "ann-phone seen 22:1"):
        assert words in shown(message)
    assert ["alert_arm_now"] == actions(message)
    assert "Disarmed: Ann came home" in message["text"]


def test_a_guest_disarms_nothing(told: Told):
    counting(told)
    told.house.live(3600)
    told.house.live(60, "gil-phone")
    told.tell()
    assert Mode.AWAY is told.house.keeper.house.arm_state.mode


def test_who_comes_though_away_was_asked_for_a_time_is_told_that_it_is_armed(told: Told):
    counting(told)
    told.house.ask("arm away for 4h")
    told.house.live(3600)
    told.house.live(10, "ann-phone")
    told.tell()
    message = told.fake.messages[CHANNEL][-1]
    assert "🔒 *Still armed, mode away*" in shown(message)
    assert "Ann came home, but" in shown(message)
    (disarm,) = actions(message)
    assert "Disarm?" in shown(message)  # asks first
    told.fake.press(message, disarm, user=ANNA)
    told.fake.until(lambda: told.fake.thread(message))
    assert Mode.OFF is told.house.keeper.house.arm_state.mode


def test_sources_that_fail_for_long_are_told_once_and_when_they_work_again(told: Told):
    told.house.live(600, "ann-phone")
    failing = {"router": "wrong password", "network": "no route"}
    told.house.live(1200, failing=failing)
    told.tell()
    (message,) = told.fake.posted()
    for words in ("🔌 *Trouble with presence*", "wrong password", "Nothing is armed or disarmed"):
        assert words in shown(message)
    told.house.live(60, "ann-phone")
    told.tell()
    assert "📶 *Presence works again after" in shown(message)
    assert 1 == len(told.fake.messages[CHANNEL])


def test_on_entry_there_is_time_to_disarm_and_no_question(fake: FakeSlack, tmp_path: Path):
    house = PresentHouse(
        tmp_path / "house", Mode.AWAY, replace(RULES, entry_seconds={"front": 3600.0})
    )
    with told_house(fake, tmp_path / "slack", house) as told:
        for sighting in visit():
            house.hear_one(sighting)
        told.tell()
        (message,) = fake.posted()
        assert "🚪 *Somebody at front: disarm before <!date^" in shown(message)
        assert ["alert_disarm", "alert_live"] == actions(message)
        assert "Disarm?" not in shown(message)
        fake.press(message, "alert_disarm", user=ANNA)
        fake.until(lambda: fake.thread(message))
        told.tell()
        assert Mode.OFF is house.keeper.house.arm_state.mode
        assert "✋ *Disarmed in time at front*" in shown(message)
    house.close()


def opened(told: Told, user: str = ANNA) -> str:
    told.fake.views.pop(user, None)
    told.fake.event(user, type="app_home_opened", tab="home", channel="D1")
    return str(told.fake.until(lambda: told.fake.views.get(user)))


def test_app_home_shows_everybody_with_evidence(told: Told):
    told.house.live(600, "ann-phone")
    view = opened(told)
    for words in ("🟢 *Ann*: home since", "ann-phone seen just now by", "⚪ *Ben*: away",
                  "⚪ *Gil* (guest)", "follows when nobody was seen for 7 min"):  # fmt: skip
        assert words in view


def test_app_home_counts_down_with_buttons(told: Told):
    counting(told)
    view = opened(told)
    for words in ("⏳ *Mode away at <!date^", "Everybody has left", "home_stay_off",
                  "home_stay_off_long", "home_arm_now"):  # fmt: skip
        assert words in view
    told.fake.press_home("home_stay_off")
    told.fake.until(lambda: told.house.keeper.house.countdown is None)
    told.fake.until(lambda: "⏳" not in str(told.fake.views[ANNA]))
    assert "Anna asked to stay off" in str(told.fake.views[ANNA])


def test_app_home_has_no_such_buttons_for_who_may_only_look(told: Told):
    counting(told)
    view = opened(told, CLEO)
    assert "⏳ *Mode away at" in view
    assert "home_stay_off" not in view


def test_app_home_names_sources_that_fail(told: Told):
    told.house.live(600, "ann-phone")
    told.house.live(60, "ann-phone", failing={"router": "wrong password"})
    assert "🔌 Source *router* fails since" in opened(told)


def test_turning_auto_detect_on_says_what_follows(told: Told):
    told.fake.slash("/auto_detect_off")
    told.fake.slash("/auto_detect_on")
    told.fake.posted(2)
    texts = [message["text"] for message in told.fake.messages[CHANNEL]]
    assert any("people and the schedule alone" in text for text in texts)
    assert any(
        "Nobody seen for 7 min and 1 min of notice: mode away (2 people, 2 sources)" in text
        for text in texts
    )


def test_the_log_says_who_armed_what_and_why(told: Told):
    counting(told)
    told.house.live(70)
    told.house.live(10, "ann-phone")
    told.house.ask("arm night")
    log = told.house.ask("log 20").text
    for words in ("mode away: everybody has left", "Ann came home", "Ann (test): mode night"):
        assert words in log


def test_a_countdown_is_brought_up_to_date_after_a_restart(fake: FakeSlack, tmp_path: Path):
    house = PresentHouse(tmp_path / "house")
    with told_house(fake, tmp_path / "slack", house) as told:
        message = counting(told)
    with told_house(fake, tmp_path / "slack", house) as told:
        house.live(70)
        told.tell()
    house.close()
    assert "🔒 *Armed, mode away*" in shown(message)
    assert 1 == len(fake.messages[CHANNEL])


def test_what_could_not_be_told_in_time_is_told_as_it_is_now(told: Told):
    told.house.live(600, "ann-phone", "ben-phone")
    told.house.live(GONE + 70)
    told.tell()
    (message,) = told.fake.posted()
    assert "🔒 *Armed, mode away*" in shown(message)
    assert ["alert_disarm"] == actions(message)
