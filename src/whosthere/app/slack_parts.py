"""Builds all that belongs to Slack, and passes the parts to each other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from whosthere.app.health import HealthBoard
from whosthere.app.workers import Worker, run_aside
from whosthere.core.overview import Overviewing
from whosthere.core.requests import Answering
from whosthere.messaging.outbox import Delivering, Queue
from whosthere.messaging.slack.access import Access
from whosthere.messaging.slack.alerts import SlackAlerts
from whosthere.messaging.slack.board import Board
from whosthere.messaging.slack.cards import Notes
from whosthere.messaging.slack.connection import Line, Patience, Tell
from whosthere.messaging.slack.home import Home
from whosthere.messaging.slack.lanes import Lane
from whosthere.messaging.slack.places import Places
from whosthere.messaging.slack.posting import Pace, Poster
from whosthere.messaging.slack.requests import Requests
from whosthere.messaging.slack.settings import SlackSettings, Tokens
from whosthere.messaging.slack.threads import Threads


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
) -> SlackParts:
    """Build it; nothing is started."""
    line = Line(
        settings, tokens, hear=lambda line: requests.app(line), tell=tell, patience=patience
    )
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
        on_picture=home.note_picture,
    )
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
    return made


def line_worker(parts: SlackParts, name: str, health: HealthBoard) -> Worker:
    """Keeps the line open in a thread of its own."""
    return Worker(f"line to {name}", parts.line.run, health, parts.line.stop)
