"""The archive that needs no service: a folder on another disk, or of another machine.

Beside the files of each folder lies SHA256SUMS, so that copies can be compared without us, by
`sha256sum -c SHA256SUMS`, and so that a restored file can be told from a spoilt one.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from whosthere.core.errors import ArchiveTrouble
from whosthere.core.ports import Copy, Resume
from whosthere.storage.archive.pace import Pace
from whosthere.storage.archive.things import PIECE, digest

MARK = ".whosthere-archive"  # in the folder, so that an empty mount point is not taken for it
SUMS = "SHA256SUMS"
WITHOUT_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class FolderArchive:
    """Fulfils `core.ports.Archive`."""

    def __init__(self, root: Path, pace: Pace) -> None:
        self._root = root
        self._pace = pace

    def begin(self) -> None:
        """Mark the folder as ours, the first time."""
        with self._words():
            (self._root / MARK).touch()

    def put(self, copy: Copy, source: BinaryIO, _resume: Resume) -> bool:
        self._see_that_it_is_there()
        path = self._root / copy.key
        if path.exists():
            return False
        unfinished = path.with_name(f".{path.name}.unfinished")
        with self._words():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with unfinished.open("wb") as target:
                    while piece := source.read(PIECE):
                        self._pace.take(len(piece))
                        target.write(piece)
                    target.flush()
                    os.fsync(target.fileno())
                self._compare(unfinished, copy)
                if not _name(unfinished, path):
                    return False
                _note_sum(path, copy.sha256)
            finally:
                unfinished.unlink(missing_ok=True)
        return True

    def find(self, key: str) -> Copy | None:
        self._see_that_it_is_there()
        path = self._root / key
        with self._words():
            if not path.is_file():
                return None
            with path.open("rb") as file:
                size, sha256 = digest(file, self._pace.check)
            return Copy(key, size, sha256, _moment(path))

    def read(self, key: str, start: int = 0) -> tuple[Copy, Iterator[bytes]]:
        self._see_that_it_is_there()
        path = self._root / key
        with self._words():
            copy = Copy(key, path.stat().st_size, _sums(path.parent).get(path.name), _moment(path))
        return copy, self._pieces(path, start)

    def _pieces(self, path: Path, start: int) -> Iterator[bytes]:
        with self._words(), path.open("rb") as file:
            file.seek(start)
            while piece := file.read(PIECE):
                yield piece

    def copies(self, prefix: str) -> Iterator[Copy]:
        self._see_that_it_is_there()
        with self._words():
            for path in sorted((self._root / prefix).rglob("*")):
                if path.is_file() and path.name != SUMS and not path.name.startswith("."):
                    key = path.relative_to(self._root).as_posix()
                    yield Copy(key, path.stat().st_size, None, _moment(path))

    def remove(self, key: str) -> None:
        path = self._root / key
        with self._words():
            path.unlink(missing_ok=True)
            _forget_sum(path)

    def _see_that_it_is_there(self) -> None:
        if not self._root.is_dir():
            raise ArchiveTrouble(
                f"The archive's folder {self._root} is not there. Mount its disk, or make it."
            )
        if not (self._root / MARK).exists():
            raise ArchiveTrouble(
                f"{self._root} is not the folder that it was: {MARK} is missing. See whether its"
                f" disk is mounted. If it is a new one: touch '{self._root / MARK}'."
            )

    def _compare(self, path: Path, copy: Copy) -> None:
        """Read back what was written, from the disk and not from memory where that can be."""
        with path.open("rb") as file:
            with suppress(OSError):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            there = digest(file, self._pace.check)
        if there != (copy.size, copy.sha256):
            raise ArchiveTrouble(
                f"The copy of {copy.key} in {self._root} is not what was written. See whether"
                " that disk is failing."
            )

    @contextmanager
    def _words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            full = " Make room there." if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
            raise ArchiveTrouble(
                f"The archive's folder {self._root} cannot be used: {error.strerror}.{full}"
            ) from error


def _name(unfinished: Path, path: Path) -> bool:
    """Give the file its name, unless another has it."""
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in WITHOUT_LINKS:  # FAT and some network disks know none
            raise
        if path.exists():
            return False
        unfinished.replace(path)
    return True


def _note_sum(path: Path, sha256: str | None) -> None:
    with (path.parent / SUMS).open("a", encoding="utf-8") as file:
        file.write(f"{sha256}  {path.name}\n")
        file.flush()
        os.fsync(file.fileno())


def _forget_sum(path: Path) -> None:
    """Take a file that is gone off the list, so that the list still fits the folder."""
    sums = path.parent / SUMS
    with suppress(FileNotFoundError):
        lines = sums.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        kept = [line for line in lines if line.rstrip("\n").partition("  ")[2] != path.name]
        if len(kept) < len(lines):
            unfinished = sums.with_name(f".{SUMS}.unfinished")
            unfinished.write_text("".join(kept), encoding="utf-8")
            unfinished.replace(sums)


def _sums(folder: Path) -> dict[str, str]:
    with suppress(FileNotFoundError):
        lines = (folder / SUMS).read_text(encoding="utf-8", errors="replace").splitlines()
        return {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
    return {}


def _moment(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
