"""Two delivery threads for one messenger, so that words never wait for a clip on its way up."""

from collections.abc import Callable, Sequence
from datetime import datetime

from whosthere.core.ports import Delivery
from whosthere.messaging.outbox import FILES, Queue


def is_file(delivery: Delivery) -> bool:
    return delivery.alert.news in FILES


class Lane:
    """The outbox as one of the threads sees it: of each alert the first that waits, if it is its.

    So the news of one alert still go in order, whoever sends them.
    """

    def __init__(self, queue: Queue, *, files: bool) -> None:
        self._queue, self._files = queue, files
        self.wake_other: Callable[[], None] = lambda: None

    def waiting(self, messenger: str) -> Sequence[tuple[Delivery, datetime | None]]:
        heads: dict[str, tuple[Delivery, datetime | None]] = {}
        for delivery, not_before in self._queue.waiting(messenger):
            heads.setdefault(delivery.alert.id, (delivery, not_before))
        return [head for head in heads.values() if is_file(head[0]) is self._files]

    def sending(self, delivery: Delivery) -> None:
        self._queue.sending(delivery)

    def sent(self, delivery: Delivery) -> None:
        self._queue.sent(delivery)
        self.wake_other()

    def put_off(self, delivery: Delivery, until: datetime, why: str) -> None:
        self._queue.put_off(delivery, until, why)

    def failed(self, delivery: Delivery, why: str) -> None:
        self._queue.failed(delivery, why)
        self.wake_other()
