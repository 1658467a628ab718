"""A house with an archive, driven by hand: no threads, and a clock of its own."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.storage.making import EVENING, incident
from whosthere.core.messages import Kept
from whosthere.core.model import Alert, Evidence, Incident
from whosthere.core.ports import Archive
from whosthere.storage.archive.folder import FolderArchive
from whosthere.storage.archive.nightly import Nightly
from whosthere.storage.archive.outbox import ArchiveOutbox
from whosthere.storage.archive.pace import Pace
from whosthere.storage.archive.settings import ArchiveSettings
from whosthere.storage.archive.tending import Tending, below
from whosthere.storage.archive.things import Kind
from whosthere.storage.archive.uploads import Uploading
from whosthere.storage.sqlite import SqliteStore

DAY = "incidents/2026/01/01"


class Clock:
    """Seconds that pass when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return EVENING + timedelta(seconds=self.seconds)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


class House:
    """A store with files, and what copies them."""

    def __init__(self, folder: Path, archive: Archive | None = None, **asked: Any) -> None:
        self.data = folder / "data"
        self.clock, self.troubles = Clock(), list[str | None]()
        self.store = SqliteStore(self.data / "whosthere.db", messengers=["console"])
        self.outbox = ArchiveOutbox(self.store.database)
        self.settings = ArchiveSettings(**{"kind": "folder", "folder": folder / "nas"} | asked)
        self.pace = Pace(self.settings.bytes_per_second, clock=self.clock, wait=self.clock.wait)
        new = self.outbox.wish(self.settings.place, self.settings.what)
        if archive is None:
            (folder / "nas").mkdir(exist_ok=True)
            archive = FolderArchive(folder / "nas", self.pace)
            for _ in range(new):
                archive.begin()
        self.archive = archive
        what = self.settings.what
        ledger = self.data / "ledger.db"
        self.nightly = Nightly(self.data, self.store.path, ledger, self.outbox, what)
        self.tending = Tending(
            self.settings, self.data, self.outbox, archive, self.nightly,
            (lambda: below(self.data, "examples", Kind.EXAMPLES),),
        )  # fmt: skip
        self.uploading = Uploading(
            self.outbox, archive, self.data, what, self.pace,
            at_once=self.settings.at_once, tend=self.tending, on_trouble=self.troubles.append,
            clock=self.clock, now=self.clock.now, chance=random.Random(7),  # noqa: S311 - for pauses
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _where: TracebackType | None
    ) -> None:
        self.store.close()

    def write(self, name: str, content: bytes) -> str:
        path = self.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return name

    def visit(
        self, number: int, *, clip: bytes = b"", told: bool = False, over: bool = True
    ) -> Incident:
        """Remember an incident with a picture, and a clip if there is one."""
        one = incident(number, id=f"20260101T2200{number:02d}000-front")
        told_of = {"alert_id": one.id, "alerted_at": one.started, "evidence": Evidence.PERSON}
        one = replace(one, **told_of if told else {}, ended=one.last_seen if over else None)
        self.store.remember([one])
        self.picture(one, f"picture {number}".encode())
        for content in [clip] if clip else []:
            name = self.write(f"{DAY}/{one.id}.mp4", content)
            self.store.remember([Kept(one, recording=name)])
        return one

    def picture(self, one: Incident, content: bytes) -> None:
        name = self.write(f"{DAY}/{one.id}.jpg", content)
        self.store.remember([Kept(one, picture=name)])

    def remember(self, *things: Incident | Alert) -> None:
        self.store.remember(things)

    def step(self, times: int = 1) -> None:
        """Go on; pauses pass at once."""
        for _ in range(times):
            self.clock.wait(self.uploading.step())

    def steps_until_idle(self, most: int = 60) -> None:
        """Go on until nothing waits any more."""
        for _ in range(most):
            self.step()
            if not self.outbox.waiting():
                return
        raise AssertionError(f"still waiting: {self.outbox.waiting()}")

    def there(self, prefix: str = "") -> list[str]:
        return sorted(copy.key for copy in self.archive.copies(prefix))

    def content(self, key: str) -> bytes:
        return b"".join(self.archive.read(key)[1])

    def states(self) -> dict[str, str]:
        with self.store.database.reading() as connection:
            rows = connection.execute("SELECT name, state FROM archive").fetchall()
        return {Path(row["name"]).name: row["state"] for row in rows}
