"""`whosthere update-check`: whether there is a newer version. The only call home there is.

It is made when somebody asks, and never else. pip does it, so it asks the package index that pip
is set up for, through whatever proxy pip uses.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence

from whosthere import __version__
from whosthere.app.terminal import say
from whosthere.core.errors import WhosThereError

NEWER, CURRENT = 10, 0  # exit codes, for scripts
LONGEST_SECONDS = 60.0
WORDS = ("index", "versions", "whosthere", "--disable-pip-version-check", "--retries", "1",
         "--timeout", "10", "--no-input")  # fmt: skip
UNREACHABLE = re.compile(r"Retrying|connection|could not fetch|SSL", re.IGNORECASE)
FOUND = re.compile(r"^whosthere \(([^)]+)\)", re.MULTILINE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Ask the package index, by pip, whether there is a newer version. Nothing is installed,"
        f" nothing about you is sent. Exit code {NEWER}: there is a newer one."
    )


def run(_: argparse.Namespace) -> int:
    newest = newest_of([sys.executable, "-m", "pip", *WORDS])
    if numbers(newest) > numbers(__version__):
        say(f"There is {newest}; this is {__version__}. To update:")
        say(f"  {sys.executable} -m pip install --upgrade whosthere")
        return NEWER
    say(f"This is the newest version: {__version__}.")
    return CURRENT


def newest_of(words: Sequence[str]) -> str:
    """Ask pip. Raises what came in the way: not knowing is not being up to date."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            words, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise WhosThereError("pip did not answer, so it is not known. Try it later.") from None
    found = FOUND.search(done.stdout)
    if found:
        return found.group(1)
    if "No module named pip" in done.stderr:
        why = "there is no pip here; what installed whosthere also knows of updates"
    elif UNREACHABLE.search(done.stderr):
        why = "the package index cannot be reached. See whether this machine is online"
    else:
        why = "the package index knows no whosthere that fits this machine"
    raise WhosThereError(f"Whether there is a newer version is not known: {why}.")


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, for comparing: 1.10.0 comes after 1.9.2."""
    return tuple(int(one) for one in re.findall(r"\d+", version.partition("+")[0]))
