"""Decoded pictures: brightness without a copy, colours only for the part that is asked for."""

import threading
from functools import cached_property
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from whosthere.core.sighting import WHOLE, Box, Image, Luma

HD_ROWS = 720  # pictures that do not name their colour space: from this size on, BT.709 is usual
BT709, BT601 = 1, 5  # as FFmpeg numbers them, in H.264 and in its scaler alike
LIMITED, FULL = 1, 2

# What the planes of a picture hold: (pixels across, pixels down, bytes) of one sample.
_Y, _Y16 = (1, 1, 1), (1, 1, 2)
_PLANES: dict[str, tuple[tuple[int, int, int], ...]] = {
    **dict.fromkeys(("yuv420p", "yuvj420p"), (_Y, (2, 2, 1), (2, 2, 1))),
    **dict.fromkeys(("yuv422p", "yuvj422p"), (_Y, (2, 1, 1), (2, 1, 1))),
    **dict.fromkeys(("yuv444p", "yuvj444p"), (_Y, _Y, _Y)),
    **dict.fromkeys(("nv12", "nv21"), (_Y, (2, 2, 2))),
    "nv16": (_Y, (2, 1, 2)),
    "gray": (_Y,),
    **dict.fromkeys(("yuyv422", "uyvy422", "yvyu422"), ((2, 1, 4),)),
    **dict.fromkeys(("yuv420p10le", "yuv420p12le"), (_Y16, (2, 2, 2), (2, 2, 2))),
    **dict.fromkeys(("yuv422p10le", "yuv422p12le"), (_Y16, (2, 1, 2), (2, 1, 2))),
    **dict.fromkeys(("gray10le", "gray12le", "gray16le"), (_Y16,)),
    "p010le": (_Y16, (2, 2, 4)),
}
_FIRST_LUMA = {"yuyv422": 0, "yvyu422": 0, "uyvy422": 1}  # byte, then every second one
_ALIGNED = 2  # pixels; the largest block that shares one colour sample

_mine = threading.local()  # a scaler keeps its tables from call to call and is for one thread


class AvPixels:
    """A picture as FFmpeg decoded it.

    Luma is a view of the decoder's own memory wherever that holds eight-bit brightness. Nobody may
    write to it: later pictures are decoded from this one. The view keeps the memory alive.
    Pictures of limited range (16 to 235) are left as they are.
    """

    def __init__(self, picture: av.VideoFrame) -> None:
        self._picture = picture
        self._quarter_turns = round(picture.rotation / 90) % 4  # a phone held upright

    @cached_property
    def luma(self) -> Luma:
        return _turned(_luma(self._picture), self._quarter_turns)

    def bgr(self, box: Box = WHOLE) -> Image:
        """Return a part of the picture in colour, its edges rounded to whole pixels."""
        picture = self._picture
        for _ in range(self._quarter_turns):
            box = Box(1 - box.bottom, box.left, 1 - box.top, box.right)
        left, top, right, bottom = whole_pixels(box, picture.width, picture.height)
        x, y = left - left % _ALIGNED, top - top % _ALIGNED
        meaning = _colour_space(picture), _range(picture)
        part = _cut_out(picture, x, y, right, bottom)
        if part is None:
            colours = _to_bgr(picture, *meaning)[top:bottom, left:right]
        else:
            colours = _to_bgr(part, *meaning)[top - y :, left - x :]
        return np.ascontiguousarray(_turned(colours, self._quarter_turns))


class ArrayPixels:
    """A picture that is in memory already, blue-green-red."""

    def __init__(self, bgr: Image) -> None:
        self._bgr = bgr

    @cached_property
    def luma(self) -> Luma:
        return _as_bytes(cv2.cvtColor(self._bgr, cv2.COLOR_BGR2GRAY))

    def bgr(self, box: Box = WHOLE) -> Image:
        """Return a part of the picture, its edges rounded to whole pixels."""
        height, width = self._bgr.shape[:2]
        left, top, right, bottom = whole_pixels(box, width, height)
        return np.ascontiguousarray(self._bgr[top:bottom, left:right])


def whole_pixels(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom within the picture; at least one pixel wide and high."""
    left = min(max(round(box.left * width), 0), width - 1)
    top = min(max(round(box.top * height), 0), height - 1)
    right = min(max(round(box.right * width), left + 1), width)
    bottom = min(max(round(box.bottom * height), top + 1), height)
    return left, top, right, bottom


def _luma(picture: av.VideoFrame) -> Luma:
    name, width, height = picture.format.name, picture.width, picture.height
    layout = _PLANES.get(name)
    if layout is None:  # red-green-blue and rarities
        return _as_bytes(cv2.cvtColor(_to_bgr(picture, BT601, LIMITED), cv2.COLOR_BGR2GRAY))
    rows = _rows(picture.planes[0])
    if layout[0] == _Y:
        return rows[:height, :width]
    if layout[0] == _Y16:
        bits = 16 if name == "p010le" else picture.format.components[0].bits
        return _as_bytes(rows.view(np.uint16)[:height, :width] >> (bits - 8))
    first = _FIRST_LUMA[name]
    return rows[:height, first : first + 2 * width : 2]


def _turned(array: NDArray[np.uint8], quarter_turns: int) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.rot90(array, quarter_turns)) if quarter_turns else array


def _rows(plane: Any) -> NDArray[np.uint8]:  # noqa: ANN401 - PyAV's planes are buffers, its types do not say so
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)


def _cut_out(
    picture: av.VideoFrame, left: int, top: int, right: int, bottom: int
) -> av.VideoFrame | None:
    """Copy a part of a picture, plane by plane; None if we do not know how its planes lie."""
    layout = _PLANES.get(picture.format.name)
    if layout is None:
        return None
    part = av.VideoFrame(right - left, bottom - top, picture.format.name)
    for source, target, (across, down, size) in zip(
        picture.planes, part.planes, layout, strict=False
    ):
        columns = slice(left // across * size, -(-right // across) * size)
        wanted = _rows(source)[top // down : -(-bottom // down), columns]
        _rows(target)[: wanted.shape[0], : wanted.shape[1]] = wanted
    return part  # without naming its colour space: PyAV 15 then ignores the one that we name


def _to_bgr(picture: av.VideoFrame, space: int, reach: int) -> Image:
    converted = _scaler(space, reach).reformat(
        picture,
        format="bgr24",
        src_colorspace=space,
        src_color_range=reach,
        dst_color_range=FULL,
    )
    plane = converted.planes[0]
    return _rows(plane)[:, : 3 * picture.width].reshape(-1, picture.width, 3)[: picture.height]


def _scaler(*meaning: int) -> VideoReformatter:
    """One for each meaning of the numbers, since old ones stick to the meaning they began with."""
    if not hasattr(_mine, "scalers"):
        _mine.scalers = {}
    scalers: dict[tuple[int, ...], VideoReformatter] = _mine.scalers
    return scalers.setdefault(meaning, VideoReformatter())


def _colour_space(picture: av.VideoFrame) -> int:
    named = int(picture.colorspace)
    if named in (BT709, BT601):
        return named
    if named == 6:  # noqa: PLR2004 - SMPTE 170M has the numbers of BT.601
        return BT601
    jpeg = picture.format.name.startswith("yuvj")
    return BT709 if picture.height >= HD_ROWS and not jpeg else BT601


def _range(picture: av.VideoFrame) -> int:
    full = picture.color_range == FULL or picture.format.name.startswith("yuvj")
    return FULL if full else LIMITED


def _as_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    return array.astype(np.uint8, copy=False)
