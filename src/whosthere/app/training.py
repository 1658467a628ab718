"""Asks people now and then about a picture on which nothing was seen, if they want that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Event

from whosthere.app.answers.asked_files import as_jpeg, plain_words
from whosthere.app.answers.newest import NewestFrames
from whosthere.core import ports
from whosthere.core.messages import AskAbout
from whosthere.core.model import Evidence, House, Incident, named_moment
from whosthere.core.people import Switch
from whosthere.core.training import may_ask
from whosthere.recording import names
from whosthere.recording.pictures import write_whole
from whosthere.storage.sqlite import SqliteStore

EVERY_SECONDS = 60.0  # is looked whether it is time
LONG_AGO = timedelta(days=7)
LIVE_SECONDS = 2.0
MORNING, EVENING = 9, 21  # hours between which people like to be asked


@dataclass(slots=True)
class Training:
    """Looks once a minute whether some camera should be asked about."""

    cameras: Sequence[str]
    store: SqliteStore
    frames: NewestFrames
    house: Callable[[], House]
    inbox: ports.Inbox
    hours: float  # between two questions about one camera
    zone: tzinfo | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopping: Event = field(default_factory=Event)

    def run(self) -> None:
        while not self.stopping.wait(EVERY_SECONDS):
            self.look()

    def look(self) -> None:
        """Ask about at most one camera."""
        now, house = self.now(), self.house()
        if Switch.SAVE_IMAGES not in house.controls.switches:
            return
        if not MORNING <= now.astimezone(self.zone).hour < EVENING:
            return
        asked = {one.camera: one.started for one in self._asked(now)}
        due = now - timedelta(hours=self.hours)
        waiting = [
            name
            for name in self.cameras
            if asked.get(name, due) <= due and may_ask(house, name, now) and self._is_live(name)
        ]
        if waiting:
            self._ask(min(waiting, key=lambda name: asked.get(name, now - LONG_AGO)), now)

    def _asked(self, now: datetime) -> list[Incident]:
        found = self.store.incidents(now - max(LONG_AGO, timedelta(hours=self.hours)))
        return [one for one in found if one.evidence is Evidence.QUIET]

    def _is_live(self, camera: str) -> bool:
        age = self.frames.age(camera)
        return age is not None and age <= LIVE_SECONDS

    def _ask(self, camera: str, now: datetime) -> None:
        newest = self.frames.of(camera)
        if newest is None:
            return
        clock = newest.frame.clock
        incident = Incident(
            id=named_moment(now, camera),
            camera=camera,
            first_motion=now,
            started=now,
            started_clock=clock,
            last_seen=now,
            last_seen_clock=clock,
            evidence=Evidence.QUIET,
            ended=now,
        )
        name = names.picture(incident)
        folder = self.store.path.parent
        with plain_words(folder):
            write_whole(folder / name, as_jpeg(newest.frame))
        self.inbox.put(AskAbout(replace(incident, picture=name)))
