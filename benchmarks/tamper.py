"""Whether tampering is found within ten seconds, and nothing else is taken for it.

Each labelled clip is played forwards and backwards until it is long enough. For the tamper clips,
something is done to its pictures after twelve seconds: covers slide in, paint is sprayed on, the
lens goes out of focus, the camera is turned, rolled, zoomed or shows another place; by day and, as
darkened and noisy pictures, by night (of clips with enough contrast to show anything then). For the
others, each clip is played once as it is, then for ten minutes, for ten minutes with fog, and for
ten minutes by night.

    python -m benchmarks.tamper [--fast]
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.footage import Labelled, labelled
from whosthere.core.sighting import Frame, Luma
from whosthere.vision.motion import BackgroundMotion
from whosthere.vision.tamper import Tampering, TamperWatch

_cv: Any = cv2  # its type hints know nothing of numbers in the place of pictures
STARTS = datetime(2026, 1, 1, tzinfo=UTC)
PER_SECOND = 2
DARK = 30.0  # grey levels of contrast; what has less is night already, or shows next to nothing
WIDEST = 640  # pixels of the pictures that something is done to
TAMPERED, WITHIN, LASTS = 12.0, 10.0, 24.0  # s
LONG = 600.0
FAST = {"opencv_tree_sway", "opencv_vtest_20s", "intel_one_by_one", "synth_ir_rain_headlights"}

Floats: TypeAlias = NDArray[np.float32]
Doing: TypeAlias = Callable[[Floats, float], Floats]  # to a picture, some seconds after it began


class Plain(NamedTuple):
    """A picture of brightness alone."""

    luma: Luma

    def bgr(self, _box: object = None) -> Luma:
        return self.luma


class Result(NamedTuple):
    """What came of one film."""

    name: str
    doing: str
    night: bool
    found: Tampering | None
    after: float


def pictures(clip: Path, per_second: float, widest: int, most: float = 60.0) -> list[Luma]:
    """Return the brightness of a clip's pictures, so many a second."""
    kept: list[Luma] = []
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        first: float | None = None
        for frame in container.decode(stream):
            at = float((frame.pts or 0) * (stream.time_base or 0))
            first = at if first is None else first
            if at - first + 1e-3 < len(kept) / per_second:
                continue
            luma = frame.to_ndarray(format="gray")
            scale = min(1.0, widest / luma.shape[1])
            size = round(luma.shape[1] * scale), round(luma.shape[0] * scale)
            kept.append(np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8))
            if at - first > most:
                break
    return kept


def to_and_fro(some: Sequence[Luma], seconds: float, per_second: float) -> Iterator[Luma]:
    """Play pictures forwards and backwards, so that nothing jumps."""
    around = [*range(len(some)), *range(len(some) - 2, 0, -1)]
    for step in range(round(seconds * per_second)):
        yield some[around[step % len(around)]]


def watched(film: Iterator[Luma], per_second: float) -> Iterator[tuple[float, Tampering | None]]:
    watch = TamperWatch()
    for step, luma in enumerate(film):
        seconds = step / per_second
        yield (
            seconds,
            watch(Frame("c", STARTS + timedelta(seconds=seconds), 100 + seconds, Plain(luma))),
        )


# --- what is done to cameras


def cover(level: float, size: float, side: str, *, cloth: float = 0.0) -> Doing:
    """Something slides before the lens from one side, within a second."""

    def done(picture: Floats, since: float) -> Floats:
        height, width = picture.shape
        across = np.linspace(0, 1, width, dtype=np.float32)[None, :]
        down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        along = {"left": across, "right": 1 - across, "top": down, "bottom": 1 - down}[side]
        reach = size * min(1.0, since) * 1.06
        share = np.clip((reach - along) / 0.06, 0, 1) * np.ones_like(picture)
        grain = np.random.default_rng(5).normal(0, 1, picture.shape).astype(np.float32)
        woven = level + cloth * np.asarray(cv2.blur(grain, (5, 5))) * 5
        return np.asarray(picture * (1 - share) + woven * share, np.float32)

    return done


def spray(level: float) -> Doing:
    """Spots of paint that come within two seconds, until nearly all is covered."""

    def done(picture: Floats, since: float) -> Floats:
        height, width = picture.shape
        chance = np.random.default_rng(8)
        share = np.zeros_like(picture)
        for _ in range(round(110 * min(1.0, since / 2))):
            centre = int(chance.integers(width)), int(chance.integers(height))
            cv2.circle(share, centre, int(chance.integers(width // 16, width // 7)), 1.0, -1)
        share = np.asarray(cv2.GaussianBlur(share, (0, 0), width / 80), np.float32)
        return np.asarray(picture * (1 - share) + level * share, np.float32)

    return done


def blur(share_of_width: float) -> Doing:
    def done(picture: Floats, since: float) -> Floats:
        sigma = max(0.1, picture.shape[1] * share_of_width * min(1.0, since / 2))
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)

    return done


def turn(
    *, right: float = 0.0, down: float = 0.0, degrees: float = 0.0, zoom: float = 1.0
) -> Doing:
    """Shifts are shares of the picture; beyond its edges it is mirrored. It takes a second."""

    def done(picture: Floats, since: float) -> Floats:
        height, width = picture.shape
        far = min(1.0, since)
        matrix = cv2.getRotationMatrix2D(
            (width / 2, height / 2), degrees * far, 1 + (zoom - 1) * far
        )
        matrix[:, 2] += right * far * width, down * far * height
        return np.asarray(
            cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT),
            np.float32,
        )

    return done


DOINGS: dict[str, Doing] = {
    "black cover": cover(12, 1.0, "left"),
    "grey cover": cover(110, 1.0, "top"),
    "bright cover": cover(235, 1.0, "right"),
    "cloth": cover(90, 1.0, "bottom", cloth=12),
    "black cover of 4/5": cover(12, 0.8, "top"),
    "grey cover of 3/4": cover(110, 0.75, "left"),
    "bright cover of 2/3": cover(225, 0.67, "right"),
    "paint, dark": spray(30),
    "paint, white": spray(210),
    "out of focus, 1 %": blur(0.01),
    "out of focus, 2.5 %": blur(0.025),
    "turned right": turn(right=-0.35),
    "turned far up": turn(down=0.6),
    "rolled": turn(degrees=25),
    "zoomed": turn(zoom=1.8),
}


def darkened(picture: Floats, chance: np.random.Generator) -> Floats:
    """By night: little light, and noise."""
    noise = np.asarray(_cv.randn(np.empty_like(picture), 0.0, 5.0), np.float32)
    del chance
    return np.asarray(picture * 0.25 + 10 + noise, np.float32)


def fogged(picture: Floats, seconds: float) -> Floats:
    """Fog comes and goes within minutes: contrast fades, and fine detail a little."""
    thick = 0.65 * 0.5 * (1 - np.cos(seconds / 150 * np.pi))
    soft = cv2.GaussianBlur(picture, (0, 0), 0.3 + thick)
    return np.asarray(soft * (1 - thick) + 150 * thick, np.float32)


def as_luma(picture: Floats) -> Luma:
    noise = np.asarray(_cv.randn(np.empty_like(picture), 0.0, 1.0), np.float32)
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


# --- films


def tampered(clip: Labelled, some: Sequence[Luma], doing: str, *, night: bool) -> Result:
    chance = np.random.default_rng(1)

    def film() -> Iterator[Luma]:
        for step, luma in enumerate(to_and_fro(some, LASTS, PER_SECOND)):
            seconds = step / PER_SECOND
            picture = luma.astype(np.float32)
            if seconds >= TAMPERED:
                picture = DOINGS[doing](picture, seconds - TAMPERED)
            yield as_luma(darkened(picture, chance) if night else picture)

    for seconds, found in watched(film(), PER_SECOND):
        if found is not None:
            return Result(clip.name, doing, night, found, seconds - TAMPERED)
    return Result(clip.name, doing, night, None, np.inf)


def untouched(clip: Labelled, some: Sequence[Luma], weather: str) -> Result:
    """Play a clip with nothing done to it; what is found is false."""
    chance = np.random.default_rng(1)
    per_second, seconds = (10, len(some) / 10) if weather == "as it is" else (2, LONG)

    def film() -> Iterator[Luma]:
        for step, luma in enumerate(to_and_fro(some, seconds, per_second)):
            match weather:
                case "fog":
                    yield as_luma(fogged(luma.astype(np.float32), step / per_second))
                case "night":
                    yield as_luma(darkened(luma.astype(np.float32), chance))
                case _:
                    yield luma

    for at, found in watched(film(), per_second):
        if found is not None:
            return Result(clip.name, weather, night=weather == "night", found=found, after=at)
    return Result(clip.name, weather, night=weather == "night", found=None, after=np.inf)


def cost(screen: Console) -> None:
    """Milliseconds for each frame of a quiet film of ten frames a second, and beside motion."""
    for name, size in {"480p": (480, 640), "720p": (720, 1280), "1080p": (1080, 1920)}.items():
        chance = np.random.default_rng(3)
        coarse = chance.integers(40, 200, (size[0] // 20, size[1] // 20), np.uint8)
        scene = np.asarray(cv2.resize(coarse, size[::-1]), np.float32)
        some = [as_luma(scene) for _ in range(8)]
        frames = [
            Frame("c", STARTS, 100 + step / 10, Plain(some[step % len(some)]))
            for step in range(1000)
        ]
        spent, motion = _seconds(TamperWatch(), frames), _seconds(BackgroundMotion(), frames)
        screen.print(
            f"{name}: {spent * 1000:.3f} ms for each frame, of ten a second;"
            f" {spent / motion:.0%} of what motion takes"
        )


def _seconds(see: Callable[[Frame], object], frames: Sequence[Frame]) -> float:
    began = time.process_time()
    for frame in frames:
        see(frame)
    return (time.process_time() - began) / len(frames)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--fast", action="store_true", help="four clips only")
    parser.add_argument("--list", action="store_true", help="each film that went wrong")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    cv2.setRNGSeed(1)
    screen = Console()
    clips = [c for c in labelled() if not chosen.fast or c.name in FAST]
    unique = list({clip.name: clip for clip in clips}.values())
    done, quiet = [], []
    for clip in track(unique, "films", console=Console(stderr=True), transient=True):
        some = pictures(clip.path, PER_SECOND, WIDEST)
        calm = [p for i, p in enumerate(some) if not _in(clip.disturbance, i / PER_SECOND)]
        nights = (False, True) if min(float(np.std(one)) for one in some) > DARK else (False,)
        for doing, night in product(DOINGS, nights):
            done.append(
                tampered(clip, calm if len(calm) > PER_SECOND else some, doing, night=night)
            )
        quiet.append(untouched(clip, pictures(clip.path, 10, WIDEST, 600), "as it is"))
        quiet += [
            untouched(clip, pictures(clip.path, 2, WIDEST), w) for w in ("long", "fog", "night")
        ]
    screen.print(table(done))
    screen.print(others(quiet))
    if chosen.list:
        for one in [*(d for d in done if not _right(d)), *(q for q in quiet if q.found)]:
            screen.print(f"{one.name}, {one.doing}{', night' if one.night else ''}: "
                         f"{one.found or 'nothing'} {one.after:.1f} s")  # fmt: skip
    cost(screen)
    return int(any(not _right(one) for one in done) or any(one.found for one in quiet))


def _in(intervals: Sequence[tuple[float, float]], at: float) -> bool:
    return any(start <= at <= end for start, end in intervals)


def _right(one: Result) -> bool:
    return one.found is not None and 0 <= one.after <= WITHIN


def table(done: Sequence[Result]) -> Table:
    made = Table("tampering", "films", "found in 10 s", "slowest", "told as", title="tamper clips")
    for doing in DOINGS:
        of = [one for one in done if one.doing == doing]
        right = [one for one in of if _right(one)]
        told = Counter(str(one.found) for one in right).most_common()
        made.add_row(
            doing, str(len(of)), str(len(right)),
            f"{max((one.after for one in right), default=0):.1f} s",
            ", ".join(f"{kind} {number}" for kind, number in told),
        )  # fmt: skip
    right = [one for one in done if _right(one)]
    made.add_row("all", str(len(done)), str(len(right)), "", "", style="bold")
    return made


def others(quiet: Sequence[Result]) -> Table:
    made = Table("others", "films", "minutes", "false", title="nothing done to them")
    for weather in dict.fromkeys(one.doing for one in quiet):
        of = [one for one in quiet if one.doing == weather]
        minutes = "" if weather == "as it is" else f"{len(of) * LONG / 60:.0f}"
        made.add_row(weather, str(len(of)), minutes, str(sum(o.found is not None for o in of)))
    return made


if __name__ == "__main__":
    sys.exit(main())
