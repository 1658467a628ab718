"""What is copied, and under which key.

A key is the path of the file below the data folder. A file whose content is another than that of
the copy (a better picture, mostly) gets a key of its own, with the beginning of its SHA-256.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import BinaryIO

PIECE = 2**16
OUTGOING = "outgoing"  # below the data folder: made to be copied, and deleted after that
NAME = re.compile(
    r"[A-Za-z0-9_-][A-Za-z0-9._ @+=,-]*(/[A-Za-z0-9_-][A-Za-z0-9._ @+=,-]*)+", re.ASCII
)
VERSION = re.compile(r"~[0-9a-f]{12}(?=(\.[A-Za-z0-9.]+)?$)")
DAY = re.compile(r"(?:^|/)(\d{4})/(\d\d)/(\d\d)/")
INCIDENT = re.compile(r"(\d{8}T\d{9})-(.+?)(?:_boxes|_preview|_part\d+)?\.[a-z0-9]+$")
CROP = re.compile(r"_\d+$")  # of an example: a recognised thing, cut out of its picture


class Kind(StrEnum):
    """What kind of file it is. Each has a folder of its own in the archive."""

    PICTURES = "pictures"
    CLIPS = "clips"
    EXAMPLES = "examples"
    LEDGER = "ledger"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Thing:
    """A file that should be copied."""

    name: str  # below the data folder
    kind: Kind
    at: datetime  # of what it shows
    camera: str | None = None
    incident_id: str | None = None


def key_of(name: str) -> str:
    return name.removeprefix(f"{OUTGOING}/")


def version_of(key: str, sha256: str) -> str:
    """Name another content of the same file: `one.jpg` becomes `one~0123456789ab.jpg`."""
    path = PurePosixPath(key)
    stem, dot, ending = path.name.partition(".")
    return str(path.with_name(f"{stem}~{sha256[:12]}{dot}{ending}"))


def is_version(key: str) -> bool:
    return VERSION.search(key) is not None


def name_of(key: str) -> str | None:
    """Say which file a key holds; None if it is none that we would have made."""
    name = VERSION.sub("", key)
    return name if NAME.fullmatch(name) and kind_of(name) else None


def kind_of(name: str) -> Kind | None:
    """Tell by its folder, and of incidents by its ending."""
    folder = name.partition("/")[0]
    if folder == "incidents":
        return Kind.CLIPS if name.endswith(".mp4") else Kind.PICTURES
    return next((kind for kind in Kind if kind == folder and kind not in OF_INCIDENTS), None)


OF_INCIDENTS = (Kind.PICTURES, Kind.CLIPS)


def day_of(name: str) -> datetime | None:
    """Read the moment, or at least the day, that a name tells."""
    try:
        if found := INCIDENT.search(name):
            day, thousandths = found[1][:15], found[1][15:]
            at = datetime.strptime(day, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            return at.replace(microsecond=int(thousandths) * 1000)
        if found := DAY.search(name):
            return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
    except ValueError:
        return None
    return None


def camera_of(name: str) -> str | None:
    """Read the camera that a name tells."""
    found = INCIDENT.search(name)
    if found is None:
        return None
    return CROP.sub("", found[2]) if name.startswith("examples/") else found[2]


def digest(source: BinaryIO, check: Callable[[], None] = lambda: None) -> tuple[int, str]:
    """Return size and SHA-256 of all that can be read from the beginning."""
    source.seek(0)
    size, sha256 = 0, hashlib.sha256()
    while piece := source.read(PIECE):
        check()
        size += len(piece)
        sha256.update(piece)
    source.seek(0)
    return size, sha256.hexdigest()
