"""What all cameras read by FFmpeg share: which stream, and its packets as plain data."""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from whosthere.cameras.timeline import Timeline
from whosthere.core.packets import Packet, StreamInfo

if TYPE_CHECKING:
    AvPacket: TypeAlias = av.Packet[VideoStream]
else:  # PyAV before 18 does not say of which stream
    AvPacket = av.Packet

_MARK = b"\0\0\1"  # between the units of H.264 and H.265 (their annexes B)
_HEAD = 8192  # bytes at the front of a packet within which its stream is described
_USUAL_TIME_BASE = Fraction(1, 90_000)


def video_stream(container: InputContainer) -> VideoStream | None:
    """The first stream of moving pictures; the cover of a sound file is none."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    return None


def rate_of(stream: VideoStream) -> float | None:
    """Pictures a second, as the stream claims."""
    rate = stream.average_rate or stream.codec_context.framerate or stream.guessed_rate
    return float(rate) if rate else None


def time_base_of(stream: VideoStream) -> Fraction:
    """Seconds that one unit of the stream's stamps lasts."""
    base = stream.time_base
    return Fraction(base.numerator, base.denominator) if base else _USUAL_TIME_BASE


class Packets:
    """Makes plain packets of FFmpeg's, with stamps that only go forward.

    When the stream changes its size or codec in its midst, the packets carry a new `StreamInfo`.
    """

    def __init__(self, stream: VideoStream) -> None:
        self.info = _describe(stream)
        self._timeline = Timeline(self.info.time_base, self.info.frames_per_second)
        self._described = _units(self.info.extradata, self.info.codec)
        self._with_marks = not self.info.extradata.startswith(b"\1")

    def begin_again(self, stream: VideoStream) -> None:
        """Go on with the same file from its start; the stamps follow those before."""
        info = _describe(stream)
        self._timeline.begin_again()
        if info != self.info:
            self.info = info

    def decoded(self, width: int, height: int) -> None:
        """The decoder says that this is the size from the next packet on."""
        if width and height and (width, height) != (self.info.width, self.info.height):
            self.info = replace(self.info, width=width, height=height)

    def make(self, packet: AvPacket, at: datetime, clock: float) -> Packet:
        data = bytes(packet)
        if packet.is_keyframe:
            self._look_for_change(data, packet)
        raw = packet.dts if packet.dts is not None else packet.pts
        dts = self._timeline.place(raw)
        ahead = packet.pts - raw if packet.pts is not None and raw is not None else 0
        return Packet(
            stream=self.info,
            data=data,
            pts=dts + max(0, ahead),
            dts=dts,
            duration=packet.duration or 0,
            key=packet.is_keyframe,
            at=at,
            clock=clock,
        )

    def _look_for_change(self, data: bytes, packet: AvPacket) -> None:
        extradata = _new_extradata(packet)
        if extradata:
            self._describe_anew(extradata, data)
        elif self._with_marks:
            units = _units(data, self.info.codec)
            if units and not units <= self._described:
                self._described = units
                self._describe_anew(_with_marks(units), data)

    def _describe_anew(self, extradata: bytes, data: bytes) -> None:
        width, height = _size(self.info.codec, extradata, data)
        self.info = replace(
            self.info,
            extradata=extradata,
            width=width or self.info.width,
            height=height or self.info.height,
        )


def _describe(stream: VideoStream) -> StreamInfo:
    codec = stream.codec_context
    return StreamInfo(
        codec=codec.codec.canonical_name,
        extradata=bytes(codec.extradata or b""),
        width=codec.width,
        height=codec.height,
        time_base=time_base_of(stream),
        frames_per_second=rate_of(stream),
    )


def _units(data: bytes, codec: str) -> frozenset[bytes]:
    """The units that describe a stream of H.264 or H.265 (its parameter sets)."""
    head = data[:_HEAD]
    if not head.startswith((_MARK, b"\0" + _MARK)):
        return frozenset()
    units = (unit.rstrip(b"\0") for unit in head.split(_MARK)[1:])
    match codec:
        case "h264":
            return frozenset(unit for unit in units if unit and unit[0] & 31 in (7, 8))
        case "hevc":
            return frozenset(unit for unit in units if unit and unit[0] >> 1 & 63 in (32, 33, 34))
        case _:
            return frozenset()


def described_by(data: bytes, codec: str) -> bytes:
    """What a key frame with start codes says of its stream; nothing if it does not."""
    return _with_marks(_units(data, codec))


def _with_marks(units: frozenset[bytes]) -> bytes:
    return b"".join(b"\0" + _MARK + unit for unit in sorted(units))


def _new_extradata(packet: AvPacket) -> bytes:
    """What a file says where it changes in its midst."""
    if not hasattr(packet, "has_sidedata") or not packet.has_sidedata("new_extradata"):  # PyAV 15
        return b""
    return bytes(packet.get_sidedata("new_extradata"))


def _size(codec: str, extradata: bytes, data: bytes) -> tuple[int, int]:
    decoder = av.CodecContext.create(codec, "r")
    if not isinstance(decoder, VideoCodecContext):
        return 0, 0
    decoder.extradata = extradata
    try:
        decoder.decode(av.Packet(data))
    except av.error.FFmpegError:
        return 0, 0
    return decoder.width, decoder.height
