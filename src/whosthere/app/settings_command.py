"""`whosthere settings`: a file to begin with, all that can be set, or the mistakes of a file."""

import argparse
from importlib.resources import files
from pathlib import Path

from whosthere.app.settings import Settings, load
from whosthere.app.settings_pages import example, reference
from whosthere.app.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--check", type=Path, metavar="FILE", help="say what is wrong with a file")
    either.add_argument(
        "--all", action="store_true", help="print everything that can be set, with its default"
    )
    either.add_argument("--reference", action="store_true", help="print the reference page")


def run(chosen: argparse.Namespace) -> int:
    if chosen.check is not None:
        settings = load(chosen.check)
        cameras = ", ".join(settings.cameras)
        say(f"{chosen.check} is fine. Cameras: {cameras}.")
    elif chosen.reference:
        say(reference(Settings).rstrip("\n"))
    elif chosen.all:
        say(example(Settings).rstrip("\n"))
    else:
        say(start().rstrip("\n"))
    return 0


def start() -> str:
    """Return a file to begin with: what most houses need."""
    return (files("whosthere.app") / "settings_start.toml").read_text(encoding="utf-8")
