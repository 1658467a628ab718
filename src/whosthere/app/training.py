"""Learns in the background: keeps examples, and asks people a few well-chosen questions a day."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from threading import Event

from whosthere.app.answers.asked_files import as_jpeg, plain_words
from whosthere.app.answers.newest import NewestFrames
from whosthere.app.dataset_gathering import Gathering
from whosthere.core import ports
from whosthere.core.errors import StoreTrouble
from whosthere.core.messages import AskAbout
from whosthere.core.model import Evidence, House, Incident, named_moment
from whosthere.core.policy import Policy
from whosthere.core.training import may_ask, wants_pictures
from whosthere.core.walk_marking import is_test
from whosthere.learning.examples import numbers_from_json
from whosthere.learning.sampling import (
    FRESH,
    MEMORY,
    MINUTE,
    QUIET_REASON,
    Candidate,
    choose,
    is_time,
    keeps_minute,
    part_of_day,
    reason_of,
)
from whosthere.recording import names
from whosthere.recording.pictures import write_whole
from whosthere.storage.learning import Learning
from whosthere.storage.sqlite import SqliteStore

LIVE_SECONDS = 2.0


def nothing_in_the_shadow(_since: datetime) -> frozenset[str]:
    return frozenset()


@dataclass(slots=True)
class Training:
    """Looks once a minute what there is to learn."""

    cameras: Sequence[str]
    store: SqliteStore
    frames: NewestFrames
    house: Callable[[], House]
    policy: Callable[[], Policy]
    inbox: ports.Inbox
    gathering: Gathering
    questions_a_day: int = 4
    zone: tzinfo | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    rng: random.Random = field(default_factory=random.SystemRandom)
    # which incidents a policy that is tried in the shadow would have decided otherwise
    shadow_differs: Callable[[datetime], frozenset[str]] = nothing_in_the_shadow
    stopping: Event = field(default_factory=Event)

    def run(self) -> None:
        while not self.stopping.wait(MINUTE):
            self.look()

    def look(self) -> None:
        """Bring the data set up to date, keep a quiet picture now and then, ask when it is time."""
        now = self.now()
        self.gathering.gather(now)
        if not wants_pictures(self.house()):
            return
        with suppress(StoreTrouble):  # told by the store; there is another minute
            for camera in self.cameras:
                if keeps_minute(self.rng) and self._is_quiet(camera, now):
                    self.keep_quiet(camera, now)
            self._ask(now)

    def _is_quiet(self, camera: str, now: datetime) -> bool:
        """Whether people would be told of a visitor, there is none known, and it is seen live."""
        house, age = self.house(), self.frames.age(camera)
        state = house.camera(camera)
        return (
            house.mode_of(camera) in self.policy().of(camera).alerts_in
            and house.controls.notifies(now)
            and state.incident is None
            and state.lost is None
            and age is not None
            and age <= LIVE_SECONDS
        )

    def keep_quiet(self, camera: str, now: datetime) -> None:
        """Keep the picture of this moment, to ask about later."""
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
        self.store.remember([replace(incident, picture=name)])

    def _ask(self, now: datetime) -> None:
        learning = Learning(self.store.database)
        asked = learning.picks(now - MEMORY)
        hour = now.astimezone(self.zone).hour
        if not is_time(now, hour, asked, self.questions_a_day):
            return
        house = self.house()
        waiting = [one for one in self._waiting(now) if may_ask(house, one.incident.camera, now)]
        chosen = choose(waiting, asked, now, self.rng)
        if chosen is not None:
            self.inbox.put(AskAbout(chosen.incident, chosen.pick))

    def _waiting(self, now: datetime) -> list[Candidate]:
        """What could be asked about: it is over, has a picture, and nobody was told or said."""
        since = now - FRESH
        numbers = Learning(self.store.database).numbers(since)
        tagged = {tag.incident_id for tag in self.store.tags()}
        differs = self.shadow_differs(since)
        found = []
        for one in self.store.incidents(since):
            if one.ended is None or one.alert_id or one.picture is None or one.id in tagged:
                continue
            if is_test(one.labels):  # made on purpose
                continue
            if one.evidence is Evidence.QUIET:
                part = part_of_day(one.started.astimezone(self.zone).hour)
                found.append(Candidate(one, QUIET_REASON, part))
            elif one.id in numbers:
                measured = numbers_from_json(numbers[one.id])
                rules = self.policy().of(one.camera)
                reason = reason_of(measured, rules, shadow_differs=one.id in differs)
                if measured.armed:
                    found.append(Candidate(one, reason))
        return found
