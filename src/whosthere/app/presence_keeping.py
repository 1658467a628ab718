"""Keeps the history of presence: listens to what the house hears, and writes it in batches."""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Lock

from whosthere.app.answers.desk import Heard
from whosthere.app.health import HealthBoard
from whosthere.app.settings import Settings
from whosthere.app.workers import Worker
from whosthere.core.errors import StoreTrouble
from whosthere.core.messages import Message
from whosthere.core.model import House
from whosthere.core.periods import Growing
from whosthere.core.presence import PersonState, SourceFailed, SourceReport
from whosthere.storage.presence_history import PresenceHistory
from whosthere.storage.sqlite import SqliteStore

log = logging.getLogger(__name__)

BATCH_SECONDS = 30.0  # a crash loses this much at most
FORGET_EVERY = 3600.0
MOST_WAITING = 20_000  # messages; some hours of a disk that hangs


@dataclass(slots=True)
class PresenceKeeping:
    """`hear` costs the thread of the house next to nothing; the worker does the rest."""

    history: PresenceHistory
    house: Callable[[], House]
    growing: Growing = field(default_factory=Growing)
    days: float = 90.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopping: Event = field(default_factory=Event)
    _heard: deque[Message] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    _moves: deque[tuple[Mapping[str, PersonState], datetime]] = field(
        default_factory=lambda: deque(maxlen=MOST_WAITING)
    )
    _people: Mapping[str, PersonState] = field(default_factory=dict)
    _writing: Lock = field(default_factory=Lock)

    def hear(self, message: Message) -> None:
        """Note a message that the house has carried out, and what has become of people by it."""
        if isinstance(message, (SourceReport, SourceFailed)):
            self._heard.append(message)
        people = self.house().presence.people
        if people is not self._people:
            if _whereabouts(people) != _whereabouts(self._people):
                self._moves.append((people, self.now()))
            self._people = people

    def run(self) -> None:
        since_forgetting = FORGET_EVERY
        while not self.stopping.wait(BATCH_SECONDS):
            self.write()
            since_forgetting += BATCH_SECONDS
            if since_forgetting >= FORGET_EVERY:
                since_forgetting = 0.0
                self.forget()
        self.write()

    def write(self) -> None:
        """Write what came since the last time. What cannot be written is tried again."""
        with self._writing:
            while self._heard:
                self.growing.hear(self._heard.popleft())
            while self._moves:
                self.growing.people(*self._moves.popleft())
            if self._people:
                self.growing.people(self._people, self.now())
            periods = self.growing.take()
            try:
                self.history.keep(periods)
            except StoreTrouble as trouble:  # told by the store, which has the same disk
                log.debug("the history of presence waits: %s", trouble)
                self.growing.put_back(periods)

    def forget(self) -> None:
        try:
            self.history.forget(self.now() - timedelta(days=self.days))
        except StoreTrouble as trouble:
            log.debug("old history of presence stays for now: %s", trouble)


def join_presence_history(
    settings: Settings,
    store: SqliteStore,
    heard: Heard,
    house: Callable[[], House],
    health: HealthBoard,
) -> list[Worker]:
    """Keep the history, if anything sees who is home."""
    presence = settings.presence
    if not presence.sources:
        return []
    keeping = PresenceKeeping(
        PresenceHistory(store.database),
        house,
        Growing({one.name: one.every_seconds for one in presence.sources}),
        presence.history_days,
    )
    heard.listeners.append(keeping.hear)
    return [Worker("presence history", keeping.run, health, keeping.stopping.set)]


def _whereabouts(people: Mapping[str, PersonState]) -> dict[str, str]:
    return {name: state.whereabouts for name, state in people.items()}
