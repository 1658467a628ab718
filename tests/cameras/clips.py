"""Tiny clips of every sort, made on the spot."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

Picture = np.ndarray


def moving(number: int, width: int = 64, height: int = 48) -> Picture:
    """A grey picture with a bright bar that moves; no two are the same."""
    picture = np.full((height, width, 3), 60, np.uint8)
    picture[:, number % width] = 220
    picture[0, 0] = number % 256
    return picture


def write(  # noqa: PLR0913 - each is one thing that can be odd about a clip
    path: Path,
    count: int = 20,
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    size: tuple[int, int] = (64, 48),
    rate: int = 10,
    stamps: Iterable[int] | None = None,
    picture: Callable[[int, int, int], Picture] = moving,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a clip; `stamps` are in thousandths of a second."""
    stamps = list(stamps) if stamps is not None else [n * 1000 // rate for n in range(count)]
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, stamp in enumerate(stamps):
            frame = av.VideoFrame.from_ndarray(picture(number, *size), "bgr24")
            frame.pts, frame.time_base = stamp, Fraction(1, 1000)
            out.mux(stream.encode(frame.reformat(format=pixels)))
        out.mux(stream.encode())
    return path


def rubbish(source: Path, target: Path) -> Path:
    """Copy a clip, with chance instead of each packet's bytes."""
    chance = np.random.default_rng(1)
    with av.open(str(source)) as clip, av.open(str(target), "w") as out:
        stream = clip.streams.video[0]
        copy = out.add_stream_from_template(stream)
        for packet in clip.demux(stream):
            if packet.size:
                bad = av.Packet(chance.bytes(packet.size))
                bad.pts, bad.dts, bad.time_base = packet.pts, packet.dts, packet.time_base
                bad.stream = copy
                out.mux(bad)
    return target
