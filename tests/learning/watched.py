"""Labelled clips watched as by `whosthere scan`, and tagged by a script from their labels."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.footage import Labelled
from whosthere.app.dataset import Kept, opened
from whosthere.app.scanner import Recording, Scanner
from whosthere.app.settings import Settings
from whosthere.core.model import Answer, Incident, Tag
from whosthere.core.modes import ArmState, Mode
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

FIRST = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
TOLERANCE = 1.0  # s


def settings_for(folder: Path, clip: Path) -> Settings:
    return Settings.model_validate(
        {
            "house": {"time_zone": "UTC"},
            "storage": {"folder": folder},
            "cameras": {"front": {"kind": "file", "path": str(clip)}},
        }
    )


@contextmanager
def watched(folder: Path, clips: Sequence[Labelled]) -> Iterator[tuple[Kept, Settings]]:
    """Watch one clip a day, tag what came of it, and open what is kept."""
    settings = settings_for(folder, clips[0].path)
    begins = [FIRST + timedelta(days=number) for number in range(len(clips))]
    scanner = Scanner(
        folder, settings, settings.cameras["front"],
        mode=Mode.AWAY, with_detector=True, keep_files=True,
    )  # fmt: skip
    with ExitStack() as closing:
        closing.callback(scanner.close)
        for clip, at in zip(clips, begins, strict=True):
            scanner.incidents(Recording(clip.path, "front", at, None), lambda _: None)
    with ExitStack() as closing:
        store = SqliteStore(settings.storage.database)
        closing.callback(store.close)
        closing.callback(SqliteLedger(settings.storage.ledger).close)
        armed = ArmState(Mode.AWAY, FIRST - timedelta(days=1), "test")
        store.use_policy(settings.policy(), author="test", reason="test")
        store.remember([armed, *tags(store, clips, begins)])
    with opened(settings) as kept:
        yield kept, settings


def tags(store: SqliteStore, clips: Sequence[Labelled], begins: Sequence[datetime]) -> list[Tag]:
    return [
        Tag(one.id, answer_for(one, clip, at), "labels", one.last_seen, "script")
        for clip, at in zip(clips, begins, strict=True)
        for one in store.incidents(at, at + timedelta(days=1))
    ]


def answer_for(incident: Incident, clip: Labelled, starts: datetime) -> Answer:
    first, last = (
        (at - starts).total_seconds() for at in (incident.first_motion, incident.last_seen)
    )
    met = any(first <= end + TOLERANCE and last >= start - TOLERANCE for start, end in clip.person)
    return Answer.OCCUPIED if met else Answer.UNOCCUPIED
