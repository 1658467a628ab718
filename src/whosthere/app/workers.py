"""Threads that come back: the one place that starts threads, and that may catch every exception."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from whosthere.app.health import Health
from whosthere.core.errors import WhosThereError
from whosthere.core.messages import Message, Tick
from whosthere.core.sighting import Sighting

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between attempts, doubling
LONG_RUN = 60.0  # seconds; who ran that long has recovered, and starts with the first pause again
WAITING = 16  # sightings; each holds its picture: with 1080p frames, 50 MB


@dataclass(slots=True)
class Pauses:
    """How long to wait before the next attempt: 1, 2, 4 … seconds, up to the longest."""

    longest: float = LONGEST_PAUSE
    _next: float = FIRST_PAUSE

    def after(self, ran_seconds: float) -> float:
        pause = FIRST_PAUSE if ran_seconds >= LONG_RUN else self._next
        self._next = min(2 * pause, self.longest)
        return pause


class QueueInbox:
    """An inbox in memory. While it is full of sightings, cameras wait, and so skip frames.

    Everything else (tags, modes, kept files, lost cameras) is rare and small, and is always taken.
    One tick at a time is enough: a newer one takes the place of one that waits.
    """

    def __init__(self, waiting: int = WAITING) -> None:
        self._most = waiting
        self._messages: deque[Message] = deque()
        self._sightings = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, message: Message) -> None:
        with self._changed:
            match message:
                case Sighting():
                    self._changed.wait_for(lambda: self._closed or self._sightings < self._most)
                    if self._closed:
                        return  # the house goes to bed: what moves now is not looked at any more
                    self._sightings += 1
                case Tick():
                    self._drop_older_tick()
                case _:
                    pass
            self._messages.append(message)
            self._changed.notify_all()

    @property
    def waiting(self) -> int:
        return len(self._messages)

    def close(self) -> None:
        """Let the reader end once it has read what waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Message]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._messages)
                if not self._messages:
                    return
                message = self._messages.popleft()
                self._sightings -= isinstance(message, Sighting)
                self._changed.notify_all()
            yield message

    def _drop_older_tick(self) -> None:
        older = next((m for m in reversed(self._messages) if isinstance(m, Tick)), None)
        if older is not None:
            self._messages.remove(older)


def _nothing() -> None:
    pass


@dataclass(slots=True, eq=False)
class Worker:
    """Runs `work` in a thread; starts it again, ever more patiently, when it fails."""

    name: str
    work: Callable[[], object]
    health: Health
    stop_work: Callable[[], object] = _nothing  # makes `work` return soon
    stopping: threading.Event = field(default_factory=threading.Event)
    pauses: Pauses = field(default_factory=Pauses)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        self.stopping.set()
        self.stop_work()

    def join(self, seconds: float) -> bool:
        """Wait for the end; tell whether it came in time."""
        if self._thread is None:
            return True
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while not self.stopping.is_set():
            began = time.monotonic()
            self.health.started(self.name, began)
            why = self._attempt()
            if why is None:
                self.health.ended(self.name)
                return
            now = time.monotonic()
            self.health.failed(self.name, why, now)
            self.stopping.wait(self.pauses.after(now - began))

    def _attempt(self) -> str | None:
        """Do the work; return what went wrong."""
        try:
            self.work()
        except WhosThereError as trouble:
            return str(trouble)
        except Exception as bug:
            if self.stopping.is_set():
                log.debug("%s: stopped while at work", self.name, exc_info=True)
            else:
                log.exception("%s: this should not happen; it is started again", self.name)
            return f"{type(bug).__name__}: {bug}"
        return None


def run_aside(name: str, work: Callable[[], None]) -> None:
    """Run `work` once in a thread of its own. Who needs its result must notice its end."""

    def run() -> None:
        try:
            work()
        except Exception:
            log.exception("%s: this should not happen", name)

    threading.Thread(target=run, name=name, daemon=True).start()


def stop_all(workers: Sequence[Worker], within: float) -> tuple[str, ...]:
    """Stop them together; return the names of those still running after `within` seconds."""
    until = time.monotonic() + within
    for worker in workers:
        worker.ask_to_stop()
    late = tuple(w.name for w in workers if not w.join(until - time.monotonic()))
    if late:
        log.warning("did not stop in time, left behind: %s", ", ".join(late))
    return late
