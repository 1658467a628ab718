"""Turns what browsers cannot show (MJPEG, MPEG-4, raw pictures, …) into H.264."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
from av.codec.context import Flags, ThreadType
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from whosthere.core.packets import Packet, StreamInfo
from whosthere.recording.codec_config import CodecConfig, config_of
from whosthere.recording.mp4 import Sample
from whosthere.recording.timeline import USUAL_RATE

if TYPE_CHECKING:
    from av.video.stream import VideoStream

KEY_SECONDS = 2  # between pictures that a player can jump to
BITS_PER_PIXEL = 0.15  # at most: 4 Mbit/s at 1280x720 and 30 pictures a second
FASTEST = 30.0  # pictures in a second, for the bit rate
# of raw pictures, by bytes for two pixels
RAW_LAYOUTS = {2: "gray", 3: "yuv420p", 4: "yuyv422", 6: "bgr24", 8: "bgra"}
# no picture waits for a later one: a power cut would lose what waits
OPTIONS = {"preset": "veryfast", "crf": "23", "bf": "0", "rc-lookahead": "0", "mbtree": "0"}


class Encoder:
    """Decodes packets of one stream and encodes them as H.264, each at its moment."""

    def __init__(self, first: Packet, timescale: int) -> None:
        self._info = first.stream
        self._base = Fraction(1, timescale)
        self._decoder = _decoder(first)
        self._encoder: VideoCodecContext | None = None
        self._last = -1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what comes out, once something has."""
        return (self._encoder.width, self._encoder.height) if self._encoder else (0, 0)

    @property
    def config(self) -> CodecConfig | None:
        """How the outcome is introduced, once there is some."""
        extradata = self._encoder.extradata if self._encoder else None
        return config_of("h264", b"", extradata or b"")

    def encode(self, data: bytes, dts: int, pts: int) -> Iterator[Sample]:
        """Return the pictures that are ready. What cannot be read is passed over."""
        packet = cast("av.Packet[VideoStream]", av.Packet(data))
        packet.dts, packet.pts, packet.time_base = dts, pts, self._base
        return self._encoded(packet)

    def finish(self) -> Iterator[Sample]:
        """Return what was held back."""
        yield from self._encoded(None)
        if self._encoder is not None:
            yield from _samples(self._encoder.encode(None))

    def _encoded(self, packet: "av.Packet[VideoStream] | None") -> Iterator[Sample]:
        try:
            frames = self._decoder.decode(packet)
        except av.FFmpegError:
            return  # damaged on its way; the next one may be whole
        for frame in frames:
            if self._encoder is None:
                self._encoder = _encoder(frame, self._info, self._base)
            width, height = self.size
            picture = frame.reformat(width=width, height=height, format="yuv420p")
            self._last = max(frame.pts or 0, self._last + 1)
            picture.pts, picture.time_base = self._last, self._base
            picture.pict_type = PictureType.NONE  # the encoder chooses
            yield from _samples(self._encoder.encode(picture))


def _samples(packets: "Iterable[av.Packet[VideoStream]]") -> Iterator[Sample]:
    for packet in packets:
        pts = packet.pts or 0
        yield Sample(bytes(packet), packet.dts or pts, pts, key=packet.is_keyframe)


def _decoder(first: Packet) -> VideoCodecContext:
    info = first.stream
    decoder = cast("VideoCodecContext", av.CodecContext.create(info.codec, "r"))
    decoder.width, decoder.height = info.width, info.height
    decoder.thread_type = ThreadType.SLICE  # holds no pictures back
    if info.codec == "rawvideo":
        layout = RAW_LAYOUTS.get(2 * len(first.data) // max(1, info.width * info.height))
        decoder.pix_fmt = info.extradata.decode("ascii", "replace") or layout or "yuv420p"
    elif info.extradata:
        decoder.extradata = info.extradata
    return decoder


def _encoder(frame: av.VideoFrame, info: StreamInfo, base: Fraction) -> VideoCodecContext:
    rate = min(info.frames_per_second or USUAL_RATE, FASTEST)
    most = int(frame.width * frame.height * rate * BITS_PER_PIXEL)
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = max(2, frame.width // 2 * 2), max(2, frame.height // 2 * 2)
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = base
    encoder.framerate = Fraction(rate).limit_denominator(1001)
    encoder.flags |= Flags.global_header
    encoder.thread_count = 2  # leave some of a small machine to seeing
    keys = str(max(1, round(rate * KEY_SECONDS)))
    encoder.options = OPTIONS | {"maxrate": str(most), "bufsize": str(2 * most), "g": keys}
    encoder.open()
    return encoder
