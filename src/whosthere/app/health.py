"""How each part is doing. Changes are logged once, and a lost camera becomes a message."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from whosthere.core.messages import CameraBack, CameraLost

log = logging.getLogger(__name__)

RECOVERED_AFTER = 10.0  # seconds of work without a failure


@dataclass(frozen=True, slots=True)
class PartState:
    """One part, as it is now."""

    name: str
    ok: bool = True
    why: str = ""  # what is wrong
    since: datetime | None = None  # of the trouble
    started: float | None = None  # monotonic; None while it waits for its next attempt
    failures: int = 0
    ended: bool = False  # had nothing more to do


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that was looked at."""

    part: str
    value: str  # with its unit
    limit: str = ""
    trouble: str = ""  # nothing: it is well


class Health(Protocol):
    """What workers report to."""

    def started(self, part: str, clock: float) -> None: ...
    def failed(self, part: str, why: str, clock: float) -> None: ...
    def ended(self, part: str) -> None: ...


class HealthBoard:
    """The state of all parts. Safe to use from any thread."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._parts: dict[str, PartState] = {}
        self._lock = threading.Lock()

    def parts(self) -> tuple[PartState, ...]:
        with self._lock:
            return tuple(self._parts.values())

    def of(self, part: str) -> PartState:
        with self._lock:
            return self._parts.get(part, PartState(part))

    def started(self, part: str, clock: float) -> None:
        self._set(part, started=clock, ended=False)

    def ended(self, part: str) -> None:
        self._set(part, ended=True, started=None)

    def failed(self, part: str, why: str, clock: float) -> None:
        """Note a failure. The first one is logged, and any other reason; repeats are not."""
        del clock
        before = self.of(part)
        if before.ok or before.why != why:
            log.warning("%s: %s", part, why)
        self.noted(part, why)

    def noted(self, part: str, why: str) -> None:
        """Note a failure of a part that has logged it itself."""
        before = self.of(part)
        since = self._now() if before.ok else before.since
        failures = before.failures + 1
        self._set(part, ok=False, why=why, since=since, failures=failures, started=None)

    def changed(self, part: str, why: str) -> None:
        """Note what a check has found, and log it if that is new."""
        if self.of(part).ok:
            log.warning("%s: %s", part, why)
        self.noted(part, why)

    def is_well(self, part: str) -> None:
        """Note that a check has found nothing."""
        if self.of(part) == PartState(part):
            self._set(part)

    def recovered(self, part: str) -> None:
        before = self.of(part)
        if not before.ok:
            seconds = (self._now() - before.since).total_seconds() if before.since else 0.0
            log.info("%s: works again after %.0f s", part, seconds)
            self._set(part, ok=True, why="", since=None, failures=0)

    def look(self, clock: float) -> None:
        """Believe in the recovery of who has worked for a while. Called now and then."""
        for part in self.parts():
            if part.started is not None and clock - part.started >= RECOVERED_AFTER:
                self.recovered(part.name)

    def _set(self, part: str, **changes: object) -> None:
        with self._lock:
            before = self._parts.get(part, PartState(part))
            self._parts[part] = replace(before, **changes)  # type: ignore[arg-type] # checked by replace


def nothing_heard() -> float:
    return 0.0


@dataclass(slots=True)
class _Seen:
    clock: float
    heard: Callable[[], float] = nothing_heard  # when the last other sign of life came
    waiting: bool = False  # a frame is in hand, the house has no time for it
    lost: bool = False

    @property
    def newest(self) -> float:
        return max(self.clock, self.heard())


class CameraWatch:
    """Notices within seconds that a camera shows nothing new, and that it does again."""

    def __init__(self, lost_after: float) -> None:
        self._lost_after = lost_after
        self._seen: dict[str, _Seen] = {}
        self._lock = threading.Lock()

    def expect(self, camera: str, clock: float, heard: Callable[[], float] = nothing_heard) -> None:
        """From now on there should be frames, or other signs of life, as `heard` tells."""
        with self._lock:
            self._seen.setdefault(camera, _Seen(clock, heard))

    def forget(self, camera: str) -> None:
        """There is nothing more to come: a film is over."""
        with self._lock:
            self._seen.pop(camera, None)

    def saw(self, camera: str, clock: float, *, waiting: bool = False) -> bool:
        """Note a new frame; tell whether the camera was lost before."""
        with self._lock:
            seen = self._seen.setdefault(camera, _Seen(clock))
            was_lost, seen.lost = seen.lost, False
            seen.clock, seen.waiting = clock, waiting
            return was_lost

    def newly_lost(self, clock: float) -> tuple[tuple[str, float], ...]:
        """Return the cameras that became lost since the last look, and for how long they are."""
        with self._lock:
            late = [
                (name, seen)
                for name, seen in self._seen.items()
                if not (seen.lost or seen.waiting) and clock - seen.newest > self._lost_after
            ]
            for _, seen in late:
                seen.lost = True
            return tuple((name, clock - seen.newest) for name, seen in late)

    def overlooked(self, clock: float, seconds: float) -> tuple[str, ...]:
        """Return the cameras that are silent for so much too long, and nobody has noticed."""
        with self._lock:
            return tuple(
                name
                for name, seen in self._seen.items()
                if not seen.lost and clock - seen.newest > self._lost_after + seconds
            )


def lost_message(camera: str, gap: float, why: str, at: datetime, clock: float) -> CameraLost:
    """Word the loss; `why` is what the camera's worker last complained of."""
    return CameraLost(camera, why or f"no new picture for {gap:.0f} s", at, clock)


def back_message(camera: str, at: datetime, clock: float) -> CameraBack:
    return CameraBack(camera, at, clock)
