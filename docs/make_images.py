"""Make the pictures of the README and of the page about Slack, each from a real run of the demo.

    python docs/make_images.py docs/images/demo.png       the live view, seconds after the alert
    python docs/make_images.py docs/images/slack.png      slack-alert.png and all others of Slack

A terminal's picture is drawn by rich as SVG, and by a browser as PNG, which is smaller; those of
Slack are of the sandbox's page.
"""

import argparse
import io
import subprocess
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console

from whosthere.app.assemble import assemble
from whosthere.app.demo import settings_for
from whosthere.app.demo_film import film
from whosthere.app.live_view import LiveView
from whosthere.app.sandbox import page
from whosthere.app.sandbox.demo import settings_for as slack_settings_for
from whosthere.app.sandbox.people import ANNA, APP, BEN, BOT, BOT_USER
from whosthere.app.sandbox.server import FakeSlack, Json
from whosthere.core.modes import Mode
from whosthere.messaging.slack.settings import Tokens, write_tokens

COLUMNS, LINES = 126, 36
LONGEST = 40.0  # seconds until the alert must be there
AFTER_ALERT = 2.5  # seconds: the visitor is well in the picture
SIZE = (1500, 860)  # pixels of the browser's window
SLACK_SIZE, SLACK_SCALE = (760, 2400), 1.5
MARGIN = 16  # pixels left white below what is shown
WHITE = 250


def drawn_after_alert(folder: Path) -> str:
    """Run the demo, and draw its live view when the visitor is well in the picture."""
    screen = Console(
        file=io.StringIO(), record=True, force_terminal=True, color_system="truecolor",
        width=COLUMNS, height=LINES,
    )  # fmt: skip
    with film() as path:
        settings = settings_for(path, folder, loop=False, detector=True)
        view = LiveView("whosthere demo", settings.cameras)
        program = assemble(settings, view.onlooker(), mode=Mode.AWAY)
        with view.shown(Console(file=io.StringIO()), program):
            program.start()
            until = time.monotonic() + LONGEST
            while not program.store.alerts() and time.monotonic() < until:
                time.sleep(0.2)
            time.sleep(AFTER_ALERT)
            screen.print(view)
        program.stop()
    return screen.export_svg(title="make run")


def slack_images(folder: Path, to: Path, browser: str) -> None:
    """Let the demo's visitor come, people answer and ask, and make a picture of each part."""
    with film() as path, FakeSlack() as slack:
        settings = slack_settings_for(path, folder, slack.url)
        write_tokens(folder / "slack-tokens.json", Tokens(BOT, APP))
        program = assemble(settings, mode=Mode.AWAY)
        program.start()
        try:
            alert = _told(slack)
            for what, asked in {
                "alert": f"only={alert['ts']}&alone",
                "thread": f"only={alert['ts']}&below",
                "home": "place=home",
            }.items():
                slack_picture(slack, asked, to.with_name(f"{to.stem}-{what}.png"), browser)
            for what, words in {"status": "status", "help": "help", "words": "snoze 30m"}.items():
                _said(slack, words)
                asked = "place=direct&last=2"
                slack_picture(slack, asked, to.with_name(f"{to.stem}-{what}.png"), browser)
        finally:
            program.stop()


def _told(slack: FakeSlack) -> Json:
    """Wait for an alert with its picture and clip; people answer it and ask why."""
    slack.connected()
    message = slack.until(lambda: [one for one in slack.top() if one.get("metadata")], LONGEST)[0]
    slack.until(lambda: "slack_file" in str(message["blocks"]), LONGEST)
    slack.until(lambda: [f for f in slack.files.values() if f.name.endswith(".mp4")], LONGEST)
    slack.press(message, "alert_occupied", user=BEN)
    slack.until(lambda: "says Ben" in str(message["blocks"]))
    below = len(slack.thread(message))
    asked = {"user": ANNA, "kind": "say", "place": "channel", "thread": message["ts"]}
    page.act(slack, {**asked, "text": "why"})
    slack.until(lambda: len(slack.thread(message)) == below + 2)
    return message


def _said(slack: FakeSlack, text: str) -> None:
    direct = slack.messages[slack.direct(ANNA)]
    before = len(direct)
    page.act(slack, {"user": ANNA, "kind": "say", "place": "direct", "text": text})
    slack.until(lambda: len([m for m in direct[before:] if m["user"] == BOT_USER]) == 1)


def slack_picture(slack: FakeSlack, asked: str, to: Path, browser: str) -> None:
    address = slack.url.replace("/api/", f"/?bare&{asked}")
    shot(browser, address, to, SLACK_SIZE, SLACK_SCALE)
    picture = np.asarray(cv2.imread(str(to)), np.uint8)
    used = np.flatnonzero((picture < WHITE).any(axis=(1, 2)))
    cv2.imwrite(str(to), picture[: used[-1] + MARGIN], [cv2.IMWRITE_PNG_COMPRESSION, 9])


def shot(browser: str, address: str, to: Path, size: tuple[int, int], scale: float = 1.0) -> None:
    """Let a browser draw a page, its pictures and films loaded."""
    subprocess.run(
        [browser, "--headless=new", "--no-sandbox", "--hide-scrollbars", "--disable-gpu",
         f"--window-size={size[0]},{size[1]}", f"--force-device-scale-factor={scale}",
         "--virtual-time-budget=4000", f"--screenshot={to.absolute()}", address],
        check=True, capture_output=True,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("to", type=Path, help="the picture to make; slack.png: all of Slack")
    parser.add_argument("--browser", default="chromium", help="what draws a page as PNG")
    chosen = parser.parse_args()
    chosen.to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        if chosen.to.stem == "slack":
            slack_images(Path(scratch) / "demo", chosen.to, chosen.browser)
            return
        svg = Path(scratch) / "view.svg"
        svg.write_text(drawn_after_alert(Path(scratch) / "demo"), encoding="utf-8")
        if chosen.to.suffix == ".svg":
            svg.replace(chosen.to)
        else:
            shot(chosen.browser, svg.as_uri(), chosen.to, SIZE)


if __name__ == "__main__":
    main()
