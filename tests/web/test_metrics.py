"""`/metrics` and `/healthz/NAME` over real HTTP: who may read them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="needs the extra web")

from tests.monitoring.conftest import Home
from tests.monitoring.conftest import eventful as eventful  # noqa: PLC0414 - a fixture
from tests.monitoring.conftest import home as home  # noqa: PLC0414 - a fixture
from tests.web.rig import Rig
from whosthere.app.metrics_parts import metrics_for
from whosthere.app.settings import parse
from whosthere.app.web_parts import Told, make_server
from whosthere.app.workers import Worker
from whosthere.web.access import Scope, Tokens

SETTINGS = """
[storage]
folder = "{folder}"
[web]
listen = "127.0.0.1:0"
metrics_without_token = {open}
[cameras.front]
kind = "file"
path = "film.mp4"
[cameras.garden]
kind = "file"
path = "film.mp4"
"""


@dataclass
class Serving:
    """A server with a token of each scope."""

    home: Home
    folder: Path

    def rig(self, *, is_open: bool, tokens: bool = True) -> Iterator[Rig]:
        text = SETTINGS.format(folder=self.folder, open=str(is_open).lower())
        settings, kept = parse(text, "test"), Tokens(self.folder / "web-tokens.json", {})
        scopes = list(Scope) if tokens else []
        made = {one.value: kept.add(one.value, one, datetime.now(UTC)) for one in scopes}
        house = self.home.house
        server = make_server(
            settings,
            house.answers,
            Told({}, {}),
            house.health,
            metrics_for(settings, self.home.vitals),
        )
        worker = Worker("web", server.run, house.health, server.stop)
        worker.start()
        assert server.listening.wait(10), house.health.of("web").why
        yield Rig(server, Told({}, {}), house, made)
        worker.ask_to_stop()
        assert worker.join(5)


@pytest.fixture
def closed(eventful: Home, tmp_path: Path) -> Iterator[Rig]:
    yield from Serving(eventful, tmp_path).rig(is_open=False)


@pytest.fixture
def opened(eventful: Home, tmp_path: Path) -> Iterator[Rig]:
    yield from Serving(eventful, tmp_path).rig(is_open=True, tokens=False)


@pytest.mark.parametrize(
    ("token", "status"),
    [("", 401), ("wt_wrong", 401), ("presence", 403), ("metrics", 200), ("viewer", 200),
     ("admin", 200)],
)  # fmt: skip
def test_metrics_are_for_those_with_a_token_for_them(closed: Rig, token: str, status: int):
    assert status == closed.ask("GET", "/metrics", token).status


def test_a_token_for_metrics_opens_nothing_else(closed: Rig):
    asked = [("GET", "/api/status"), ("POST", "/api/ask"), ("POST", "/api/presence/ann/home")]

    assert [403, 403, 403] == [closed.ask(*one, "metrics", {}).status for one in asked]


def test_the_page_is_what_prometheus_expects(closed: Rig):
    answer = closed.ask("GET", "/metrics", "metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert b'whosthere_camera_up{camera="garden"} 0.0' in answer.raw


def test_programs_of_this_machine_need_no_token_if_the_settings_say_so(opened: Rig):
    assert 200 == opened.ask("GET", "/metrics").status
    assert 200 == opened.ask("GET", "/metrics", Host="localhost:80").status


@pytest.mark.parametrize(
    "given",
    [{"X_Forwarded_For": "10.0.0.9"}, {"Forwarded": "for=10.0.0.9"}, {"Host": "evil.example"}],
)
def test_what_comes_through_a_proxy_or_a_browser_needs_one(opened: Rig, given: dict[str, str]):
    assert 401 == opened.ask("GET", "/metrics", **given).status
    assert 401 == opened.ask("GET", "/healthz/front", **given).status


@pytest.mark.parametrize(
    ("name", "status"),
    [("front", 200), ("garden", 503), ("database", 200), ("messenger%20test", 503), ("x", 404)],
)
def test_whether_one_part_is_well(closed: Rig, name: str, status: int):
    assert status == closed.ask("GET", f"/healthz/{name}").status
    assert status == closed.ask("HEAD", f"/healthz/{name}").status


def test_only_reading_is_possible(closed: Rig):
    assert 405 == closed.ask("POST", "/metrics", "admin").status
