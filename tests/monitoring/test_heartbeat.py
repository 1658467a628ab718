"""The call outside, to a real HTTP server."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from whosthere.app.check_heartbeat import heartbeat, is_wanted
from whosthere.core.errors import BadSettings
from whosthere.monitoring.heartbeat import Heartbeat, HeartbeatTrouble, failing
from whosthere.monitoring.settings import VARIABLE, HeartbeatSettings


@dataclass
class Outside:
    """A service as healthchecks.io: it remembers who called."""

    calls: list[tuple[str, str, str]] = field(default_factory=list)
    answer: int = 200
    called: threading.Condition = field(default_factory=threading.Condition)
    address: str = ""

    def wait_for(self, number: int) -> list[tuple[str, str, str]]:
        with self.called:
            assert self.called.wait_for(lambda: len(self.calls) >= number, 20), self.calls
            return list(self.calls)


@pytest.fixture
def outside() -> Iterator[Outside]:
    made = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            with made.called:
                made.calls.append((self.command, self.path, body))
                made.called.notify_all()
            self.send_response(made.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - as http.server wants it

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.address = f"http://127.0.0.1:{server.server_port}/ping/secret"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def test_all_is_well_is_a_plain_call(outside: Outside):
    Heartbeat(outside.address, list).beat()

    assert [("GET", "/ping/secret", "")] == outside.calls


def test_what_is_wrong_goes_along_with_the_call_of_failure(outside: Outside):
    Heartbeat(outside.address, lambda: ["the detector hangs", "recorder: full"]).beat()

    assert [("POST", "/ping/secret/fail", "the detector hangs\nrecorder: full")] == outside.calls


def test_without_a_way_to_say_so_a_failure_is_silence(outside: Outside):
    Heartbeat(outside.address, lambda: ["it hangs"], fail_path="").beat()

    assert [] == outside.calls


def test_it_calls_until_stopped_and_tells_when_nobody_answers(outside: Outside):
    told: list[str | None] = []
    beating = Heartbeat(
        outside.address, list, every_seconds=0.05, told=told.append, first_after=0.01
    )
    thread = threading.Thread(target=beating.run)
    thread.start()
    outside.wait_for(2)
    outside.answer = 404
    outside.wait_for(len(outside.calls) + 2)
    beating.stopping.set()
    thread.join(5)

    assert not thread.is_alive()
    assert told[0] is None
    assert "The heartbeat's address at 127.0.0.1 answered 404; correct the address." in told


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://127.0.0.1:9/secret", "cannot be reached"),
        ("http://nowhere.invalid/secret", "cannot be reached"),
    ],
)
def test_what_comes_in_the_way_is_told_without_the_secret(address: str, why: str):
    with pytest.raises(HeartbeatTrouble, match=why) as told:
        Heartbeat(address, list).beat()

    assert "secret" not in str(told.value)
    assert "secret" not in repr(Heartbeat(address, list))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://hc-ping.com/uuid", "https://hc-ping.com/uuid/fail"),
        ("https://hc-ping.com/uuid/", "https://hc-ping.com/uuid/fail"),
        ("https://example.org/push?id=7", "https://example.org/push/fail?id=7"),
    ],
)
def test_where_failures_are_told(address: str, expected: str):
    assert expected == failing(address, "/fail")


def test_the_address_comes_from_settings_environment_or_file(tmp_path: Path):
    file = tmp_path / "url"
    file.write_text("https://hc-ping.com/file\n")
    environment = {VARIABLE: "https://hc-ping.com/environment"}

    assert None is HeartbeatSettings().address({})
    assert "https://hc-ping.com/environment" == HeartbeatSettings().address(environment)
    assert "https://hc-ping.com/file" == HeartbeatSettings(url_file=file).address(environment)
    assert "https://x.org/1" == HeartbeatSettings(url="https://x.org/1").address(environment)


def test_an_address_of_another_kind_is_refused_and_not_shown(tmp_path: Path):
    with pytest.raises(BadSettings, match="must be like") as told:
        HeartbeatSettings().address({VARIABLE: "file:///etc/shadow"})
    assert "shadow" not in str(told.value)
    with pytest.raises(BadSettings, match="does not exist"):
        HeartbeatSettings(url_file=tmp_path / "none").address({})


def test_the_check_calls_only_when_asked_to(outside: Outside):
    settings = HeartbeatSettings(url=outside.address)
    quiet = heartbeat(settings, send=False)
    before = list(outside.calls)
    told = heartbeat(settings, send=True)

    assert quiet.startswith("127.0.0.1, every 60 s")
    assert "secret" not in quiet + told
    assert ([], 1, "127.0.0.1 answers") == (before, len(outside.calls), told)


def test_a_check_is_for_those_who_want_a_heartbeat(tmp_path: Path):
    assert not is_wanted(HeartbeatSettings(), {})
    assert is_wanted(HeartbeatSettings(), {VARIABLE: "https://x.org/1"})
    assert is_wanted(HeartbeatSettings(url_file=tmp_path / "url"), {})
