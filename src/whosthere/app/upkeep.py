"""Lets go of what is too old or too much, so that the disk never fills up."""

import logging
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock

from whosthere.app.settings import Settings
from whosthere.core.errors import StoreTrouble
from whosthere.recording.retention import IncidentFiles, Limits, delete, plan, size_of
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.reading import KeptFiles
from whosthere.storage.sqlite import SqliteStore

log = logging.getLogger(__name__)

FIRST_AFTER, EVERY = 60.0, 3600.0  # seconds


@dataclass(slots=True)
class Upkeep:
    """Deletes files by age, size and free space; then rows that are no longer needed."""

    settings: Settings
    store: SqliteStore
    ledger: SqliteLedger
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    unsent: Callable[[], frozenset[str]] = frozenset  # files that the archive does not have yet
    stopping: Event = field(default_factory=Event)
    _one_at_a_time: Lock = field(default_factory=Lock)

    def run(self) -> None:
        pause = FIRST_AFTER
        while not self.stopping.wait(pause):
            self.tidy()
            pause = EVERY

    def tidy(self) -> None:
        now, storage = self.now(), self.settings.storage
        self.delete_files()
        with suppress(StoreTrouble):  # told by the parts themselves
            self.store.tidy(now, incident_days=storage.incident_days)
            most = round(storage.ledger_megabytes * 2**20)
            self.ledger.tidy(now, days=storage.ledger_days, most_bytes=most)

    def make_room(self) -> int:
        """Delete what goes first though it might stay by its age; tell how many bytes that gave."""
        return self.delete_files(least_to_free=2**26)

    def delete_files(self, least_to_free: int = 0) -> int:
        folder, recording = self.settings.storage.folder, self.settings.recording
        with self._one_at_a_time, suppress(StoreTrouble, OSError):
            free = shutil.disk_usage(folder).free
            limits = Limits(
                recording.days,
                recording.tagged_days,
                round(recording.most_gigabytes * 2**30),
                max(round(recording.least_free_gigabytes * 2**30), free + least_to_free)
                if least_to_free
                else round(recording.least_free_gigabytes * 2**30),
            )
            unsent = self.unsent()
            kept = [_with_size(one, folder, unsent) for one in self.store.files_for_retention()]
            gone = list(delete(folder, plan(kept, limits, self.now(), free)))
            self.store.forget_files([one.incident_id for one in gone])
            size = sum(one.size for one in gone)
            if gone:
                log.info("deleted the files of %d incidents, %.0f MB", len(gone), size / 2**20)
            return size
        return 0


def _with_size(kept: KeptFiles, folder: Path, unsent: frozenset[str]) -> IncidentFiles:
    return IncidentFiles(
        kept.incident_id,
        kept.files,
        size_of(folder, kept.files),
        kept.ended,
        kept.tagged,
        kept.alerted,
        unsent=not unsent.isdisjoint(kept.files),
    )
