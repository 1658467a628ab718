"""The web server at work over a small house, asked over real HTTP."""

import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.app.answers.living import SmallHouse
from whosthere.app.settings import parse
from whosthere.app.web_parts import Told, make_server, told_of
from whosthere.app.workers import Worker
from whosthere.presence.matching import Matcher
from whosthere.presence.settings import make_source
from whosthere.presence.watch import Watch
from whosthere.web.access import Scope, Tokens
from whosthere.web.server import Server

SETTINGS = """
[storage]
folder = "{folder}"
[web]
listen = "{listen}"
{more}
[cameras.front]
kind = "file"
path = "film.mp4"
[presence.people.Ann]
devices = [{{ name = "ann-phone", host = "anns-iphone" }}]
[presence.people.Bob]
devices = [{{ name = "bob-phone", host = "bobs-pixel" }}]
[[presence.sources]]
kind = "webhook"
devices = ["ann-phone"]
[[presence.sources]]
kind = "webhook"
name = "bob-geofence"
devices = ["bob-phone"]
"""
PATIENCE = 10.0  # seconds


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Rig:
    """One server, its tokens, and what it serves."""

    server: Server
    told: Told
    house: SmallHouse
    tokens: Mapping[str, str]

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.server.address)
        return parts.hostname or "", parts.port or 0

    def ask(self, method: str, path: str, token: str = "", body: Any = None, **headers: str):
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        try:
            data = json.dumps(body).encode() if isinstance(body, dict | list) else body
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            if token:
                given["Authorization"] = f"Bearer {self.tokens.get(token, token)}"
            connection.request(method, path, data, given)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()


@contextmanager
def serving(folder: Path, listen: str = "127.0.0.1:0", more: str = "") -> Iterator[Rig]:
    """Serve until the block ends; then it must end within its time."""
    settings = parse(SETTINGS.format(folder=folder, listen=listen, more=more), "test")
    kept = Tokens(folder / "web-tokens.json", {})
    tokens = {scope.value: kept.add(scope.value, scope, datetime.now(UTC)) for scope in Scope}
    tokens["ann"] = kept.add("ann", Scope.PRESENCE, datetime.now(UTC), "ann-phone")
    house = SmallHouse(folder)
    watches = {
        one.name: Watch(one.name, make_source(one), Matcher(()), lambda _: None, one.every_seconds)
        for one in settings.presence.sources
    }
    told = told_of(settings.presence, watches, folder)
    server = make_server(settings, house.answers, told, house.health)
    worker = Worker("web", server.run, house.health, server.stop)
    worker.start()
    try:
        assert server.listening.wait(PATIENCE), house.health.of("web").why
        yield Rig(server, told, house, tokens)
    finally:
        worker.ask_to_stop()
        ended = worker.join(2)
        house.close()
        assert ended, f"it does not end: {threading.enumerate()}"
