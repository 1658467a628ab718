"""The newest frame of a live camera, read in a thread of its own."""

from collections.abc import Callable, Iterator
from threading import Condition, Event
from time import monotonic
from typing import Protocol, TypeAlias

from whosthere.core.errors import CameraTrouble
from whosthere.core.sighting import Frame

StartThread: TypeAlias = Callable[[str, Callable[[], None]], object]

LONGEST_SILENCE = 9.5  # seconds without a frame; a camera that hangs is told within ten
LONGEST_OPENING = 25.0  # until the first frame, which has to wait for a key frame
GLANCE = 0.25  # seconds between looks at the stop event


class Source(Protocol):
    """A camera that is read by a thread of its own."""

    @property
    def heard(self) -> float:
        """When the last packet came in, on the monotonic clock; 0 if none has."""
        ...

    def frames(self) -> Iterator[Frame]: ...
    def wake(self, seconds: float) -> None: ...


class LiveFrames:
    """A camera whose reader never waits for who looks at the frames.

    The reader puts each frame into a slot of one; who comes late finds the newest. All that goes
    wrong in the reader, or with it, is raised out of `frames()`.
    """

    def __init__(
        self,
        name: str,
        camera: Source,
        start_thread: StartThread,
        stop: Event,
        *,
        longest_silence: float = LONGEST_SILENCE,
        longest_opening: float = LONGEST_OPENING,
    ) -> None:
        self._name, self._camera = name, camera
        self._start_thread, self._stop = start_thread, stop
        self._longest_silence, self._longest_opening = longest_silence, longest_opening
        self._slot: _Slot | None = None

    def frames(self) -> Iterator[Frame]:
        if self._slot is not None and not self._slot.left:
            raise CameraTrouble(
                f"Camera '{self._name}' hangs, and so does what reads it. "
                "Restart the camera; if that does not help, restart whosthere."
            )
        slot = self._slot = _Slot()
        self._start_thread(f"{self._name} reader", lambda: slot.fill_from(self._camera))
        try:
            yield from self._newest(slot)
        finally:
            slot.give_up()

    def wake(self, seconds: float) -> None:
        """Decode every picture for so long, though key frames are enough while it is quiet."""
        self._camera.wake(seconds)

    def _newest(self, slot: "_Slot") -> Iterator[Frame]:
        patience = self._longest_opening
        while True:
            frame = self._wait(slot, patience)
            if frame is None:
                return
            yield frame
            patience = self._longest_silence

    def _wait(self, slot: "_Slot", patience: float) -> Frame | None:
        """Return the newest frame, or None when all is over."""
        until = monotonic() + patience
        while not self._stop.is_set():
            frame = slot.take(GLANCE)
            if frame is not None:
                return frame
            if slot.left:
                slot.raise_trouble(self._name)
                return None
            if monotonic() > max(until, self._camera.heard + self._longest_silence):
                raise CameraTrouble(
                    f"Camera '{self._name}' has sent nothing for {patience:.0f} s. "
                    "Is it on, and does its stream run?"
                )
        return None


class _Slot:
    """Room for one frame between the reader and who looks at the frames."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._frame: Frame | None = None
        self._trouble: CameraTrouble | None = None
        self._complete = False  # the camera has come to its end, as files do
        self._wanted = True
        self.left = False  # the reader is through, for better or worse

    def fill_from(self, camera: Source) -> None:
        """The whole life of the reader thread."""
        try:
            for frame in camera.frames():
                if not self._put(frame):
                    return
            self._complete = True
        except CameraTrouble as trouble:
            self._trouble = trouble
        finally:
            with self._changed:
                self.left = True
                self._changed.notify_all()

    def take(self, seconds: float) -> Frame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self.left, seconds)
            frame, self._frame = self._frame, None
            return frame

    def raise_trouble(self, name: str) -> None:
        """Raise what ended the reader, unless that is its proper end."""
        if self._trouble is not None:
            raise self._trouble
        if not self._complete and self._wanted:
            raise CameraTrouble(f"Camera '{name}': its reader broke down; the log tells why.")

    def give_up(self) -> None:
        self._wanted = False

    def _put(self, frame: Frame) -> bool:
        with self._changed:
            self._frame = frame
            self._changed.notify_all()
            return self._wanted
