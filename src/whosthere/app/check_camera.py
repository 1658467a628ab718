"""Opens a camera for a few seconds, and says what comes from it."""

import time
from dataclasses import dataclass, field
from threading import Event
from typing import cast

from whosthere.app.settings import CameraSection
from whosthere.app.workers import run_aside
from whosthere.cameras.newest import LiveFrames, Source
from whosthere.cameras.settings import FileCamera, make_camera
from whosthere.core.errors import CameraTrouble
from whosthere.core.packets import Packet
from whosthere.core.sighting import Frame

LOOK_SECONDS = 5.0  # after the first picture: long enough for two key frames of most cameras
LONGEST_GROUP = 4.0  # seconds between key frames from which on it is worth a word
COPIED = frozenset({"h264"})  # what clips take as it comes


@dataclass(slots=True)
class _Stream:
    """What was learned of the packets."""

    packets: int = 0
    first: Packet | None = None
    last: Packet | None = None
    keys: list[float] = field(default_factory=list)

    def add(self, packet: Packet) -> None:
        self.first = self.first or packet
        self.last = packet
        self.packets += 1
        if packet.key:
            self.keys.append(packet.clock)

    @property
    def seconds(self) -> float:
        return self.last.clock - self.first.clock if self.first and self.last else 0.0


def camera(name: str, section: CameraSection) -> str:
    """Raises CameraTrouble when there is no picture."""
    stop, stream = Event(), _Stream()
    source = section.source
    if isinstance(source, FileCamera):
        source = source.model_copy(update={"loop": False})
    made = make_camera(name, source, on_packet=stream.add, stop=stop)
    if not isinstance(source, FileCamera):
        made = LiveFrames(name, cast("Source", made), run_aside, stop)
    began = time.monotonic()
    frames = made.frames()
    try:
        first = next(frames, None)
        took = time.monotonic() - began
        if first is None:
            raise CameraTrouble(f"Camera '{name}' gave no picture.")
        last = next((frame for frame in frames if frame.clock > first.clock + LOOK_SECONDS), first)
    finally:
        stop.set()
    return _words(last, stream, took)


def _words(frame: Frame, stream: _Stream, took: float) -> str:
    height, width = frame.luma.shape
    parts = [f"{width}x{height}"]
    if stream.first is not None:
        of = stream.first.stream
        if of.width and (of.width, of.height) != (width, height):
            parts = [f"{of.width}x{of.height} ({width}x{height} analysed)"]
        codec = of.codec
        parts.append(codec if codec in COPIED else f"{codec}, encoded anew for clips")
    if stream.seconds > 1:
        parts.append(f"{(stream.packets - 1) / stream.seconds:.1f} pictures a second")
    group = max((b - a for a, b in zip(stream.keys, stream.keys[1:], strict=False)), default=None)
    if group is not None:
        parts.append(f"a key frame every {group:.1f} s")
    parts.append(f"the first after {took:.1f} s")
    long = group is None and stream.seconds > LONGEST_GROUP and stream.keys
    hint = ""
    if long or (group or 0.0) > LONGEST_GROUP:
        hint = "\nKey frames are far apart, so clips begin early. Set their interval to 2 s there."
    return ", ".join(parts) + hint
