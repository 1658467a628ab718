"""Turns one camera: for people, on patrol, and back home. Nothing else moves it.

While it turns, and until it has settled, `view` says so, and what is seen does not count.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from whosthere.core.pan_tilt import (
    ELSEWHERE,
    HOME,
    Limits,
    PanTiltTrouble,
    Position,
    View,
)
from whosthere.core.ports import PanTilt
from whosthere.devices.pan_tilt_patrol import Patrol

log = logging.getLogger(__name__)

NEAR = 1.5  # degrees; so near a preset, it is this place that is looked at
PATIENCE = 30.0  # seconds that somebody waits for the turn of somebody else
LOOK_AGAIN = 10.0  # seconds between questions where it looks
GLANCES = 0.5  # seconds between looks whether it is time to turn by itself


class Preset(NamedTuple):
    """A place to look at: by its position, or by the name that the camera itself has for it."""

    position: Position | None
    camera_preset: str | None = None


@dataclass(frozen=True, slots=True)
class Manners:
    """How a camera turns."""

    limits: Limits = field(default_factory=Limits)
    settle_seconds: float = 0.3
    home_after_seconds: float = 0.0
    idle_seconds: float = 0.0  # until the motors are let go
    patrol: Patrol = field(default_factory=Patrol)


@runtime_checkable
class HasPresets(Protocol):
    """What turns a camera that knows places by names of its own."""

    def turn_to_preset(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Views:
    """What is looked at, for the thread that watches. Replaced by whoever turns."""

    place: str = HOME  # most probably, until it is known
    before: str = ELSEWHERE
    since: float | None = None  # it turns
    settled: float = float("-inf")

    def at(self, clock: float) -> View:
        since, settled = self.since, self.settled
        if since is not None:
            return View(clock >= since, self.place if clock >= since else self.before)
        return View(clock < settled, self.place)


@dataclass(slots=True)
class Turner:
    """Fulfils `core.pan_tilt.Turnable`."""

    camera: str
    driver: PanTilt
    presets_by_name: Mapping[str, Preset]
    manners: Manners = field(default_factory=Manners)
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now().astimezone()
    wait: Callable[[float], object] = time.sleep  # passes seconds; an end cuts it short
    busy: Callable[[], bool] = lambda: False  # something moves there: not the time to turn away
    stopping: threading.Event = field(default_factory=threading.Event)
    _views: _Views = field(default_factory=_Views)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _patrolling: bool = False
    _turned: float = 0.0  # when it was last turned
    _by_hand: bool = False
    _resting: bool = True
    _next: int = 0  # stop of the patrol
    _on_round: bool = False
    _arrived: Position | None = None  # where it stood after the last turn that is known
    _looked: float = float("-inf")

    def __post_init__(self) -> None:
        self._patrolling = bool(self.manners.patrol.stops)

    @property
    def presets(self) -> Sequence[tuple[str, str]]:
        return [
            (name, str(one.position) if one.position else f"'{one.camera_preset}' of the camera")
            for name, one in self.presets_by_name.items()
        ]

    @property
    def patrolling(self) -> bool:
        return self._patrolling

    def view(self, clock: float) -> View:
        """What was looked at in that moment. Never waits."""
        return self._views.at(clock)

    def turn(self, to: Position | str) -> Position:
        """Turn as somebody asks."""
        preset = self._preset(to)
        with self._alone():
            at = self._turn(to, preset)
            self._by_hand = True
        return at

    def position(self) -> Position:
        with self._alone():
            return self._look()

    def place(self) -> str:
        return self._views.place

    def patrol(self, *, on: bool) -> None:
        if on and not self.manners.patrol.stops:
            raise PanTiltTrouble(
                f"Camera '{self.camera}' has no patrol. Name its presets in"
                f" [cameras.{self.camera}.pan_tilt.patrol]."
            )
        self._patrolling = on
        self._by_hand = self._by_hand and not on

    def run(self) -> None:
        """Look where it stands; then patrol, come home and rest, until told to stop."""
        try:
            self.arrive()
            while not self.stopping.wait(GLANCES):
                self.tend()
        except PanTiltTrouble:
            if not self.stopping.is_set():  # else a turn was cut short
                raise
        finally:
            with self._lock:
                self.driver.close()

    def arrive(self) -> None:
        """Find out where it looks, as at the start, when anybody may have turned it."""
        with self._alone():
            self._look()
            self._turned = self.clock()

    def _look(self) -> Position:
        """Ask where it looks: somebody else may have turned it."""
        at, self._looked = self.driver.position(), self.clock()
        if self._arrived is None or at.away(self._arrived) > NEAR:
            self._views = _Views(self._place_of(at))
            self._arrived = at
        return at

    def tend(self) -> None:
        """Do what is due."""
        rest = self.manners.idle_seconds
        if not self._resting and rest and self.clock() - self._turned >= rest:
            with self._alone():
                self.driver.rest()
                self._resting = True
        if self.clock() - self._looked >= LOOK_AGAIN:
            with self._alone():
                self._look()
        if not self.busy():
            self._move_on(self._turned)

    def _move_on(self, turned: float) -> None:
        """Turn by itself, if it is time: home after a turn by hand, and on patrol."""
        idle, manners = self.clock() - turned, self.manners
        if self._by_hand:
            if manners.home_after_seconds and idle >= manners.home_after_seconds:
                self._by_hand = False
                if self.place() != HOME:
                    log.info("%s: back to its home position", self.camera)
                    self._turn_by_itself(HOME, turned)
            elif self._patrolling and idle >= manners.patrol.dwell_seconds:
                self._by_hand = False  # whoever turned it has had time to look
        elif self._patrolling and manners.patrol.is_on(self.now()):
            self._on_round = True
            if idle >= manners.patrol.dwell_seconds:
                self._go_on(turned)
        elif self._on_round:  # the time of the patrol is over, or people ended it
            self._on_round = False
            self._turn_by_itself(HOME, turned)

    def _go_on(self, turned: float) -> None:
        stops = self.manners.patrol.stops
        stop = stops[self._next % len(stops)]
        self._next += 1
        if stop != self.place():
            self._turn_by_itself(stop, turned)
        else:
            self._turned = self.clock()

    def _turn_by_itself(self, to: str, turned: float) -> None:
        preset = self._preset(to)
        with self._alone():
            if self._turned == turned:  # else somebody was quicker, and wants to look there
                self._turn(to, preset)

    def _turn(self, to: Position | str, preset: Preset) -> Position:
        """Turn, and wait until it has settled. Only one does so at a time."""
        before = self._views.place
        place = to if isinstance(to, str) else self._place_of(to)
        self._views = _Views(place, before, since=self.clock())
        self._resting = False
        try:
            self._drive(preset)
            self._arrived = self.driver.position()
        except PanTiltTrouble:
            place, self._arrived = ELSEWHERE, None  # nobody knows where it stopped
            raise
        finally:
            self._turned = self.clock() + self.manners.settle_seconds
            self._views = _Views(place, settled=self._turned)
        self.wait(self.manners.settle_seconds)
        return preset.position or self._arrived

    def _drive(self, preset: Preset) -> None:
        if preset.position is not None:
            self.driver.turn(preset.position)
        elif preset.camera_preset is not None and isinstance(self.driver, HasPresets):
            self.driver.turn_to_preset(preset.camera_preset)
        else:
            raise PanTiltTrouble(
                f"Camera '{self.camera}' has no presets of its own. Give the preset 'pan' and"
                " 'tilt'."
            )

    def _preset(self, to: Position | str) -> Preset:
        """Where it shall look. Raises if there is no such place, or it is beyond the limits."""
        if isinstance(to, Position):
            preset = Preset(to)
        elif to in self.presets_by_name:
            preset = self.presets_by_name[to]
        else:
            known = ", ".join(self.presets_by_name)
            raise PanTiltTrouble(f"Camera '{self.camera}' has no preset '{to}'. It has {known}.")
        if preset.position is not None:
            self.manners.limits.check(preset.position, self.camera)
        return preset

    def _place_of(self, at: Position) -> str:
        return next(
            (
                name
                for name, one in self.presets_by_name.items()
                if one.position is not None and one.position.away(at) <= NEAR
            ),
            ELSEWHERE,
        )

    def _alone(self) -> "_Alone":
        return _Alone(self._lock, self.camera)


@dataclass(slots=True)
class _Alone:
    """Only one asks the camera at a time; the others wait, but not for ever."""

    lock: threading.Lock
    camera: str

    def __enter__(self) -> None:
        if not self.lock.acquire(timeout=PATIENCE):
            raise PanTiltTrouble(
                f"Camera '{self.camera}' is being turned by somebody else. Try again in a while."
            )

    def __exit__(self, *_: object) -> None:
        self.lock.release()
