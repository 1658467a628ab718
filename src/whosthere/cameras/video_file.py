"""Frames from a video file: for recordings, the demo and tests."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Literal, TypeAlias

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from whosthere.cameras.decoding import Decoder
from whosthere.cameras.pixels import AvPixels
from whosthere.cameras.stream import AvPacket, Packets, rate_of, time_base_of, video_stream
from whosthere.cameras.timeline import Rate, Timeline
from whosthere.core.errors import CameraTrouble
from whosthere.core.packets import OnPacket
from whosthere.core.sighting import Frame, rounded_clock

log = logging.getLogger(__name__)

Pace: TypeAlias = Literal["fast", "real time"]

MISSING_SECONDS = 1.0  # a file that ends so much earlier than it claims is cut off
MISSING_SHARE = 0.05
_MICROSECONDS = 1_000_000


@dataclass(slots=True)
class _Playing:
    """How far a file has been played, over all its rounds."""

    starts: datetime
    clock_starts: float
    rate: Rate
    timeline: Timeline
    packets: Packets
    asleep_from: float = 0.0  # media seconds from which on key frames are enough
    pictures: int = 0
    media: float = 0.0


@dataclass
class VideoFile:
    """Plays a file.

    As fast as it is read, `Frame.clock` counts the seconds of the recording. In real time it is the
    machine's monotonic clock, as with live cameras; who takes too long for a frame misses some.
    """

    name: str
    path: Path
    starts: datetime | None = None  # the wall time of the first picture; none: when it is played
    frames_per_second: float = 5.0  # that are analysed
    pace: Pace = "fast"
    loop: bool = False
    key_frames_only_while_quiet: bool = False
    on_packet: OnPacket | None = None
    stop: Event = field(default_factory=Event, repr=False)
    damaged: int = field(default=0, init=False)  # packets that had to be skipped
    _playing: _Playing | None = field(default=None, init=False, repr=False)

    def frames(self) -> Iterator[Frame]:
        self._playing = None
        while True:
            yield from self._play()
            if not self.loop or self.stop.is_set():
                return

    @property
    def heard(self) -> float:
        """A file never hangs; it may have long pauses."""
        return float("inf")

    def wake(self, seconds: float) -> None:
        """Decode every picture for so long, though key frames are enough while it is quiet."""
        playing = self._playing
        if playing is not None:
            playing.asleep_from = max(playing.asleep_from, playing.media + seconds)

    def _play(self) -> Iterator[Frame]:
        with open_file(self.name, self.path) as container:
            stream = video_stream(container)
            if stream is None:
                raise CameraTrouble(
                    f"Camera '{self.name}': {self.path} has no moving pictures. "
                    "Choose a video file that has."
                )
            playing = self._begin(stream)
            before = playing.media if playing.pictures else 0.0
            yield from self._frames_of(container, stream, playing)
            if self.stop.is_set():
                return
            if not playing.pictures:
                raise CameraTrouble(
                    f"Camera '{self.name}': no picture in {self.path} can be decoded; "
                    "the file is damaged. Choose another."
                )
            self._say_if_cut_off(container, playing.media - before)

    def _begin(self, stream: VideoStream) -> _Playing:
        if self._playing is None:
            self._playing = _Playing(
                starts=self.starts or datetime.now(UTC),
                clock_starts=time.monotonic() if self.pace == "real time" else 0.0,
                rate=Rate(self.frames_per_second),
                timeline=Timeline(time_base_of(stream), rate_of(stream)),
                packets=Packets(stream),
            )
        else:
            self._playing.timeline.begin_again()
            self._playing.packets.begin_again(stream)
        return self._playing

    def _frames_of(
        self, container: InputContainer, stream: VideoStream, playing: _Playing
    ) -> Iterator[Frame]:
        decoder = Decoder(stream, key_frames_only=self.key_frames_only_while_quiet)
        for packet in self._packets_of(container, stream):
            awake = playing.media < playing.asleep_from or packet.size == 0
            pictures = decoder.decode(packet, awake=awake)
            if self.on_packet is not None and packet.size:
                playing.packets.decoded(decoder.context.width, decoder.context.height)
                self._hand_on(packet, playing, self.on_packet)
            while pictures:
                playing.pictures += 1
                frame = self._frame(pictures.pop(0), playing)
                if frame is not None and self._in_time(frame):
                    yield frame
                del frame  # one picture less in memory while the next is decoded
                if self.stop.is_set():
                    return
        if decoder.damaged:
            self.damaged += decoder.damaged
            log.warning("%s: skipped %d damaged packets", self.path, decoder.damaged)

    def _packets_of(self, container: InputContainer, stream: VideoStream) -> Iterator[AvPacket]:
        try:
            yield from container.demux(stream)
        except av.error.FFmpegError as error:
            log.warning("%s: ends early: %s", self.path, error.strerror)

    def _hand_on(self, packet: AvPacket, playing: _Playing, on_packet: OnPacket) -> None:
        plain = playing.packets.make(packet, playing.starts, playing.clock_starts)
        media = rounded_clock(float((plain.dts or 0) * plain.stream.time_base))
        clock = rounded_clock(playing.clock_starts + media)
        on_packet(replace(plain, at=playing.starts + timedelta(seconds=media), clock=clock))

    def _frame(self, picture: av.VideoFrame, playing: _Playing) -> Frame | None:
        playing.media = playing.timeline.seconds(picture.pts)
        if not playing.rate.due(playing.media):
            return None
        media = rounded_clock(playing.media)
        return Frame(
            self.name,
            playing.starts + timedelta(seconds=media),
            rounded_clock(playing.clock_starts + media),
            AvPixels(picture),
        )

    def _in_time(self, frame: Frame) -> bool:
        """Wait until a frame is due; say whether anybody still wants it."""
        if self.pace == "fast":
            return True
        early = frame.clock - time.monotonic()
        if early > 0:
            return not self.stop.wait(early)
        return -early < 1 / self.frames_per_second

    def _say_if_cut_off(self, container: InputContainer, played: float) -> None:
        claimed = (container.duration or 0) / _MICROSECONDS
        if claimed - played > max(MISSING_SECONDS, MISSING_SHARE * claimed):
            log.warning(
                "%s: is cut off; it claims %.0f s and has %.0f s", self.path, claimed, played
            )


def open_file(name: str, path: Path) -> InputContainer:
    """Open a video file, or say why that cannot be done."""
    trouble = f"Camera '{name}': {path} "
    if not path.exists():
        raise CameraTrouble(f"{trouble}does not exist. Correct its path.")
    if not path.is_file():
        raise CameraTrouble(f"{trouble}is not a file. Name a video file.")
    try:
        if path.stat().st_size == 0:
            raise CameraTrouble(f"{trouble}is empty. Choose another file.")
        return av.open(f"file:{path}")
    except PermissionError:
        raise CameraTrouble(f"{trouble}may not be read. Allow it: chmod a+r.") from None
    except (av.error.FFmpegError, OSError, ValueError):
        raise CameraTrouble(
            f"{trouble}is damaged or not a video. Choose another file, or repair it."
        ) from None
