"""How fast alerts, commands and buttons are in Slack, and whether alerts survive bad weather.

All against the sandbox:

python -m benchmarks.slack                 `whosthere run` with four cameras for three minutes
python -m benchmarks.slack --storm 60      200 alerts through an hour of faults and kill -9
python -m benchmarks.slack --storm 75 --outage 60      the same, with Slack down for an hour of it
python -m benchmarks.slack --storm 10 --whole          the whole program with four cameras in it
"""

import argparse
import itertools
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.slack_cameras import DATA, prepared, started
from benchmarks.slack_storm import storm, storm_table
from benchmarks.slack_whole import whole_storm, whole_table
from tests.servers.fake_slack import CHANNEL, FakeSlack
from whosthere.messaging.slack.grammar import UMBRELLA
from whosthere.messaging.slack.manifest import slash_commands

ASKED = (
    "help", "status", "cameras", "snapshot front", "clip garden 5s", "last_image shed",
    "incidents today", "why", "why front", "who", "seen", "health", "top", "log 20",
    "current_position", "rotate 30 0", "tag unoccupied", "snooze 5m shed", "snooze off shed",
    "arm home shed for 1m", "arm away", "disarm street for 1m", "init", "snoze 30m", "nonsense",
)  # fmt: skip
BETWEEN_COMMANDS = 1.0  # seconds
PRESSED = (  # buttons below the newest alert; what each asks for is undone by what follows
    "alert_occupied", "alert_unoccupied", "alert_live", "alert_snooze", "alert_disarm",
)  # fmt: skip
UNDONE = {"alert_snooze": "init", "alert_disarm": "arm away"}
PATIENCE = 10.0  # seconds for what a button shows


class Timed(FakeSlack):
    """Knows when each message arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.came: dict[str, float] = {}

    def new_ts(self) -> str:
        name = super().new_ts()
        self.came[name] = time.time()
        return name


@dataclass(frozen=True, slots=True)
class Seconds:
    """What was measured."""

    words: list[float]  # from the frame to the alert's arrival
    pictures: list[float]  # and to its picture's
    commands: dict[str, list[float]]  # and presses, until each was acknowledged
    shown: dict[str, list[float]]  # presses, until everybody saw it


def speed(minutes: float) -> Seconds:
    """Let four cameras run, and ask all that can be asked meanwhile."""
    with tempfile.TemporaryDirectory() as place, Timed() as fake:
        folder = Path(place)
        process = started(prepared(folder, fake.url))
        try:
            commands, shown = asked(fake, minutes * 60)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)
        return Seconds(*told(fake, folder / DATA / "whosthere.db"), commands, shown)


def asked(fake: FakeSlack, seconds: float) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Ask and press each in turn, again and again; what is switched is put back at once."""
    fake.connected(30)
    names = [one["command"] for one in slash_commands()]
    turns = sorted(names, key=lambda name: name.replace("_off", "_0"))  # first off, then on
    turns = [*PRESSED, *turns, *(f"/{UMBRELLA} {text}" for text in ASKED)]
    took: dict[str, list[float]] = {one: [] for one in turns}
    shown: dict[str, list[float]] = {one: [] for one in PRESSED}
    ends = time.monotonic() + seconds
    for turn in itertools.cycle(turns):
        if time.monotonic() > ends:
            break
        if turn in PRESSED:
            press(fake, turn, took[turn], shown[turn])
        else:
            ask(fake, turn, took[turn])
        time.sleep(BETWEEN_COMMANDS)
    return took, shown


def ask(fake: FakeSlack, turn: str, took: list[float]) -> None:
    began = time.monotonic()
    command, _, text = turn.partition(" ")
    fake.slash(command, text)
    took.append(time.monotonic() - began)


def press(fake: FakeSlack, action: str, took: list[float], shown: list[float]) -> None:
    """Press a button of the newest alert, and wait until everybody sees what came of it.

    The question that *Disarm* asks before is Slack's own part, and not waited for.
    """
    messages = [one for one in fake.top() if one.get("metadata")]
    if not messages:
        return
    message = messages[-1]
    done = seen_of(fake, action, message)
    began = time.monotonic()
    fake.press(message, action)
    took.append(time.monotonic() - began)
    with suppress(AssertionError):  # it shows as missing
        fake.until(done, PATIENCE)
        shown.append(time.monotonic() - began)
    if action in UNDONE:
        fake.slash(f"/{UMBRELLA}", UNDONE[action])


def seen_of(fake: FakeSlack, action: str, message: dict[str, Any]) -> Callable[[], bool]:
    """What tells everybody that it was pressed: a mark, a live picture or a word in the thread."""
    word = action.removeprefix("alert_").capitalize()
    if word in {"Occupied", "Unoccupied"}:
        return lambda: f"✓ {word}" in str(message["blocks"])
    begins = "Anna: *" if action == "alert_live" else "Anna: "
    before = sum(one["text"].startswith(begins) for one in fake.thread(message))
    return lambda: sum(one["text"].startswith(begins) for one in fake.thread(message)) > before


def told(fake: Timed, database: Path) -> tuple[list[float], list[float]]:
    """Seconds from the frame to the words of its alert, and to its picture."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT ts, at FROM slack_message").fetchall()
    begun = {ts: datetime.fromisoformat(at).timestamp() for ts, at in rows}
    words = [fake.came[ts] - at for ts, at in begun.items()]
    pictures: dict[str, float] = {}
    for message in fake.messages[CHANNEL]:
        top = str(message.get("thread_ts"))
        names = [one["name"] for one in message.get("files") or ()]
        if top in begun and any(name.endswith(".jpg") for name in names):
            pictures.setdefault(top, fake.came[message["ts"]] - begun[top])
    return words, list(pictures.values())


def speed_table(minutes: float, took: Seconds) -> Table:
    view = Table(title=f"{minutes:.0f} minutes of four cameras, `whosthere run`")
    for name in ("", "times", "median", "longest"):
        view.add_column(name, justify="right" if name else "left")

    def row(name: str, seconds: list[float]) -> None:
        middle, most = (statistics.median(seconds), max(seconds)) if seconds else (0.0, 0.0)
        view.add_row(name, str(len(seconds)), f"{middle:.3f} s", f"{most:.3f} s")

    row("frame to words on the wire", took.words)
    row("frame to picture", took.pictures)
    view.add_section()
    for name, seconds in took.shown.items():
        row(f"{name}: until all see it", seconds)
    view.add_section()
    row("all: acknowledged", [one for each in took.commands.values() for one in each])
    for name, seconds in took.commands.items():
        row(name, seconds)
    return view


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="of four cameras")
    parser.add_argument("--storm", type=float, metavar="MINUTES", help="bad weather instead")
    parser.add_argument("--outage", type=float, metavar="MINUTES", help="the longest in it")
    parser.add_argument("--seed", type=int, default=7, help="of the weather")
    parser.add_argument("--whole", action="store_true", help="the whole program in the storm")
    args = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 100)
    if args.storm and args.whole:
        count, happened, said = whole_storm(args.storm, args.outage, args.seed)
        console.print(whole_table(args.storm, args.seed, count, happened))
        sys.stderr.write("\n".join([*said, ""]))
    elif args.storm:
        console.print(storm_table(args.storm, *storm(args.storm, args.outage, args.seed)))
    else:
        console.print(speed_table(args.minutes, speed(args.minutes)))


if __name__ == "__main__":
    main()
