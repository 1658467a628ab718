"""`whosthere motion`: film how motion is found in recordings, to tune by looking."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TextColumn

from whosthere.app.scanner import chosen_camera
from whosthere.app.settings import load, parse
from whosthere.app.terminal import say
from whosthere.cameras.video_file import VideoFile
from whosthere.vision.showing import show_motion

NO_SETTINGS = '[cameras.clip]\nkind = "file"\npath = "-"\n'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("clips", nargs="+", type=Path, metavar="CLIP", help="video file")
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
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for clip in chosen.clips:
            task = progress.add_task(clip.name, total=None)
            to = chosen.show / f"{clip.stem}_motion.mp4"
            pictures = show_motion(
                VideoFile(
                    clip.stem, clip, frames_per_second=section.source.frames_per_second
                ).frames(),
                section.motion.detector(),
                to,
                lambda seconds, task=task: progress.update(task, completed=seconds),  # type: ignore[misc] # binds it
                rules.least_area,
            )
            progress.remove_task(task)
            say(f"{to}: {pictures} pictures" if pictures else f"{clip}: too short to show anything")
    return 0
