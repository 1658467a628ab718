"""What the house says of itself in Slack: troubles, cameras lost or tampered with, questions."""

from typing import Any

import pytest

from tests.servers.fake_slack import BEN, CHANNEL
from tests.slack.rig import JPEG, NOW, Rig, alert
from tests.slack.test_alerts import shows, told
from tests.slack.test_arming import actions
from whosthere.core.model import AlertKind, News
from whosthere.core.modes import Mode

POWER = "power: the supply voltage is too low"
DISK = "disk: it will be full in 2 days as it fills now"


def at_home(*given: Any, **more: Any):
    """About the house as a whole, in mode home."""
    return alert(*given, camera="", mode=Mode.HOME, **more)


def sent(rig: Rig, *alerts: Any) -> dict:
    """The message, after all of these were delivered."""
    for one in alerts:
        rig.send(one)
    return rig.fake.top()[0]


def trouble(revision: int = 1, news: News = News.FIRST, *lines: str, **more: Any):
    kind = more.pop("kind", AlertKind.TROUBLE)
    return at_home(0, revision, news, kind=kind, detail="\n".join(lines))


def test_one_trouble_is_said_in_one_line_for_the_phone(rig: Rig):
    message = sent(rig, trouble(1, News.FIRST, POWER))
    assert "Trouble with power, 22:00:02 (the supply voltage is too low)" == message["text"]
    assert "🔧 *Trouble with power*\\nThe supply voltage is too low" in told(message)


def test_several_troubles_are_a_list(rig: Rig):
    message = sent(rig, trouble(1, News.FIRST, POWER, DISK))
    for line in (POWER, DISK):
        part, _, why = line.partition(": ")
        assert f"\\n• *{part}*: {why}" in told(message)


def test_more_trouble_rings_and_less_does_not(rig: Rig):
    message = sent(
        rig, trouble(1, News.FIRST, POWER), trouble(2, News.MORE, POWER, DISK),
        trouble(3, News.LESS, DISK),
    )  # fmt: skip
    (rung,) = rig.fake.thread(message)
    assert rung["text"].startswith("More trouble: power, disk · ")
    assert rung["text"].endswith(f"\n• {POWER}\n• {DISK}")
    assert rung["reply_broadcast"]
    assert "Less trouble: disk left" in message["text"]


def test_the_end_of_trouble_rings(rig: Rig):
    over = trouble(2, News.STOPPED, "power", kind=AlertKind.WELL_AGAIN)
    message = sent(rig, trouble(1, News.FIRST, POWER), over)
    assert 1 == len(rig.fake.thread(message))
    assert "✅ *Well again: power*" in told(message)
    assert "\\nbefore: Trouble with power · <!date^" in told(message)


def test_each_line_of_an_outage_stands_for_itself(rig: Rig):
    lines = "no pictures from front 01:00 to 02:00, 1 h: a power cut\nno pictures from back, 2 h"
    message = sent(rig, at_home(kind=AlertKind.OUTAGE, detail=lines))
    assert "\\n• No pictures from front 01:00 to 02:00, 1 h: a power cut" in told(message)
    assert "\\n• No pictures from back, 2 h" in told(message)


def test_a_camera_that_is_back_is_no_longer_called_lost(rig: Rig):
    lost = alert(kind=AlertKind.CAMERA_LOST, detail="no route")
    message = sent(rig, lost)
    assert ["alert_seen", "alert_live"] == actions(message)
    sent(rig, alert(0, 2, kind=AlertKind.CAMERA_BACK))
    assert "📷 *Camera front is back*" in told(message)
    assert "before: Camera front is lost" in told(message)
    assert ["alert_live"] == actions(message)


def test_who_has_seen_it_stands_in_the_message(rig: Rig):
    message = sent(rig, alert(kind=AlertKind.CAMERA_LOST, detail="no route"))
    rig.fake.press(message, "alert_seen")
    rig.fake.until(lambda: "👀 *Seen*, says Anna" in told(message))
    assert ["alert_live"] == actions(message)
    assert ["seen"] == [request.text for request in rig.book.asked]
    assert [] == rig.fake.thread(message)


def test_an_address_stays_as_it_is(rig: Rig):
    message = sent(rig, trouble(1, News.FIRST, "light porch: http://plug: refused"))
    assert "\\nhttp://plug: refused" in told(message)


def test_at_home_nothing_grows_louder_so_nobody_need_say_that_they_have_seen_it(rig: Rig):
    message = sent(rig, alert(kind=AlertKind.CAMERA_LOST, mode=Mode.HOME))
    assert ["alert_live"] == actions(message)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("covered", "Next to nothing is left"),
        ("turned", "something else than usual"),
        ("out of focus", "has lost all that is fine"),
    ],
)
def test_tampering_says_what_is_seen_and_shows_it(rig: Rig, what: str, words: str):
    (rig.folder / "one.jpg").write_bytes(JPEG.read_bytes())
    first = alert(kind=AlertKind.TAMPERED, detail=what)
    picture = alert(0, 2, News.PICTURE, kind=AlertKind.TAMPERED, detail=what, file="one.jpg")
    message = sent(rig, first, picture)
    rig.fake.until(lambda: "image" in shows(message))
    assert f"Camera front is {what}, 22:00:02" == message["text"]
    assert words in told(message)
    assert ["alert_seen", "alert_live", "alert_camera_ok"] == actions(message)


def test_what_nobody_answers_is_not_said_twice(rig: Rig):
    first = alert(kind=AlertKind.TAMPERED, detail="covered")
    louder = alert(
        0, 2, News.ESCALATED, kind=AlertKind.TAMPERED,
        detail="covered; nobody has answered for 2 min",
    )  # fmt: skip
    message = sent(rig, first, louder)
    (below,) = rig.fake.thread(message)
    assert "<!channel> Camera front is covered: nobody has answered for 2 min." == below["text"]


# --- questions

WHY = "a person was nearly recognised (38 %, needed: 40 %)"


def asked(rig: Rig) -> dict:
    (rig.folder / "one.jpg").write_bytes(JPEG.read_bytes())
    (rig.folder / "one_boxes.jpg").write_bytes(b"what the detector took for a person")
    about: Any = {"kind": AlertKind.QUIET, "detail": WHY}
    rig.send(alert(**about), late=3600.0)
    rig.send(alert(0, 2, News.PICTURE, file="one.jpg", **about), late=3600.0)
    message = rig.fake.messages[CHANNEL][0]
    rig.fake.until(lambda: "image" in shows(message))
    return message


def test_a_question_looks_like_no_alarm(rig: Rig):
    message = asked(rig)
    assert "Was anybody at front? 22:00:02, no alarm, a question to learn from" == message["text"]
    assert ["alert_occupied", "alert_unoccupied"] == actions(message)
    assert "late" not in told(message)


def test_nothing_leads_those_who_are_asked(rig: Rig):
    message = asked(rig)
    assert "recognised" not in told(message)
    (file,) = rig.fake.files.values()
    assert JPEG.read_bytes() == file.data


def test_why_it_was_asked_stands_there_once_somebody_has_answered(rig: Rig):
    message = asked(rig)
    rig.fake.press(message, "alert_unoccupied", user=BEN)
    rig.fake.until(lambda: "says Ben" in told(message))
    assert f"Asked because {WHY}" in told(message)
    assert f"<!date^{int(NOW.timestamp())}^" in told(message)
