"""A short animated picture of a clip, small enough for a chat.

A GIF, since that is what chats show in a message without a click: Slack's image blocks take png,
jpg and gif only. Colours: a palette for each clip, weighted towards what moves, and an ordered
dither, which stays still where nothing moves and so costs no bytes there.
"""

import io
from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, cast

import av
import av.filter
from av.video.frame import VideoFrame

MOST_BYTES = 1_000_000
PICTURES_PER_SECOND = 5


ENOUGH_KEYS = 14  # to show what happens with nothing in between


class Size(NamedTuple):
    """How large a preview is made. The next smaller one is tried if the file gets too large."""

    width: int  # pixels; never more than the clip's own
    pictures: int
    colours: int


SIZES = (Size(400, 24, 128), Size(360, 18, 96), Size(320, 14, 64), Size(240, 12, 48))


class Span(NamedTuple):
    """The part of a clip that is shown, in seconds from its beginning."""

    begin: float
    end: float


def make_preview(clip: Path, span: Span) -> Iterator[bytes | None]:
    """Make the preview in small steps, so that other work can be done in between.

    Yields None while there is more to do, at last the file. Nothing, if the clip shows nothing.
    """
    pictures: list[VideoFrame] = []
    for picture in _chosen(clip, span):
        if picture is not None:
            pictures.append(picture)
        yield None
    for size in SIZES if pictures else ():
        gif = encode_gif(pictures, size)
        if len(gif) <= MOST_BYTES:
            yield gif
            return
        yield None


def _chosen(clip: Path, span: Span) -> Iterator[VideoFrame | None]:
    """Pictures at even distances, with None for each that was passed over.

    Of a long clip only key frames, since then the others need not be decoded.
    """
    step = max((span.end - span.begin) / SIZES[0].pictures, 1 / PICTURES_PER_SECOND)
    due = span.begin
    keys = yield from _keys(clip, span)
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "SLICE"
        stream.codec_context.skip_frame = "NONKEY" if keys >= ENOUGH_KEYS else "DEFAULT"
        for packet in container.demux(stream):
            for frame in packet.decode():
                at = (frame.time or 0.0) - float((stream.start_time or 0) * (stream.time_base or 0))
                if at > span.end:
                    return
                if at >= due:
                    due = max(due + step, at + step / 2)
                    yield _small(frame)
                else:
                    yield None


def _keys(clip: Path, span: Span) -> Generator[None, None, int]:
    """Count the key frames in a part of a clip."""
    keys = 0
    with av.open(str(clip)) as container:
        for packet in container.demux(video=0):
            at = float((packet.pts or 0) * packet.time_base)
            keys += packet.is_keyframe and span.begin <= at <= span.end
            yield None
    return keys


def _small(frame: VideoFrame) -> VideoFrame:
    width = min(SIZES[0].width, frame.width)
    height = max(1, round(frame.height * width / frame.width))
    return frame.reformat(width=width, height=height, format="rgb24", interpolation="AREA")


def encode_gif(pictures: list[VideoFrame], size: Size) -> bytes:
    """Encode pictures as an animated GIF that repeats for ever."""
    step = max(1.0, len(pictures) / size.pictures)
    chosen = [pictures[int(n * step)] for n in range(int(len(pictures) / step))]
    width = min(size.width, chosen[0].width)
    height = max(1, round(chosen[0].height * width / chosen[0].width))
    graph = av.filter.Graph()
    base = Fraction(1, PICTURES_PER_SECOND)
    source = graph.add_buffer(
        width=width, height=height, format=av.VideoFormat("rgb24"), time_base=base
    )
    split = graph.add("split")
    palette = graph.add("palettegen", f"max_colors={size.colours}:stats_mode=diff")
    dither = graph.add("paletteuse", "dither=bayer:bayer_scale=4:diff_mode=rectangle")
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(dither, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(dither, 0, 1)
    dither.link_to(sink)
    graph.configure()
    for number, picture in enumerate(chosen):
        scaled = picture.reformat(width=width, height=height, interpolation="AREA")
        scaled.pts, scaled.time_base = number, base
        source.push(scaled)
    source.push(None)
    file = io.BytesIO()
    with av.open(file, "w", format="gif", options={"loop": "0"}) as container:
        stream = container.add_stream("gif", rate=PICTURES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        for _ in chosen:
            container.mux(stream.encode(cast("VideoFrame", sink.pull())))
        container.mux(stream.encode(None))
    return file.getvalue()
