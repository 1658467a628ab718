"""How the program is doing, from what is in memory: cheap, and safe to ask from any thread.

Metrics, `whosthere status`, systemd's watchdog and the heartbeat all read it here.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from whosthere.app.answers.house import Parts
from whosthere.app.answers.machine import temperature
from whosthere.app.answers.overview import trouble_of
from whosthere.app.health import CameraWatch, PartState
from whosthere.app.logs import without_secrets
from whosthere.app.status import wait
from whosthere.app.workers import QueueInbox
from whosthere.core.errors import StoreTrouble
from whosthere.core.messages import Message, Tick
from whosthere.core.spans import span
from whosthere.devices.board import Throttling
from whosthere.monitoring.tally import Tally

LONGEST_STEP = 45.0  # seconds that the house, a comparison or the detector may take
TOO_LATE = 600.0  # seconds that people may not have been told of something
RECORDER = "recorder"  # a disk that does not answer is not mended by a new start
VITAL = ("inbox", "house", "clock", "database", "ledger", "recorder")
ALWAYS_THERE = ("database", "ledger", "detector")  # parts without a thread of their own


@dataclass(frozen=True, slots=True)
class CameraVitals:
    """One camera, now."""

    name: str
    trouble: str
    since: datetime | None  # of the trouble
    over: bool  # a film that has ended
    age: float | None  # seconds, of the newest frame


@dataclass(frozen=True, slots=True)
class WaitingVitals:
    """What one messenger has yet to tell."""

    messenger: str
    number: int
    oldest: float  # seconds


@dataclass(slots=True)
class Vitals:
    """Reads the parts when asked. All it keeps is when the house last heard the clock."""

    parts: Parts
    inbox: QueueInbox
    watch: CameraWatch
    tally: Tally
    clock: Callable[[], float] = time.monotonic
    began: float = field(default_factory=time.monotonic)
    ticked: float | None = None  # None: not yet
    looked: float | None = None  # when all readings of health were last taken
    held_back: Callable[[], Throttling | None] = lambda: None  # None: this machine does not tell

    def heard(self, message: Message) -> None:
        """Take note of what the house has carried out. Called on its thread."""
        if isinstance(message, Tick):
            self.ticked = self.clock()

    @property
    def tick_age(self) -> float:
        """Seconds since the house last took a tick, which comes once a second."""
        return max(0.0, self.clock() - (self.began if self.ticked is None else self.ticked))

    # --- what there is

    def states(self) -> list[PartState]:
        """All parts but cameras, in the order of their beginning."""
        health = self.parts.health
        known = {one.name: one for one in health.parts() if one.name not in self.parts.cameras}
        return [*(known.pop(name, PartState(name)) for name in ALWAYS_THERE), *known.values()]

    def cameras(self) -> list[CameraVitals]:
        parts, house = self.parts, self.parts.house()
        found = []
        for name in parts.cameras:
            state, lost = parts.health.of(name), house.camera(name).lost
            since = state.since or (lost.at if lost else None)
            trouble, age = trouble_of(parts, name), parts.frames.age(name)
            found.append(CameraVitals(name, trouble, since, state.ended, age))
        return found

    def well(self, name: str) -> bool | None:
        """Whether a camera or part works; None: there is none of that name."""
        camera = {one.name: one for one in self.cameras()}.get(name)
        if camera is not None:
            return not camera.trouble
        return {one.name: one.ok for one in self.states()}.get(name)

    def waiting(self) -> list[WaitingVitals]:
        now, found = self.parts.now(), []
        for name in self.tally.messengers:
            queue = [delivery for delivery, _ in self.parts.store.waiting(name)]
            oldest = max(((now - one.queued).total_seconds() for one in queue), default=0.0)
            found.append(WaitingVitals(name, len(queue), max(0.0, oldest)))
        return found

    # --- what is wrong

    def stuck(self) -> list[str]:
        """What makes no progress, so that a new start would help. Called by the watchdog.

        A camera that is away, a full disk or a Slack that is down are not among it: they are
        told, and a new start would only lose what waits in memory.
        """
        now = self.clock()
        wrong = []
        if self.tick_age > LONGEST_STEP:
            wrong.append(f"the house has taken no message for {span(self.tick_age)}")
        wrong += [
            f"the {one} hangs" for one in self.tally.stuck(now, LONGEST_STEP) if one != RECORDER
        ]
        wrong += [
            f"{camera} is silent, and nobody has noticed"
            for camera in self.watch.overlooked(now, LONGEST_STEP)
        ]
        return wrong

    def hanging(self, seconds: float) -> list[str]:
        """What has been at one piece of work for so long, for people; it may yet go on."""
        return [f"the {one} hangs" for one in self.tally.stuck(self.clock(), seconds)]

    def troubles(self) -> list[str]:
        """Whatever keeps people from being told: for the heartbeat outside."""
        return [without_secrets(line) for line in self._troubles()]

    def _troubles(self) -> Iterator[str]:
        yield from self.stuck()
        for name in VITAL:
            state = self.parts.health.of(name)
            if not state.ok:
                yield f"{name}: {state.why}"
        try:
            with self.parts.store.database.writing(durable=False):
                pass  # nothing: it says whether it could
        except StoreTrouble as trouble:
            yield str(trouble)
        for one in self.waiting():
            if one.oldest > TOO_LATE:
                yield f"{one.messenger}: {wait(one.number)}, the oldest for {span(one.oldest)}"

    def in_short(self) -> str:
        """A line for `systemctl status`: mode, cameras, what is wrong."""
        cameras, waiting = self.cameras(), sum(one.number for one in self.waiting())
        well = sum(not one.trouble and not one.over for one in cameras)
        said = [f"mode {self.parts.house().arm_state.mode}", f"{well} of {len(cameras)} cameras"]
        said += [f"{one.name}: {one.trouble}" for one in cameras if one.trouble]
        said += [f"{one.name}: {one.why}" for one in self.states() if not one.ok]
        if waiting:
            said.append(wait(waiting))
        return without_secrets("; ".join(said))[:400]

    def temperature(self) -> float | None:
        return temperature()
