"""`whosthere settings`: a commented example, the reference page, or the mistakes of a file."""

import argparse
from pathlib import Path

from whosthere.app.settings import Settings, load
from whosthere.app.settings_pages import example, reference
from whosthere.app.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--check", type=Path, metavar="FILE", help="say what is wrong with a file")
    either.add_argument(
        "--reference", action="store_true", help="print the reference page instead of the example"
    )


def run(chosen: argparse.Namespace) -> int:
    if chosen.check is not None:
        settings = load(chosen.check)
        cameras = ", ".join(settings.cameras)
        say(f"{chosen.check} is fine. Cameras: {cameras}.")
    else:
        page = reference(Settings) if chosen.reference else example(Settings)
        say(page.rstrip("\n"))
    return 0
