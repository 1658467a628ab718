"""Two threads deliver: words do not wait for files, and the news of an alert keep their order."""

from datetime import datetime

from tests.slack.rig import alert, delivery
from whosthere.core.model import News
from whosthere.core.ports import Delivery
from whosthere.messaging.slack.lanes import Lane


class Waiting:
    """An outbox in memory."""

    def __init__(self, *waiting: Delivery) -> None:
        self.left = list(waiting)

    def waiting(self, messenger: str) -> list[tuple[Delivery, datetime | None]]:
        assert "slack" == messenger
        return [(one, None) for one in self.left]

    def sending(self, delivery: Delivery) -> None: ...
    def sent(self, delivery: Delivery) -> None:
        self.left.remove(delivery)

    def put_off(self, delivery: Delivery, until: datetime, why: str) -> None: ...
    def failed(self, delivery: Delivery, why: str) -> None:  # noqa: ARG002 - of the port
        self.left.remove(delivery)


ONE = delivery(alert(1))
ONES_CLIP = delivery(alert(1, 2, News.CLIP, file="a.mp4"))
ONES_NEWS = delivery(alert(1, 3, News.ANOTHER_VISIT))
TWO = delivery(alert(2))


def heads(lane: Lane) -> list[Delivery]:
    return [one for one, _ in lane.waiting("slack")]


def test_each_thread_sees_what_is_first_of_an_alert_and_its_own():
    queue = Waiting(ONE, ONES_CLIP, ONES_NEWS, TWO)
    words, files = Lane(queue, files=False), Lane(queue, files=True)
    assert ([ONE, TWO], []) == (heads(words), heads(files))
    words.sent(ONE)
    assert ([TWO], [ONES_CLIP]) == (heads(words), heads(files))
    files.failed(ONES_CLIP, "gone")
    assert ([ONES_NEWS, TWO], []) == (heads(words), heads(files))


def test_who_is_done_wakes_the_other():
    woken: list[str] = []
    lane = Lane(Waiting(ONE), files=False)
    lane.wake_other = lambda: woken.append("other")
    lane.sent(ONE)
    assert ["other"] == woken
