"""Builds all that belongs to Slack, and passes the parts to each other."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from whosthere.app.answers.answering import Answers
from whosthere.app.answers.desk import Heard
from whosthere.app.health import HealthBoard
from whosthere.app.settings import Settings
from whosthere.app.workers import Worker, run_aside
from whosthere.core.messages import Message
from whosthere.core.model import Tag
from whosthere.core.overview import Overviewing
from whosthere.core.requests import Answering
from whosthere.messaging.outbox import Delivering, Queue
from whosthere.messaging.slack.access import Access
from whosthere.messaging.slack.alerts import BACK_HOURS, SETTLE_SECONDS, SlackAlerts
from whosthere.messaging.slack.board import Board
from whosthere.messaging.slack.cards import Notes, Said
from whosthere.messaging.slack.connection import Line, Patience, Tell
from whosthere.messaging.slack.home import Home
from whosthere.messaging.slack.lanes import Lane
from whosthere.messaging.slack.places import Places
from whosthere.messaging.slack.posting import Pace, Poster
from whosthere.messaging.slack.requests import Requests
from whosthere.messaging.slack.settings import SlackSettings, Tokens, read_tokens
from whosthere.messaging.slack.threads import Threads
from whosthere.storage.slack_messages import SlackMessages
from whosthere.storage.sqlite import SqliteStore

if TYPE_CHECKING:  # else the line's module finds it missing, with advice
    from slack_bolt.async_app import AsyncApp


@dataclass(frozen=True, slots=True)
class SlackParts:
    """What talks with Slack."""

    line: Line
    alerts: SlackAlerts
    home: Home
    requests: Requests


def make_slack(  # noqa: PLR0913 - all that it needs of the program
    settings: SlackSettings,
    tokens: Tokens,
    *,
    notes: Notes,
    answering: Answering,
    house: Overviewing,
    folder: Path,
    zone: tzinfo | None = None,
    tell: Tell = lambda _: None,
    patience: Patience | None = None,
    pace: Pace | None = None,
    settle_seconds: float = SETTLE_SECONDS,
) -> SlackParts:
    """Build it; nothing is started."""

    def hear(line: Line) -> "AsyncApp":
        return requests.app(line)

    line = Line(settings, tokens, hear=hear, tell=tell, patience=patience)
    places = Places(settings)
    threads = Threads(run_aside)
    home = Home(line, house, threads, zone)
    alerts = SlackAlerts(
        line,
        Board(notes),
        places,
        folder=folder,
        zone=zone,
        poster=Poster(pace),
        settle_seconds=settle_seconds,
        on_picture=home.note_picture,
    )
    line.when_well.append(alerts.go_on)
    requests = Requests(
        line,
        Access(settings),
        places,
        alerts,
        home,
        answering,
        threads,
        folder,
        signing_secret=tokens.signing_secret,
        zone=zone,
    )
    return SlackParts(line, alerts, home, requests)


def deliverings(
    parts: SlackParts, queue: Queue, name: str, told: Callable[[str], Tell]
) -> dict[str, Delivering]:
    """Two that deliver: words never wait for a clip on its way up."""
    words, files = Lane(queue, files=False), Lane(queue, files=True)
    made = {
        name: Delivering(words, name, parts.alerts, on_trouble=told(f"messenger {name}")),
        f"{name} files": Delivering(
            files, name, parts.alerts, on_trouble=told(f"messenger {name} files")
        ),
    }
    words.wake_other, files.wake_other = made[f"{name} files"].wake, made[name].wake

    def back() -> None:
        for one in made.values():
            one.back()

    parts.line.when_well.append(back)
    return made


def showing_tags(parts: SlackParts, store: SqliteStore) -> Callable[[Message], None]:
    """Let a tag be shown in the alert's message, wherever and whenever it was given."""

    def hear(message: Message) -> None:
        if isinstance(message, Tag):
            parts.line.later(partial(show, (message,)), "show an answer")

    async def show(tags: Iterable[Tag]) -> None:
        for tag in tags:
            incident = await asyncio.to_thread(store.incident, tag.incident_id)
            if incident is not None:  # nobody was told: a question about it has its own id
                said = Said(tag.answer, tag.by, tag.at)
                about = {incident.id: (incident.started, said)}
                await parts.alerts.showing.answered(incident.alert_id or incident.id, about)

    async def show_all() -> None:
        """Those that were given while Slack, or this program, was away."""
        since = datetime.now(UTC) - timedelta(hours=BACK_HOURS)
        latest = {tag.incident_id: tag for tag in await asyncio.to_thread(store.tags)}
        await show(tag for tag in latest.values() if tag.at > since)

    parts.line.when_well.append(lambda: parts.line.aside(show_all(), "show answers"))
    return hear


def join_slack(
    settings: Settings,
    asked: SlackSettings,
    store: SqliteStore,
    answers: Answers,
    heard: Heard,
    told: Callable[[str], Tell],
    line: tuple[Tell, HealthBoard],
) -> tuple[dict[str, Delivering], Worker]:
    """Build Slack for the program: who delivers, and the worker that keeps the line open."""
    folder, (tell, health) = settings.storage.folder, line
    parts = make_slack(
        asked,
        read_tokens(asked, folder),
        notes=SlackMessages(store.database, asked.name),
        answering=answers,
        house=answers,
        folder=folder,
        zone=settings.house.zone,
        tell=tell,
    )
    heard.listeners.append(showing_tags(parts, store))
    keeper = Worker(asked.name, parts.line.run, health, parts.line.stop)
    return deliverings(parts, store, asked.name, told), keeper
