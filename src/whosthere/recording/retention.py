"""How long clips and pictures are kept: by age, by size, and so that the disk has room.

Nothing is deleted but what the store names, under a name that we give, as a plain file that lies
below the data folder. What a person tagged goes last.
"""

import logging
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from whosthere.recording import names

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IncidentFiles:
    """What the store says of one incident's files."""

    incident_id: str
    files: tuple[str, ...]  # below the data folder
    size: int  # bytes of all of them, as `size_of` says
    ended: datetime | None  # None: it goes on, and nothing of it is deleted
    tagged: bool
    alerted: bool
    unsent: bool = False  # the archive has yet to copy something of it


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be kept."""

    days: float
    tagged_days: float
    most_bytes: int
    least_free_bytes: int


def plan(
    kept: Iterable[IncidentFiles], limits: Limits, now: datetime, free_bytes: int
) -> list[IncidentFiles]:
    """Return whose files are to be deleted, in that order.

    All that is too old, but for what the archive has yet to copy; and then, until sizes are kept:
    untagged incidents without an alert, untagged ones with an alert, those that are yet to be
    copied, tagged ones; of each the oldest first.
    """
    kept = [one for one in kept if one.files]
    over = [one for one in kept if one.ended is not None]
    doomed = [one for one in over if _age(one, now) > _longest(one, limits) and not one.unsent]
    rest = [one for one in over if _age(one, now) <= _longest(one, limits) or one.unsent]
    freed = sum(one.size for one in doomed)
    total = sum(one.size for one in kept)
    wanted = max(total - limits.most_bytes, limits.least_free_bytes - free_bytes)
    for one in sorted(rest, key=lambda one: (one.tagged, one.unsent, one.alerted, -_age(one, now))):
        if freed >= wanted:
            break
        doomed.append(one)
        freed += one.size
    return doomed


def _age(one: IncidentFiles, now: datetime) -> timedelta:
    return now - (one.ended or now)


def _longest(one: IncidentFiles, limits: Limits) -> timedelta:
    return timedelta(days=limits.tagged_days if one.tagged else limits.days)


@dataclass(frozen=True, slots=True)
class Deleted:
    """Files of an incident that are gone, so that the store forgets them."""

    incident_id: str
    files: tuple[str, ...]
    size: int  # bytes that this gave back


def delete(folder: Path, doomed: Iterable[IncidentFiles]) -> Iterator[Deleted]:
    """Delete files and say which are gone, incident by incident."""
    for one in doomed:
        gone: list[str] = []
        size = 0
        for name in one.files:
            sizes = [_delete(path) for path in _paths(folder, name)]
            if sizes and None not in sizes:
                gone.append(name)
            size += sum(filter(None, sizes))
        if gone:
            yield Deleted(one.incident_id, tuple(gone), size)


def size_of(folder: Path, files: Iterable[str]) -> int:
    """The bytes that files take, with the later parts of clips."""
    size = 0
    for name in files:
        for path in _paths(folder, name):
            with suppress(OSError):
                size += path.stat().st_size
    return size


def _paths(folder: Path, name: str) -> list[Path]:
    """A named file and, of a clip, its later parts. None of a name that is not ours."""
    path = folder / name
    root = folder.resolve()
    if not names.is_ours(name) or path.parent.resolve() != root / Path(name).parent:
        log.warning("%s is not a name that we give below %s; left alone", name, folder)
        return []
    if path.suffix != ".mp4" or not path.parent.is_dir():
        return [path]
    part = names.later_part(name)
    return [path, *sorted(p for p in path.parent.iterdir() if part.fullmatch(p.name))]


def _delete(path: Path) -> int | None:
    """Delete a plain file. Return its bytes, or None if it is still there."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            log.warning("%s is not a plain file; left alone", path)
            return None
        path.unlink()
    except FileNotFoundError:
        return 0
    except OSError as error:
        log.warning("%s cannot be deleted: %s", path, error.strerror)
        return None
    for parent in list(path.parents)[:3]:  # day, month, year
        with suppress(OSError):  # not empty
            parent.rmdir()
    return found.st_size
