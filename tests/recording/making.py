"""Real media for the tests, made by PyAV, and packets as cameras hand them over."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from whosthere.core.packets import Packet, StreamInfo
from whosthere.core.sighting import Image
from whosthere.recording.clips import Clip
from whosthere.recording.pre_roll import PreRoll

START = datetime(2026, 11, 22, 23, 59, 50, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """How a test video is made."""

    codec: str = "libx264"
    suffix: str = ".mp4"
    seconds: float = 20.0
    rate: int = 15
    width: int = 320
    height: int = 180
    pixels: str = "yuv420p"
    key_seconds: float = 2.0
    options: tuple[tuple[str, str], ...] = (("bf", "2"), ("preset", "ultrafast"))


def picture(number: int, width: int, height: int) -> Image:
    """A grey room with noise in which a bright square walks to the right."""
    grains = np.random.default_rng(number).integers(0, 12, (height, width, 3), np.uint8)
    image: Image = grains + np.linspace(60, 120, width, dtype=np.uint8)[None, :, None]
    side = height // 4
    left = number * 3 % (width - side)
    image[side : 2 * side, left : left + side] = (40, 200, 230)
    return image


def make_video(folder: Path, made: Made) -> Path:
    path = folder / f"{made.codec}-{made.width}x{made.height}-{made.pixels}{made.suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(made.codec, rate=made.rate, options=dict(made.options))
        stream.width, stream.height, stream.pix_fmt = made.width, made.height, made.pixels
        stream.codec_context.gop_size = round(made.rate * made.key_seconds)
        for number in range(round(made.seconds * made.rate)):
            frame = av.VideoFrame.from_ndarray(picture(number, made.width, made.height), "bgr24")
            container.mux(stream.encode(frame.reformat(format=made.pixels)))
        container.mux(stream.encode(None))
    return path


def packets_of(path: Path, clock: float = 0.0) -> Iterator[Packet]:
    """A file's packets as a camera hands them over; its first is at `clock`."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        info = StreamInfo(
            context.name,
            context.extradata or b"",
            context.width,
            context.height,
            Fraction(stream.time_base),
            float(stream.average_rate) if stream.average_rate else None,
        )
        first = None
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            stamp = packet.dts if packet.dts is not None else packet.pts
            first = stamp if first is None else first
            media = float((stamp - first) * info.time_base)
            yield Packet(
                info,
                bytes(packet),
                packet.pts,
                packet.dts,
                packet.duration or 0,
                packet.is_keyframe,
                START + timedelta(seconds=media),
                round(clock + media, 3),
            )


@dataclass(frozen=True)
class Played:
    """What a player makes of a file."""

    packets: list[bytes]
    keys: list[bool]
    dts: list[float]
    shown: list[float]  # seconds
    duration: float  # as the file claims
    size: tuple[int, int]


def play(path: Path) -> Played:
    """Decode a file from first to last; any damage raises."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.options = {"err_detect": "explode"}
        found = list(container.demux(stream))
        shown = [frame.time for packet in found for frame in packet.decode()]
        found = [packet for packet in found if packet.size]
        datas = [bytes(packet) for packet in found]
        return Played(
            datas,
            [packet.is_keyframe for packet in found],
            [float(packet.dts * stream.time_base) for packet in found],
            shown,
            float((container.duration or 0) / av.time_base),
            (stream.codec_context.width, stream.codec_context.height),
        )


def footage() -> Path:
    """Where the labelled clips are, if they are on this machine."""
    beside = Path(__file__).parents[3] / "shared" / "footage"
    return Path(os.environ.get("WHOSTHERE_FOOTAGE", beside))


def ring_of(packets: Iterable[Packet], seconds: float = 3600) -> PreRoll:
    ring = PreRoll(seconds, most_bytes=2**30)
    for packet in packets:
        ring.add(packet)
    return ring


def clip_of(
    packets: Iterable[Packet], folder: Path, begins: float = 0.0, longest: float = 3600
) -> list[Path]:
    """Write all packets after `begins` as a clip; return its files."""
    clip = Clip(ring_of(packets), lambda part: folder / f"{part}.mp4", begins, longest)
    clip.pump(now=0.0)
    clip.close(0.0)
    return [file.path for file in clip.files]
