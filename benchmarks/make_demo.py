"""Make the clip that `whosthere demo` plays: an empty yard, one visitor, and a cloud.

    python benchmarks/make_demo.py vtest.avi src/whosthere/demo/visitor.mp4

`vtest.avi` is OpenCV's sample clip (Apache-2.0, 80 s, Debian's package `opencv-doc`). The empty
stretches are the median of its pictures with noise like a sensor's. The visitor is cut out of the
real pictures by difference from that median, with soft edges; everybody else is left out.
"""

import argparse
from collections.abc import Iterator
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]

RATE = 10  # frames a second, as the original
NOISE = 1.6  # grey levels
SEED = 7

# where the visitor's feet are, in pixels, by frame of the original
PATH = {
    221: (792, 409),
    226: (764, 408),
    228: (752, 408),
    232: (726, 397),
    238: (686, 383),
    246: (642, 365),
    254: (592, 355),
    262: (533, 343),
    270: (478, 335),
    278: (437, 324),
    286: (393, 315),
    294: (356, 309),
    298: (344, 301),
    301: (326, 298),
    308: (298, 288),
    315: (277, 277),
    322: (269, 276),
    329: (300, 279),
    336: (332, 290),
    343: (368, 304),
    350: (400, 314),
    357: (436, 332),
    364: (478, 339),
    371: (520, 349),
    378: (567, 362),
    385: (616, 381),
    392: (666, 391),
    399: (713, 398),
    407: (800, 400),
}
FIRST, LAST = min(PATH), max(PATH)
# the clip, in seconds
VISIT_AT, CLOUD_AT, CLOUD_OVER, END = 11.0, 33.5, 37.5, 43.0


def pictures(path: Path) -> NDArray[np.uint8]:
    with av.open(str(path)) as container:
        return np.array([frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)])


def feet_at(frame: int) -> tuple[float, float, float]:
    """Return where the visitor stands, and how high he is there."""
    frames = sorted(PATH)
    x = float(np.interp(frame, frames, [PATH[f][0] for f in frames]))
    y = float(np.interp(frame, frames, [PATH[f][1] for f in frames]))
    upright = float(np.interp(frame, [294, 304], [1.08, 1.0]))  # later the head is bowed
    return x, y, upright * (12 + 0.237 * y)  # who stands further down is nearer, and higher


def around_the_visitor(frame: int, shape: tuple[int, int]) -> Picture:
    """1 where the visitor is, softly 0 where others may be: narrow head, wide feet."""
    x, foot, height = feet_at(frame)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    up = (foot - rows) / height  # 0 at the feet, 1 at the head
    half = height * np.interp(up, [0.0, 0.45, 0.8, 1.0], [0.34, 0.25, 0.19, 0.11])
    inside = np.clip((half - np.abs(columns - x)) / 5 + 0.5, 0, 1)
    inside *= np.clip((1.03 - up) * height / 4, 0, 1) * np.clip((up + 0.1) * height / 5, 0, 1)
    return np.asarray(inside, np.float32)


def with_visitor(empty: Picture, original: NDArray[np.uint8], frame: int) -> Picture:
    """Lay the visitor of one original picture over the empty yard."""
    real = original.astype(np.float32)
    away = cv2.GaussianBlur(np.abs(real - empty).max(axis=2), (5, 5), 0)
    visitor = cv2.morphologyEx(away, cv2.MORPH_CLOSE, np.ones((9, 5), np.uint8))
    share = np.clip((visitor - 10) / 16, 0, 1) * around_the_visitor(frame, away.shape)
    share = cv2.GaussianBlur(share, (3, 3), 0)[:, :, None]
    return np.asarray(empty + share * (real - empty), np.float32)


def under_a_cloud(picture: Picture, depth: float) -> Picture:
    """Darken most of the picture, with a soft edge at the far right; `depth` goes from 0 to 1."""
    width = picture.shape[1]
    reach = np.clip((0.9 * width - np.arange(width)) / (0.12 * width) + 0.5, 0, 1)
    gain = 1 - 0.42 * depth * reach[None, :, None]
    return np.asarray(picture * gain - 6 * depth * reach[None, :, None], np.float32)


def noisy(picture: Picture, chance: np.random.Generator) -> NDArray[np.uint8]:
    grain = chance.normal(0, NOISE, picture.shape[:2]).astype(np.float32)
    return np.clip(picture + grain[:, :, None] + 0.5, 0, 255).astype(np.uint8)


def film(original: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    chance = np.random.default_rng(SEED)
    empty = np.median(original[::5], axis=0).astype(np.float32)
    for number in count():
        seconds = number / RATE
        if seconds >= END:
            return
        source = FIRST + number - round(VISIT_AT * RATE)
        there = FIRST <= source <= LAST
        picture = with_visitor(empty, original[source], source) if there else empty
        depth = np.interp(
            seconds, [CLOUD_AT, CLOUD_AT + 0.3, CLOUD_OVER, CLOUD_OVER + 0.5], [0, 1, 1, 0]
        )
        yield noisy(under_a_cloud(picture, float(depth)) if depth else picture, chance)


def write(path: Path, frames: Iterator[NDArray[np.uint8]], size: tuple[int, int]) -> None:
    options = {"crf": "25", "preset": "slow", "bf": "0", "x264-params": "scenecut=0"}
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream: Any = container.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.gop_size = 2 * RATE
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vtest", type=Path, help="OpenCV's vtest.avi")
    parser.add_argument("to", type=Path, help="the film to make")
    chosen = parser.parse_args()
    original = pictures(chosen.vtest)
    write(chosen.to, film(original), (original.shape[2], original.shape[1]))
    print(f"{chosen.to}: {chosen.to.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
