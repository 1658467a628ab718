"""What commands write on the terminal, and the options that many of them share."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from whosthere.app.settings import Settings, find, load
from whosthere.core.modes import Mode


def say(text: str = "") -> None:
    print(text)  # noqa: T201 # answers go to standard output, as they are


def console() -> Console:
    """Standard output, with colours if it is a terminal that has some."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def add_settings_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="settings to use (default: $WHOSTHERE_SETTINGS, else whosthere.toml)",
    )


def mode_of(word: str) -> Mode:
    """Read a mode as people write it."""
    try:
        return Mode(word)
    except ValueError:
        known = ", ".join(mode.value for mode in Mode)
        raise argparse.ArgumentTypeError(f"'{word}' is no mode; choose one of {known}") from None


def settings_of(chosen: argparse.Namespace) -> Settings:
    return load(find(chosen.settings))
