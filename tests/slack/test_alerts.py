"""Alerts in Slack: one message each, kept up to date, and each once."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.servers.fake_slack import ANNA, BEN, CHANNEL, FakeSlack
from tests.slack.rig import JPEG, NOW, Rig, alert, running
from whosthere.core.errors import DeliveryTrouble
from whosthere.core.model import AlertKind, News, Urgency


def kept_picture(rig: Rig, name: str = "one.jpg") -> str:
    (rig.folder / name).write_bytes(JPEG.read_bytes())
    return name


def shows(message: dict) -> list[str]:
    return [block["type"] for block in message["blocks"]]


def told(message: dict) -> str:
    return str(message["blocks"])


def test_an_alert_is_one_message_with_words_and_buttons(rig: Rig):
    rig.send(alert())
    (message,) = rig.fake.messages[CHANNEL]
    assert "Person at front, 22:00:02 (90 % sure)" == message["text"]
    assert ["section", "context", "actions"] == shows(message)
    assert f"<!date^{int(NOW.timestamp())}^" in told(message)
    names = [button["text"]["text"] for button in message["blocks"][-1]["elements"]]
    assert ["Occupied", "Unoccupied", "Snooze 30 min", "Disarm", "Live picture"] == names
    assert "confirm" in message["blocks"][-1]["elements"][3]


def test_what_is_late_says_so(rig: Rig):
    rig.send(alert(), late=42.0)
    assert "delivered 42 s late" in rig.fake.messages[CHANNEL][0]["text"]
    assert "delivered 42 s late" in told(rig.fake.messages[CHANNEL][0])


def test_the_picture_comes_into_the_thread_and_into_the_message(rig: Rig):
    rig.send(alert())
    rig.send(alert(0, 2, News.PICTURE, file=kept_picture(rig)))
    (message,) = rig.fake.top()
    rig.fake.until(lambda: "image" in shows(message))
    (below,) = rig.fake.thread(message)
    (file,) = rig.fake.files.values()
    assert file.id == below["files"][0]["id"]
    assert JPEG.read_bytes() == file.data
    assert "Picture of front, 22:00:02" == file.alt


def test_the_picture_with_boxes_is_preferred(rig: Rig):
    name = kept_picture(rig)
    (rig.folder / "one_boxes.jpg").write_bytes(b"boxed")
    rig.send(alert())
    rig.send(alert(0, 2, News.PICTURE, file=name))
    assert [b"boxed"] == [file.data for file in rig.fake.files.values()]


def test_a_picture_that_slack_has_not_processed_yet_is_shown_later(rig: Rig):
    rig.fake.pictures_ready_after = 2
    rig.send(alert())
    rig.send(alert(0, 2, News.PICTURE, file=kept_picture(rig)))
    (message,) = rig.fake.top()
    rig.fake.until(lambda: "image" in shows(message))
    assert 3 == rig.fake.calls.count("chat.update")


def test_the_clip_follows_in_the_thread(rig: Rig):
    (rig.folder / "clip.mp4").write_bytes(b"film")
    rig.send(alert())
    rig.send(alert(0, 2, News.CLIP, file="clip.mp4"))
    (message,) = rig.fake.top()
    assert [b"film"] == [file.data for file in rig.fake.files.values()]
    assert 1 == len(rig.fake.thread(message))


def test_a_file_outside_the_data_folder_is_not_sent(rig: Rig):
    (rig.folder.parent / "secret.jpg").write_bytes(b"x")
    rig.send(alert())
    rig.send(alert(0, 2, News.PICTURE, file="../secret.jpg"))
    assert {} == rig.fake.files


def test_later_news_go_into_the_same_message(rig: Rig):
    rig.send(alert())
    rig.send(alert(0, 2, News.ANOTHER_VISIT, at=NOW))
    (message,) = rig.fake.messages[CHANNEL]
    assert "Another visit at front" in told(message)


def test_who_is_recognised_later_makes_phones_ring(rig: Rig):
    rig.send(alert(kind=AlertKind.UNCLASSIFIED))
    rig.send(alert(0, 2, News.RECOGNISED))
    (message,) = rig.fake.top()
    (below,) = rig.fake.thread(message)
    assert "It is a person at front (90 % sure)" in told(message)
    assert below["reply_broadcast"]


def test_a_camera_that_is_back_says_so_where_its_loss_was_told(rig: Rig):
    rig.send(alert(kind=AlertKind.CAMERA_LOST, detail="no route"))
    back = alert(0, 2, kind=AlertKind.CAMERA_BACK)
    rig.send(back)
    (message,) = rig.fake.top()
    assert "Camera front is lost" in told(message)
    assert "Camera front is back" in told(message)
    assert 1 == len(rig.fake.thread(message))


def test_a_revision_that_comes_again_changes_nothing(rig: Rig):
    rig.send(alert())
    rig.send(alert(), attempts=1)
    rig.send(alert(0, 2, News.ANOTHER_VISIT))
    rig.send(alert(0, 2, News.ANOTHER_VISIT), attempts=1)
    assert 1 == len(rig.fake.messages[CHANNEL])
    assert 1 == rig.fake.messages[CHANNEL][0]["changes"]


def test_an_alert_whose_beginning_was_never_told_is_told_whole(rig: Rig):
    rig.send(alert(0, 3, News.PICTURE, file=kept_picture(rig)))
    (message,) = rig.fake.top()
    assert "Person at front" in told(message)
    rig.fake.until(lambda: "image" in shows(message))


def test_people_are_mentioned_and_then_written_to(fake: FakeSlack, tmp_path: Path):
    with running(fake, tmp_path / "d", mention=[ANNA], direct_to=[ANNA, "U0NOBODY", BEN]) as rig:
        rig.send(alert())
        why = "nobody has answered for 300 s"
        rig.send(alert(0, 2, News.ESCALATED, detail=why, urgency=Urgency.MENTION))
        rig.send(alert(0, 3, News.ESCALATED, detail=why, urgency=Urgency.DIRECT))
        (below,) = fake.thread(fake.top()[0])
    assert f"<@{ANNA}> Person at front: nobody has answered for 300 s." == below["text"]
    assert below["reply_broadcast"]
    for person in (ANNA, BEN):
        (direct,) = fake.messages[fake.direct(person)]
        assert "nobody has answered" in direct["text"]
        assert "|Look at it>" in direct["text"]


def test_a_flood_is_gathered_below_its_first_messages(rig: Rig):
    for number in range(6):
        rig.send(alert(number))
    rig.send(alert(2, camera="garden"))
    leader = rig.fake.top()[2]
    rig.fake.until(lambda: "3 more at front in this minute" in told(leader))
    assert 4 == len(rig.fake.top())
    assert 3 == len(rig.fake.thread(leader))


def test_the_first_after_a_quiet_minute_is_not_swallowed(rig: Rig):
    for number in (0, 1, 2, 3, 70):
        rig.send(alert(number))
    assert 4 == len(rig.fake.top())


def test_a_person_is_not_swallowed_by_a_flood_of_unclassified_motion(rig: Rig):
    for number in range(4):
        rig.send(alert(number, kind=AlertKind.UNCLASSIFIED))
    rig.send(alert(4))
    assert "Person" in rig.fake.top()[-1]["text"]


def test_a_restart_goes_on_in_the_same_message(fake: FakeSlack, tmp_path: Path):
    with running(fake, tmp_path / "d") as rig:
        rig.send(alert())
    with running(fake, tmp_path / "d") as rig:
        rig.send(alert(0, 2, News.ANOTHER_VISIT))
        rig.send(alert(0, 3, News.PICTURE, file=kept_picture(rig)))
        fake.until(lambda: "image" in shows(fake.top()[0]))
    assert 1 == len(fake.top())
    assert "Another visit" in told(fake.top()[0])


def test_what_a_crash_left_in_doubt_is_looked_up_and_not_posted_twice(
    fake: FakeSlack, tmp_path: Path
):
    with running(fake, tmp_path / "one") as rig:
        rig.send(alert())
    with running(fake, tmp_path / "another") as rig:  # which lost the note about it
        rig.send(alert(), queued=NOW)
        rig.send(alert(0, 2, News.ANOTHER_VISIT))
    (message,) = fake.messages[CHANNEL]
    assert "Another visit" in told(message)


@pytest.mark.parametrize("fault", [{"cut": True, "after": True}, {"status": 503, "after": True}])
def test_a_post_that_arrived_in_spite_of_an_error_is_not_repeated(rig: Rig, fault: dict):
    rig.fake.fail("chat.postMessage", **fault)
    with pytest.raises(DeliveryTrouble):
        rig.send(alert())
    rig.send(alert(), attempts=1)
    assert 1 == len(rig.fake.messages[CHANNEL])


@pytest.mark.parametrize("fault", [{"cut": True, "after": True}, {"status": 503, "after": True}])
def test_an_upload_that_arrived_in_spite_of_an_error_is_not_repeated(rig: Rig, fault: dict):
    picture = alert(0, 2, News.PICTURE, file=kept_picture(rig))
    rig.send(alert())
    rig.fake.fail("files.completeUploadExternal", **fault)
    with pytest.raises(DeliveryTrouble):
        rig.send(picture)
    rig.send(picture, attempts=1)
    assert 1 == len(rig.fake.thread(rig.fake.top()[0]))


def test_without_the_scope_to_look_an_alert_comes_rather_twice_than_never(rig: Rig):
    rig.fake.scopes -= {"channels:history", "groups:history"}
    rig.fake.fail("chat.postMessage", cut=True, after=True)
    with pytest.raises(DeliveryTrouble):
        rig.send(alert())
    rig.send(alert(), attempts=1)
    assert 2 == len(rig.fake.messages[CHANNEL])


def test_a_message_whose_form_is_refused_goes_as_plain_text(rig: Rig):
    rig.fake.fail("chat.postMessage", error="invalid_blocks")
    rig.send(alert())
    assert "Person at front, 22:00:02 (90 % sure)" == rig.fake.messages[CHANNEL][0]["text"]


@pytest.mark.parametrize(
    ("fault", "said", "wait"),
    [
        ({"status": 429, "retry_after": 7}, "fewer messages", 7.0),
        ({"status": 500}, "cannot be understood|http_500", None),
        ({"error": "token_revoked"}, "token was revoked", None),
        ({"error": "not_in_channel"}, "/invite", None),
        ({"cut": True}, "connection was cut", None),
    ],
)
def test_what_goes_wrong_is_said_and_may_be_tried_again(
    rig: Rig, fault: dict, said: str, wait: float | None
):
    rig.fake.fail("chat.postMessage", **fault)
    with pytest.raises(DeliveryTrouble, match=said) as caught:
        rig.send(alert())
    assert (False, wait) == (caught.value.permanent, caught.value.wait_seconds)
    rig.send(alert(), attempts=1)
    assert 1 == len(rig.fake.messages[CHANNEL])


def test_a_message_that_somebody_deleted_keeps_nothing_up(rig: Rig):
    rig.send(alert())
    rig.fake.fail("chat.update", error="message_not_found")
    rig.send(alert(0, 2, News.ANOTHER_VISIT))


def test_a_channel_may_be_named(fake: FakeSlack, tmp_path: Path):
    with running(fake, tmp_path / "d", channel="#alerts") as rig:
        rig.send(alert())
    assert 1 == len(fake.messages[CHANNEL])


def test_an_unknown_channel_is_named(fake: FakeSlack, tmp_path: Path):
    with (
        running(fake, tmp_path / "d", channel="#nowhere") as rig,
        pytest.raises(DeliveryTrouble, match="#nowhere"),
    ):
        rig.send(alert())


def test_names_hold_no_markup(rig: Rig):
    rig.send(alert(kind=AlertKind.CAMERA_LOST, detail="<!channel> & <b>"))
    assert "&lt;!channel&gt; &amp; &lt;b&gt;" in told(rig.fake.messages[CHANNEL][0])


def test_other_cameras_do_not_gather(rig: Rig):
    for number in range(5):
        rig.send(alert(number, camera=f"camera-{number}", at=NOW + timedelta(seconds=number)))
    assert 5 == len(rig.fake.top())


def test_a_picture_is_awaited_for_a_moment_since_a_better_one_soon_takes_its_place(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rig.parts.alerts, "_settle_seconds", 1.0)
    name = kept_picture(rig)
    rig.send(alert())
    better = threading.Timer(0.3, lambda: (rig.folder / name).write_bytes(b"better"))
    better.start()
    rig.send(alert(0, 2, News.PICTURE, file=name))
    better.join()
    assert [b"better"] == [file.data for file in rig.fake.files.values()]


def test_news_that_were_posted_are_not_posted_again_when_the_update_after_them_fails(rig: Rig):
    rig.send(alert(kind=AlertKind.UNCLASSIFIED))
    rig.send(alert(7, camera="other"))
    rig.fake.fail("chat.update", status=429, retry_after=1)
    with pytest.raises(DeliveryTrouble):
        rig.send(alert(0, 2, News.RECOGNISED))
    rig.send(alert(0, 2, News.RECOGNISED), attempts=1)
    assert 1 == len(rig.fake.thread(rig.fake.top()[0]))
    assert "It is a person" in told(rig.fake.top()[0])


def test_how_sure_it_is_becomes_what_was_seen_last(rig: Rig):
    (rig.folder / "clip.mp4").write_bytes(b"film")
    rig.send(replace(alert(), confidence=0.65))
    rig.send(alert(0, 2, News.CLIP, file="clip.mp4"))
    rig.fake.until(lambda: "90 % sure" in told(rig.fake.top()[0]))


def test_a_picture_is_shown_though_connections_are_cut_meanwhile(rig: Rig):
    (rig.folder / "one.jpg").write_bytes(JPEG.read_bytes())
    rig.send(alert())
    rig.fake.fail("chat.update", times=4, cut=True)
    rig.send(alert(0, 2, News.PICTURE, file="one.jpg"))
    rig.fake.until(lambda: "slack_file" in str(rig.fake.top()[0]["blocks"]))
