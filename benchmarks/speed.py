"""Processor time for each frame of a stream, and memory: `make speed`.

Each way of watching plays the same H.264 files in a process of its own; the ways take turns, so
that a busy machine slows all alike. What counts is the ratio to decoding alone. The streams are
made from the demo's clip: GOP of 2 s, one slice, no B-frames, as cameras send them. Each way
imports only what it needs, so that its memory is its own, and plays a second of film before it is
measured.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import av
import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

if TYPE_CHECKING:
    from whosthere.vision.detector import OnnxDetector


# width, height, frames a second, bits a second: what cameras send at their defaults
STREAMS = {
    "1080p": (1920, 1080, 15, 4_000_000),
    "720p": (1280, 720, 15, 2_000_000),
    "480p": (640, 480, 10, 1_000_000),
}
SECONDS = 40  # of each stream, from the demo's clip
QUIET_SECONDS = 10.0  # from its beginning on
ECONOMY = "ours, economy, nobody there"
STARTS = datetime(2026, 1, 1, tzinfo=UTC)


def decode_alone(clip: Path) -> None:
    """The floor: what every way has to pay."""
    with av.open(str(clip)) as container:
        container.streams.video[0].thread_type = "NONE"
        for _ in container.decode(video=0):
            pass


def ours(clip: Path) -> None:
    """From the stream to the decision, five frames a second, without the detector."""
    _watch(clip, None)


def ours_with_detector(clip: Path) -> None:
    from whosthere.vision.detector import OnnxDetector

    _watch(clip, OnnxDetector())


def ours_economical(clip: Path) -> None:
    """Key frames only, while it is quiet; this one plays a stream in which nobody comes."""
    _watch(clip, None, economical=True)


def _watch(clip: Path, detector: "OnnxDetector | None", *, economical: bool = False) -> None:
    from benchmarks.accuracy import Memory
    from whosthere.cameras.video_file import VideoFile
    from whosthere.core.model import House
    from whosthere.core.modes import ArmState, Mode
    from whosthere.core.policy import Policy
    from whosthere.flow import Hands, HouseKeeper, watch
    from whosthere.vision.looking import Looking
    from whosthere.vision.motion import BackgroundMotion

    memory = Memory()
    house = House(ArmState(Mode.AWAY, STARTS, "benchmark"))
    keeper = HouseKeeper(house, Policy(), Hands(memory, memory, memory, lambda: None))
    camera = VideoFile("front", clip, STARTS, key_frames_only_while_quiet=economical)
    watch(camera, BackgroundMotion(), Looking(detector), keeper)


def opencv_frames(clip: Path) -> Iterator[np.ndarray]:
    capture = cv2.VideoCapture(str(clip), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    while True:
        more, picture = capture.read()
        if not more:
            return
        yield picture


def opencv_alone(clip: Path) -> None:
    """OpenCV's reader, which makes colours of every frame, and no analysis."""
    for _ in opencv_frames(clip):
        pass


def talk(clip: Path) -> None:
    """The talk's algorithm, every frame, as it does."""
    from benchmarks.talk import TalkMotion
    from whosthere.cameras.pixels import ArrayPixels
    from whosthere.core.sighting import Frame

    see_motion = TalkMotion()
    for number, picture in enumerate(opencv_frames(clip)):
        height = round(500 * picture.shape[0] / picture.shape[1])
        small = cv2.resize(picture, (500, height), interpolation=cv2.INTER_AREA)
        see_motion(Frame("front", STARTS, number / 15, ArrayPixels(small)))


def mog2(clip: Path) -> None:
    """OpenCV's mixture of Gaussians at 500 px, every frame, and its blobs."""
    subtractor = cv2.createBackgroundSubtractorMOG2()
    for picture in opencv_frames(clip):
        height = round(500 * picture.shape[0] / picture.shape[1])
        changed = subtractor.apply(cv2.resize(picture, (500, height)))
        contours, _ = cv2.findContours(changed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        max((cv2.contourArea(one) for one in contours), default=0)


WAYS: dict[str, Callable[[Path], None]] = {
    "decode alone": decode_alone,
    "ours": ours,
    "ours, with the detector": ours_with_detector,
    ECONOMY: ours_economical,
    "OpenCV's reader alone": opencv_alone,
    "the talk": talk,
    "MOG2": mog2,
}


def child(way: str, clip: Path, warm_up: Path) -> None:
    """Play one clip one way, and print what it cost."""
    cv2.setNumThreads(1)
    WAYS[way](warm_up)
    before = time.process_time()
    WAYS[way](clip)
    spent = time.process_time() - before
    status = Path("/proc/self/status").read_text()
    memory = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    print(json.dumps({"seconds": spent, "megabytes": memory}))


class Streams(NamedTuple):
    """The streams of one size."""

    visited: Path
    quiet: Path
    short: Path  # to warm up


def make_streams(folder: Path, *how: int) -> Streams:
    folder.mkdir()
    return Streams(
        make_stream(folder / "visited.mp4", SECONDS, *how),
        make_stream(folder / "quiet.mp4", SECONDS, *how, until=QUIET_SECONDS),
        make_stream(folder / "short.mp4", 1, *how),
    )


def make_stream(
    clip: Path,
    seconds: int,
    width: int,
    height: int,
    rate: int,
    bits: int,
    *,
    until: float = SECONDS,
) -> Path:
    """The demo's clip at another size and rate, with the noise of a small sensor."""
    chance = np.random.default_rng(1)
    grain = chance.normal(0, 3, (height + 64, width + 64)).astype(np.int16)
    with av.open(str(files("whosthere") / "demo" / "visitor.mp4")) as source, \
            av.open(str(clip), "w") as target:  # fmt: skip
        stream = target.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base, stream.bit_rate = Fraction(1, rate), bits
        stream.options = {
            "preset": "veryfast", "bf": "0", "g": str(2 * rate), "sc_threshold": "0",
            "maxrate": str(bits), "bufsize": str(bits), "x264-params": "slices=1:threads=1",
        }  # fmt: skip
        pictures = source.decode(video=0)
        shown = next(pictures)
        for number in range(seconds * rate):
            while shown.time is not None and shown.time < min(number / rate, until):
                shown = next(pictures)
            planes = shown.reformat(width, height, "yuv420p").to_ndarray()
            x, y = chance.integers(0, 64, 2)
            noisy = planes[:height] + grain[y : y + height, x : x + width]
            planes[:height] = np.clip(noisy, 0, 255)
            picture = av.VideoFrame.from_ndarray(planes, "yuv420p")
            picture.pts = number
            target.mux(stream.encode(picture))
        target.mux(stream.encode(None))
    return clip


def measured(
    clips: dict[str, Streams], rounds: int
) -> dict[tuple[str, str], list[dict[str, float]]]:
    turns = [(size, way) for _ in range(rounds) for size in clips for way in WAYS]
    results: dict[tuple[str, str], list[dict[str, float]]] = {}
    for size, way in track(turns, "measuring", transient=True):
        played = clips[size].quiet if way == ECONOMY else clips[size].visited
        words = ["--child", way, str(played), str(clips[size].short)]
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.speed", *words],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        results.setdefault((size, way), []).append(json.loads(answer.stdout))
    return results


def table(results: dict[tuple[str, str], list[dict[str, float]]], sizes: list[str]) -> Table:
    view = Table(title="processor ms for each frame of the stream (x decode alone), memory in MB")
    view.add_column("")
    for size in sizes:
        view.add_column(size, justify="right")
    for way in WAYS:
        cells = []
        for size in sizes:
            frames = SECONDS * STREAMS[size][2]
            costs = [one["seconds"] / frames * 1000 for one in results[size, way]]
            floor = [one["seconds"] / frames * 1000 for one in results[size, "decode alone"]]
            ratio = statistics.median(c / f for c, f in zip(costs, floor, strict=True))
            memory = max(one["megabytes"] for one in results[size, way])
            cells.append(f"{statistics.median(costs):.2f} ({ratio:.2f}), {memory:.0f} MB")
        view.add_row(way, *cells)
    return view


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, help="how often each way is measured")
    args = parser.parse_args()
    if args.child:
        way, clip, warm_up = args.child
        child(way, Path(clip), Path(warm_up))
        return
    with tempfile.TemporaryDirectory() as place:
        clips = {
            size: make_streams(Path(place) / size, *how)
            for size, how in track(STREAMS.items(), "making streams", transient=True)
        }
        results = measured(clips, args.rounds)
    Console(width=None if sys.stdout.isatty() else 120).print(table(results, list(clips)))


if __name__ == "__main__":
    main()
