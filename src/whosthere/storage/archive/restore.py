"""Brings files back from the archive: only what is missing, compared, and never over a file."""

import gzip
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from whosthere.core.errors import ArchiveTrouble
from whosthere.core.ports import Archive, Copy
from whosthere.storage.archive.nightly import merge_ledgers
from whosthere.storage.archive.things import (
    Kind,
    camera_of,
    day_of,
    digest,
    kind_of,
    name_of,
)

FOLDERS = {
    Kind.PICTURES: "incidents",
    Kind.CLIPS: "incidents",
    Kind.EXAMPLES: "examples",
    Kind.LEDGER: "ledger",
    Kind.DATABASE: "database",
}


class Outcome(StrEnum):
    """What became of one file."""

    FETCHED = "fetched"
    THERE = "there already"
    DIFFERENT = "another file is there"


@dataclass(frozen=True, slots=True)
class Chosen:
    """One file that is to come back."""

    name: str
    kind: Kind
    copy: Copy


def choose(
    archive: Archive,
    kinds: Iterable[Kind],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    camera: str | None = None,
) -> list[Chosen]:
    """List what the archive has; of each file the newest version, of databases the newest only."""
    newest: dict[str, Chosen] = {}
    wanted = list(kinds)
    for folder in dict.fromkeys(FOLDERS[kind] for kind in wanted):
        for copy in archive.copies(f"{folder}/"):
            name = name_of(copy.key)
            kind = kind_of(name) if name else None
            if name is None or kind not in wanted or not _fits(name, kind, since, until, camera):
                continue
            before = newest.get(name)
            if before is None or _came(copy) >= _came(before.copy):
                newest[name] = Chosen(name, kind, copy)
    found = sorted(newest.values(), key=lambda one: one.name)
    databases = [one for one in found if one.kind is Kind.DATABASE]
    return [one for one in found if one.kind is not Kind.DATABASE or one is databases[-1]]


def _fits(
    name: str, kind: Kind, since: datetime | None, until: datetime | None, camera: str | None
) -> bool:
    if kind is Kind.DATABASE:
        return True
    at = day_of(name)
    if kind is Kind.LEDGER and since is not None:  # of the day in which that moment is
        since = since.replace(hour=0, minute=0, second=0, microsecond=0)
    if at is not None and ((since and at < since) or (until and at >= until)):
        return False
    return camera is None or camera_of(name) in {camera, None}


def _came(copy: Copy) -> float:
    return copy.at.timestamp() if copy.at else 0.0


@dataclass(frozen=True, slots=True)
class Restoring:
    """Fetches into a folder that is laid out as the data folder."""

    archive: Archive
    to: Path
    moved: Callable[[int], None] = lambda _: None  # told of each piece: for a progress bar

    def fetch(self, one: Chosen) -> Outcome:
        """Bring one file back under its name, unless there is one."""
        return self._fetch(one.copy, self._target(one))

    def _target(self, one: Chosen) -> Path:
        if one.kind in (Kind.LEDGER, Kind.DATABASE):
            return self.to / ".restoring" / one.name
        return self.to / one.name

    def finish(self, fetched: Iterable[Chosen]) -> list[str]:
        """Put databases and ledgers together from what came; say what was done."""
        said: list[str] = []
        made = list(fetched)
        parts = [self._target(one) for one in made if one.kind is Kind.LEDGER]
        with self._words(self.to):
            databases = [self._target(one) for one in made if one.kind is Kind.DATABASE]
            said += map(self._put_database, databases)
            if parts:
                said.append(self._put_ledger(parts))
            shutil.rmtree(self.to / ".restoring", ignore_errors=True)
        return said

    def _put_database(self, packed: Path) -> str:
        target = self.to / packed.name.removesuffix(".gz")
        if target.exists():
            return f"{target} is there and was left alone; name another folder with --to for it"
        unfinished = target.with_name(f".{target.name}.unfinished")
        with gzip.open(packed, "rb") as source, unfinished.open("wb") as file:
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
        return f"{target} is as it was on {'-'.join(packed.parts[-4:-1])}"

    def _put_ledger(self, parts: list[Path]) -> str:
        target = self.to / "ledger.db"
        if target.exists():
            return f"{target} is there and was left alone; name another folder with --to for it"
        merge_ledgers(parts, target)
        return f"{target} has {len(parts)} days of cameras"

    def _fetch(self, copy: Copy, target: Path) -> Outcome:
        with self._words(target):
            if target.exists():
                return self._compare(copy, target)
            unfinished = target.with_name(f".{target.name}.{_mark(copy)}.part")
            target.parent.mkdir(parents=True, exist_ok=True)
            start = unfinished.stat().st_size if unfinished.exists() else 0
            start = start if start <= copy.size else 0
            there, pieces = self.archive.read(copy.key, start)
            self.moved(start)
            with unfinished.open("r+b" if start else "wb") as file:
                file.seek(start)
                file.truncate()
                for piece in pieces:
                    file.write(piece)
                    self.moved(len(piece))
                file.flush()
                os.fsync(file.fileno())
            with unfinished.open("rb") as file:
                size, sha256 = digest(file)
            if size != there.size or (there.sha256 and sha256 != there.sha256):
                unfinished.unlink()
                raise ArchiveTrouble(
                    f"{copy.key} came other than it was sent. Give the same command again; if it"
                    " happens twice, the copy is spoilt."
                )
            unfinished.replace(target)
        return Outcome.FETCHED

    def _compare(self, copy: Copy, target: Path) -> Outcome:
        self.moved(copy.size)
        with target.open("rb") as file:
            size, sha256 = digest(file)
        if size != copy.size:
            return Outcome.DIFFERENT
        there = self.archive.find(copy.key)
        same = there is not None and there.sha256 in {sha256, None}
        return Outcome.THERE if same else Outcome.DIFFERENT

    @contextmanager
    def _words(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ArchiveTrouble(
                f"{path} cannot be written: {error.strerror}. What came so far is kept: make room"
                " or name another folder, and give the same command again."
            ) from error


def _mark(copy: Copy) -> str:
    """Tell versions apart while they are on their way."""
    return hashlib.sha256(f"{copy.key} {copy.size} {copy.at}".encode()).hexdigest()[:12]
