"""Processor time for each frame of a stream, and memory: `make speed`.

Each way of watching plays the same H.264 files in a process of its own; the ways take turns, so
that a busy machine slows all alike. What counts is the ratio to decoding alone. The streams are
made from the demo's clip: GOP of 2 s, one slice, no B-frames, as cameras send them.
"""

import argparse
import json
import resource
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

import av
import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.accuracy import Memory
from benchmarks.talk import TalkMotion
from whosthere.cameras.video_file import VideoFile
from whosthere.core.model import ArmState, Frame, House, Mode
from whosthere.core.policy import Policy
from whosthere.flow import Hands, HouseKeeper, watch
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.model_files import bundled_model
from whosthere.vision.motion import BackgroundMotion

STREAMS = {"1080p": (1920, 1080, 15), "720p": (1280, 720, 15), "480p": (640, 480, 10)}
SECONDS = 20  # of each stream, from the demo's clip
STARTS = datetime(2026, 1, 1, tzinfo=UTC)


def decode_alone(clip: Path) -> None:
    """The floor: what every way has to pay."""
    with av.open(str(clip)) as container:
        container.streams.video[0].thread_type = "NONE"
        for _ in container.decode(video=0):
            pass


def ours(clip: Path) -> None:
    """From the stream to the decision, five frames a second, without the detector."""
    _watch(clip, Looking(None))


def ours_with_detector(clip: Path) -> None:
    _watch(clip, Looking(OnnxDetector(bundled_model())))


def _watch(clip: Path, recognise: Looking) -> None:
    memory = Memory()
    house = House(ArmState(Mode.AWAY, STARTS, "benchmark"))
    keeper = HouseKeeper(house, Policy(), Hands(memory, memory, memory, lambda: None))
    watch(VideoFile("front", clip, STARTS), BackgroundMotion(), recognise, keeper)


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
    see_motion = TalkMotion()
    for number, picture in enumerate(opencv_frames(clip)):
        see_motion(Frame("front", STARTS, number / 15, _Bgr(picture)))


def mog2(clip: Path) -> None:
    """OpenCV's mixture of Gaussians at 500 px, every frame, and its blobs."""
    subtractor = cv2.createBackgroundSubtractorMOG2()
    for picture in opencv_frames(clip):
        height = round(500 * picture.shape[0] / picture.shape[1])
        changed = subtractor.apply(cv2.resize(picture, (500, height)))
        contours, _ = cv2.findContours(changed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        max((cv2.contourArea(one) for one in contours), default=0)


class _Bgr:
    """A picture that was decoded to colours, as OpenCV does."""

    def __init__(self, picture: np.ndarray) -> None:
        self._picture = picture

    @property
    def luma(self) -> np.ndarray:
        return cv2.cvtColor(self._picture, cv2.COLOR_BGR2GRAY)

    def bgr(self, _box: object = None) -> np.ndarray:
        return self._picture


WAYS: dict[str, Callable[[Path], None]] = {
    "decode alone": decode_alone,
    "ours": ours,
    "ours, with the detector": ours_with_detector,
    "OpenCV's reader alone": opencv_alone,
    "the talk": talk,
    "MOG2": mog2,
}


def child(way: str, clip: Path) -> None:
    """Play one clip one way, and print what it cost."""
    cv2.setNumThreads(1)
    before = time.process_time()
    WAYS[way](clip)
    spent = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": spent, "megabytes": memory}))


def make_stream(place: Path, width: int, height: int, rate: int) -> Path:
    """The demo's clip at another size and rate, with a little noise as sensors have."""
    clip = place / f"{height}.mp4"
    noise = np.random.default_rng(1).integers(-3, 4, (4, height, width), dtype=np.int16)
    with av.open(str(files("whosthere") / "demo" / "visitor.mp4")) as source, \
            av.open(str(clip), "w") as target:  # fmt: skip
        stream = target.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, rate)
        stream.options = {
            "preset": "veryfast", "crf": "24", "bf": "0", "g": str(2 * rate),
            "sc_threshold": "0", "x264-params": "slices=1:threads=1",
        }  # fmt: skip
        pictures = source.decode(video=0)
        shown = next(pictures)
        for number in range(SECONDS * rate):
            while shown.time is not None and shown.time < number / rate:
                shown = next(pictures)
            planes = shown.reformat(width, height, "yuv420p").to_ndarray()
            planes[:height] = np.clip(planes[:height] + noise[number % 4], 0, 255)
            picture = av.VideoFrame.from_ndarray(planes, "yuv420p")
            picture.pts = number
            target.mux(stream.encode(picture))
        target.mux(stream.encode(None))
    return clip


def measured(clips: dict[str, Path], rounds: int) -> dict[tuple[str, str], list[dict[str, float]]]:
    turns = [(size, way) for _ in range(rounds) for size in clips for way in WAYS]
    results: dict[tuple[str, str], list[dict[str, float]]] = {}
    for size, way in track(turns, "measuring", transient=True):
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.speed", "--child", way, str(clips[size])],
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
    parser.add_argument("--child", nargs=2, metavar=("WAY", "CLIP"), help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, help="how often each way is measured")
    args = parser.parse_args()
    if args.child:
        child(args.child[0], Path(args.child[1]))
        return
    with tempfile.TemporaryDirectory() as place:
        clips = {size: make_stream(Path(place), *how) for size, how in STREAMS.items()}
        results = measured(clips, args.rounds)
    Console(width=None if sys.stdout.isatty() else 120).print(table(results, list(clips)))


if __name__ == "__main__":
    main()
