"""`whosthere check`: try each part, and say in a line how it is and what to do."""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import starmap
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from whosthere.app.archive_parts import archive_is_well as archive
from whosthere.app.check_camera import camera
from whosthere.app.check_detector import detector
from whosthere.app.check_devices import devices
from whosthere.app.check_heartbeat import heartbeat, is_wanted
from whosthere.app.check_web import web
from whosthere.app.logs import without_secrets
from whosthere.app.pan_tilt_parts import where_it_looks
from whosthere.app.policy_check import numbers
from whosthere.app.settings import Settings, find, load
from whosthere.app.terminal import add_settings_argument, console
from whosthere.core.errors import WhosThereError
from whosthere.core.model import Alert, AlertKind, News
from whosthere.core.ports import Delivery
from whosthere.messaging.settings import ConsoleSettings, WebhookSettings, make_messenger
from whosthere.messaging.slack.settings import SlackSettings
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.lock import running
from whosthere.storage.sqlite import SqliteStore

WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)  # no clock that is right shows less
GIGABYTE = 2**30


class Part(NamedTuple):
    """Something to try; `attempt` says how it is, or raises what to do."""

    name: str
    attempt: Callable[[], str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings_argument(parser)
    parser.add_argument("--send", action="store_true", help="send a test alert to people")


def run(chosen: argparse.Namespace) -> int:
    path, screen = find(chosen.settings), console()
    loaded: list[Settings] = []

    def settings() -> str:
        loaded.append(load(path))
        return f"{path} is fine"

    bad = tried([Part("settings", settings)], screen)
    for one in loaded:
        bad += tried(parts(one, send=chosen.send), screen)
    if bad:
        screen.print(f"\n{bad} of these {'needs' if bad == 1 else 'need'} you.")
        return 1
    screen.print("\nAll is well. Start it: whosthere run")
    return 0


def tried(parts: Iterable[Part], screen: Console) -> int:
    """Print a line for each part; return how many are not well."""
    bad = 0
    for part in parts:
        try:
            said, mark = part.attempt(), Text("✓ ", "green")
        except WhosThereError as trouble:
            said, mark = str(trouble), Text("✗ ", "bold red")
            bad += 1
        text = without_secrets(said).replace("\n", f"\n{'':20}")
        screen.print(mark.append(f"{part.name:<18}", "default").append(text, "not bold default"))
    return bad


def parts(settings: Settings, *, send: bool) -> Iterator[Part]:
    yield Part("clock", lambda: clock(datetime.now(UTC), settings))
    yield Part("data folder", lambda: folder(settings))
    yield Part("database", lambda: database(settings))
    yield Part("numbers", lambda: numbers(settings))
    if settings.archive.on:
        yield Part("archive", lambda: archive(settings))
    yield Part("detector", lambda: detector(settings.detector))
    for name, section in settings.cameras.items():
        yield Part(f"camera {name}", lambda name=name, section=section: camera(name, section))  # type: ignore[misc] # the defaults bind them
        if (asked := section.pan_tilt) is not None:
            yield Part(f"pan/tilt {name}", partial(where_it_looks, name, asked))
    yield from starmap(Part, devices(settings))
    yield from presence_parts(settings)
    if settings.web.listen is not None:
        yield Part("web", lambda: web(settings))
    if is_wanted(settings.heartbeat):
        yield Part("heartbeat", lambda: heartbeat(settings.heartbeat, send=send))
    for messenger in settings.messengers:
        if isinstance(messenger, SlackSettings):
            yield from slack_parts(messenger, settings, send=send)
            continue
        yield Part(
            f"messenger {messenger.name}",
            lambda messenger=messenger: told(messenger, settings, send=send),  # type: ignore[misc] # so here
        )


def clock(now: datetime, settings: Settings) -> str:
    here = now.astimezone(settings.house.zone)
    if now < WRITTEN:
        raise WhosThereError(
            f"It cannot be {here:%Y-%m-%d %H:%M}. Let the clock be set over the network:"
            " sudo timedatectl set-ntp true"
        )
    return f"it is {here:%Y-%m-%d %H:%M %Z}"


def folder(settings: Settings) -> str:
    path = settings.storage.folder
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path, prefix=".check-") as file:
            file.write(b"x" * 4096)
            file.flush()
        free = shutil.disk_usage(path).free / GIGABYTE
    except OSError as error:
        raise WhosThereError(
            f"{path} cannot be written to ({error.strerror}). Let the user that runs whosthere"
            " write there, or set another storage.folder."
        ) from None
    least = settings.recording.least_free_gigabytes
    if free < least:
        raise WhosThereError(
            f"{path} has {free:.1f} GB free, less than the {least:g} GB of"
            " recording.least_free_gigabytes: the oldest clips go first. Make room on this disk."
        )
    return f"{path.resolve()}, {free:.1f} GB free"


def database(settings: Settings) -> str:
    """Open it as `run` would, or look into it while that is at work."""
    storage = settings.storage
    process = running(storage.folder)
    if process is None:
        store = SqliteStore(storage.database)
        SqliteLedger(storage.ledger).close()
    else:
        store = SqliteStore.visit(storage.database)
    try:
        rows, waiting = store.sizes(), store.undelivered()
    finally:
        store.close()
    for state, messenger, number, why in waiting:
        if state == "failed":
            raise WhosThereError(f"{number} alerts were given up by {messenger}: {why}")
    at_work = f"; whosthere is at work (process {process})" if process else ""
    unsent = sum(number for _, _, number, _ in waiting)
    queued = f", {unsent} messages wait" if unsent else ""
    return f"{rows['incident']} incidents, {rows['alert']} alerts{queued}{at_work}"


def presence_parts(settings: Settings) -> Iterator[Part]:
    """What 'whosthere presence check' tries, in short."""
    from whosthere.app.presence_command import steps  # noqa: PLC0415 - it imports this

    for name, attempt in steps(settings.presence):
        yield Part(name, attempt)


def slack_parts(messenger: SlackSettings, settings: Settings, *, send: bool) -> Iterator[Part]:
    """What 'whosthere slack check' tries; it needs an extra."""
    from whosthere.app.slack_check import steps  # noqa: PLC0415 - it imports this

    for name, attempt in steps(messenger, settings, send=send):
        yield Part(name, attempt)


def told(messenger: ConsoleSettings | WebhookSettings, settings: Settings, *, send: bool) -> str:
    """Build a messenger; send a test only when that was asked for."""
    zone = settings.house.zone
    made = make_messenger(messenger, folder=settings.storage.folder, zone=zone)
    if not send:
        return "can be used; --send tries it"
    now = datetime.now(UTC)
    alert = Alert(
        id=f"test-{now:%Y%m%dT%H%M%S}",
        revision=1,
        news=News.FIRST,
        kind=AlertKind.UNCLASSIFIED,
        camera="test",
        at=now,
        detail="a test by 'whosthere check'",
    )
    made.send(Delivery(0, messenger.name, alert, alert.id, 0, now), 0.0)
    return "took a test alert"
