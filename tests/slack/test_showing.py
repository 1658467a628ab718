"""Messages are brought up to date with what people answered, wherever and whenever they did."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.servers.fake_slack import ANNA, BEN, FakeSlack
from tests.slack.rig import JPEG, Rig, alert, running
from whosthere.app.slack_parts import showing_tags
from whosthere.core.model import Alert, Answer, Incident, News, Tag

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


AT = datetime.now(UTC).replace(microsecond=0)
LATER = AT + timedelta(minutes=1)
SECOND = "incident-of-the-second"


def told(message: dict) -> str:
    return str(message["blocks"])


def first() -> Alert:
    return alert(at=AT)


def joined() -> Alert:
    """The same alert with a second visit."""
    ids = (*first().incident_ids, SECOND)
    return replace(first(), revision=2, news=News.ANOTHER_VISIT, at=LATER, incident_ids=ids)


def remembered(rig: Rig) -> None:
    """Put the alert's visits on disk, as the house does."""
    for name, at in zip(joined().incident_ids, (AT, LATER), strict=True):
        rig.store.remember([Incident(name, "front", at, at, 0.0, at, 0.0, alert_id=first().id)])


def an_alert(rig: Rig) -> dict:
    rig.send(first())
    return rig.fake.top()[-1]


def tag(rig: Rig, incident: str, answer: Answer = Answer.OCCUPIED, by: str = "Dora") -> Tag:
    """Let somebody answer at the command line."""
    given = Tag(incident, answer, by, rig.parts.requests.now(), "command line")
    rig.store.remember([given])
    return given


def test_a_press_is_about_all_visits_of_the_alert(rig: Rig):
    message = an_alert(rig)
    rig.send(joined())
    rig.fake.press(message, "alert_occupied", user=BEN)
    rig.fake.until(lambda: "✓ Occupied" in told(message))
    assert 1 == told(message).count("*Occupied*, says Ben")
    assert "of the visit" not in told(message)


def test_an_answer_about_one_visit_says_which(rig: Rig):
    message = an_alert(rig)
    rig.send(joined())
    remembered(rig)
    hear = showing_tags(rig.parts, rig.store)
    hear(tag(rig, SECOND, Answer.UNOCCUPIED))
    rig.fake.until(lambda: "*Unoccupied*, says Dora" in told(message))
    assert f"of the visit at <!date^{int(LATER.timestamp())}^" in told(message)
    assert "✓" not in told(message)

    hear(tag(rig, first().incident_ids[0], Answer.UNOCCUPIED, "Emil"))
    rig.fake.until(lambda: "✓ Unoccupied" in told(message))
    assert "*Unoccupied*, says Emil" in told(message)
    assert "of the visit" not in told(message)


def test_a_visit_that_joins_after_the_answer_is_not_answered_yet(rig: Rig):
    message = an_alert(rig)
    rig.fake.press(message, "alert_occupied", user=BEN)
    rig.fake.until(lambda: "✓ Occupied" in told(message))
    rig.send(joined())
    assert "✓" not in told(message)
    assert f"of the visit at <!date^{int(AT.timestamp())}^" in told(message)


def test_what_was_answered_while_slack_was_away_shows_when_it_is_back(rig: Rig):
    message = an_alert(rig)
    remembered(rig)
    showing_tags(rig.parts, rig.store)
    rig.fake.down = True
    rig.fake.abort_sockets()
    rig.fake.until(lambda: rig.why)
    tag(rig, first().incident_ids[0])
    rig.fake.down = False
    rig.fake.until(lambda: "*Occupied*, says Dora" in told(message))


def test_what_was_answered_before_the_start_shows_after_it(fake: FakeSlack, tmp_path: Path):
    with running(fake, tmp_path / "d") as rig:
        message = an_alert(rig)
        remembered(rig)
    with running(fake, tmp_path / "d", listening=False) as rig:
        tag(rig, first().incident_ids[0])
        showing_tags(rig.parts, rig.store)
        fake.down = True
        fake.abort_sockets()
        fake.until(lambda: rig.why)
        fake.down = False
        fake.until(lambda: "*Occupied*, says Dora" in told(message))


def test_what_shows_already_is_not_written_again(rig: Rig):
    message = an_alert(rig)
    remembered(rig)
    hear = showing_tags(rig.parts, rig.store)
    given = tag(rig, first().incident_ids[0])
    hear(given)
    rig.fake.until(lambda: "*Occupied*, says Dora" in told(message))
    changes = message["changes"]
    rig.fake.down = True
    rig.fake.abort_sockets()
    rig.fake.until(lambda: rig.why)
    rig.fake.down = False
    rig.fake.until(lambda: not rig.why)
    rig.fake.press(message, "alert_unoccupied")
    rig.fake.until(lambda: "*Unoccupied*, says Anna" in told(message))
    assert changes + 1 == message["changes"]


def test_an_update_that_fails_is_tried_again(rig: Rig):
    message = an_alert(rig)
    rig.fake.fail("chat.update", error="internal_error")
    rig.fake.press(message, "alert_occupied")
    rig.fake.until(lambda: "*Occupied*, says Anna" in told(message))


def test_an_update_that_a_crash_prevented_is_made_after_it(fake: FakeSlack, tmp_path: Path):
    with running(fake, tmp_path / "d") as rig:
        message = an_alert(rig)
        fake.fail("chat.update", error="internal_error", times=100)
        fake.press(message, "alert_occupied")
        fake.until(lambda: "chat.update" in fake.calls)
    fake.faults.clear()
    with running(fake, tmp_path / "d"):
        fake.until(lambda: "*Occupied*, says Anna" in told(message))


def test_a_press_does_not_wait_for_a_clip_on_its_way_up(rig: Rig):
    (rig.folder / "clip.mp4").write_bytes(b"film")
    message = an_alert(rig)
    rig.fake.uploads = threading.Event()
    clip = threading.Thread(target=rig.send, args=(alert(0, 2, News.CLIP, at=AT, file="clip.mp4"),))
    clip.start()
    rig.fake.until(lambda: "files.getUploadURLExternal" in rig.fake.calls)
    rig.fake.press(message, "alert_occupied", user=BEN)
    rig.fake.until(lambda: "*Occupied*, says Ben" in told(message))
    assert [] == rig.fake.thread(message)
    rig.fake.uploads.set()
    clip.join(10)
    assert 1 == len(rig.fake.thread(message))
    assert "*Occupied*, says Ben" in told(message)


def test_a_picture_that_somebody_deleted_keeps_nothing_from_being_shown(rig: Rig):
    (rig.folder / "one.jpg").write_bytes(JPEG.read_bytes())
    message = an_alert(rig)
    rig.send(alert(0, 2, News.PICTURE, at=AT, file="one.jpg"))
    rig.fake.until(lambda: "slack_file" in told(message))
    for file in rig.fake.files.values():
        file.deleted = True
    rig.send(alert(0, 3, News.ANOTHER_VISIT, at=AT))
    assert ("slack_file" in told(message), "Another visit" in told(message)) == (False, True)


@pytest.mark.parametrize("news", [News.PICTURE, News.CLIP])
def test_what_is_made_after_the_answer_is_not_sent_if_pictures_are_to_leave(
    fake: FakeSlack, tmp_path: Path, news: News
):
    with running(fake, tmp_path / "d", delete_pictures_after_tag=True) as rig:
        (rig.folder / "one.jpg").write_bytes(JPEG.read_bytes())
        message = an_alert(rig)
        fake.press(message, "alert_occupied", user=ANNA)
        fake.until(lambda: "*Occupied*, says Anna" in told(message))
        rig.send(alert(0, 2, news, at=AT, file="one.jpg"))
    assert {} == fake.files
