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
from whosthere.core.model import Alert, AlertKind, Answer, Incident, News, Tag
from whosthere.core.modes import ArmState, Controls, Mode
from whosthere.core.overview import CameraView, IncidentView, Overview, PartView
from whosthere.core.ports import Delivery
from whosthere.core.requests import Reply, Request
from whosthere.messaging.slack.connection import Patience
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
    looks: Overview | None = None

    def overview(self) -> Overview:
        return self.looks or overview()

    def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        if self.busy is not None:
            self.busy.wait(10)
        return self.replies.get(request.text, Reply(f"You asked: {request.text}"))


def overview(mode: Mode = Mode.AWAY, *parts: PartView) -> Overview:
    state = ArmState(mode, NOW, "Anna asked", by_hand=True)
    incident = Incident("one", "front", NOW, NOW, 0.0, NOW, 0.0, labels={"person": 0.9})
    return Overview(
        at=NOW,
        house="home",
        arm_state=state,
        controls=Controls(),
        notifies=True,
        presence="not known",
        cameras=(
            CameraView("front", state, False, "", False, 0.2, None, None, None),  # noqa: FBT003
            CameraView("shed", state, False, "no route", False, 90.0, None, None, None),  # noqa: FBT003
        ),
        incidents=(IncidentView(incident, Tag("one", Answer.OCCUPIED, "Ben", NOW)),),
        parts=parts,
    )


@dataclass
class Rig:
    """One run of our side."""

    fake: FakeSlack
    parts: SlackParts
    store: SqliteStore
    book: Book
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
    health, book = HealthBoard(), Book()

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
        house=book,
        folder=folder,
        zone=UTC,
        tell=tell,
        patience=patience,
        pace=Pace(0.0),
        settle_seconds=0.0,
    )
    parts.home.look_seconds = 0.1
    thread = threading.Thread(target=parts.line.run, daemon=True)
    thread.start()
    try:
        if listening:
            fake.connected()
        yield Rig(fake, parts, store, book, health, folder)
    finally:
        parts.line.stop()
        thread.join(2)
        ended = not thread.is_alive()
        store.close()
        assert ended, "the line does not end"


def alert(
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
        mode=more.pop("mode", Mode.AWAY),
        incident_ids=(f"incident-{number}",),
        file=file,
        **more,
    )


def delivery(alert: Alert, attempts: int = 0, queued: datetime | None = None) -> Delivery:
    queued = queued or datetime.now(UTC)
    key = delivery_key(alert, "slack")
    return Delivery(1, "slack", alert, key, attempts, queued, raised=alert.at)
