"""Does as the house wishes with one switch, on a thread of its own, so that none waits for it.

Only the newest wish counts. What fails is tried again until it is done, or until another wish takes
its place. A siren has a longest time: this thread ends it, whatever the rest of the program does.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from whosthere.core.errors import DeviceTrouble
from whosthere.core.ports import Switch

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds between attempts
LONGEST_SIREN_PAUSE = 2.0  # it must end
LOOKS_EVERY = 30.0  # seconds between looks whether it is on
STOP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class DeviceView:
    """How a device is, as far as that is known."""

    on: bool | None = None  # None: not known
    trouble: str | None = None
    behind: bool = False  # it has not done yet what was asked


@dataclass(frozen=True, slots=True)
class _Wish:
    number: int
    on: bool
    seconds: float | None
    off_clock: float | None  # of a siren: when it must be off


class Driver:
    """Drives one switch."""

    def __init__(
        self,
        name: str,
        switch: Switch,
        tell: Callable[[str | None], None],
        *,
        longest_seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        looks_every: float = LOOKS_EVERY,
    ) -> None:
        self.name = name
        self._switch = switch
        self._tell = tell
        self._longest = longest_seconds  # of a siren
        self._clock = clock
        self._looks_every = looks_every
        self._changed = threading.Condition()
        self._number = 0
        self._wish: _Wish | None = None
        self._done = self._tried = 0  # the newest wish that was, or that failed at least once
        self._view = DeviceView()
        self._pause = 0.0
        self._stopping = False
        self._next_look = 0.0

    def drive(self, *, on: bool, seconds: float | None = None) -> None:
        """Wish something, and return at once."""
        if self._longest is not None:
            seconds = min(seconds or self._longest, self._longest) if on else None
        off_clock = None
        if self._longest is not None and on and seconds is not None:
            off_clock = self._clock() + seconds
        with self._changed:
            self._number += 1
            self._wish = _Wish(self._number, on, seconds, off_clock)
            self._pause = 0.0
            self._changed.notify_all()

    @property
    def view(self) -> DeviceView:
        with self._changed:
            behind = self._is_pending()
            was_before = behind and self._tried < self._number  # what it was asked to do last
            return DeviceView(self._view.on, None if was_before else self._view.trouble, behind)

    def wait_done(self, seconds: float) -> DeviceView:
        """Wait until the newest wish is done or has failed, or for some seconds."""
        with self._changed:
            number = self._number
            self._changed.wait_for(lambda: self._done >= number or self._tried >= number, seconds)
        return self.view

    def run(self) -> None:
        """Until stopped. A siren is off at the beginning and at the end."""
        if self._longest is not None and self._wish is None:
            self.drive(on=False)
        try:
            while not self._stopping:
                self._step()
        finally:
            if self._longest is not None:
                with suppress(DeviceTrouble):
                    self._switch.switch(on=False)
            self._switch.close()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def _step(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._is_due(), self._left())
            wish, pending = self._wish, self._is_pending()
            stopping = self._stopping
        if stopping:
            return
        if wish is not None and wish.off_clock is not None and self._clock() >= wish.off_clock:
            self.drive(on=False)
        elif pending and wish is not None:
            self._do(wish)
        elif self._clock() >= self._next_look:
            self._look()

    def _is_pending(self) -> bool:
        return self._wish is not None and self._done < self._wish.number

    def _is_due(self) -> bool:
        """Whether there is something new to do, without any pause."""
        return self._is_pending() and not self._pause

    def _left(self) -> float:
        """Seconds until there is something to do without a new wish."""
        now, moments = self._clock(), [self._next_look]
        if self._is_pending():
            moments = [now + self._pause]
        if self._wish is not None and self._wish.off_clock is not None:
            moments.append(self._wish.off_clock)
        return max(0.0, min(moments) - now)

    def _do(self, wish: _Wish) -> None:
        seconds = wish.seconds
        if wish.off_clock is not None:  # it may have failed for a while
            seconds = max(1.0, wish.off_clock - self._clock())
        try:
            self._switch.switch(on=wish.on, seconds=seconds)
        except DeviceTrouble as trouble:
            self._tried = wish.number
            self._failed(str(trouble))
            return
        with self._changed:
            self._done = max(self._done, wish.number)
            self._view = DeviceView(on=wish.on)
            self._pause = 0.0
            self._next_look = self._clock() + self._looks_every
            self._changed.notify_all()
        self._tell(None)

    def _look(self) -> None:
        try:
            on = self._switch.state()
        except DeviceTrouble as trouble:
            self._failed(str(trouble))
        else:
            with self._changed:
                self._view = DeviceView(on=self._view.on if on is None else on)
            self._tell(None)
        self._next_look = self._clock() + self._looks_every

    def _failed(self, why: str) -> None:
        with self._changed:
            longest = LONGEST_PAUSE if self._longest is None else LONGEST_SIREN_PAUSE
            self._pause = min(longest, max(FIRST_PAUSE, 2 * self._pause))
            self._view = DeviceView(trouble=why)
            self._changed.notify_all()
        self._tell(why)
