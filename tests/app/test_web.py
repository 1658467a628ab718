"""From the command that makes a token to the program that takes a phone's word."""

import json
import re
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import Running, whosthere

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


MORE = """
[web]
listen = "127.0.0.1:0"
[presence.people.Ann]
devices = [{ name = "ann-phone", host = "anns-iphone" }]
[[presence.sources]]
kind = "webhook"
devices = ["ann-phone"]
"""


@pytest.fixture
def settings(settings_file: Path) -> Path:
    settings_file.write_text(settings_file.read_text() + MORE)
    return settings_file


def call(address: str, path: str, token: str, body: Any = None, method: str = "GET") -> Any:
    request = urllib.request.Request(  # noqa: S310 - our own
        f"{address}{path}",
        json.dumps(body).encode() if body is not None else None,
        {"Authorization": f"Bearer {token}"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own
        return json.loads(answer.read())


def token_of(said: str) -> str:
    (token,) = set(re.findall(r"wt_[\w-]{43}", said))
    return token


def test_a_phone_tells_the_running_program(settings: Path, start: Any):
    made = whosthere("web", "token", "ann", "--only", "ann-phone", "--settings", settings)
    looker = whosthere("web", "token", "me", "--scope", "admin", "--settings", settings)
    running: Running = start("run", "--settings", settings)
    address = running.wait_for("web: listening at").split()[-1]
    told = call(address, "/api/presence/ann-phone/home", token_of(made.stdout), method="POST")
    running.wait_for("ann-phone is home")
    who = call(address, "/api/ask", token_of(looker.stdout), {"text": "who"}, "POST")
    healthy = call(address, "/healthz", "")
    ended = running.end(signal.SIGINT)

    assert ("", 0) == (made.stderr, made.returncode)
    assert {"device": "ann-phone", "state": "home"} == told
    assert "Ann" in who["text"]
    assert ({"ok": True}, 0) == (healthy, ended)
    assert "Traceback" not in running.text


def test_without_a_token_the_program_watches_and_says_what_is_missing(settings: Path, start: Any):
    running: Running = start("run", "--settings", settings)
    running.wait_for("Make one: whosthere web token NAME")
    ended = running.end(signal.SIGINT)

    assert 0 == ended


def test_tokens_are_listed_and_revoked(settings: Path):
    made = whosthere("web", "token", "ann", "--settings", settings)
    listed = whosthere("web", "tokens", "--settings", settings)
    revoked = whosthere("web", "revoke", "ann", "--settings", settings)
    none = whosthere("web", "tokens", "--settings", settings)

    assert token_of(made.stdout) not in listed.stdout
    assert "presence" in listed.stdout
    assert (0, "There are none. Make one: whosthere web token NAME\n") == (
        revoked.returncode, none.stdout)  # fmt: skip


def test_the_check_says_whether_it_could_listen(settings: Path):
    before = whosthere("check", "--settings", settings).stdout
    whosthere("web", "token", "ann", "--settings", settings)
    after = whosthere("check", "--settings", settings).stdout

    assert "There is no token, so nobody could use it" in before
    assert "127.0.0.1:0 is free; 1 token\n" in after


@pytest.mark.parametrize(
    ("words", "told"),
    [(("token", "a:b"), "without : and comma"), (("token", "x", "--only", "bob"), "ann-phone, Ann"),
     (("revoke", "x"), "has no token 'x'")],
)  # fmt: skip
def test_mistakes_are_told(settings: Path, words: tuple[str, ...], told: str):
    answer = whosthere("web", *words, "--settings", settings)

    assert 1 == answer.returncode
    assert told in answer.stderr


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("presence", "-X POST .*/api/presence/ann-phone/home"),
        ("sensors", "-X POST .*/api/sensors/shed/on"),
        ("metrics", "curl -H .*/metrics"),
        ("viewer", "curl -H .*/api/status"),
    ],
)
def test_what_a_token_may_do_is_shown(scope: str, expected: str, settings: Path):
    shed = '\n[sensors.shed]\nkind = "webhook"\ncamera = "front"\n'
    settings.write_text(settings.read_text() + shed)
    made = whosthere("web", "token", "it", "--scope", scope, "--settings", settings)
    assert re.search(expected, made.stdout)
