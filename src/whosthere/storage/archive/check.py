"""Tries an archive with a tiny file, and names each right that the key lacks."""

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from whosthere.core.errors import ArchiveTrouble
from whosthere.core.ports import Archive, Copy, Resume
from whosthere.storage.archive.folder import MARK, FolderArchive
from whosthere.storage.archive.s3 import S3Archive
from whosthere.storage.archive.s3_parts import try_rights
from whosthere.storage.archive.things import digest

TEXT = b"A test by 'whosthere archive check'. It may be deleted.\n"
DENIED = "may not do"
KEY = "check/whosthere-check.txt"


class Tried(NamedTuple):
    """One thing that the archive must be able to do."""

    what: str
    said: str
    well: bool = True


def tries(archive: Archive, *, append_only: bool, prune: bool) -> Iterator[Tried]:
    """Put, look, get, list and delete; say how each went."""
    size, sha256 = digest(io.BytesIO(TEXT))
    copy = Copy(KEY, size, sha256)
    first = _try("put", lambda: _put(archive, copy))
    yield first
    if not first.well and DENIED not in first.said:  # not a right, but the whole is missing
        return
    if append_only:
        yield Tried("look", "not tried: the key may only put (archive.append_only)")
        return
    yield _try("look", lambda: _look(archive, copy))
    yield _try("get", lambda: _get(archive, copy))
    yield _try("list", lambda: f"{sum(1 for _ in archive.copies('check/'))} test file")
    if isinstance(archive, S3Archive):
        yield _try("parts", lambda: _parts(archive))
    deleted = _try("delete", lambda: _delete(archive))
    if deleted.well or prune or DENIED not in deleted.said:
        yield deleted
    else:
        yield Tried("delete", f"the key may not, and so no thief may; {KEY} stays")


def _try(what: str, attempt: Callable[[], str]) -> Tried:
    try:
        return Tried(what, attempt())
    except ArchiveTrouble as trouble:
        return Tried(what, str(trouble), well=False)


def _put(archive: Archive, copy: Copy) -> str:
    new = archive.put(copy, io.BytesIO(TEXT), Resume())
    return f"{copy.size} bytes taken and compared" if new else "the test file is there already"


def _look(archive: Archive, copy: Copy) -> str:
    there = archive.find(copy.key)
    if there is None or (there.size, there.sha256) != (copy.size, copy.sha256):
        raise ArchiveTrouble("The test file is not there, or is not what was sent.")
    return "size and checksum are right"


def _get(archive: Archive, copy: Copy) -> str:
    _, pieces = archive.read(copy.key)
    if b"".join(pieces) != TEXT:
        raise ArchiveTrouble("What came back is not what was sent.")
    return "what came back is what was sent"


def _parts(archive: S3Archive) -> str:
    try_rights(archive, KEY)
    return "large files may be begun, looked at and given up"


def _delete(archive: Archive) -> str:
    archive.remove(KEY)
    if archive.find(KEY) is not None:
        raise ArchiveTrouble("The test file is still there after it was deleted.")
    return "the test file is gone"


def folder_is_well(archive: FolderArchive, root: Path, data: Path) -> Tried:
    """Say how much room there is, and whether it is another disk than the data's."""
    try:
        if not (root / MARK).exists() and root.is_dir():
            archive.begin()
        with tempfile.TemporaryFile(dir=root):
            pass
        free = shutil.disk_usage(root).free / 2**30
        same = root.stat().st_dev == data.stat().st_dev if data.exists() else False
    except (OSError, ArchiveTrouble) as error:
        why = getattr(error, "strerror", None) or str(error)
        return Tried("folder", f"{root}: {why}. Mount its disk, or make it writable", well=False)
    disk = "; the same disk as the data, so what takes one takes both" if same else ""
    return Tried("folder", f"{root}, {free:.1f} GB free{disk}")
