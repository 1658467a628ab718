"""Labelled clips: the few that come with the project, and more where they are at hand.

A folder of footage holds `labels/NAME.json`, each with `file` (below the folder) and lists of
intervals in seconds: `person`, `motion`, `disturbance`. Its place is taken from the environment
variable WHOSTHERE_FOOTAGE, or is `../shared/footage` beside the project.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SHIPPED = PROJECT / "tests" / "data"

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A clip and what happens in it, in seconds from its first frame."""

    name: str
    path: Path
    person: tuple[Interval, ...]
    motion: tuple[Interval, ...]
    disturbance: tuple[Interval, ...]
    kind: str


def folder() -> Path | None:
    """The folder with more footage, if there is one."""
    place = Path(os.environ.get("WHOSTHERE_FOOTAGE", PROJECT.parent / "shared" / "footage"))
    return place if (place / "labels").is_dir() else None


def labelled() -> list[Labelled]:
    """All labelled clips at hand, in order of their names."""
    return read(SHIPPED) + (read(more) if (more := folder()) else [])


def read(place: Path) -> list[Labelled]:
    clips = [_one(place, file) for file in sorted((place / "labels").glob("*.json"))]
    return [clip for clip in clips if clip.path.is_file()]


def _one(place: Path, file: Path) -> Labelled:
    about = json.loads(file.read_text())

    def intervals(name: str) -> tuple[Interval, ...]:
        return tuple((float(start), float(end)) for start, end in about[name])

    return Labelled(
        file.stem,
        place / about["file"],
        intervals("person"),
        intervals("motion"),
        intervals("disturbance"),
        about["kind"],
    )
