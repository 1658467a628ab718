"""What people ask in Slack: each way, each role, and what is refused."""

import logging
import threading
import time
from pathlib import Path

import pytest

from tests.servers.fake_slack import ANNA, BEN, CHANNEL, CLEO, EVE, OTHER, TEAM, FakeSlack
from tests.slack.rig import JPEG, Rig, alert, running
from whosthere.core.commands import ALIASES
from whosthere.core.model import News
from whosthere.core.requests import Reply, Role
from whosthere.messaging.slack.grammar import UMBRELLA

FORGED = {"type": "modal", "callback_id": "arm_toggle", "private_metadata": ""}


def text_of(message: dict) -> str:
    return str(message.get("blocks")) + str(message.get("text"))


def an_alert(rig: Rig) -> dict:
    rig.send(alert())
    return rig.fake.top()[-1]


def test_a_command_is_answered_for_the_asker_alone(rig: Rig):
    rig.fake.slash("/whosthere", "status")
    (answer,) = rig.fake.until(lambda: rig.fake.responses)
    assert "ephemeral" == answer["response_type"]
    assert "You asked: status" == answer["text"]
    (asked,) = rig.book.asked
    assert ("status", None, ANNA, "Anna", Role.ADMIN, "slack") == (
        asked.text, asked.alert_id, asked.asker.id, asked.asker.name, asked.asker.role,
        asked.asker.origin,
    )  # fmt: skip


@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_each_name_of_the_talk_is_a_command(rig: Rig, alias: str):
    rig.fake.slash(f"/{alias}", "front")
    rig.fake.until(lambda: rig.book.asked)
    assert [f"{alias} front"] == [asked.text for asked in rig.book.asked]


def test_a_change_is_told_to_all_with_who_made_it(rig: Rig):
    rig.fake.slash(f"/{UMBRELLA}", "arm away for 2h")
    (message,) = rig.fake.posted()
    assert "Anna: You asked: arm away for 2h" == message["text"]


def test_a_command_is_acknowledged_while_its_answer_takes_long(rig: Rig):
    rig.book.busy = threading.Event()
    began = time.monotonic()
    for _ in range(4):
        rig.fake.slash("/whosthere", "snapshot")
    assert time.monotonic() - began < 2.0  # half a second each
    rig.book.busy.set()
    rig.fake.until(lambda: len(rig.fake.responses) == 4)


def test_a_refusal_is_for_the_asker_alone(rig: Rig):
    rig.book.replies["arm"] = Reply("Only admins may arm.", refused=True)
    rig.fake.slash("/whosthere", "arm", user=CLEO)
    (answer,) = rig.fake.until(lambda: rig.fake.responses)
    assert ("ephemeral", "Only admins may arm.") == (answer["response_type"], answer["text"])
    assert [] == rig.fake.messages[CHANNEL]


@pytest.mark.parametrize(
    ("user", "role"), [(ANNA, Role.ADMIN), (BEN, Role.TAGGER), (CLEO, Role.VIEWER)]
)
def test_the_role_goes_along(rig: Rig, user: str, role: Role):
    rig.fake.slash("/whosthere", "status", user=user)
    rig.fake.until(lambda: rig.book.asked)
    assert role is rig.book.asked[0].asker.role


def test_strangers_are_refused_politely_and_logged(rig: Rig, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        answer = rig.fake.slash("/whosthere", "status", user=EVE)
    assert f"Sorry, I do not know you. Your member ID is `{EVE}`" in answer["text"]
    assert f"refused {EVE}" in caplog.text
    assert [] == rig.book.asked


def test_people_of_another_workspace_are_refused(rig: Rig):
    message = an_alert(rig)
    rig.fake.press(message, "alert_occupied", team="T0OTHER")
    (answer,) = rig.fake.until(lambda: rig.fake.responses)
    assert "Only people of this workspace" in answer["text"]
    assert [] == rig.book.asked


def test_strangers_are_refused_in_every_way(rig: Rig):
    message = an_alert(rig)
    rig.fake.press(message, "alert_disarm", user=EVE)
    rig.fake.shortcut("arm_toggle", user=EVE)
    rig.fake.shortcut("tag_alert", user=EVE, message=message)
    rig.fake.submit(FORGED, user=EVE, mode="disarm", span="open")
    rig.fake.press_home("home_off", user=EVE)
    rig.fake.say("disarm", user=EVE)
    rig.fake.event(EVE, type="app_mention", text="<@U0BOT> disarm", channel=CHANNEL)
    rig.fake.say("disarm", user=EVE, channel=CHANNEL, thread_ts=message["ts"])
    rig.fake.event(EVE, type="app_home_opened", tab="home", channel="D1")
    rig.fake.until(lambda: EVE in rig.fake.views)
    assert "I do not know you" in str(rig.fake.views[EVE])
    rig.fake.until(lambda: len(rig.fake.messages[rig.fake.direct(EVE)]) >= 4)
    assert ([], []) == (rig.book.asked, rig.fake.dialogs)


def test_the_camera_can_be_asked_in_its_channels_alone(rig: Rig):
    rig.fake.slash("/whosthere", "snapshot", channel=OTHER)
    (answer,) = rig.fake.until(lambda: rig.fake.responses)
    assert f"Please ask me in <#{CHANNEL}>" in answer["text"]
    assert [] == rig.book.asked


def test_other_channels_may_be_named(fake: FakeSlack, tmp_path: Path):
    with running(fake, tmp_path / "d", also_in=["#other"]) as rig:
        fake.slash("/whosthere", "status", channel=OTHER)
        fake.until(lambda: rig.book.asked)


def test_a_picture_is_uploaded_with_its_words(rig: Rig):
    (rig.folder / "live.jpg").write_bytes(JPEG.read_bytes())
    rig.book.replies["snapshot front"] = Reply("front, 0.3 s old", "live.jpg", "the garden")
    rig.fake.slash("/whosthere", "snapshot front")
    (message,) = rig.fake.posted()
    (file,) = rig.fake.files.values()
    assert ("Anna: front, 0.3 s old", "the garden") == (message["text"], file.alt)
    assert JPEG.read_bytes() == file.data


def test_a_picture_that_cannot_be_sent_is_replaced_by_words(rig: Rig):
    (rig.folder / "live.jpg").write_bytes(b"x")
    rig.book.replies["snapshot"] = Reply("front, 0.3 s old", "live.jpg")
    rig.fake.scopes.discard("files:write")
    rig.fake.slash("/whosthere", "snapshot")
    (answer,) = rig.fake.until(lambda: rig.fake.responses)
    assert "front, 0.3 s old" in answer["text"]
    assert "lacks the scope files:write" in answer["text"]


def test_a_reply_names_no_file_outside_the_data_folder(rig: Rig):
    rig.book.replies["snapshot"] = Reply("here", "../../etc/passwd")
    rig.fake.slash("/whosthere", "snapshot")
    rig.fake.until(lambda: rig.fake.responses)
    assert {} == rig.fake.files


def test_a_long_reply_is_split(rig: Rig):
    rig.book.replies["log"] = Reply("\n".join(f"line {n} <of & all>" for n in range(600)))
    rig.fake.slash("/whosthere", "log")
    (answer,) = rig.fake.until(lambda: rig.fake.responses)
    assert len(answer["blocks"]) > 3
    assert "line 599 &lt;of &amp; all&gt;" in text_of(answer)


# --- buttons


@pytest.mark.parametrize(
    ("action", "request_text"),
    [
        ("alert_occupied", "tag occupied"),
        ("alert_unoccupied", "tag unoccupied"),
        ("alert_snooze", "snooze 30m front"),
        ("alert_disarm", "disarm"),
        ("alert_live", "snapshot front"),
    ],
)
def test_each_button_asks_for_what_it_says(rig: Rig, action: str, request_text: str):
    message = an_alert(rig)
    rig.fake.press(message, action)
    rig.fake.until(lambda: rig.book.asked)
    (asked,) = rig.book.asked
    assert (request_text, alert().id) == (asked.text, asked.alert_id)


def test_a_tag_is_shown_in_the_message_within_a_second_and_can_be_changed(rig: Rig):
    message = an_alert(rig)
    began = time.monotonic()
    rig.fake.press(message, "alert_occupied", user=BEN)
    rig.fake.until(lambda: "🟢 *Occupied*, says Ben" in text_of(message))
    assert time.monotonic() - began < 1.0
    assert "✓ Occupied" in text_of(message)
    rig.fake.press(message, "alert_unoccupied")
    rig.fake.until(lambda: "⚪ *Unoccupied*, says Anna" in text_of(message))
    assert "✓ Occupied" not in text_of(message)
    assert [message] == rig.fake.messages[CHANNEL]


def test_a_tag_that_is_refused_is_not_shown(rig: Rig):
    message = an_alert(rig)
    rig.book.replies["tag occupied"] = Reply("Only taggers may.", refused=True)
    rig.fake.press(message, "alert_occupied", user=CLEO)
    (answer,) = rig.fake.until(lambda: rig.fake.responses)
    assert ("Only taggers may.", 0) == (answer["text"], message["changes"])


def test_a_live_picture_comes_into_the_thread(rig: Rig):
    message = an_alert(rig)
    (rig.folder / "live.jpg").write_bytes(JPEG.read_bytes())
    rig.book.replies["snapshot front"] = Reply("front, 0.3 s old", "live.jpg")
    rig.fake.press(message, "alert_live", user=CLEO)
    (below,) = rig.fake.until(lambda: rig.fake.thread(message))
    assert "Cleo: front, 0.3 s old" == below["text"]


def test_the_picture_is_deleted_after_the_tag_if_so_set(fake: FakeSlack, tmp_path: Path):
    with running(fake, tmp_path / "d", delete_pictures_after_tag=True) as rig:
        (rig.folder / "one.jpg").write_bytes(JPEG.read_bytes())
        message = an_alert(rig)
        rig.send(alert(0, 2, News.PICTURE, file="one.jpg"))
        fake.until(lambda: "slack_file" in text_of(message))
        fake.press(message, "alert_occupied")
        fake.until(lambda: all(file.deleted for file in fake.files.values()))
        assert "slack_file" not in text_of(message)


def test_a_button_of_an_alert_that_nobody_remembers_says_so(rig: Rig):
    message = an_alert(rig)
    element = {"action_id": "alert_disarm", "value": "../../etc/passwd"}
    rig.fake.envelope("interactive", rig.fake.action(message, element, ANNA))
    (answer,) = rig.fake.until(lambda: rig.fake.responses)
    assert ("too old" in answer["text"], []) == (True, rig.book.asked)


def test_a_button_works_after_a_restart(fake: FakeSlack, tmp_path: Path):
    with running(fake, tmp_path / "d") as rig:
        message = an_alert(rig)
    with running(fake, tmp_path / "d") as rig:
        fake.press(message, "alert_occupied")
        fake.until(lambda: "says Anna" in text_of(message))


# --- dialogs


def test_the_shortcut_arms_by_a_dialog(rig: Rig):
    rig.fake.shortcut("arm_toggle")
    (dialog,) = rig.fake.until(lambda: rig.fake.dialogs)
    rig.fake.submit(dialog, mode="arm night", span="8h")
    (message,) = rig.fake.posted()
    assert "Anna: You asked: arm night for 8h" == message["text"]


def test_the_message_shortcut_tags_an_alert(rig: Rig):
    message = an_alert(rig)
    rig.fake.shortcut("tag_alert", user=BEN, message=message)
    (dialog,) = rig.fake.until(lambda: rig.fake.dialogs)
    rig.fake.submit(dialog, user=BEN, tag="unoccupied")
    rig.fake.until(lambda: "*Unoccupied*, says Ben" in text_of(message))
    assert alert().id == rig.book.asked[0].alert_id


def test_the_message_shortcut_on_something_else_says_so(rig: Rig):
    rig.fake.shortcut("tag_alert", message={"channel": CHANNEL, "ts": "1.1", "text": "hello"})
    (answer,) = rig.fake.until(lambda: rig.fake.responses)
    assert "That is not an alert." == answer["text"]


def test_what_a_dialog_did_not_offer_is_not_taken(rig: Rig):
    answer = rig.fake.submit(FORGED, mode="rm -rf", span="open")
    assert "errors" == answer["response_action"]
    assert [] == rig.book.asked


# --- plain words


def test_words_to_the_app_are_answered_there(rig: Rig):
    rig.fake.say("arm away &amp; be “good”")
    direct = rig.fake.direct(ANNA)
    (answer,) = rig.fake.posted(1, direct)
    assert 'You asked: arm away &amp; be "good"' == answer["text"]


def test_a_mention_in_the_channel_is_answered_in_a_thread(rig: Rig):
    top = an_alert(rig)
    rig.fake.event(type="app_mention", text="<@U0BOT> why", channel=CHANNEL, thread_ts=top["ts"])
    (below,) = rig.fake.until(lambda: rig.fake.thread(top))
    assert "You asked: why" == below["text"]
    assert alert().id == rig.book.asked[0].alert_id


def test_words_in_the_thread_of_an_alert_need_not_name_the_incident(rig: Rig):
    top = an_alert(rig)
    rig.fake.say("occupied", channel=CHANNEL, thread_ts=top["ts"])
    rig.fake.until(lambda: "*Occupied*, says Anna" in text_of(top))
    assert ("occupied", alert().id) == (rig.book.asked[0].text, rig.book.asked[0].alert_id)


def test_people_may_talk_in_the_thread_of_an_alert(rig: Rig):
    """It counts as a reaction, and nobody is corrected."""
    top = an_alert(rig)
    rig.book.replies["that is the postman"] = Reply("I do not understand.", refused=True)
    rig.fake.say("that is the postman", channel=CHANNEL, thread_ts=top["ts"])
    rig.fake.until(lambda: len(rig.book.asked) == 2)
    assert "seen" == rig.book.asked[1].text
    assert ([], []) == (rig.fake.thread(top), rig.fake.ephemeral)


def test_people_may_talk_elsewhere(rig: Rig):
    rig.fake.say("disarm", channel=CHANNEL)
    rig.fake.say("disarm", channel=CHANNEL, thread_ts="1.1")
    rig.fake.slash("/whosthere", "status")
    rig.fake.until(lambda: rig.fake.responses)
    assert ["status"] == [asked.text for asked in rig.book.asked]


def test_an_event_that_slack_repeats_is_heard_once(rig: Rig):
    for _ in range(2):
        rig.fake.event(
            event_id="Ev1", type="message", text="arm", channel=rig.fake.direct(ANNA),
            channel_type="im",
        )  # fmt: skip
    rig.fake.posted(1, rig.fake.direct(ANNA))
    rig.fake.slash("/whosthere", "status")
    rig.fake.until(lambda: rig.fake.responses)
    assert ["arm", "status"] == [asked.text for asked in rig.book.asked]


def test_a_bug_in_an_answer_is_told_and_ends_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(rig.book, "replies", None)
    rig.fake.slash("/whosthere", "status")
    (answer,) = rig.fake.until(lambda: rig.fake.responses)
    assert "Something went wrong" in answer["text"]
    rig.fake.until(lambda: "AttributeError" in caplog.text)  # it is logged after the answer


def test_the_name_is_the_id_while_slack_does_not_tell(rig: Rig):
    rig.fake.fail("users.info", status=500, times=4)
    rig.fake.slash("/whosthere", "status")
    rig.fake.until(lambda: rig.book.asked)
    assert ANNA == rig.book.asked[0].asker.name


def test_the_team_of_the_request_is_checked(rig: Rig):
    answer = rig.fake.slash("/whosthere", "status", team_id="T0OTHER")
    assert "Only people of this workspace" in answer["text"]
    assert TEAM != "T0OTHER"
