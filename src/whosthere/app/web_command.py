"""`whosthere web`: make, list and revoke tokens for the web server."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime

from rich.table import Table

from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.app.web_parts import tokens_of
from whosthere.core.errors import BadSettings
from whosthere.web.access import Scope


def add_arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(title="what to do", metavar="WHAT", required=True)
    one = words.add_parser("token", help="make a token; it is shown once")
    one.add_argument("name", metavar="NAME", help="what it is for, as ann-phone")
    one.add_argument(
        "--scope",
        choices=[scope.value for scope in Scope],
        default=Scope.PRESENCE.value,
        help="presence: tell where a device is (default); sensors: tell what a motion sensor sees;"
        " metrics: read /metrics; viewer: look; admin: everything",
    )
    one.add_argument("--only", metavar="WHO", default="", help="it tells of this device alone")
    add_settings_argument(one)
    one.set_defaults(part=make)
    one = words.add_parser("tokens", help="list them; only their checksums are kept")
    add_settings_argument(one)
    one.set_defaults(part=show)
    one = words.add_parser("revoke", help="take a token's power away, at once")
    one.add_argument("name", metavar="NAME")
    add_settings_argument(one)
    one.set_defaults(part=revoke)


def run(chosen: argparse.Namespace) -> int:
    work: Callable[[argparse.Namespace], int] = chosen.part
    return work(chosen)


def make(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    name = chosen.name.strip()
    if not name or not name.isprintable() or set(name) & {":", ","}:
        raise BadSettings("A token's name is a word or two, without : and comma.")
    _see_that_it_is_known(settings, chosen.only)
    tokens = tokens_of(settings)
    tokens.grants()
    token = tokens.add(name, Scope(chosen.scope), datetime.now(UTC), chosen.only)
    screen = console()
    screen.print(f"The token '{name}' ({chosen.scope}). It is shown this once; keep it safe:\n")
    say(f"  {token}\n")
    where = settings.web.listen or "127.0.0.1:8642"
    method, path = _example(settings, Scope(chosen.scope), chosen.only)
    say(f"Try it: curl {method}-H 'Authorization: Bearer {token}' http://{where}{path}")
    if settings.web.listen is None:
        say('\nNothing listens yet. Put this into the settings:\n\n  [web]\n  listen = "'
            '127.0.0.1:8642"')  # fmt: skip
    return 0


def _example(settings: Settings, scope: Scope, only: str) -> tuple[str, str]:
    """What such a token may do, for curl."""
    match scope:
        case Scope.PRESENCE:
            return "-X POST ", f"/api/presence/{only or 'ann-phone'}/home"
        case Scope.SENSORS:
            names = (name for name, one in settings.sensors.items() if one.kind == "webhook")
            return "-X POST ", f"/api/sensors/{next(names, 'hall')}/on"
        case Scope.METRICS:
            return "", "/metrics"
        case Scope.VIEWER | Scope.ADMIN:
            return "", "/api/status"


def _see_that_it_is_known(settings: Settings, only: str) -> None:
    presence = settings.presence
    known = [*(one.name for one in presence.devices()), *presence.people]
    if only and only not in known:
        raise BadSettings(
            f"There is no device or person '{only}'. There are: {', '.join(known) or 'none'}."
        )


def show(chosen: argparse.Namespace) -> int:
    grants = tokens_of(settings_of(chosen)).grants()
    if not grants:
        say("There are none. Make one: whosthere web token NAME")
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("Name", "Scope", "Only of", "Made"):
        table.add_column(head)
    for one in grants:
        table.add_row(one.name, one.scope.value, one.only, one.made or "by the environment")
    console().print(table)
    return 0


def revoke(chosen: argparse.Namespace) -> int:
    tokens_of(settings_of(chosen)).revoke(chosen.name)
    say(f"The token '{chosen.name}' opens nothing any more.")
    return 0
