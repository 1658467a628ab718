"""What comes out of a Pi camera: planes of a picture in memory, and packets of its encoder."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from time import monotonic
from typing import Any, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from whosthere.cameras.picamera_library import Library
from whosthere.cameras.pixels import AvPixels
from whosthere.cameras.stream import described_by
from whosthere.cameras.timeline import Timeline
from whosthere.core.packets import OnPacket, Packet, StreamInfo
from whosthere.core.sighting import WHOLE, Box, Image, Luma, rounded_clock

MICROSECONDS = Fraction(1, 1_000_000)  # the unit of picamera2's time stamps


class Plane(NamedTuple):
    """How a stream of format YUV420 lies in its buffer. Rows are padded to `stride` bytes."""

    width: int
    height: int
    stride: int

    @classmethod
    def of(cls, configuration: dict[str, Any]) -> "Plane":
        width, height = configuration["size"]
        return cls(width, height, configuration["stride"])


class PiPixels:
    """One moment of a Pi camera: brightness of the small stream, colours of the main one.

    Colours are those of the request itself, not decoded from the encoder's packet: they are of
    the same moment as what was analysed, have not suffered from encoding, and cost a copy (1.4 MB
    at 720p) where decoding would have to go through all packets since the last key frame.
    """

    def __init__(self, luma: Luma, colours: av.VideoFrame) -> None:
        self._luma, self._colours = luma, AvPixels(colours)

    @property
    def luma(self) -> Luma:
        return self._luma

    def bgr(self, box: Box = WHOLE) -> Image:
        """Return a part of the picture in colour, its edges rounded to whole pixels."""
        return self._colours.bgr(box)


def pixels_of(library: Library, request: Any, small: Plane, main: Plane) -> PiPixels:  # noqa: ANN401 - of picamera2
    """Copy a picture out of its buffers, which the camera fills again after the release."""
    with library.mapped_array(request, "lores", reshape=False) as mapped:
        luma = luma_in(mapped.array, small).copy()
    with library.mapped_array(request, "main", reshape=False) as mapped:
        colours = frame_of(mapped.array, main)
    return PiPixels(luma, colours)


def luma_in(buffer: NDArray[np.uint8], plane: Plane) -> Luma:
    """The brightness within a buffer, without a copy."""
    whole = buffer.reshape(-1)[: plane.stride * plane.height]
    return whole.reshape(plane.height, plane.stride)[:, : plane.width]


def frame_of(buffer: NDArray[np.uint8], plane: Plane) -> av.VideoFrame:
    """Copy a picture, row by row, since rows may be padded on both sides."""
    frame = av.VideoFrame(plane.width, plane.height, "yuv420p")
    flat, start = buffer.reshape(-1), 0
    for target, half in zip(frame.planes, (1, 2, 2), strict=True):
        rows, stride = plane.height // half, plane.stride // half
        source = flat[start : start + rows * stride].reshape(rows, stride)
        width = plane.width // half
        into = np.frombuffer(memoryview(target), np.uint8).reshape(-1, target.line_size)
        into[:rows, :width] = source[:, :width]
        start += rows * stride
    return frame


@dataclass(slots=True)
class PiPackets:
    """Makes plain packets of what the encoder gives: H.264 with start codes (Annex B).

    Its time stamps are of the sensor, in microseconds from the first picture on.
    """

    on_packet: OnPacket
    size: tuple[int, int]
    frames_per_second: float
    clock: Callable[[], float] = monotonic
    _info: StreamInfo | None = None
    _timeline: Timeline = field(init=False)

    def __post_init__(self) -> None:
        self._timeline = Timeline(MICROSECONDS, self.frames_per_second)

    def take(self, data: bytes, stamp: int | None, *, key: bool) -> None:
        """Hand a packet on; nobody could decode those before the first key frame."""
        if self._info is None:
            described = described_by(data, "h264") if key else b""
            if not described:
                return
            self._info = StreamInfo(
                codec="h264",
                extradata=described,
                width=self.size[0],
                height=self.size[1],
                time_base=MICROSECONDS,
                frames_per_second=self.frames_per_second,
            )
        dts = self._timeline.place(stamp)
        self.on_packet(
            Packet(
                stream=self._info,
                data=data,
                pts=dts,
                dts=dts,
                duration=self._timeline.usual_step,
                key=key,
                at=datetime.now(UTC),
                clock=rounded_clock(self.clock()),
            )
        )


def output_into(library: Library, packets: PiPackets) -> Any:  # noqa: ANN401 - of picamera2
    """Make an output of picamera2 that hands on what the encoder gives, on its thread."""

    class Into(library.output):  # type: ignore[misc, name-defined] # its base is known only now
        """What picamera2 calls for each packet."""

        def outputframe(
            self,
            frame: Any,  # noqa: ANN401 - bytes, or what can be made into them
            keyframe: bool = True,  # noqa: FBT001, FBT002 - picamera2's interface
            timestamp: int | None = None,
            packet: object = None,
            audio: bool = False,  # noqa: FBT001, FBT002 - picamera2's interface
        ) -> None:
            del packet
            if not audio:
                packets.take(bytes(frame), timestamp, key=keyframe)

    return Into()
