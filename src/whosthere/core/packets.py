"""The encoded pictures of a camera on their way to a recording, as plain data.

Cameras make these and recordings keep them; the two know nothing of each other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """How packets are to be read. Two that differ cannot stand in one recording."""

    codec: str  # as FFmpeg names it: h264, hevc, mjpeg, …
    extradata: bytes = field(repr=False)  # what the decoder must know before the first packet
    width: int  # pixels
    height: int
    time_base: Fraction  # seconds that one unit of pts, dts and duration lasts
    frames_per_second: float | None  # as the stream claims


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded picture."""

    stream: StreamInfo  # the same object for all packets of an unchanged stream
    data: bytes = field(repr=False)
    pts: int | None  # when to show it, in units of the stream's time base
    dts: int | None  # when to decode it; never goes back within one stream
    duration: int  # 0: unknown
    key: bool  # decoding can begin here
    at: datetime  # arrival by the wall clock, aware, UTC
    clock: float  # arrival in seconds that only go forward, as `Frame.clock`


OnPacket: TypeAlias = Callable[[Packet], None]
