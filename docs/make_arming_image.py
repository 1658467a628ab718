"""Make the picture of arming in Slack: the countdown, armed, and disarmed by who comes.

    python docs/make_arming_image.py docs/images/slack-arming.png

A house lives an hour in a moment: it hears reports with times of their own.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from docs.make_images import slack_picture
from whosthere.app.assemble import assemble
from whosthere.app.program import Program
from whosthere.app.sandbox.people import ANNA, APP, BOT, CHANNEL
from whosthere.app.sandbox.server import FakeSlack
from whosthere.app.settings import Settings, parse
from whosthere.app.settings_shape import in_toml
from whosthere.core.messages import Message, Tick
from whosthere.core.modes import Mode
from whosthere.core.presence import DeviceSeen, SourceReport
from whosthere.messaging.slack.settings import Tokens, write_tokens

EVERY = 10.0
LIFE = ((600.0, ("ann-phone", "ben-phone")), (430.0, ()), (80.0, ()), (10.0, ("ann-phone",)))
SHOWN_AFTER = (1, 2, 3)  # parts of this life


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("to", type=Path, help="the picture to make")
    parser.add_argument("--browser", default="chromium", help="what draws the page")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, FakeSlack() as slack:
        folder = Path(scratch)
        settings = settings_for(folder / "data", slack.url)
        write_tokens(folder / "data" / "slack-tokens.json", Tokens(BOT, APP))
        program = assemble(settings, mode=Mode.OFF)
        for worker in program.messengers:
            worker.start()
        try:
            pictures = list(_pictures(program, slack, folder, chosen.browser))
        finally:
            program.stop()
    cv2.imwrite(str(chosen.to), np.vstack(pictures), [cv2.IMWRITE_PNG_COMPRESSION, 9])


def settings_for(folder: Path, api_url: str) -> Settings:
    folder.mkdir(parents=True)
    return parse(
        f"""
        [storage]
        folder = {in_toml(folder)}
        [cameras.front]
        kind = "file"
        path = "front.mp4"
        [presence.people.Ann]
        devices = [{{ name = "ann-phone", host = "ann" }}]
        [presence.people.Ben]
        devices = [{{ name = "ben-phone", host = "ben" }}]
        [[presence.sources]]
        kind = "neighbours"
        [[messengers]]
        kind = "slack"
        channel = "{CHANNEL}"
        admins = ["{ANNA}"]
        api_url = "{api_url}"
        """,
        "the sandbox",
    )


def _pictures(
    program: Program, slack: FakeSlack, folder: Path, browser: str
) -> Iterator[np.ndarray]:
    slack.connected()
    told_after = LIFE[0][0] + LIFE[1][0] - EVERY  # what comes later is ahead of time
    begin, clock = datetime.now(UTC) - timedelta(seconds=told_after), time.monotonic()
    lived, told = 0.0, 0
    for number, (seconds, seen) in enumerate(LIFE):
        for message in _reports(begin, clock, lived, seconds, seen):
            program.keeper.put(message)
        lived += seconds
        if number not in SHOWN_AFTER:
            continue
        told += 1
        words = ("Mode away at", "Armed, mode away", "Disarmed")[told - 1]
        message = slack.until(lambda said=words: [  # type: ignore[misc] # the default binds it
            one for one in slack.messages[CHANNEL] if one["text"].startswith(said)
        ])[-1]  # fmt: skip
        to = folder / f"{told}.png"
        slack_picture(slack, f"only={message['ts']}&alone", to, browser)
        picture = np.asarray(cv2.imread(str(to)), np.uint8)
        yield picture if told == 1 else _without_head(picture)


def _reports(
    begin: datetime, clock: float, lived: float, seconds: float, seen: tuple[str, ...]
) -> Iterator[Message]:
    for number in range(1, int(seconds / EVERY) + 1):
        since = lived + number * EVERY
        at, now = begin + timedelta(seconds=since), round(clock + since, 3)
        devices = tuple(DeviceSeen(one, how="by its name") for one in seen)
        yield SourceReport("network", at, now, devices)
        yield Tick(at, now)


def _without_head(picture: np.ndarray) -> np.ndarray:
    """Leave out the name of the channel, which stands above the first one."""
    rows = (picture < 240).any(axis=(1, 2))  # noqa: PLR2004 - all but white
    head = np.flatnonzero(rows[: len(rows) // 3])
    lines = np.flatnonzero((picture < 240).all(axis=2).mean(axis=1) > 0.9)  # noqa: PLR2004 - a rule
    return picture[(lines[0] if len(lines) else head[0]) + 2 :]


if __name__ == "__main__":
    main()
