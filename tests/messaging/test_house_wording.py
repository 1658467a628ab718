"""What people read of the house itself: in one line, with all that matters."""

from datetime import UTC, datetime, timedelta

import pytest

from whosthere.core.model import Alert, AlertKind, News
from whosthere.core.modes import Mode
from whosthere.core.ports import Delivery
from whosthere.messaging.wording import words

BEGIN = datetime(2026, 1, 1, 17, 9, tzinfo=UTC)
LEFT = "everybody has left\nAnn: ann-phone last seen 17:02 by router\ncamera shed is lost"
EVIDENCE = "everybody has left; Ann: ann-phone last seen 17:02 by router; camera shed is lost"
CAME = "Ann came home\nAnn: ann-phone seen 17:20 by router"


def told(kind: AlertKind, detail: str = "", news: News = News.FIRST, **more: object) -> Alert:
    given = {"revision": 1, "camera": "", "at": BEGIN, "mode": Mode.AWAY, **more}
    return Alert(id="one", news=news, kind=kind, detail=detail, **given)


@pytest.mark.parametrize(
    ("alert", "line"),
    [
        (
            told(AlertKind.ARMING, LEFT, due=BEGIN + timedelta(minutes=1)),
            f"Mode away at 17:10:00, 17:09:00 ({EVIDENCE})",
        ),
        (
            told(AlertKind.ARMING, LEFT, News.ARMED),
            f"Armed, mode away, 17:09:00 ({EVIDENCE})",
        ),
        (
            told(AlertKind.ARMING, LEFT),
            f"Armed, mode away, 17:09:00 ({EVIDENCE})",
        ),
        (
            told(AlertKind.ARMING, CAME, News.STOPPED, mode=Mode.OFF),
            "Not armed: Ann came home, 17:09:00 (Ann: ann-phone seen 17:20 by router)",
        ),
        (told(AlertKind.ARMING, "", News.STOPPED), "Not armed, 17:09:00"),
        (
            told(AlertKind.DISARMED, CAME, mode=Mode.OFF),
            "Disarmed: Ann came home, 17:09:00 (Ann: ann-phone seen 17:20 by router)",
        ),
        (
            told(AlertKind.DISARMED, CAME, mode=Mode.HOME),
            "Disarmed, mode home: Ann came home, 17:09:00 (Ann: ann-phone seen 17:20 by router)",
        ),
        (
            told(AlertKind.STILL_ARMED, "Ann came home, but mode away was asked for a time"),
            "Still armed, mode away, 17:09:00 (Ann came home, but mode away was asked for a time)",
        ),
        (
            told(AlertKind.ENTRY, "person 90 % sure", camera="front",
                 due=BEGIN + timedelta(seconds=30)),
            "Somebody at front: disarm before 17:09:30, 17:09:00 (person 90 % sure)",
        ),
        (
            told(AlertKind.ENTRY, "Ann asked", News.STOPPED, camera="front"),
            "Disarmed in time at front, 17:09:00 (Ann asked)",
        ),
        (
            told(AlertKind.ENTRY, "", News.OVER, camera="front"),
            "Nobody disarmed in time at front, 17:09:00 (an alert follows)",
        ),
        (
            told(AlertKind.PRESENCE_LOST, "router: wrong password"),
            "Trouble with presence, 17:09:00 (router: wrong password)",
        ),
        (
            told(AlertKind.PRESENCE_BACK, "", News.STOPPED, at=BEGIN + timedelta(minutes=20)),
            "Presence works again after 20 min, 17:29:00",
        ),
    ],
)  # fmt: skip
def test_the_house_is_told_of_in_one_line(alert: Alert, line: str):
    delivery = Delivery(1, "console", alert, "key", 0, BEGIN, BEGIN)
    assert line == words(delivery, zone=UTC).line
