"""Builds the archive, and passes its parts to each other."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from whosthere.app.health import HealthBoard
from whosthere.app.settings import Settings
from whosthere.app.workers import Worker
from whosthere.core.errors import ArchiveTrouble
from whosthere.core.ports import Archive
from whosthere.storage.archive import check
from whosthere.storage.archive.folder import FolderArchive
from whosthere.storage.archive.nightly import Nightly
from whosthere.storage.archive.outbox import ArchiveOutbox
from whosthere.storage.archive.pace import Pace
from whosthere.storage.archive.s3 import S3Archive
from whosthere.storage.archive.settings import ArchiveSettings
from whosthere.storage.archive.tending import Tending, below
from whosthere.storage.archive.things import Kind
from whosthere.storage.archive.uploads import Uploading
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

GIVES_WAY_SECONDS = 60.0  # to an alert; one that cannot be delivered holds nothing up for longer


@dataclass(frozen=True, slots=True)
class ArchiveParts:
    """What the program has of the archive; nothing, if there is none."""

    workers: Sequence[Worker] = ()
    unsent: Callable[[], frozenset[str]] = frozenset
    uploading: Uploading | None = field(default=None)


def join_archive(
    settings: Settings,
    store: SqliteStore,
    ledger: SqliteLedger,
    health: HealthBoard,
    tell: Callable[[str | None], None],
    age: Callable[[], datetime],
) -> ArchiveParts:
    """Build the worker that copies, and let it be woken with each alert."""
    if not settings.archive.on:
        ArchiveOutbox(store.database).wish_nothing()
        return ArchiveParts()
    uploading = make_uploading(settings, store, ledger, tell, age)
    store.when_queued(uploading.wake)
    worker = Worker("archive", uploading.run, health, uploading.stop)
    return ArchiveParts((worker,), uploading.outbox.unsent, uploading)


def make_uploading(
    settings: Settings,
    store: SqliteStore,
    ledger: SqliteLedger,
    tell: Callable[[str | None], None] = lambda _: None,
    age: Callable[[], datetime] | None = None,
) -> Uploading:
    """Build what copies files; nothing is started."""
    asked, storage = settings.archive, settings.storage
    outbox = ArchiveOutbox(store.database)
    names = [messenger.name for messenger in settings.messengers]
    pace = Pace(asked.bytes_per_second, partial(alerts_under_way, store, names))
    archive = make_archive(asked, pace)
    if outbox.wish(asked.place, asked.what) and isinstance(archive, FolderArchive):
        with suppress(ArchiveTrouble):  # told when it is used
            archive.begin()
    nightly = Nightly(
        storage.folder, storage.database, storage.ledger, outbox, asked.what, ledger.flush
    )
    examples = partial(below, storage.folder, "examples", Kind.EXAMPLES)
    tending = Tending(asked, storage.folder, outbox, archive, nightly, (examples,), age)
    return Uploading(
        outbox, archive, storage.folder, asked.what, pace,
        at_once=asked.at_once, may_delete=not asked.append_only, tend=tending, on_trouble=tell,
    )  # fmt: skip


def make_archive(asked: ArchiveSettings, pace: Pace | None = None) -> Archive:
    pace = pace or Pace()
    if asked.kind == "folder":
        return FolderArchive(asked.folder or Path(), pace)
    return S3Archive(asked, pace)


def alerts_under_way(store: SqliteStore, messengers: Sequence[str]) -> bool:
    """Whether people are being told of something right now."""
    now = datetime.now(UTC)
    return any(
        abs((now - delivery.queued).total_seconds()) < GIVES_WAY_SECONDS
        for messenger in messengers
        for delivery, _ in store.waiting(messenger)
    )


def tries(settings: Settings) -> list[check.Tried]:
    """Try the archive, right by right."""
    asked = settings.archive
    archive = make_archive(asked)
    found: list[check.Tried] = []
    if isinstance(archive, FolderArchive):
        found.append(check.folder_is_well(archive, asked.folder or Path(), settings.storage.folder))
    more = check.tries(archive, append_only=asked.append_only, prune=asked.prune)
    return [*found, *more]


def archive_is_well(settings: Settings) -> str:
    """Say in a line how the archive is, for 'whosthere check'."""
    bad = [one for one in tries(settings) if not one.well]
    if bad:
        raise ArchiveTrouble(f"{bad[0].said} ('whosthere archive check' tries each right.)")
    return settings.archive.place
