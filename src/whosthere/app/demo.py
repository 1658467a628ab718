"""`whosthere demo`: a real visitor in a film that plays as a camera, seen by the real parts."""

import argparse
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from threading import Event

from rich.console import Console

from whosthere.app import logs
from whosthere.app.assemble import assemble
from whosthere.app.demo_film import film
from whosthere.app.live_view import LiveView
from whosthere.app.program import Program
from whosthere.app.run import until_told
from whosthere.app.settings import Settings, parse
from whosthere.app.settings_shape import in_toml
from whosthere.app.terminal import console
from whosthere.core.errors import StoreTrouble
from whosthere.core.modes import Mode

CAMERA = "yard"
AFTERWARDS = 2.0  # seconds to look at the end
WHAT_THERE_IS = (
    ("_boxes.jpg", "the picture that shows it best, with what was recognised"),
    (".jpg", "the same without boxes"),
    ("_preview.gif", "a short moving preview, small enough for a chat"),
    (".mp4", "the clip; it begins before the visitor came"),
    ("whosthere.db", "incidents, alerts and what was sent to whom"),
    ("ledger.db", "the numbers of every frame that was looked at"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--loop", action="store_true", help="play on until Ctrl-C")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="data folder (default: demo-DATE-TIME in this one)"
    )
    parser.add_argument("--no-live", action="store_true", help="plain lines, no live view")
    parser.add_argument("--no-picture", action="store_true", help="live view without the picture")
    parser.add_argument(
        "--slack-sandbox", action="store_true", help="alerts and requests in a Slack to play with"
    )
    parser.add_argument("--no-detector", action="store_true", help="motion alone, nothing is known")


def run(chosen: argparse.Namespace) -> int:
    with ExitStack() as stack:
        path = stack.enter_context(film())
        folder = _folder(chosen.out)
        if chosen.slack_sandbox:
            from whosthere.app.sandbox.demo import play  # noqa: PLC0415 - needs an extra

            logs.set_up()
            play(path, folder, stack.enter_context(until_told()))
            return 0
        settings = settings_for(path, folder, loop=chosen.loop, detector=not chosen.no_detector)
        screen = console()
        live = screen.is_terminal and not chosen.no_live
        told = stack.enter_context(until_told())
        _play(settings, told, screen, live=live, pictures=not chosen.no_picture)
        screen.print(ending(folder), soft_wrap=True)
        return 130 if told.is_set() and not chosen.loop else 0


def settings_for(path: Path, folder: Path, *, loop: bool, detector: bool) -> Settings:
    """Return settings as a person would write them."""
    return parse(
        f"""
        [house]
        name = "demo"
        [storage]
        folder = {in_toml(folder)}
        [recording]
        pre_roll_seconds = 4
        post_roll_seconds = 3
        [detector]
        on = {in_toml(detector)}
        [cameras.{CAMERA}]
        kind = "file"
        path = {in_toml(path)}
        loop = {in_toml(loop)}
        """,
        "the demo",
    )


def _folder(asked: Path | None) -> Path:
    """Make a fresh folder: what is in it must come from this demo."""
    if asked is not None:
        if asked.exists() and any(asked.iterdir()):
            raise StoreTrouble(f"{asked} is not empty. Name a new folder for the demo.")
        return asked
    if not os.access(".", os.W_OK):
        return Path(tempfile.mkdtemp(prefix="whosthere-demo-"))
    return Path(f"demo-{datetime.now().astimezone():%Y%m%d-%H%M%S}")


def _play(settings: Settings, told: Event, screen: Console, *, live: bool, pictures: bool) -> None:
    logs.set_up()
    if not live:
        program = assemble(settings, mode=Mode.AWAY)
        _until_over(program, told)
        return
    view = LiveView("Who's There: demo", settings.cameras, pictures=pictures)
    program = assemble(settings, view.onlooker(), mode=Mode.AWAY)
    with view.shown(screen, program):
        _until_over(program, told)


def _until_over(program: Program, told: Event) -> None:
    program.start()
    try:
        while program.watching and not told.wait(0.2):
            pass
        told.wait(AFTERWARDS)
    finally:
        program.stop()


def ending(folder: Path) -> str:
    """Say what there is now, and what to do with it."""
    lines = ["", f"All of it is in [bold]{folder}[/]:"]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for suffix, meaning in WHAT_THERE_IS:
        for path in [path for path in files if path.name.endswith(suffix)]:
            if suffix == ".jpg" and path.name.endswith("_boxes.jpg"):
                continue
            lines.append(f"  {path.relative_to(folder)}\n      [dim]{meaning}[/]")
    word = _how_to_call()
    hints = (
        (f"{word} scan YOUR-CLIP.mp4", "what would it find on a film of yours?"),
        (f"{word} settings > whosthere.toml", "put your camera in,"),
        (f"{word} check", "try each part,"),
        (f"{word} run --live", "and let it watch"),
    )
    width = max(len(line) for line, _ in hints)
    lines += ["", "Next:", *(f"  {line:<{width}}   [dim]{why}[/]" for line, why in hints)]
    return "\n".join(lines)


def _how_to_call() -> str:
    """The command as it can be typed here; `make run` does not put it on the path."""
    called = Path(sys.argv[0])
    if shutil.which("whosthere") or called.name != "whosthere":
        return "whosthere"
    return os.path.relpath(called)
