"""Decoded pictures: brightness as it is, colours as they should be."""

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from whosthere.cameras.pixels import ArrayPixels, AvPixels, whole_pixels
from whosthere.core.sighting import Box

BT709, BT601 = 1, 5
LIMITED, FULL = 1, 2
EIGHT_BIT = ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12", "gray", "yuyv422", "uyvy422"]
DEEP = ["yuv420p10le", "yuv422p10le", "gray10le", "p010le", "gray16le"]
RGB = ["rgb24", "bgr24", "bgra", "gbrp"]


def scene(width: int, height: int) -> np.ndarray:
    """A picture that is dark to the left and bright to the right, with a red block."""
    ramp = np.linspace(40, 200, width).astype(np.uint8)
    picture = np.repeat(np.tile(ramp, (height, 1))[..., None], 3, axis=2)
    picture[height // 2 :, : width // 2] = (30, 30, 220)
    return np.ascontiguousarray(picture)


def decoded(pixels: str, width: int = 64, height: int = 48) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(scene(width, height), "bgr24").reformat(format=pixels)


def plain(y: int, u: int, v: int, colour_space: int, reach: int) -> av.VideoFrame:
    picture = av.VideoFrame(32, 24, "yuv420p")
    for plane, value in zip(picture.planes, (y, u, v), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    picture.colorspace, picture.color_range = colour_space, reach
    return picture


@pytest.mark.parametrize("size", [(64, 48), (33, 25), (1, 1), (2, 3)])
@pytest.mark.parametrize("pixels", EIGHT_BIT + DEEP + RGB)
def test_luma_is_two_dimensional_bytes_of_the_right_size(pixels, size):
    luma = AvPixels(decoded(pixels, *size)).luma
    assert (luma.dtype, luma.shape) == (np.uint8, (size[1], size[0]))


@pytest.mark.parametrize("pixels", EIGHT_BIT + DEEP + RGB)
def test_luma_grows_with_brightness(pixels):
    top = AvPixels(decoded(pixels)).luma[0].astype(int)
    assert top[-1] > top[32] > top[0]


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p", "nv12", "gray"])
def test_luma_is_a_view_of_the_decoders_memory(pixels):
    picture = decoded(pixels)
    luma = AvPixels(picture).luma
    address = luma.__array_interface__["data"][0]
    assert address == picture.planes[0].buffer_ptr


def test_luma_is_a_view_where_rows_are_padded_too():
    picture = decoded("yuv420p", 33, 25)
    assert picture.planes[0].line_size > 33
    luma = AvPixels(picture).luma
    assert luma.__array_interface__["data"][0] == picture.planes[0].buffer_ptr


def test_luma_stays_valid_when_the_picture_is_gone():
    pixels = AvPixels(decoded("yuv420p", 640, 480))
    luma, before = pixels.luma, pixels.luma.copy()
    del pixels
    others = [decoded("yuv420p", 640, 480) for _ in range(20)]
    assert len(others) == 20
    assert np.array_equal(before, luma)


def test_limited_range_is_left_as_it_is():
    assert set(np.unique(AvPixels(plain(16, 128, 128, BT601, LIMITED)).luma)) == {16}


@pytest.mark.parametrize("deep", ["yuv420p10le", "gray10le", "p010le"])
def test_ten_bits_become_eight_by_leaving_the_lowest_out(deep):
    eight = AvPixels(decoded("yuv420p")).luma.astype(int)
    assert np.abs(AvPixels(decoded(deep)).luma.astype(int) - eight).max() <= 18  # range of gray


@pytest.mark.parametrize(
    ("colour_space", "reach", "expected"),
    [
        (BT709, LIMITED, (62, 110, 178)),
        (BT709, FULL, (68, 110, 170)),
        (BT601, LIMITED, (65, 106, 172)),
        (BT601, FULL, (70, 107, 165)),
    ],
)
def test_colours_follow_the_colour_space_and_range(colour_space, reach, expected):
    colours = AvPixels(plain(120, 100, 160, colour_space, reach)).bgr()
    assert np.abs(colours[12, 16].astype(int) - expected).max() <= 2


@pytest.mark.parametrize("size", [(64, 48), (33, 25)])
@pytest.mark.parametrize("pixels", [p for p in EIGHT_BIT + DEEP + RGB if not p.startswith("gray")])
def test_a_part_has_the_colours_of_the_whole(pixels, size):
    picture = AvPixels(decoded(pixels, *size))
    box = Box(0.3, 0.2, 0.83, 0.91)
    left, top, right, bottom = whole_pixels(box, *size)
    whole = picture.bgr().astype(int)[top:bottom, left:right]
    part = picture.bgr(box).astype(int)
    assert whole.shape == part.shape
    inner = np.abs(whole - part)[2:-2, 2:-2]  # at its rim the scaler has fewer neighbours
    assert np.median(inner) <= 2
    assert inner.mean() <= 4


@pytest.mark.parametrize("pixels", [p for p in EIGHT_BIT + RGB if p != "gray"])
def test_red_stays_red(pixels):
    blue, green, red = AvPixels(decoded(pixels)).bgr(Box(0.1, 0.7, 0.3, 0.9)).mean(axis=(0, 1))
    assert red > 190
    assert max(blue, green) < 60


def test_a_part_is_cut_at_the_picture_s_edge_and_never_empty():
    assert whole_pixels(Box(-0.5, 0.99, 2.0, 0.99), 100, 50) == (0, 49, 100, 50)
    assert AvPixels(decoded("yuv420p")).bgr(Box(1.0, 1.0, 1.0, 1.0)).shape == (1, 1, 3)


@pytest.mark.skipif(
    not hasattr(VideoStream, "set_display_rotation"), reason="this PyAV cannot write rotated clips"
)
def test_a_clip_filmed_upright_is_turned(tmp_path):
    with av.open(str(tmp_path / "a.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.set_display_rotation(90)
        out.mux(stream.encode(av.VideoFrame.from_ndarray(scene(64, 48), "bgr24")))
        out.mux(stream.encode())
    with av.open(str(tmp_path / "a.mp4")) as clip:
        picture = AvPixels(next(clip.decode(video=0)))
    whole, part = picture.bgr(), picture.bgr(Box(0.1, 0.2, 0.5, 0.9))
    assert ((64, 48), (64, 48, 3)) == (picture.luma.shape, whole.shape)
    assert np.array_equal(whole[13:58, 5:24], part)
    assert picture.luma[0].mean() > picture.luma[-1].mean() + 50  # bright to the right is on top


def test_a_picture_in_memory_gives_brightness_and_parts():
    pixels = ArrayPixels(scene(64, 48))
    assert (pixels.luma.shape, pixels.luma.dtype) == ((48, 64), np.uint8)
    assert pixels.bgr(Box(0.5, 0.0, 1.0, 0.5)).shape == (24, 32, 3)
