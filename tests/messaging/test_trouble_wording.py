"""What people read of the system's own troubles."""

from datetime import UTC, datetime, timedelta

import pytest

from whosthere.core.model import Alert, AlertKind, News
from whosthere.core.ports import Delivery
from whosthere.messaging.wording import words

BEGIN = datetime(2026, 1, 1, 2, 10, tzinfo=UTC)
BOTH = "recorder: the disk is full\ndatabase: locked"
IN_ONE = "recorder: the disk is full; database: locked"


@pytest.mark.parametrize(
    ("kind", "news", "detail", "line"),
    [
        (AlertKind.TROUBLE, News.FIRST, BOTH,
         f"Trouble with recorder, database, 02:15:00 ({IN_ONE})"),
        (AlertKind.TROUBLE, News.MORE, BOTH,
         f"More trouble: recorder, database, 02:15:00 ({IN_ONE})"),
        (AlertKind.TROUBLE, News.LESS, "database: locked",
         "Less trouble: database left, 02:15:00 (database: locked)"),
        (AlertKind.TROUBLE, News.STILL, "database: locked",
         "Still in trouble: database, 02:15:00 (database: locked)"),
        (AlertKind.WELL_AGAIN, News.STOPPED, "recorder, database",
         "Well again after 5 min: recorder, database, 02:15:00"),
        (AlertKind.TAMPERED, News.FIRST, "covered", "Camera front is covered, 02:15:00"),
        (AlertKind.TAMPERED, News.PICTURE, "covered", "Picture of camera front, 02:15:00"),
        (AlertKind.UNTAMPERED, News.STOPPED, "it was covered for 5 min",
         "Camera front sees as before, 02:15:00 (it was covered for 5 min)"),
        (AlertKind.OUTAGE, News.FIRST, "no pictures from front 01:00 to 02:00, 1 h",
         "No pictures from front 01:00 to 02:00, 1 h, 02:15:00"),
        (AlertKind.OUTAGE, News.FIRST, "no pictures from front since 01:00, 1 h: a power cut",
         "No pictures from front since 01:00, 1 h, 02:15:00 (a power cut)"),
        (AlertKind.OUTAGE, News.FIRST, "no pictures from front\nand yard",
         "Cameras saw nothing for a while, 02:15:00 (no pictures from front; and yard)"),
    ],
)  # fmt: skip
def test_the_system_tells_of_itself_in_one_line(
    kind: AlertKind, news: News, detail: str, line: str
):
    at = BEGIN + timedelta(minutes=5)
    alert = Alert("one", 2, news, kind, "front", at, detail=detail)
    delivery = Delivery(1, "test", alert, "key", 0, at, raised=BEGIN)
    assert line == words(delivery, zone=UTC).line
