"""Looks after the health of the program and its machine every two seconds.

Each check is a value with a limit: it tells the health board of trouble when the value passes the
limit, and of recovery only when the value is clearly below it again. The board tells the house.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from whosthere.app.answers.desk import Heard
from whosthere.app.answers.making import AtHand
from whosthere.app.blind_spots import BlindSpots
from whosthere.app.disk_trend import DiskTrend
from whosthere.app.health import HealthBoard, Reading
from whosthere.app.health_settings import HealthSettings
from whosthere.app.settings import Settings
from whosthere.app.vitals import Vitals
from whosthere.app.workers import Worker
from whosthere.cameras.settings import FileCamera
from whosthere.core.messages import Message
from whosthere.core.sighting import Look, Sighting
from whosthere.core.spans import span
from whosthere.devices.board import Board, Throttling
from whosthere.storage.outages import Outages
from whosthere.storage.sqlite import SqliteStore

EVERY, POWER_EVERY = 2.0, 10.0  # s
COOLER = 5.0  # °C below the limit
ROOMIER = 1.5  # times the limits of the disk
UNSET_SECONDS = 3600.0  # s that the clock may be without a time server
JUMP_TOLD = 120.0  # s for which a jump of the clock stays on the board
SEEN_LATELY = 60.0  # s for which under-voltage stays: it comes and goes
FAILS = 2.0  # s for which a detector must fail
GIGABYTE = 2**30
GONE = "cannot be read any more"


@dataclass(slots=True)
class HealthKeeper:
    """Takes the readings, and remembers which of them are in trouble."""

    settings: HealthSettings
    folder: Path
    vitals: Vitals
    board: HealthBoard
    machine: Board = field(default_factory=Board)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    stopping: Event = field(default_factory=Event)
    readings: tuple[Reading, ...] = ()
    throttling: Throttling | None = None  # as it was when last asked; None: nobody tells
    _trend: DiskTrend = field(default_factory=DiskTrend)
    _last: tuple[datetime, float] | None = None
    _jumped: tuple[float, str] | None = None
    _unset_since: float | None = None
    _low_voltage: float | None = None
    _failing_since: float | None = None
    _failed: float = 0.0
    _power_due: float = float("-inf")
    _looked: bool = False

    def heard(self, message: Message) -> None:
        """Note how the detector does. Called on the house's thread."""
        if isinstance(message, Sighting):
            if message.look is Look.FAILED:
                self._failing_since = self._failing_since or message.clock
                self._failed = message.clock
            elif message.look is Look.DONE:
                self._failing_since, self._failed = None, 0.0
                self._looked = True

    def run(self) -> None:
        while not self.stopping.wait(EVERY):
            self.look()

    def look(self) -> None:
        """Take all readings, and tell the board what has changed."""
        taken = []
        for one in self._read():
            self._tell(one)  # before the next one, which may hang
            taken.append(one)
        self.readings = tuple(taken)
        self.vitals.looked = self.vitals.clock()

    def _tell(self, one: Reading) -> None:
        known = self.board.of(one.part)
        if one.trouble:
            if known.ok or known.why != one.trouble:
                self.board.changed(one.part, one.trouble)
        elif not known.ok:
            self.board.recovered(one.part)
        else:
            self.board.is_well(one.part)

    def _read(self) -> Iterator[Reading]:
        clock = self.clock()
        yield self._inbox()
        yield self._program()
        yield self._waiting()
        yield from self._detector()
        yield from self._disk(clock)
        yield from self._temperature()
        yield from self._power(clock)
        yield self._time(clock)

    def _ill(self, part: str) -> bool:
        return not self.board.of(part).ok

    def _inbox(self) -> Reading:
        """Whether the house moves on. People are told of that by `standstill`, which goes round."""
        limit, age = self.settings.stuck_seconds, self.vitals.tick_age
        waiting = self.vitals.inbox.waiting
        waits = f"; {waiting} message{'s' * (waiting != 1)} to be heard" if waiting else ""
        value = f"read {age:.1f} s ago{waits}"
        told = "the house takes no messages"
        return Reading("inbox", value, f"{limit:g} s", told if age > limit else "")

    def _program(self) -> Reading:
        """Whether all that looks at frames moves on."""
        limit = self.settings.stuck_seconds
        stuck = "; ".join(self.vitals.hanging(limit))
        return Reading("program", "all threads move on", f"{limit:g} s", stuck)

    def _detector(self) -> Iterator[Reading]:
        since = self._failing_since
        if since is not None and self._failed - since >= FAILS:
            told = "it fails on pictures; until it works, motion alone is told"
            yield Reading("detector", "fails", "", told)
        elif self._looked:
            yield Reading("detector", "works")

    def _waiting(self) -> Reading:
        waiting, limit = self.vitals.waiting(), self.settings.most_waiting_seconds
        oldest = max((one.oldest for one in waiting), default=0.0)
        number = sum(one.number for one in waiting)
        late = [one for one in waiting if one.oldest > limit]
        value = f"{number} waiting, the oldest for {span(oldest)}" if number else "nothing waits"
        told = "; ".join(f"messages wait for {one.messenger}" for one in late)
        return Reading("outbox", value, span(limit), told)

    def _disk(self, clock: float) -> Iterator[Reading]:
        with suppress(OSError):
            free = self.free(self.folder)
            self._trend.note(clock, free)
            days, more = self._trend.days_left(), ROOMIER if self._ill("disk") else 1.0
            least = self.settings.least_free_gigabytes * more
            told, value = "", f"{free / GIGABYTE:.1f} GB free"
            if days is not None:
                value += f", full in {_in_days(days)}"
            if free / GIGABYTE < least:
                told = f"only {free / GIGABYTE:.1f} GB are free"
            elif days is not None and days < self.settings.full_in_days * more:
                told = f"it will be full in {_in_days(days)} as it fills now"
            limit = f"{self.settings.least_free_gigabytes:g} GB"
            yield Reading("disk", value, f"{limit}, {self.settings.full_in_days:g} days", told)

    def _temperature(self) -> Iterator[Reading]:
        degrees, limit = self.machine.temperature(), self.settings.temperature
        if degrees is None:
            if self._ill("temperature"):
                yield Reading("temperature", GONE)
            return
        least = limit - COOLER if self._ill("temperature") else limit
        told = f"{degrees:.0f} °C: it slows down to cool" if degrees >= least else ""
        yield Reading("temperature", f"{degrees:.0f} °C", f"{limit:g} °C", told)

    def _power(self, clock: float) -> Iterator[Reading]:
        if clock >= self._power_due:  # it may take a process to ask
            self._power_due = clock + POWER_EVERY
            self.throttling = self.machine.throttling()
        found = self.throttling
        if found is None:
            if self._ill("power"):
                yield Reading("power", GONE)
            return
        if found.under_voltage:
            self._low_voltage = clock
        low = self._low_voltage is not None and clock - self._low_voltage < SEEN_LATELY
        held = found.throttled or found.capped or found.hot
        value = "too low" if found.under_voltage else "slowed down" if held else "well"
        told = "the supply voltage is too low: cameras may fail. Use another supply or cable"
        yield Reading("power", value, "", told if low else "")

    def _time(self, clock: float) -> Reading:
        """Whether the clock jumps, or follows nobody."""
        at, last = self.now(), self._last
        self._last = at, clock
        if last is not None:
            off = (at - last[0]).total_seconds() - (clock - last[1])
            if abs(off) > self.settings.clock_jump_seconds:
                way = "forward" if off > 0 else "back"
                self._jumped = clock, f"it jumped {way} by {span(abs(off))}"
        is_set = self.machine.clock_is_set()
        if is_set is not False:
            self._unset_since = None
        elif self._unset_since is None:
            self._unset_since = clock
        told = ""
        if self._jumped is not None and clock - self._jumped[0] < JUMP_TOLD:
            told = self._jumped[1]
        elif self._unset_since is not None and self.settings.clock_must_be_set:
            late = clock - self._unset_since >= UNSET_SECONDS
            told = "it follows no time server. See 'timedatectl'" if late else ""
        value = {True: "follows a time server", False: "follows no time server", None: "runs"}[
            is_set
        ]
        return Reading("clock of the machine", value, "", told)


def _in_days(days: float) -> str:
    whole = round(days)
    if whole < 1:
        return "less than a day"
    return f"{whole} day{'s' * (whole > 1)}"


def join_health(
    settings: Settings, vitals: Vitals, store: SqliteStore, heard: Heard, at_hand: AtHand
) -> tuple[Worker, Worker]:
    """Make what looks after health, and what keeps account of blind spots."""
    board, machine = vitals.parts.health, Board()
    folder = settings.storage.folder
    keeper = HealthKeeper(settings.health, folder, vitals, board, machine)
    at_hand.readings.append(lambda: keeper.readings)
    vitals.held_back = lambda: keeper.throttling
    cameras = settings.cameras.items()
    live = [name for name, one in cameras if not isinstance(one.source, FileCamera)]
    spots = BlindSpots(
        Outages(store.database),
        tuple(live),
        vitals.inbox.put,
        zone=settings.house.zone,
        boot=machine.boot(),
    )
    heard.listeners += [keeper.heard, spots.hear]
    return (
        Worker("health", keeper.run, board, keeper.stopping.set),
        Worker("blind spots", spots.run, board, spots.stopping.set),
    )
