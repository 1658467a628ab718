"""`whosthere archive restore`: brings files back, with a bar."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from whosthere.app.archive_parts import make_archive
from whosthere.app.replay_times import moment_of, stretch_of
from whosthere.app.settings import Settings
from whosthere.app.terminal import console, say
from whosthere.core.errors import BadSettings, WhosThereError
from whosthere.storage.archive.outbox import ArchiveOutbox
from whosthere.storage.archive.restore import Chosen, Outcome, Restoring, choose
from whosthere.storage.archive.settings import ALL
from whosthere.storage.archive.things import OF_INCIDENTS, Kind
from whosthere.storage.lock import running
from whosthere.storage.sqlite import SqliteStore

OF_CAMERAS = (*OF_INCIDENTS, Kind.EXAMPLES)
RESTORED, DATABASE = Path("restored"), "whosthere.db"


def restore(settings: Settings, chosen: argparse.Namespace) -> int:
    """Bring files back, with a bar; the same command again goes on where it stopped."""
    if settings.archive.append_only:
        raise BadSettings(
            "This key may only put (archive.append_only). To restore, use a key that may read,"
            " with append_only = false."
        )
    since, until = _time(chosen, settings)
    archive = make_archive(settings.archive)
    some = chosen.since or chosen.until or chosen.camera  # then the memory itself is not meant
    kinds = [Kind(kind) for kind in chosen.kind or (OF_CAMERAS if some else ALL)]
    found = choose(archive, kinds, since=since, until=until, camera=chosen.camera)
    to: Path = chosen.to or RESTORED
    if not found:
        say("The archive has nothing of that.")
        return 0
    process = running(to)
    if process is not None:
        raise WhosThereError(
            f"whosthere (process {process}) is at work in {to}. Name another folder with --to."
        )
    outcomes = fetch_all(Restoring(archive, to), found)
    _name_again(to, outcomes.of(Outcome.FETCHED))
    for line in outcomes.said:
        say(line)
    counts = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.counts() if number)
    say(f"{to}: {counts}.")
    for one in outcomes.of(Outcome.DIFFERENT):
        say(f"  left alone, since another file has its name: {one.name}")
    return 1 if outcomes.of(Outcome.DIFFERENT) else 0


def _time(
    chosen: argparse.Namespace, settings: Settings
) -> tuple[datetime | None, datetime | None]:
    now, zone = datetime.now(UTC), settings.house.zone
    if chosen.since is not None:
        return stretch_of(chosen.since, chosen.until, now, zone)
    return None, moment_of(chosen.until, "--until", now, zone) if chosen.until else None


def _name_again(to: Path, fetched: list[Chosen]) -> None:
    """Where there is a database, let its incidents name the files that are back."""
    names = [one.name for one in fetched if one.kind in OF_INCIDENTS]
    database = to / DATABASE
    if names and database.exists():
        store = SqliteStore(database)
        try:
            ArchiveOutbox(store.database).returned(names, datetime.now(UTC))
        finally:
            store.close()


class Outcomes:
    """What became of each file."""

    def __init__(self) -> None:
        self._all: list[tuple[Chosen, Outcome]] = []
        self.said: list[str] = []

    def add(self, one: Chosen, outcome: Outcome) -> None:
        self._all.append((one, outcome))

    def of(self, outcome: Outcome) -> list[Chosen]:
        return [one for one, became in self._all if became is outcome]

    def counts(self) -> list[tuple[Outcome, int]]:
        return [(outcome, len(self.of(outcome))) for outcome in Outcome]


def fetch_all(restoring: Restoring, found: list[Chosen]) -> Outcomes:
    outcomes = Outcomes()
    columns = ("{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    screen = console()
    with Progress(
        *columns, console=screen, transient=True, disable=not screen.is_terminal
    ) as progress:
        bar = progress.add_task("restoring", total=sum(one.copy.size for one in found))
        moving = Restoring(
            restoring.archive, restoring.to, lambda size: progress.advance(bar, size)
        )
        for one in found:
            outcomes.add(one, moving.fetch(one))
        outcomes.said = moving.finish(found)
    return outcomes
