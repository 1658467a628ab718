"""`whosthere scan`: what is on recordings, as a table or line by line."""

import argparse
import contextlib
import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from whosthere.app.scanner import Found, Recording, Scanner, chosen_camera
from whosthere.app.settings import load, parse
from whosthere.cameras.video_file import open_file
from whosthere.core.errors import CameraTrouble
from whosthere.core.modes import Mode
from whosthere.core.sighting import PERSON

VIDEO_SUFFIXES = frozenset({
    ".3gp", ".avi", ".flv", ".h264", ".m2ts", ".m4v", ".mjpeg", ".mkv", ".mov", ".mp4", ".mpeg",
    ".mpg", ".mts", ".ts", ".webm", ".wmv",
})  # fmt: skip
DEFAULT_OUT = Path("whosthere-scan")
UNKNOWN_SECONDS = 60.0  # for the progress bar, of a recording that does not say how long it is
NO_SETTINGS = '[cameras.clip]\nkind = "file"\npath = "-"\n'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("clips", nargs="+", type=Path, metavar="CLIP", help="video file, or folder of them")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="a JSON object a line, an incident each")
    shape.add_argument("--csv", action="store_true", help="the same as comma-separated values")
    add("--mode", type=Mode, choices=list(Mode), default=Mode.AWAY, help="default: %(default)s")
    add("--no-detector", action="store_true", help="show what motion alone gives")
    add("--settings", type=Path, metavar="FILE", help="take rules and motion settings from here")
    add("--camera", metavar="NAME", help="the camera in these settings that made the recordings")
    add(
        "--out", type=Path, default=DEFAULT_OUT, metavar="DIR",
        help="folder for pictures, clips and numbers (default: %(default)s)",
    )  # fmt: skip
    add("--no-files", action="store_true", help="keep no pictures and no clips")


def run(args: argparse.Namespace) -> int:
    """Scan all recordings. One that cannot be read is told, and the others go on."""
    settings = load(args.settings) if args.settings else parse(NO_SETTINGS, "scan")
    camera = chosen_camera(settings, args.camera)
    chosen = recordings(args.clips, args.camera, but=args.out)
    report = _report(args)
    troubles: list[str] = []
    scanner = Scanner(
        args.out,
        settings,
        camera,
        mode=args.mode,
        with_detector=not args.no_detector,
        keep_files=not args.no_files,
    )
    with contextlib.closing(scanner), _progress() as progress:
        tasks = [progress.add_task(r.path.name, total=_length(r), visible=False) for r in chosen]
        for recording, task in zip(chosen, tasks, strict=True):
            progress.update(task, visible=True)
            show = partial(show_seconds, progress, task)
            try:
                for found in scanner.incidents(recording, show):
                    report.add(found)
            except CameraTrouble as trouble:
                troubles.append(str(trouble))
            progress.update(task, completed=_length(recording), visible=False)
    report.end(len(chosen))
    sys.stderr.writelines(f"{told}\n" for told in troubles)
    return 1 if troubles else 0


def show_seconds(progress: Progress, task: TaskID, done: float) -> None:
    progress.update(task, completed=done)


def recordings(
    paths: Iterable[Path], camera: str | None, *, but: Path | None = None
) -> list[Recording]:
    """All video files among these files and folders, in order, each with a name of its own.

    What lies in the folder `but` is left out: it is what a scan before this one made.
    """
    found: list[Recording] = []
    for path in _video_files(paths, but):
        name = camera or _free_name(path, {one.camera for one in found})
        seconds = _seconds_of(path)
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        starts = (written - timedelta(seconds=seconds or 0)).replace(microsecond=0)
        found.append(Recording(path, name, starts, seconds))
    return found


def _video_files(paths: Iterable[Path], but: Path | None) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = [p for p in sorted(path.rglob("*")) if p.suffix.lower() in VIDEO_SUFFIXES]
            if but is not None and but.resolve() not in (place := path.resolve(), *place.parents):
                inside = [p for p in inside if but.resolve() not in p.resolve().parents]
            if not inside:
                raise CameraTrouble(f"{path}: there are no video files in this folder.")
            yield from inside
        elif path.exists():
            yield path
        else:
            raise CameraTrouble(f"{path}: there is no such file or folder.")


def _free_name(path: Path, taken: set[str]) -> str:
    """A camera's name made of a file's, unlike those before it."""
    name = re.sub(r"[^a-z0-9_-]+", "-", path.stem.lower()).strip("-") or "clip"
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name}-{number}"
    return free


def _seconds_of(path: Path) -> float | None:
    """The length that a file claims; what is wrong with a file is told when its turn comes."""
    try:
        with open_file("scan", path) as container:
            return container.duration / 1_000_000 if container.duration else None
    except CameraTrouble:
        return None


def _length(recording: Recording) -> float:
    return recording.seconds or UNKNOWN_SECONDS


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


class Report(Protocol):
    """Shows incidents as they are found."""

    def add(self, found: Found) -> None: ...
    def end(self, recordings: int) -> None: ...


class JsonLines:
    def add(self, found: Found) -> None:
        sys.stdout.write(json.dumps(asdict(found)) + "\n")
        sys.stdout.flush()  # for who reads along in a pipe

    def end(self, recordings: int) -> None: ...


class CommaSeparated:
    def __init__(self) -> None:
        self._writer = csv.DictWriter(sys.stdout, [field.name for field in fields(Found)])
        self._writer.writeheader()

    def add(self, found: Found) -> None:
        labels = " ".join(f"{label}:{sure}" for label, sure in found.labels.items())
        self._writer.writerow({**asdict(found), "labels": labels})

    def end(self, recordings: int) -> None: ...


class TextTable:
    """A table at the end, and what it means in a sentence."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._found: list[Found] = []

    def add(self, found: Found) -> None:
        self._found.append(found)

    def end(self, recordings: int) -> None:
        console = Console()
        if self._found:
            console.print(_table(self._found))
        told = sum(one.alert_at is not None for one in self._found)
        count = f"{len(self._found)} incident{'s' * (len(self._found) != 1)}"
        console.print(f"{count} in {recordings} recording{'s' * (recordings != 1)}; {told} told.")
        if self._folder is not None and self._found:
            console.print(f"Pictures, clips and numbers are in {self._folder}.")


def _table(found: Sequence[Found]) -> Table:
    table = Table()
    table.add_column("clip", overflow="fold")
    for name in ("started", "ended", "alert at"):
        table.add_column(name, justify="right")
    table.add_column("what")
    for one in found:
        table.add_row(
            Path(one.clip).name,
            _minutes(one.started),
            _minutes(one.ended),
            _minutes(one.alert_at),
            ", ".join(f"{label} {round(100 * sure)} %" for label, sure in one.labels.items())
            or "motion",
            style="bold" if PERSON in one.labels and one.alert_at is not None else "",
        )
    return table


def _minutes(seconds: float | None) -> str:
    return "" if seconds is None else f"{int(seconds) // 60}:{seconds % 60:04.1f}"


def _report(args: argparse.Namespace) -> Report:
    if args.json:
        return JsonLines()
    return CommaSeparated() if args.csv else TextTable(None if args.no_files else args.out)
