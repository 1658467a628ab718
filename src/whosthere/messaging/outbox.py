"""The life of a delivery thread: hands over what waits, and does not give up easily.

Of each alert the revisions go in order. An alert that cannot be delivered waits, ever longer, while
others are tried. Pauses are counted on the monotonic clock, so a wall clock that jumps holds
nothing up; the wall clock counts only across a restart, and then for one pause at most.

A crash between sending and noting it leads to a second sending with the same `Delivery.key`, by
which a receiver can drop it: at least once, and never twice as two.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from whosthere.core.errors import DeliveryTrouble
from whosthere.core.model import News
from whosthere.core.ports import Delivery, Messenger

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds between attempts, doubling
LONGEST_OBEYED = 900.0  # seconds, when the other side asks for a pause
JITTER = 0.2  # of a pause, so that many senders do not come back at once
LATE_SECONDS = 10.0  # from here on people are told that it is late
GIVE_UP_DAYS = 3.0
LEAST_ATTEMPTS = 10  # before giving up, however old: a clock may have jumped
FILES = (News.PICTURE, News.CLIP)  # these tell of the moment of the alert, and come when made


class Queue(Protocol):
    """Where deliveries wait, on disk."""

    def waiting(self, messenger: str) -> Sequence[tuple[Delivery, datetime | None]]: ...
    def sending(self, delivery: Delivery) -> None: ...
    def sent(self, delivery: Delivery) -> None: ...
    def put_off(self, delivery: Delivery, until: datetime, why: str) -> None: ...
    def failed(self, delivery: Delivery, why: str) -> None: ...


@dataclass(slots=True)
class _Known:
    """What the thread knows of one delivery; seconds of the monotonic clock."""

    seen: float
    ready: float
    late: float  # how late it was when first seen
    age: float  # how long it had been queued then


class Delivering:
    """Delivers for one messenger. `run` is for a thread, `wake` and `stop` for all others."""

    def __init__(  # noqa: PLR0913 - clocks and chance are passed in, so that tests rule them
        self,
        queue: Queue,
        name: str,
        messenger: Messenger,
        *,
        on_trouble: Callable[[str | None], None] | None = None,
        give_up_days: float = GIVE_UP_DAYS,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: random.Random | None = None,
    ) -> None:
        self._queue, self._name, self._messenger = queue, name, messenger
        self._tell = on_trouble or (lambda _: None)
        self._give_up_seconds = give_up_days * 86400
        self._clock, self._now = clock, now
        self._chance = chance or random.Random()  # noqa: S311 - for pauses, not for secrets
        self._known: dict[str, _Known] = {}
        self._failures = 0  # in a row, of whatever alert
        self._resume = float("-inf")  # no attempt before this
        self._obeying = False  # the other side asked for the pause
        self._woken = threading.Event()
        self._back = threading.Event()
        self._stopping = threading.Event()

    def run(self) -> None:
        """Deliver until stopped."""
        while not self._stopping.is_set():
            pause = self.step()
            if pause > 0 and not self._stopping.is_set():  # asked again, since `step` may take it
                self._woken.wait(pause)

    def wake(self) -> None:
        """There is something new: look at once."""
        self._woken.set()

    def back(self) -> None:
        """The other side is there again: try at once what waits for its next attempt."""
        self._back.set()
        self._woken.set()

    def stop(self) -> None:
        """Let `run` return after the attempt that is being made."""
        self._stopping.set()
        self._woken.set()

    def step(self) -> float:
        """Make one attempt if one is due. Returns the seconds until the next one is."""
        clock = self._clock()
        if self._woken.is_set():
            self._woken.clear()
            self._end_pause(clock)
        heads = self._heads(clock)
        if not heads:
            return LONGEST_PAUSE
        if clock < self._resume:
            return self._resume - clock
        delivery, known = min(heads, key=lambda head: head[1].ready)  # the first of equals
        if clock < known.ready:
            return known.ready - clock
        self._attempt(delivery, known, clock)
        return 0.0

    def _end_pause(self, clock: float) -> None:
        """What is new is worth an attempt, unless the other side wants to be left alone."""
        if self._obeying:
            return
        self._resume = clock
        if self._back.is_set():
            self._back.clear()
            for known in self._known.values():
                known.ready = min(known.ready, clock)

    def _heads(self, clock: float) -> list[tuple[Delivery, _Known]]:
        """Return the first waiting revision of each alert, oldest first."""
        heads: dict[str, Delivery] = {}
        waiting = self._queue.waiting(self._name)
        for delivery, not_before in waiting:
            heads.setdefault(delivery.alert.id, delivery)
            if delivery.key not in self._known:
                self._known[delivery.key] = self._met(delivery, not_before, clock)
        if len(self._known) > len(waiting):
            left = {delivery.key for delivery, _ in waiting}
            self._known = {key: known for key, known in self._known.items() if key in left}
        return [(delivery, self._known[delivery.key]) for delivery in heads.values()]

    def _met(self, delivery: Delivery, not_before: datetime | None, clock: float) -> _Known:
        now = self._now()
        pause = (not_before - now).total_seconds() if not_before else 0.0
        told_of = delivery.queued if delivery.alert.news in FILES else delivery.alert.at
        return _Known(
            seen=clock,
            ready=clock + min(max(pause, 0.0), LONGEST_PAUSE),
            late=max(0.0, (now - told_of).total_seconds()),
            age=max(0.0, (now - delivery.queued).total_seconds()),
        )

    def _attempt(self, delivery: Delivery, known: _Known, clock: float) -> None:
        late = known.late + clock - known.seen
        pause = self._pause(delivery.attempts + 1)
        known.ready = clock + pause  # should a mistake in the messenger end this thread
        self._queue.sending(delivery)
        try:
            self._messenger.send(delivery, late if late > LATE_SECONDS else 0.0)
        except DeliveryTrouble as trouble:
            self._put_off(delivery, known, trouble, pause)
        else:
            self._queue.sent(delivery)
            self._delivered()

    def _delivered(self) -> None:
        if self._failures:  # it works again: so let the others try
            self._failures = 0
            for known in self._known.values():
                known.ready = min(known.ready, self._clock())
            log.info("%s: delivers again", self._name)
            self._tell(None)
        self._obeying = False

    def _put_off(
        self, delivery: Delivery, known: _Known, trouble: DeliveryTrouble, pause: float
    ) -> None:
        clock = self._clock()
        self._failures += 1
        old = known.age + clock - known.seen > self._give_up_seconds
        if trouble.permanent or (old and delivery.attempts + 1 >= LEAST_ATTEMPTS):
            self._give_up(delivery, trouble)
            return
        self._obeying = trouble.wait_seconds is not None
        if trouble.wait_seconds is not None:
            pause = min(max(pause, trouble.wait_seconds), LONGEST_OBEYED)
        known.ready = clock + pause
        shared = pause if self._obeying else self._pause(self._failures)
        self._resume = clock + shared
        self._queue.put_off(delivery, self._now() + timedelta(seconds=pause), str(trouble))
        if self._failures == 1:
            log.warning("%s: %s It is tried again.", self._name, trouble)
        self._tell(str(trouble))

    def _give_up(self, delivery: Delivery, trouble: DeliveryTrouble) -> None:
        self._queue.failed(delivery, str(trouble))
        alert = delivery.alert
        told = (
            f"Given up: the {alert.kind} alert of {alert.camera}, {alert.at:%F %T} UTC. {trouble}"
        )
        log.error("%s: %s", self._name, told)
        self._tell(told)

    def _pause(self, attempts: int) -> float:
        """1, 2, 4 … 300 s, each a little longer or shorter."""
        pause = min(FIRST_PAUSE * 2.0 ** min(attempts - 1, 20), LONGEST_PAUSE)
        return pause * self._chance.uniform(1 - JITTER, 1 + JITTER)
