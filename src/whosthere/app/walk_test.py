"""`whosthere walk-test`: walk about, and hear what each camera saw of it and how fast."""

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

import cv2
from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from whosthere.app import logs
from whosthere.app.ask import asked, plain
from whosthere.app.demo import settings_for
from whosthere.app.demo_film import film
from whosthere.app.run import until_told
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.app.walk_test_alone import Alone
from whosthere.app.walk_test_desk import GOES_ON
from whosthere.app.walk_test_picture import with_path
from whosthere.app.walk_test_tracks import Tracks
from whosthere.app.walk_test_view import WalkView
from whosthere.app.walk_test_words import SIGNS, is_well, report, walk_line
from whosthere.core.errors import BadSettings
from whosthere.core.walk_grade import Grade
from whosthere.core.walk_test import LONGEST, USUAL, Walk
from whosthere.storage.lock import running

GLANCE = 0.2  # seconds between looks whether it is over
ASKS = 1.5  # seconds between questions to the running program
TIMES_A_SECOND = 5
WELL = frozenset({Grade.GOOD, Grade.FAIR})
NO_PICTURE = "no picture, since nobody was seen"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cameras", nargs="*", metavar="CAMERA", help="which (default: all)")
    parser.add_argument(
        "--minutes", type=_minutes, default=USUAL / 60, metavar="N", help="how long (default: 3)"
    )
    parser.add_argument("--demo", action="store_true", help="with the film of a visitor")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE.jpg", help="keep the path that was seen as a picture"
    )
    add_settings_argument(parser)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes <= LONGEST / 60:
        raise argparse.ArgumentTypeError(f"a number up to {LONGEST / 60:.0f}")
    return minutes


def run(chosen: argparse.Namespace) -> int:
    with ExitStack() as stack:
        if chosen.demo:
            path = stack.enter_context(film())
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings = settings_for(path, folder, loop=False, detector=True)
        else:
            settings = settings_of(chosen)
        cameras = _cameras(settings, chosen.cameras)
        told = stack.enter_context(until_told())
        seconds = 60 * chosen.minutes
        if running(settings.storage.folder) is not None:
            return _with_program(settings, cameras, seconds, told, chosen.picture)
        return _alone(settings, cameras, seconds, told, chosen.picture)


def _cameras(settings: Settings, wanted: Sequence[str]) -> Sequence[str]:
    unknown = set(wanted) - settings.cameras.keys()
    if unknown:
        known = ", ".join(settings.cameras)
        raise BadSettings(f"There is no camera '{min(unknown)}'. There are {known}.")
    return tuple(dict.fromkeys(wanted)) or tuple(settings.cameras)


def _alone(
    settings: Settings, cameras: Sequence[str], seconds: float, told: Event, picture: Path | None
) -> int:
    """Open the cameras ourselves: nothing is at work that has them."""
    logs.set_up()
    screen, until = console(), time.monotonic() + seconds
    view = WalkView(settings.house.zone, until)
    view.alone = alone = Alone(settings, cameras, view.onlooker())
    alone.start()
    said = 0
    with _shown(screen, view):
        while time.monotonic() < until and not alone.is_over and not told.wait(GLANCE):
            if not screen.is_terminal:
                said = _say_new(alone.tracks, said, settings)
    alone.stop()
    verdicts = alone.tracks.verdicts()
    why = "ended by you" if told.is_set() else ""
    words = report(alone.tracks.all(), verdicts, settings.house.zone, why_over=why)
    _print(screen, words)
    for name, trouble in alone.troubles.items():
        screen.print(Text(f"{name}: {trouble}", "red"))
    if picture is not None:
        screen.print(f"The path is in {_save(alone.tracks, picture)}.")
    return 0 if all(one.grade in WELL for one in verdicts.values()) else 1


@contextmanager
def _shown(screen: Console, view: WalkView) -> Iterator[None]:
    if not screen.is_terminal:
        yield
        return
    with Live(view, console=screen, refresh_per_second=TIMES_A_SECOND, transient=True):
        yield


def _say_new(tracks: Tracks, said: int, settings: Settings) -> int:
    """Say each walk that is over, where no picture can be drawn; return how many were said."""
    walks = sorted((walk for track in tracks.all() for walk in track.walks), key=_began)
    for walk in walks[said:]:
        say(f"{walk.camera}  {walk_line(walk, settings.house.zone)}")
    return len(walks)


def _began(walk: Walk) -> float:
    return walk.began


def _with_program(
    settings: Settings,
    cameras: Sequence[str],
    seconds: float,
    told: Event,
    picture: Path | None,
) -> int:
    """The program has the cameras, so it makes the test; we show what it says."""
    database, screen = settings.storage.database, console()
    which = cameras[0] if len(cameras) == 1 else "all cameras"
    began = asked(database, f"walk test {which} for {round(seconds)} seconds")
    screen.print(Text(plain(began.text)))
    if began.refused:
        return 1
    reply = began
    with Live(console=screen, auto_refresh=False, transient=True) as live:
        while GOES_ON in reply.text:
            told.wait(ASKS)
            reply = asked(database, "walk test stop" if told.is_set() else "walk test show")
            live.update(Panel(Text(plain(reply.text)), border_style="blue"), refresh=True)
    _print(screen, reply.text)
    if picture is not None:
        kept = reply.file and shutil.copyfile(settings.storage.folder / reply.file, picture)
        screen.print(f"The path is in {kept or NO_PICTURE}.")
    return 0 if is_well(reply.text) else 1


def _print(screen: Console, words: str) -> None:
    """The report, with the colours of its marks."""
    good, bad = SIGNS[Grade.GOOD], SIGNS[Grade.POOR]
    for line in plain(words).splitlines():
        sign = line.strip()[:1]
        style = {good: "green", bad: "red", "~": "yellow", "→": "cyan"}.get(sign, "bold")
        screen.print(Text(line, style if sign in {good, bad, "~", "→"} else "bold"))


def _save(tracks: Tracks, path: Path) -> str:
    """Write the path of the camera that saw most."""
    drawn = [track for track in tracks.all() if track.camera in tracks.pictures]
    if not drawn:
        return NO_PICTURE
    most = max(drawn, key=lambda track: len(track.all_walks))
    frame = tracks.pictures[most.camera]
    cv2.imwrite(str(path), with_path(frame.pixels.bgr(), most))
    return str(path)
