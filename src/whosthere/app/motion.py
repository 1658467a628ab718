"""`whosthere motion`: film how motion is found in recordings, to tune by looking."""

import argparse
import sys
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TextColumn

from whosthere.app.scan import NO_SETTINGS, recordings, show_seconds
from whosthere.app.scanner import chosen_camera
from whosthere.app.settings import load, parse
from whosthere.app.terminal import say
from whosthere.cameras.video_file import VideoFile
from whosthere.vision.showing import show_motion


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("clips", nargs="+", type=Path, metavar="CLIP", help="video file, or folder of them")
    add(
        "--show", type=Path, default=Path("out"), metavar="DIR",
        help="folder for the films (default: %(default)s)",
    )  # fmt: skip
    add("--settings", type=Path, metavar="FILE", help="take rules and motion settings from here")
    add("--camera", metavar="NAME", help="the camera in these settings that made the clips")


def run(chosen: argparse.Namespace) -> int:
    settings = load(chosen.settings) if chosen.settings else parse(NO_SETTINGS, "motion")
    section = chosen_camera(settings, chosen.camera)
    rules = section.rules.applied_to(settings.policy().default)
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed:.0f} s"))
    on_terminal = sys.stderr.isatty()
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not on_terminal
    ) as progress:
        for recording in recordings(chosen.clips, None):
            task = progress.add_task(recording.path.name, total=recording.seconds)
            to = chosen.show / f"{recording.camera}_motion.mp4"
            source = VideoFile(
                recording.camera,
                recording.path,
                recording.starts,
                frames_per_second=section.source.frames_per_second,
            )
            pictures = show_motion(
                source.frames(),
                section.motion.detector(),
                to,
                partial(show_seconds, progress, task),
                rules.least_area,
            )
            progress.remove_task(task)
            short = f"{recording.path}: too short to show anything"
            say(f"{to}: {pictures} pictures" if pictures else short)
    return 0
