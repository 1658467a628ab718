"""What the archive's thread does now and then: finds what nobody queued, deletes and prunes."""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whosthere.core.errors import ArchiveTrouble
from whosthere.core.ports import Archive
from whosthere.storage.archive.nightly import Nightly
from whosthere.storage.archive.outbox import ArchiveOutbox, Waiting
from whosthere.storage.archive.s3 import S3Archive
from whosthere.storage.archive.s3_parts import abort_stale
from whosthere.storage.archive.settings import ArchiveSettings
from whosthere.storage.archive.things import Kind, Thing, day_of

log = logging.getLogger(__name__)

PARTS_SINCE = timedelta(days=40)  # how far back clips are looked at for later parts
SETTLED_SECONDS = 60.0  # without a change, and a file is no longer being written
STALE = timedelta(days=2)  # of uploads that nobody goes on with
DAILY, WEEKLY, MONTHLY = 7, 4, 12  # copies of the database that pruning keeps
LEDGER_KEPT = timedelta(days=365)

Source = Callable[[], Iterable[Thing]]


@dataclass(frozen=True, slots=True)
class Tending:
    """Called at the start and every hour."""

    settings: ArchiveSettings
    folder: Path  # of the data
    outbox: ArchiveOutbox
    archive: Archive
    nightly: Nightly
    sources: Sequence[Source] = ()  # of examples and what else there may be
    age: Callable[[], datetime] | None = None  # by which to delete; None: the clock's time

    def __call__(self, now: datetime) -> None:
        kinds = self.settings.what
        self.outbox.queue(self.outbox.files_of_incidents(kinds), now)
        if Kind.CLIPS in kinds:
            self.outbox.queue(self._later_parts(now), now)
        for source in self.sources:
            self.outbox.queue((one for one in source() if one.kind in kinds), now)
        self.outbox.queue(self.nightly.things(now), now)
        old_by = now if self.age is None else self.age()
        self._delete_here(old_by)
        try:
            if isinstance(self.archive, S3Archive) and not self.settings.append_only:
                abort_stale(self.archive, self.outbox.uploads(), now - STALE)
            if self.settings.prune:
                prune(self.archive, old_by)
        except ArchiveTrouble as trouble:  # what is lost is room, not copies
            log.debug("archive: what is old stays. %s", trouble)

    def _later_parts(self, now: datetime) -> list[Thing]:
        """Clips of long incidents go on in files that the database does not name."""
        found: list[Thing] = []
        for clip in self.outbox.clips_of_ended(now - PARTS_SINCE):
            thing = clip.thing
            known = self.outbox.known(thing.name.removesuffix(".mp4") + "_part")
            for part in _parts(self.folder / thing.name):
                name = part.relative_to(self.folder).as_posix()
                if name not in known and _age(part, now) >= SETTLED_SECONDS:
                    found.append(Thing(name, Kind.CLIPS, thing.at, thing.camera, thing.incident_id))
        return found

    def _delete_here(self, now: datetime) -> None:
        """Delete what was copied long enough ago, after one more look at the copy."""
        days = self.settings.delete_local_after_days
        if days is None:
            return
        waiting = self.outbox.unsent()
        for one in self.outbox.deletable(now - timedelta(days=days)):
            name = one.thing.name
            parts = [part.relative_to(self.folder).as_posix() for part in
                     _parts(self.folder / name)] if name.endswith(".mp4") else []  # fmt: skip
            known = self.outbox.known(name.removesuffix(".mp4") + "_part") if parts else set()
            if all(part in known and part not in waiting for part in parts):
                self._delete(one)

    def _delete(self, one: Waiting) -> None:
        path = self.folder / one.thing.name
        try:
            about = path.lstat()
        except FileNotFoundError:
            self.outbox.forget(one.thing.name)
            return
        if (about.st_size, about.st_mtime_ns) != (one.size, one.changed) or path.is_symlink():
            self.outbox.again(one.thing.name)
            return
        there = self.archive.find(one.key) if one.key else None
        if there is None or (there.size, there.sha256) != (one.size, one.sha256):
            log.warning("archive: the copy of %s is no longer there; it is sent again", one.key)
            self.outbox.again(one.thing.name)
            return
        self.outbox.forget(one.thing.name)  # first, so that nobody looks for what is not there
        path.unlink(missing_ok=True)


def _age(path: Path, now: datetime) -> float:
    """Seconds since it was last written; 0 if it is not there any more."""
    try:
        return now.timestamp() - path.stat().st_mtime
    except OSError:
        return 0.0


def _parts(clip: Path) -> list[Path]:
    pattern = re.compile(re.escape(clip.stem) + r"_part\d+\.mp4")
    if not clip.parent.is_dir():
        return []
    return sorted(path for path in clip.parent.iterdir() if pattern.fullmatch(path.name))


def below(folder: Path, name: str, kind: Kind) -> list[Thing]:
    """All files below a folder of the data, as examples with what lies beside them."""
    found: list[Thing] = []
    for path in sorted((folder / name).rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            known = path.relative_to(folder).as_posix()
            with suppress(OSError):  # deleted meanwhile
                at = day_of(known) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
                found.append(Thing(known, kind, at))
    return found


def prune(archive: Archive, now: datetime) -> list[str]:
    """Delete copies that are older than the rule; returns their keys."""
    dated = [(day_of(copy.key), copy.key) for copy in archive.copies("database/")]
    known = sorted(((at, key) for at, key in dated if at), reverse=True)
    kept = set(kept_of([at for at, _ in known]))
    doomed = [key for at, key in known if at not in kept]
    for copy in archive.copies("ledger/"):
        at = day_of(copy.key)
        if at is not None and at < now - LEDGER_KEPT:
            doomed.append(copy.key)
    for key in doomed:
        archive.remove(key)
    return doomed


def kept_of(days: Iterable[datetime]) -> list[datetime]:
    """Choose 7 daily, 4 weekly and 12 monthly ones: of each week or month the newest."""
    newest_first = sorted(set(days), reverse=True)
    kept = set(newest_first[:DAILY])
    for form, most in (("%G-%V", WEEKLY), ("%Y-%m", MONTHLY)):
        groups: dict[str, datetime] = {}
        for day in newest_first:
            groups.setdefault(f"{day:{form}}", day)
        kept |= set(list(groups.values())[:most])
    return sorted(kept)
