"""All parts at work together: started in one order, stopped in the other, with nothing lost."""

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Event

from whosthere.app.answers.answering import Answers
from whosthere.app.diary import Diary, Line
from whosthere.app.health import CameraWatch, HealthBoard, back_message, lost_message
from whosthere.app.house_troubles import HouseTroubles
from whosthere.app.standstill import Standstill
from whosthere.app.workers import QueueInbox, Worker, stop_all
from whosthere.core.errors import StoreTrouble
from whosthere.core.messages import Message, Tick
from whosthere.core.model import House
from whosthere.core.sighting import Sighting
from whosthere.flow import HouseKeeper
from whosthere.recording.recorder import IncidentRecorder
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

log = logging.getLogger(__name__)

PUMPS_A_SECOND = 5
# how long the parts may take to stop: within 3 s together
CAMERAS_STOP, HOUSE_STOPS, CLIPS_CLOSE, MESSENGERS_STOP = 1.0, 0.5, 0.7, 0.5
CAN_WAIT = {"archive", "heartbeat"}  # what is left behind of these goes on at the next start


@dataclass(slots=True)
class Eyes:
    """The inbox as cameras see it: notes that each is alive, then passes its sighting on."""

    inbox: QueueInbox
    watch: CameraWatch
    health: HealthBoard
    sighted: Callable[[Sighting], None]

    def put(self, message: Message) -> None:
        if not isinstance(message, Sighting):
            self.inbox.put(message)
            return
        now = time.monotonic()
        if self.watch.saw(message.camera, now, waiting=True):
            self.inbox.put(back_message(message.camera, message.at, now))
        self.health.recovered(message.camera)
        self.sighted(message)
        self.inbox.put(message)
        self.watch.saw(message.camera, time.monotonic())


@dataclass(slots=True)
class Ears:
    """Reads the inbox for the house, and tells what came of each message."""

    inbox: QueueInbox
    house: Callable[[], House]
    happened: Callable[[list[Line]], None]
    done: Callable[[Message], None] = lambda _message: None
    diary: Diary = field(default_factory=Diary)

    def __iter__(self) -> Iterator[Message]:
        for message in self.inbox:
            before = self.house()
            yield message
            self.done(message)
            lines = self.diary.lines(before, message, self.house())
            if lines:
                self.happened(lines)


@dataclass(slots=True)
class Clock:
    """Ticks once a second, and looks after what must be looked after now and then."""

    inbox: QueueInbox
    store: SqliteStore
    ledger: SqliteLedger
    watch: CameraWatch
    health: HealthBoard
    troubles: HouseTroubles = field(default_factory=HouseTroubles)
    stopping: Event = field(default_factory=Event)

    def run(self) -> None:
        while not self.stopping.wait(1.0):
            self.tick(datetime.now(UTC), time.monotonic())

    def tick(self, at: datetime, clock: float) -> None:
        self.inbox.put(Tick(at, round(clock, 3)))
        for camera, gap in self.watch.newly_lost(clock):
            why = self.health.of(camera).why
            self.inbox.put(lost_message(camera, gap, why, at, clock))
        with contextlib.suppress(StoreTrouble):  # told by the store itself
            for request in self.store.asked():
                self.inbox.put(replace(request, origin="command line"))
        self.store.tend()
        self.ledger.tend()
        self.health.look(clock)
        for trouble in self.troubles.news(self.health.parts(), at, round(clock, 3)):
            self.inbox.put(trouble)


@dataclass(slots=True)
class Program:
    """What `assemble` built."""

    keeper: HouseKeeper
    inbox: QueueInbox
    ears: Ears
    recorder: IncidentRecorder
    store: SqliteStore
    ledger: SqliteLedger
    health: HealthBoard
    answers: Answers  # to what people ask
    cameras: list[Worker]
    house: Worker
    helpers: list[Worker]  # clock, recorder, housekeeping
    messengers: list[Worker]
    standstill: Standstill
    disk_works_again: Callable[[], bool]  # so that a new start can write what is in memory

    def start(self) -> None:
        for worker in (*self.messengers, self.house, *self.helpers, *self.cameras):
            worker.start()

    @property
    def house_now(self) -> House:
        """The last state; it is replaced, never changed, so anybody may read it."""
        return self.keeper.house

    def may_begin_anew(self) -> bool:
        """Whether a new start would mend something, and nobody is in the picture now."""
        quiet = all(state.incident is None for state in self.house_now.cameras.values())
        return quiet and self.disk_works_again()

    @property
    def watching(self) -> bool:
        """Whether any camera may still show something; films end."""
        return any(camera.running for camera in self.cameras)

    def stop(self) -> bool:
        """End within 3 s: close incidents and clips, write all down. Tell if nothing is lost."""
        began = time.monotonic()
        late = stop_all([*self.cameras, *self.helpers], CAMERAS_STOP)
        self.inbox.put(Tick(datetime.now(UTC), math.inf))  # nobody looks on: all incidents end
        self.inbox.close()
        late += stop_all([self.house], HOUSE_STOPS)
        self.recorder.finish(CLIPS_CLOSE)
        if not self.house.running:
            self.keeper.keep(self.ears)  # what was kept just now; the inbox is closed
        late += stop_all(self.messengers, MESSENGERS_STOP)
        self.ledger.close()
        self.store.close()
        log.debug("stopped in %.1f s", time.monotonic() - began)
        written = all(self.health.of(part).ok for part in ("database", "ledger", "recorder"))
        return written and not set(late) - CAN_WAIT
