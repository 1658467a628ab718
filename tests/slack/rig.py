"""Our side of Slack, whole, at work against the fake one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.servers.fake_slack import ANNA, APP, BEN, BOT, CHANNEL, CLEO, SECRET, FakeSlack
from whosthere.app.health import HealthBoard
from whosthere.app.slack_parts import SlackParts, make_slack
from whosthere.core.model import Alert, AlertKind, Mode, News, Urgency
from whosthere.core.ports import Delivery
from whosthere.core.requests import Reply, Request
from whosthere.messaging.slack.connection import Patience
from whosthere.messaging.slack.overview import (
    CameraLine,
    IncidentLine,
    Overview,
    SwitchLine,
)
from whosthere.messaging.slack.posting import Pace
from whosthere.messaging.slack.settings import SlackSettings, Tokens
from whosthere.storage.outbox import delivery_key
from whosthere.storage.slack_messages import SlackMessages
from whosthere.storage.sqlite import SqliteStore

TOKENS = Tokens(BOT, APP, SECRET)
NOW = datetime(2026, 1, 1, 22, 0, 2, tzinfo=UTC)
IMPATIENT = Patience(
    look_seconds=0.1, dead_seconds=0.4, first_pause=0.1, longest_pause=0.4, ping_seconds=0.3,
    connect_seconds=2.0,
)  # fmt: skip
JPEG = Path(__file__).parents[1] / "data" / "vtest_people.jpg"


@dataclass
class Book:
    """Answers from a table; the rest is `You asked: …`."""

    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    busy: threading.Event | None = None  # answers wait for it

    def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        if self.busy is not None:
            self.busy.wait(10)
        return self.replies.get(request.text, Reply(f"You asked: {request.text}"))


def overview(mode: str = "away", **more: Any) -> Overview:
    return Overview(
        house="home",
        mode=mode,
        since=NOW,
        reason="Anna asked",
        at_home="nobody",
        cameras=(CameraLine("front", "well, 0.2 s old"), CameraLine("shed", "lost", well=False)),
        incidents=(IncidentLine(NOW, "front", "person, 90 %", "occupied"),),
        switches=(
            SwitchLine("Notifications", on=True, turn_on="notifications on",
                       turn_off="notifications off"),
        ),
        **more,
    )  # fmt: skip


@dataclass
class Rig:
    """One run of our side."""

    fake: FakeSlack
    parts: SlackParts
    store: SqliteStore
    book: Book
    shown: list[Overview]
    health: HealthBoard
    folder: Path

    def send(self, alert: Alert, late: float = 0.0, attempts: int = 0, **more: Any) -> None:
        self.parts.alerts.send(delivery(alert, attempts, **more), late)

    @property
    def why(self) -> str:
        return self.health.of("slack").why


def slack_settings(fake: FakeSlack, **more: Any) -> SlackSettings:
    given = {"admins": [ANNA], "taggers": [BEN], "viewers": [CLEO], "channel": CHANNEL, **more}
    return SlackSettings.model_validate({"kind": "slack", "api_url": fake.url, **given})


@contextmanager
def running(
    fake: FakeSlack,
    folder: Path,
    *,
    tokens: Tokens = TOKENS,
    patience: Patience = IMPATIENT,
    listening: bool = True,
    **more: Any,
) -> Iterator[Rig]:
    """Run our side until the block ends; then it must end within its time."""
    folder.mkdir(exist_ok=True)
    store = SqliteStore(folder / "whosthere.db")
    health, book, shown = HealthBoard(), Book(), [overview()]

    def tell(trouble: str | None) -> None:
        if trouble is None:
            health.recovered("slack")
        else:
            health.failed("slack", trouble, 0.0)

    parts = make_slack(
        slack_settings(fake, **more),
        tokens,
        notes=SlackMessages(store.database, "slack"),
        answering=book,
        look=lambda: shown[-1],
        folder=folder,
        zone=UTC,
        tell=tell,
        patience=patience,
        pace=Pace(0.0),
    )
    parts.home.look_seconds = 0.1
    thread = threading.Thread(target=parts.line.run, daemon=True)
    thread.start()
    try:
        if listening:
            fake.connected()
        yield Rig(fake, parts, store, book, shown, health, folder)
    finally:
        parts.line.stop()
        thread.join(2)
        ended = not thread.is_alive()
        store.close()
        assert ended, "the line does not end"


def alert(  # noqa: PLR0913 - what alerts differ in
    number: int = 0,
    revision: int = 1,
    news: News = News.FIRST,
    kind: AlertKind = AlertKind.PERSON,
    camera: str = "front",
    file: str | None = None,
    at: datetime | None = None,
    **more: Any,
) -> Alert:
    at = at or NOW + timedelta(seconds=number)
    return Alert(
        id=f"{at:%Y%m%dT%H%M%S000}-{camera}-{number}",
        revision=revision,
        news=news,
        kind=kind,
        camera=camera,
        at=at,
        confidence=0.9,
        labels={"person": 0.9},
        mode=Mode.AWAY,
        incident_ids=(f"incident-{number}",),
        file=file,
        **more,
    )


def delivery(alert: Alert, attempts: int = 0, queued: datetime | None = None) -> Delivery:
    queued = queued or datetime.now(UTC)
    key = delivery_key(alert, "slack")
    return Delivery(1, "slack", alert, key, attempts, queued, raised=alert.at)


__all__ = ["Urgency"]
