"""`whosthere slack`: make the app in Slack, check it, print its manifest."""

import argparse
import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from whosthere.app.check import Part, tried
from whosthere.app.settings import Settings, find, load
from whosthere.app.slack_check import FIRST, checker, steps
from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.core.errors import BadSettings
from whosthere.messaging.slack.manifest import NAME, as_text, link
from whosthere.messaging.slack.settings import (
    SlackSettings,
    Tokens,
    tokens_file,
    write_tokens,
)

if TYPE_CHECKING:
    from whosthere.messaging.slack.checks import SlackCheck

WELCOME = """\
Slack, in four steps. You need to be in a workspace, and some minutes.

1. Open this address, choose your workspace, and press Next and Create:

{link}

   (Or make an app 'from a manifest' at api.slack.com/apps, and paste what
   'whosthere slack manifest' prints.)

2. On the app's page: 'Install App', 'Install to Workspace', 'Allow'. Copy the
   'Bot User OAuth Token', which begins with xoxb-.

3. 'Basic Information', 'App-Level Tokens', 'Generate Token and Scopes': any name, add the
   scope connections:write, 'Generate'. Copy the token, which begins with xapp-.

4. In Slack, choose a channel for alerts, and write there: /invite @{name}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(title="what to do", metavar="WHAT", required=True)
    one = words.add_parser("setup", help="make the app, store its tokens, post a first message")
    add_settings_argument(one)
    one.add_argument("--api-url", metavar="URL", help="another Slack, for trying things out")
    one.set_defaults(part=setup)
    one = words.add_parser("check", help="try tokens, scopes, channel and people")
    add_settings_argument(one)
    one.add_argument("--send", action="store_true", help="and post a message")
    one.set_defaults(part=check)
    one = words.add_parser("manifest", help="print the app's manifest")
    one.add_argument("--url", help="the public address for requests; without: socket mode")
    one.add_argument("--link", action="store_true", help="print the address that makes the app")
    one.set_defaults(part=show_manifest)


def run(chosen: argparse.Namespace) -> int:
    work: Callable[[argparse.Namespace], int] = chosen.part
    return work(chosen)


def show_manifest(chosen: argparse.Namespace) -> int:
    say(link(chosen.url) if chosen.link else as_text(chosen.url))
    return 0


# --- check


def check(chosen: argparse.Namespace) -> int:
    settings, screen = settings_of(chosen), console()
    asked = slack_of(settings)
    if not asked:
        raise BadSettings(
            f"{find(chosen.settings)} has no messenger of the kind slack. Run"
            " 'whosthere slack setup', which says what to add."
        )
    bad = 0
    for one in asked:
        bad += tried((Part(*step) for step in steps(one, settings, send=chosen.send)), screen)
    return 1 if bad else 0


def slack_of(settings: Settings) -> list[SlackSettings]:
    return [one for one in settings.messengers if isinstance(one, SlackSettings)]


# --- setup

UNKNOWN = "#alerts"  # the channel, before it is asked for
TOKEN_STEPS = frozenset({"token forms", "bot token", "clock", "scopes", "app token"})
PLACE_STEPS = frozenset({"channel", "people"})


@dataclass(frozen=True, slots=True)
class Asking:
    """How to ask the person at the terminal."""

    line: Callable[[str], str] = input
    secret: Callable[[str], str] = getpass.getpass


def setup(chosen: argparse.Namespace, asking: Asking | None = None) -> int:
    """Lead a newcomer through it; nothing is stored before Slack took the tokens."""
    asking, screen = asking or Asking(), console()
    path = find(chosen.settings)
    settings = load(path) if path.exists() else None
    known = next(iter(slack_of(settings)), None) if settings else None
    say(WELCOME.format(link=link(), name=NAME))
    try:
        wanted, tokens = _tried(chosen, asking, known)
    except Ended:
        screen.print("\nNothing was stored. Run the set-up again when you like.")
        return 1
    file = tokens_file(wanted, settings.storage.folder if settings else Path("data"))
    write_tokens(file, tokens)
    slack = checker(wanted, tokens)
    slack.post(FIRST)
    screen.print(f"\nThe tokens are in {file}, which only you can read. A message was posted.")
    if known is None:
        _add_to(path, wanted.model_copy(update={"channel": slack.channel_id()}), asking)
    if not path.exists():
        screen.print(f"\nMake {path} first ('whosthere settings > {path}'), then add them.")
        return 0
    screen.print("\nReady. Start it: whosthere run")
    return 0


class Ended(Exception):
    """The person at the terminal has had enough for now."""


def _tried(
    chosen: argparse.Namespace, asking: Asking, known: SlackSettings | None
) -> tuple[SlackSettings, Tokens]:
    """Ask for all that is needed, and let people put right what Slack does not take."""
    api_url = chosen.api_url or os.environ.get("WHOSTHERE_SLACK_API_URL")
    wanted, tokens = known or _settings(UNKNOWN, api_url), _tokens(asking)
    while not _are_well(checker(wanted, tokens), TOKEN_STEPS):
        if _again(asking, "t: give the tokens anew") == "t":
            tokens = _tokens(asking)
    if known is None:
        wanted = _with_admins(asking, _channel(asking, api_url), tokens)
    while not _are_well(checker(wanted, tokens), PLACE_STEPS):
        if _again(asking, "c: another channel") == "c":
            wanted = wanted.model_copy(update={"channel": _channel(asking).channel})
    return wanted, tokens


def _are_well(slack: "SlackCheck", names: frozenset[str]) -> bool:
    parts = [Part(step.name, step.attempt) for step in slack.steps() if step.name in names]
    return not tried(parts, console())


def _again(asking: Asking, other: str) -> str:
    """Let the person put something right. Raises Ended."""
    said = asking.line(f"\nPut this right. Enter: try again, {other}, q: end. ").strip().lower()
    if said == "q":
        raise Ended
    return said


def _tokens(asking: Asking) -> Tokens:
    return Tokens(
        _asked(lambda: asking.secret("Bot token (xoxb-…, not shown): "), "xoxb-"),
        _asked(lambda: asking.secret("App token (xapp-…, not shown): "), "xapp-"),
    )


def _asked(ask: Callable[[], str], start: str) -> str:
    """Ask until it may be a token."""
    from whosthere.messaging.slack.checks import check_form  # noqa: PLC0415 - needs an extra

    while True:
        given = ask().strip()
        try:
            check_form("this token", given, start, "as said above")
        except BadSettings as trouble:
            say(str(trouble))
        else:
            return given


def _settings(channel: str, api_url: str | None = None) -> SlackSettings:
    name = channel if channel[:1] in {"#", "C", "G"} else f"#{channel}"
    given = {"kind": "slack", "channel": name, **({"api_url": api_url} if api_url else {})}
    try:
        return SlackSettings.model_validate(given)
    except ValidationError:
        raise BadSettings(
            f"{channel!r} is no name of a channel. They are as #house: small letters, digits, - _."
        ) from None


def _channel(asking: Asking, api_url: str | None = None) -> SlackSettings:
    """Ask until it may be a channel's name."""
    while True:
        try:
            return _settings(asking.line("Channel for alerts (as #house): ").strip(), api_url)
        except BadSettings as trouble:
            say(str(trouble))


def _with_admins(asking: Asking, wanted: SlackSettings, tokens: Tokens) -> SlackSettings:
    """Ask who may command, until Slack knows them all."""
    slack = checker(wanted, tokens)
    while True:
        names = asking.line("Who may command? Slack names or member IDs, with commas: ")
        given = [name for name in names.split(",") if name.strip()]
        try:
            ids = slack.find_people(given)
        except BadSettings as trouble:
            say(str(trouble))
            continue
        if ids:
            return wanted.model_copy(update={"admins": tuple(ids)})


def toml_of(slack: SlackSettings) -> str:
    """Write the lines that belong into whosthere.toml."""
    lines = ["[[messengers]]", 'kind = "slack"', f'channel = "{slack.channel}"']
    lines.append(f"admins = [{', '.join(f'{chr(34)}{one}{chr(34)}' for one in slack.admins)}]")
    if slack.api_url != SlackSettings.model_fields["api_url"].default:
        lines.append(f'api_url = "{slack.api_url}"')
    return "\n".join(lines) + "\n"


def _add_to(path: Path, slack: SlackSettings, asking: Asking) -> None:
    lines = toml_of(slack)
    say(f"\nThese lines belong into {path}:\n\n{lines}")
    if path.exists() and asking.line(f"Add them to {path}? [Y/n] ").strip().lower() in {"", "y"}:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{lines}")
        say("Added.")
