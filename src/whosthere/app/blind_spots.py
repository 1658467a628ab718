"""Keeps account of when cameras showed nothing: while the program ran, and while it did not.

Every half minute it is written down when each camera last showed something. So after a power cut,
a crash or a stop, the next start knows since when nobody looked; once the cameras are back, people
are told in one message.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Event

from whosthere.core.blind_spots import BlindSpot, in_lines
from whosthere.core.errors import StoreTrouble
from whosthere.core.messages import CameraBack, CameraLost, Message, Outage
from whosthere.core.sighting import Sighting
from whosthere.storage.outages import Outages, Seen

EVERY, NOTED_EVERY = 1.0, 30.0  # s
LEAST = timedelta(seconds=45)  # of a pause between two runs, for it to be told: an update is none
WAITS = 60.0  # s after a start for the other cameras, before people are told
KEPT = timedelta(days=365)


@dataclass(slots=True)
class BlindSpots:
    """Notes what it hears on the house's thread; writes on its own."""

    outages: Outages
    cameras: tuple[str, ...]  # those that are live
    put: Callable[[Message], None]
    zone: tzinfo | None = None
    boot: str = ""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    stopping: Event = field(default_factory=Event)
    _newest: dict[str, datetime] = field(default_factory=dict)
    _open: dict[str, BlindSpot] = field(default_factory=dict)
    _ended: list[BlindSpot] = field(default_factory=list)
    _dirty: dict[tuple[str, datetime], BlindSpot] = field(default_factory=dict)
    _told: bool = True
    _began: float | None = None
    _noted: float = float("-inf")

    # --- on the house's thread

    def hear(self, message: Message) -> None:
        match message:
            case Sighting():
                self._newest[message.camera] = message.at
                if message.camera in self._open:
                    self._end(message.camera, message.at)
            case CameraLost() if message.camera in self.cameras:
                if message.camera not in self._open:
                    since = self._newest.get(message.camera, message.at)
                    self._set(BlindSpot(message.camera, since, None, message.why))
            case CameraBack() if message.camera in self._open:
                self._end(message.camera, message.at)
            case _:
                pass

    def _set(self, spot: BlindSpot) -> None:
        if spot.until is None:
            self._open[spot.camera] = spot
        self._dirty[spot.camera, spot.since] = spot

    def _end(self, camera: str, at: datetime) -> None:
        spot = self._open.pop(camera, None)
        if spot is not None:
            ended = replace(spot, until=max(at, spot.since))
            self._set(ended)
            self._ended.append(ended)

    # --- on its own thread

    def run(self) -> None:
        """Look back once, then keep account."""
        with suppress(StoreTrouble):  # told by the store itself
            self.look_back()
        while not self.stopping.wait(EVERY):
            self.step()
        with suppress(StoreTrouble):
            self.write(stopped=True)

    def look_back(self) -> None:
        """Find since when nobody looked."""
        before, now = self.outages.last_seen(), self.now()
        self._began = self.clock()
        unfinished = {one.camera: one for one in self.outages.read(now) if one.until is None}
        for camera in self.cameras:
            spot = unfinished.get(camera) or _pause(camera, before.get(camera), self.boot, now)
            if spot is not None and camera not in self._newest:
                self._set(spot)
                self._told = False
        gone = [replace(one, until=now) for name, one in unfinished.items()
                if name not in self.cameras]  # fmt: skip
        if gone:
            self.outages.keep(gone)
        self.outages.forget(now - KEPT)

    def step(self) -> None:
        clock = self.clock()
        if not self._told and self._began is not None:
            waiting = [one for one in self._open.values() if one.camera not in self._newest]
            if not waiting or clock - self._began > WAITS:
                self._tell(clock)
        if self._dirty or clock - self._noted >= NOTED_EVERY:
            with suppress(StoreTrouble):
                self.write()
                self._noted = clock

    def write(self, *, stopped: bool = False) -> None:
        spots, seen = dict(self._dirty), dict(self._newest)
        live = {name: at for name, at in seen.items() if name in self.cameras}
        if spots:
            self.outages.keep(spots.values())
        if live:
            self.outages.seen(live, self.boot, stopped=stopped)
        for key, spot in spots.items():
            if self._dirty.get(key) is spot:
                del self._dirty[key]

    def _tell(self, clock: float) -> None:
        self._told = True
        spots, now = [*self._ended, *self._open.values()], self.now()
        lines = in_lines(spots, now, self._said)
        if lines:
            self.put(Outage(tuple(lines), now, round(clock, 3)))

    def _said(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        today = self.now().astimezone(self.zone).date()
        return f"{local:%H:%M}" if local.date() == today else f"{local:%a %H:%M}"


def _pause(camera: str, before: Seen | None, boot: str, now: datetime) -> BlindSpot | None:
    if before is None or now - before.at < LEAST:
        return None
    if before.stopped:
        why = "the program was stopped"
    elif before.boot and boot and before.boot != boot:
        why = "the machine was off or started anew, as by a power cut"
    else:
        why = "the program ended without being told to"
    return BlindSpot(camera, before.at, None, why)
