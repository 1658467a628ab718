"""`whosthere slack`: the set-up leads a newcomer, and the check says what to do."""

import argparse
import json
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from pydantic import ValidationError

from tests.servers.fake_slack import ANNA, APP, BEN, BOT, CHANNEL, SCOPES, SECRET, FakeSlack
from whosthere.app.cli import main
from whosthere.app.settings import load
from whosthere.app.slack_command import Asking, setup
from whosthere.core.commands import ALIASES
from whosthere.core.errors import BadSettings
from whosthere.messaging.slack.manifest import SCOPES as WANTED
from whosthere.messaging.slack.manifest import link, manifest
from whosthere.messaging.slack.settings import (
    SlackSettings,
    Tokens,
    read_tokens,
    tokens_file,
    write_tokens,
)

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    path = tmp_path / "whosthere.toml"
    path.write_text(
        f'[storage]\nfolder = "{tmp_path / "data"}"\n'
        '[cameras.front]\nkind = "file"\npath = "a.mp4"\n'
    )
    return path


@pytest.fixture
def with_slack(settings_file: Path, fake: FakeSlack) -> Path:
    with settings_file.open("a") as file:
        file.write(
            f'[[messengers]]\nkind = "slack"\nchannel = "{CHANNEL}"\nadmins = ["{ANNA}"]\n'
            f'taggers = ["{BEN}"]\napi_url = "{fake.url}"\n'
        )
    write_tokens(settings_file.parent / "data" / "slack-tokens.json", Tokens(BOT, APP))
    return settings_file


def answers(*lines: str) -> Asking:
    given: Iterator[str] = iter(lines)
    return Asking(line=lambda _: next(given), secret=lambda _: next(given))


def set_up(path: Path, fake: FakeSlack, *lines: str) -> int:
    chosen = argparse.Namespace(settings=path, api_url=fake.url)
    return setup(chosen, answers(*lines))


def test_the_set_up_leads_from_nothing_to_a_first_message(
    settings_file: Path, fake: FakeSlack, capsys: pytest.CaptureFixture[str]
):
    assert 0 == set_up(settings_file, fake, BOT, APP, "#alerts", "anna, @Ben", "y")
    said = capsys.readouterr().out
    assert "https://api.slack.com/apps?new_app=1&manifest_json=" in said
    assert (BOT in said, APP in said) == (False, False)
    assert "Anna may do everything; Ben may do everything" in said
    (message,) = fake.messages[CHANNEL]
    assert "Who's There" in message["text"]
    settings = load(settings_file)
    slack = settings.messengers[0]
    assert isinstance(slack, SlackSettings)
    assert (CHANNEL, (ANNA, BEN)) == (slack.channel, slack.admins)
    kept = tokens_file(slack, settings.storage.folder)
    assert 0o600 == stat.S_IMODE(kept.stat().st_mode)
    assert Tokens(BOT, APP) == read_tokens(slack, settings.storage.folder, {})
    assert 0 == main(["slack", "check", "--settings", str(settings_file)])


def test_without_a_settings_file_the_way_to_one_is_told(
    tmp_path: Path,
    fake: FakeSlack,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(tmp_path)
    assert 0 == set_up(tmp_path / "none.toml", fake, BOT, APP, "alerts", "Anna")
    said = capsys.readouterr().out
    assert f'channel = "{CHANNEL}"' in said
    assert "whosthere settings >" in said
    assert (tmp_path / "data" / "slack-tokens.json").exists()


def test_swapped_tokens_are_noticed_before_they_are_sent_anywhere(
    settings_file: Path, fake: FakeSlack, capsys: pytest.CaptureFixture[str]
):
    assert 0 == set_up(settings_file, fake, APP, BOT, BOT, APP, "alerts", "Anna", "n")
    said = capsys.readouterr().out
    assert "is an app-level token. It must begin with xoxb-" in said
    assert "is a bot token. It must begin with xapp-" in said
    assert "slack" not in settings_file.read_text()


def test_nothing_is_stored_when_slack_does_not_take_it(
    settings_file: Path, fake: FakeSlack, capsys: pytest.CaptureFixture[str]
):
    fake.members.clear()
    assert 1 == set_up(settings_file, fake, BOT, APP, "alerts", "Anna", "q")
    assert "/invite @Who's There" in capsys.readouterr().out
    assert not (settings_file.parent / "data").exists()


def test_what_was_forgotten_can_be_done_without_giving_the_tokens_again(
    settings_file: Path, fake: FakeSlack, capsys: pytest.CaptureFixture[str]
):
    fake.members.clear()
    lines = iter(("alerts", "Anna", "", "y"))
    tokens = iter((BOT, APP))

    def line(question: str) -> str:
        fake.members |= {CHANNEL} if "Put this right" in question else set()  # /invite
        return next(lines)

    chosen = argparse.Namespace(settings=settings_file, api_url=fake.url)
    assert 0 == setup(chosen, Asking(line=line, secret=lambda _: next(tokens)))
    assert "/invite @Who's There" in capsys.readouterr().out
    assert 1 == len(fake.messages[CHANNEL])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            (BOT, APP, "Mein Haus", "#nowhere", "Anna", "c", "alerts", "y"),
            "is no name of a channel",
        ),
        ((BOT, APP, "#nowhere", "Anna", "c", "#alerts", "y"), "sees no channel #nowhere"),
        (("xoxb-wrong", APP, "t", BOT, APP, "alerts", "Anna", "y"), "does not know the token"),
        ((BOT, "xapp-wrong", "t", BOT, APP, "alerts", "Anna", "y"), "does not know the token"),
        (("https://hooks.slack.com/x", BOT, APP, "alerts", "Anna", "y"), "address of a webhook"),
    ],
)
def test_slips_can_be_put_right_at_once(
    settings_file: Path,
    fake: FakeSlack,
    capsys: pytest.CaptureFixture[str],
    lines: tuple[str, ...],
    said: str,
):
    assert 0 == set_up(settings_file, fake, *lines)
    assert said in capsys.readouterr().out
    assert 1 == len(fake.messages[CHANNEL])


def test_a_missing_scope_is_told_before_anything_else_is_asked(
    settings_file: Path, fake: FakeSlack, capsys: pytest.CaptureFixture[str]
):
    fake.scopes.discard("users:read")
    assert 1 == set_up(settings_file, fake, BOT, APP, "q")
    assert "users:read: to show people by their names" in capsys.readouterr().out


def test_an_unknown_person_is_asked_for_again(
    settings_file: Path, fake: FakeSlack, capsys: pytest.CaptureFixture[str]
):
    assert 0 == set_up(settings_file, fake, BOT, APP, "alerts", "Zoe", "Anna", "n")
    assert "Slack knows nobody called Zoe" in capsys.readouterr().out


def test_all_is_well(with_slack: Path, fake: FakeSlack, capsys: pytest.CaptureFixture[str]):
    assert 0 == main(["slack", "check", "--send", "--settings", str(with_slack)])
    said = capsys.readouterr().out
    for line in ("both tokens look right", "workspace Home", "opens connections",
                 "#alerts (C0ALERTS)", "Anna may do everything; Ben may look and tag"):  # fmt: skip
        assert line in said
    assert 1 == len(fake.messages[CHANNEL])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda fake: setattr(fake, "revoked", True), "the token was revoked"),
        (lambda fake: fake.scopes.discard("files:write"), "files:write: to post pictures"),
        (lambda fake: setattr(fake, "clock_ahead", 420.0), "clock is 7 min behind Slack's"),
        (lambda fake: setattr(fake, "clock_ahead", -420.0), "7 min ahead of Slack's"),
        (lambda fake: fake.members.clear(), "/invite @Who's There"),
        (lambda fake: fake.channels.clear(), "does not find the channel"),
        (lambda fake: fake.fail("apps.connections.open", error="invalid_auth"), "app token"),
        (lambda fake: fake.fail("users.info", error="user_not_found"), "nobody with the member ID"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(
    with_slack: Path, fake: FakeSlack, capsys: pytest.CaptureFixture[str], change, said: str
):
    change(fake)
    assert 1 == main(["slack", "check", "--settings", str(with_slack)])
    assert said in capsys.readouterr().out


def test_the_check_of_all_parts_tries_slack_too(
    with_slack: Path, capsys: pytest.CaptureFixture[str]
):
    main(["check", "--settings", str(with_slack)])
    assert "slack channel" in capsys.readouterr().out


def test_without_slack_in_the_settings_the_set_up_is_named(
    settings_file: Path, capsys: pytest.CaptureFixture[str]
):
    assert 1 == main(["slack", "check", "--settings", str(settings_file)])
    assert "whosthere slack setup" in capsys.readouterr().err


# --- tokens


def settings(**more: object) -> SlackSettings:
    return SlackSettings.model_validate({"kind": "slack", "channel": "#house", **more})


def test_tokens_come_from_the_environment_first(tmp_path: Path):
    write_tokens(tmp_path / "slack-tokens.json", Tokens("xoxb-file", "xapp-file"))
    found = read_tokens(settings(), tmp_path, {"WHOSTHERE_SLACK_BOT_TOKEN": "xoxb-env"})
    assert ("xoxb-env", "xapp-file") == (found.bot, found.app)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path):
    path = tmp_path / "slack-tokens.json"
    write_tokens(path, Tokens(BOT, APP))
    path.chmod(0o644)
    with pytest.raises(BadSettings, match="chmod 600") as caught:
        read_tokens(settings(), tmp_path, {})
    assert BOT not in str(caught.value)


@pytest.mark.parametrize(
    ("more", "missing"),
    [({}, "no bot token and no app token"), ({"mode": "http"}, "no signing secret")],
)
def test_missing_tokens_are_named_with_both_ways(tmp_path: Path, more: dict, missing: str):
    with pytest.raises(BadSettings, match=f"{missing}.*slack setup.*WHOSTHERE_SLACK_BOT_TOKEN"):
        read_tokens(settings(**more), tmp_path, {})


def test_http_needs_a_signing_secret_and_no_app_token(tmp_path: Path):
    found = {"WHOSTHERE_SLACK_BOT_TOKEN": BOT, "WHOSTHERE_SLACK_SIGNING_SECRET": SECRET}
    assert SECRET == read_tokens(settings(mode="http"), tmp_path, found).signing_secret


def test_a_damaged_file_is_told(tmp_path: Path):
    path = tmp_path / "slack-tokens.json"
    write_tokens(path, Tokens(BOT, APP))
    path.write_text("{")
    with pytest.raises(BadSettings, match="damaged"):
        read_tokens(settings(), tmp_path, {})


@pytest.mark.parametrize(
    "wrong",
    [{"channel": "the house"}, {"admins": ["Anna"]}, {"admins": [ANNA], "viewers": [ANNA]},
     {"api_url": "slack.com"}, {"mode": "rtm"}],
)  # fmt: skip
def test_wrong_settings_are_refused(wrong: dict):
    with pytest.raises(ValidationError):
        settings(**wrong)


# --- the manifest


def test_the_manifest_is_within_slacks_limits():
    made = manifest()
    shown = made["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert re.fullmatch("#[0-9a-f]{6}", shown["background_color"])
    assert len(made["features"]["bot_user"]["display_name"]) <= 80
    for shortcut in made["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
        assert shortcut["type"] in {"global", "message"}
    assert len(made["features"]["shortcuts"]) <= 10
    assert made["settings"]["socket_mode_enabled"]


def test_every_name_of_the_talk_is_a_command_within_slacks_limits():
    commands = manifest()["features"]["slash_commands"]
    names = [command["command"] for command in commands]
    assert {"/whosthere", *(f"/{alias}" for alias in ALIASES)} <= set(names)
    assert len(names) == len(set(names)) <= 50
    for command in commands:
        assert re.fullmatch("/[a-z0-9_-]{1,31}", command["command"])
        assert 0 < len(command["description"]) <= 2000
        assert len(command.get("usage_hint", "x")) <= 1000
    taken = {"/status", "/who", "/mute", "/leave", "/remind", "/search", "/msg", "/help"}
    assert not taken & set(names)


def test_the_names_of_the_talk_say_what_they_do():
    about = {one["command"]: one for one in manifest()["features"]["slash_commands"]}
    assert "Alerts of visitors off" == about["/notifications_off"]["description"]
    assert "usage_hint" not in about["/notifications_on"]
    assert "Sets mode away, of the house or of one camera" == about["/pycam_on"]["description"]


def test_the_fake_slack_asks_for_no_scope_that_the_manifest_lacks():
    assert set(WANTED) == set(SCOPES) == set(manifest()["oauth_config"]["scopes"]["bot"])


def test_over_http_each_way_in_has_the_address():
    made = manifest("https://house.example/slack/events")
    assert not made["settings"]["socket_mode_enabled"]
    assert all("url" in command for command in made["features"]["slash_commands"])
    assert "request_url" in made["settings"]["interactivity"]
    assert "request_url" in made["settings"]["event_subscriptions"]


def test_the_link_holds_the_whole_manifest():
    assert manifest() == json.loads(unquote(link().partition("manifest_json=")[2]))
    assert len(link()) < 8000  # what browsers and servers take


def test_the_manifest_is_printed(capsys: pytest.CaptureFixture[str]):
    assert 0 == main(["slack", "manifest"])
    assert manifest() == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("missing", ["aiohttp", "slack_bolt", "slack_sdk"])
@pytest.mark.parametrize("words", [["slack", "check"], ["run"]])
def test_a_missing_library_names_the_extra(with_slack: Path, missing: str, words: list[str]):
    code = (
        f"import sys; sys.modules['{missing}'] = None\n"
        f"from whosthere.app.cli import main\nsys.exit(main({[*words, '--settings']!r}"
        f" + [{str(with_slack)!r}]))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert 1 == ended.returncode
    assert "pip install 'whosthere[slack]'" in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr
