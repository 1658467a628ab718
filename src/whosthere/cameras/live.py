"""What all live streams share: packets and pictures as they come, until something is wrong."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Protocol

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from whosthere.cameras.assembly import Arrived, Assembly, CannotAssemble
from whosthere.cameras.decoding import Decoder
from whosthere.cameras.liveness import Pictures, Sameness
from whosthere.cameras.pixels import AvPixels
from whosthere.cameras.stream import AvPacket, Packets, video_stream
from whosthere.cameras.timeline import TREMBLING, Rate
from whosthere.core.errors import CameraTrouble
from whosthere.core.packets import OnPacket
from whosthere.core.sighting import Frame, rounded_clock

log = logging.getLogger(__name__)

LONGEST_GROUP = 10.0  # seconds between two key frames, until we know better


@dataclass
class LiveStream:
    """Reads one stream, again and again if it must. Time is when a packet came in."""

    name: str
    open: Callable[[], InputContainer]
    trouble: Callable[[Exception, float], CameraTrouble]  # what an error means after s of waiting
    frames_per_second: float
    timeout_seconds: float  # of silence
    open_parts: Callable[[], InputContainer] | None = None  # to put pictures together ourselves
    frozen_seconds: float = 0.0
    key_frames_only_while_quiet: bool = False
    on_packet: OnPacket | None = None
    on_change: Callable[[str], None] | None = None
    stop: Event = field(default_factory=Event)
    awake_until: float = 0.0
    heard: float = 0.0  # when the last packet came in, on the monotonic clock
    _looked_like: str = ""  # codec and size, to notice a change over a new connection

    def wake(self, seconds: float) -> None:
        """Decode every picture for so long, though key frames are enough while it is quiet."""
        self.awake_until = max(self.awake_until, time.monotonic() + seconds)

    def frames(self) -> Iterator[Frame]:
        """Yield the pictures that are due; raise what goes wrong. Ends only when told to."""
        if self.open_parts is not None:
            try:
                yield from self._frames(self.open_parts, Assembly)
            except CannotAssemble as why:
                log.info("%s: %s; its pictures come one frame later", self.name, why)
                self.open_parts = None
        if not self.stop.is_set():
            yield from self._frames(self.open, AsTheyCome)

    def _frames(
        self, open_it: Callable[[], InputContainer], way: Callable[[str, float], "Way"]
    ) -> Iterator[Frame]:
        with opened(self, open_it) as container:
            stream = the_stream(self.name, container)
            whole = way(stream.codec_context.codec.canonical_name, time.monotonic())
            reading = _Reading(self, stream, time.monotonic())
            for part in arriving(self, container, stream):
                if self.stop.is_set():
                    return
                for packet, at, clock in whole.take(part, datetime.now(UTC), time.monotonic()):
                    frame = reading.take(packet, at, clock)
                    if frame is not None:
                        yield frame
        if not self.stop.is_set():
            raise ended(self.name)

    def looks_like(self, codec: str, width: int, height: int) -> None:
        """Tell of a stream that is not what it was."""
        now = f"{codec} {width}x{height}"
        before, self._looked_like = self._looked_like, now
        if before and before != now:
            text = f"Camera '{self.name}' changed from {before} to {now}."
            log.warning("%s", text)
            if self.on_change is not None:
                self.on_change(text)


class _Reading:
    """The pictures of one connection."""

    def __init__(self, live: LiveStream, stream: VideoStream, clock: float) -> None:
        self._live, self._rate = live, Rate(live.frames_per_second, TREMBLING)
        economy = live.key_frames_only_while_quiet
        self._decoder = Decoder(stream, key_frames_only=economy, low_delay=True)
        self._packets = Packets(stream)
        self._pictures, self._sameness = Pictures(clock), Sameness(live.frozen_seconds)
        self._group = Group(clock)

    def take(self, packet: AvPacket, at: datetime, clock: float) -> Frame | None:
        if packet.is_keyframe:
            self._group.key_frame(clock)
        awake = clock < self._live.awake_until or self._group.overdue(clock)
        pictures = self._decoder.decode(packet, awake=awake)
        self._hand_on(packet, at, clock)
        if not pictures:
            self._miss(packet, clock, awake=awake)
            return None
        self._pictures.decoded(clock)
        return self._newest(pictures, at, clock)

    def _hand_on(self, packet: AvPacket, at: datetime, clock: float) -> None:
        if self._live.on_packet is not None:
            self._packets.decoded(self._decoder.context.width, self._decoder.context.height)
            self._live.on_packet(self._packets.make(packet, at, rounded_clock(clock)))

    def _miss(self, packet: AvPacket, clock: float, *, awake: bool) -> None:
        if self._live.key_frames_only_while_quiet and not awake and not packet.is_keyframe:
            self._pictures.not_wanted(clock)
        elif self._pictures.missing(clock, key=packet.is_keyframe):
            raise CameraTrouble(
                f"Camera '{self._live.name}' sends packets that make no picture "
                f"({self._decoder.damaged} were damaged). Correct the url, try the other "
                "transport, or restart the camera."
            )

    def _newest(self, pictures: list[av.VideoFrame], at: datetime, clock: float) -> Frame | None:
        picture = pictures[-1]
        if any(p.key_frame for p in pictures):
            self._sameness.key_frame()
        if not self._rate.due(clock):
            return None
        self._live.looks_like(self._decoder.context.name, picture.width, picture.height)
        pixels = AvPixels(picture)
        if self._sameness.frozen(pixels.luma, clock):
            raise CameraTrouble(
                f"Camera '{self._live.name}' sends the same picture over and over; it hangs. "
                "Restart it. If the scene is as still as that, set frozen_seconds = 0."
            )
        return Frame(self._live.name, at, rounded_clock(clock), pixels)


class Group:
    """How far key frames lie apart, to notice when none come any more."""

    def __init__(self, clock: float) -> None:
        self._last, self._longest = clock, 0.0

    def key_frame(self, clock: float) -> None:
        self._last, self._longest = clock, max(self._longest, clock - self._last)

    def overdue(self, clock: float) -> bool:
        return clock - self._last > (1.5 * self._longest + 1 if self._longest else LONGEST_GROUP)


class Way(Protocol):
    """Makes whole pictures of what comes in."""

    def take(self, part: AvPacket, at: datetime, clock: float) -> list[Arrived]: ...


class AsTheyCome:
    """FFmpeg has put the pictures together already."""

    def __init__(self, codec: str, clock: float) -> None:
        pass

    def take(self, part: AvPacket, at: datetime, clock: float) -> list[Arrived]:
        return [Arrived(part, at, clock)] if part.size else []


def opened(live: LiveStream, open_it: Callable[[], InputContainer]) -> InputContainer:
    """Open the stream, or say why that cannot be done."""
    began = time.monotonic()
    try:
        return open_it()
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise live.trouble(error, time.monotonic() - began) from None


def the_stream(name: str, container: InputContainer) -> VideoStream:
    """The stream of pictures of a camera, which must have one."""
    stream = video_stream(container)
    if stream is None:
        raise CameraTrouble(f"Camera '{name}' sends no pictures at this address. Correct the url.")
    return stream


def arriving(
    live: LiveStream, container: InputContainer, stream: VideoStream
) -> Iterator[AvPacket]:
    """Yield packets as they come in; an error of reading is told as trouble."""
    packets = container.demux(stream)
    live.heard = time.monotonic()
    while True:
        asked = time.monotonic()
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.FFmpegError as error:
            raise live.trouble(error, time.monotonic() - asked) from None
        now = time.monotonic()
        if now - asked > live.timeout_seconds:
            # before it gives up, FFmpeg hands out the picture that it held back: an old one
            raise live.trouble(TimeoutError(), now - asked)
        live.heard = now
        yield packet


def ended(name: str) -> CameraTrouble:
    return CameraTrouble(
        f"Camera '{name}' ended its stream. Is it still on, and not used by too many viewers?"
    )
