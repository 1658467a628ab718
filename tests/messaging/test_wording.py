"""What people read."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.storage.making import EVENING, alert, seconds
from whosthere.core.model import Alert, AlertKind, News
from whosthere.core.ports import Delivery
from whosthere.messaging.wording import lasting, words

MOVED = {"kind": AlertKind.UNCLASSIFIED, "confidence": 0.0, "camera": "garden"}
LOST = {"kind": AlertKind.CAMERA_LOST, "confidence": 0.0, "detail": "no new picture for 10 s"}
BACK = {"kind": AlertKind.CAMERA_BACK, "confidence": 0.0, "detail": "no pictures for 184 s"}


def delivery(told: Alert, raised: float | None = 2) -> Delivery:
    since = None if raised is None else seconds(raised)
    return Delivery(1, "console", told, "key", 0, EVENING, since)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (alert(2), "Person at front, 22:00:02 (90 % sure)"),
        (
            alert(2, **MOVED),
            "Something moved at garden, 22:00:02 (unclassified: no detector could judge it)",
        ),
        (
            alert(2, **MOVED, detail="the detector failed"),
            "Something moved at garden, 22:00:02 (unclassified: the detector failed)",
        ),
        (
            alert(2, 2, news=News.ANOTHER_VISIT, at=seconds(70)),
            "Another visit at front, 22:01:10 (joined to the alert of 22:00:02)",
        ),
        (
            alert(2, 2, news=News.RECOGNISED, at=seconds(5)),
            "It is a person at front, 22:00:05 (90 % sure; alert of 22:00:02)",
        ),
        (alert(2, 2, news=News.PICTURE), "Picture of the person at front, 22:00:02"),
        (alert(2, 2, **MOVED, news=News.CLIP), "Clip of what moved at garden, 22:00:02"),
        (alert(2, **LOST), "Camera front is lost, 22:00:02 (no new picture for 10 s)"),
        (
            alert(2, 2, **BACK, news=News.FIRST, at=seconds(186)),
            "Camera front is back after 3 min, 22:03:06",
        ),
        (
            alert(2, 3, news=News.ESCALATED, at=seconds(122), detail="nobody has answered"),
            "Unanswered: person at front, 22:02:02 (nobody has answered; alert of 22:00:02)",
        ),
        (
            alert(2, 3, **MOVED, news=News.ESCALATED, detail="nobody has answered"),
            "Unanswered: movement at garden, 22:00:02 (nobody has answered; alert of 22:00:02)",
        ),
        (
            alert(2, kind=AlertKind.QUIET),
            "A quiet picture of front, 22:00:02 (is anybody there? The answer teaches)",
        ),
        (
            alert(2, 2, kind=AlertKind.QUIET, news=News.PICTURE),
            "Picture of front, to learn from, 22:00:02",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_kind_of_news_has_its_words(told: Alert, line: str):
    assert line == words(delivery(told), zone=UTC).line


def test_a_camera_that_is_back_from_who_knows_when_says_what_is_known():
    told = words(delivery(alert(2, 2, **BACK), raised=None), zone=UTC)
    assert "Camera front is back, 22:00:02 (no pictures for 184 s)" == told.line


def test_times_are_those_of_the_reader():
    told = words(delivery(alert(2)), zone=ZoneInfo("Asia/Kolkata"))
    assert "Person at front, 03:30:02 (90 % sure)" == told.line


def test_what_is_late_says_so():
    told = words(delivery(alert(2)), 42.3, UTC)
    assert "Person at front, 22:00:02 (90 % sure), delivered 42 s late" == told.line
    assert ("Person at front", "delivered 42 s late") == (told.title, told.late)


def test_what_is_very_late_names_the_day():
    told = words(delivery(alert(2)), timedelta(hours=30).total_seconds(), UTC)
    assert "Person at front, 2026-01-01 22:00:02 (90 % sure), delivered 30 h late" == told.line


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0.4, "0 s"),
        (89, "89 s"),
        (91, "2 min"),
        (5300, "88 min"),
        (5500, "2 h"),
        (200_000, "2 days"),
    ],
)
def test_durations_are_said_as_people_say_them(duration: float, text: str):
    assert text == lasting(duration)
