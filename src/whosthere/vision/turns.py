"""One detector for all cameras."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from whosthere.vision.model_files import DetectorTrouble

LONGEST_SECONDS = 4.0  # that a camera waits for its turn


class Turns:
    """Lets one camera at a time use the detector, in the order of asking.

    A camera that waits skips frames, so load turns into a lower rate and never into a backlog. A
    plain lock would let one busy camera go again and again before the others. Who has waited for
    long gets an error, so that a net that hangs for one camera leaves motion to all others.
    """

    def __init__(self, longest_seconds: float = LONGEST_SECONDS) -> None:
        self._longest_seconds = longest_seconds
        self._changed = threading.Condition()
        self._line: deque[object] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        me = object()
        with self._changed:
            self._line.append(me)
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._line[0] is me, self._longest_seconds):
                self._line.remove(me)
                self._changed.notify_all()
                raise DetectorTrouble("The detector hangs with another camera's picture.")
        try:
            yield
        finally:
            with self._changed:
                self._line.popleft()
                self._changed.notify_all()

    @property
    def in_line(self) -> int:
        """How many have the turn or wait for it."""
        return len(self._line)

    def wait_until_in_line(self, number: int, seconds: float) -> bool:
        """Wait for so many to have the turn or wait for it; False if it took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._line) >= number, seconds)
