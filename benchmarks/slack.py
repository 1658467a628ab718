"""How fast alerts and commands are, and whether alerts survive bad weather, against the sandbox.

python -m benchmarks.slack                 `whosthere run` with four cameras for three minutes
python -m benchmarks.slack --storm 60      200 alerts through an hour of faults and kill -9
python -m benchmarks.slack --storm 75 --outage 60      the same, with Slack down for an hour of it
"""

import argparse
import itertools
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

import av
from rich.console import Console
from rich.table import Table

from tests.servers.fake_slack import ANNA, APP, BOT, CHANNEL, FakeSlack
from tests.slack.storm import Count, Plan, child, counted, in_utc, planned, trouble, with_picture
from whosthere.messaging.slack.grammar import UMBRELLA
from whosthere.messaging.slack.manifest import slash_commands

SETTINGS = """
[storage]
folder = "{folder}"
[rules]
cooldown = 10.0
{cameras}
[[messengers]]
kind = "slack"
channel = "{channel}"
admins = ["{admin}"]
api_url = "{url}"
"""
CAMERA = """
[cameras.{name}]
kind = "file"
path = "{path}"
loop = true
"""
CAMERAS = {"front": 43.0, "garden": 40.0, "shed": 37.0, "street": 34.0}  # seconds of their films
ASKED = (
    "help", "status", "cameras", "snapshot front", "clip garden 5s", "last_image shed",
    "incidents today", "why", "why front", "who", "seen", "health", "top", "log 20",
    "current_position", "rotate 30 0", "tag unoccupied", "snooze 5m shed", "snooze off shed",
    "arm home shed for 1m", "arm away", "disarm street for 1m", "init", "snoze 30m", "nonsense",
)  # fmt: skip
BETWEEN_COMMANDS = 1.0  # seconds

ALERTS = 200
KILLS, OUTAGES = 12, 4
LONGEST_OUTAGE = 1 / 10  # of the whole time; the others take a fifth of that
CALM_SECONDS = 8.0  # on average between two faults
GRACE_SECONDS = 400.0  # at the end, for what waits


class Weather:
    """All that happens to one run, by a plan that chance made beforehand."""

    def __init__(
        self, fake: FakeSlack, seconds: float, outage: float, chance: random.Random
    ) -> None:
        self._fake, self._chance = fake, chance
        self.happened: Counter[str] = Counter()
        self.down_until = 0.0
        times = [(chance.uniform(0.02, 0.95) * seconds, "kill -9") for _ in range(KILLS)]
        calm = seconds - outage  # the longest outage comes last
        starts = [(one + chance.uniform(0.1, 0.7)) / OUTAGES * calm for one in range(OUTAGES)]
        lengths = [min(outage, LONGEST_OUTAGE * seconds) / 5] * (OUTAGES - 1) + [outage]
        self._lengths = dict(zip(starts, lengths, strict=True))
        times += [(start, "Slack down") for start in starts]
        at = 0.0
        while at < seconds:
            at += chance.expovariate(1 / CALM_SECONDS)
            kinds = ("failed calls", "cut socket", "expired tickets")
            times.append((at, chance.choices(kinds, (6, 1, 1))[0]))
        self._times = sorted(times)

    def pass_until(self, now: float) -> bool:
        """Let happen what is due. Tell whether the program is to be killed."""
        if now >= self.down_until:
            self._fake.down = False
        kill = False
        while self._times and self._times[0][0] <= now:
            at, what = self._times.pop(0)
            self.happened[what] += 1
            kill = kill or what == "kill -9"
            self._let(what, at)
        return kill

    def _let(self, what: str, at: float) -> None:
        match what:
            case "failed calls":
                trouble(self._fake, self._chance)
            case "Slack down":
                self._fake.down, self.down_until = True, at + self._lengths[at]
                self._fake.abort_sockets()
            case "cut socket":
                self._fake.abort_sockets()
            case "expired tickets":
                self._fake.expired_tickets += 2
                self._fake.abort_sockets()
            case _:  # the program is killed by who started it
                pass


def storm(minutes: float, outage: float | None, seed: int) -> tuple[Count, Counter[str]]:
    """Tell of 200 visitors, and let everything go wrong meanwhile."""
    chance = random.Random(seed)  # noqa: S311 - the weather
    seconds = minutes * 60
    longest = LONGEST_OUTAGE * seconds if outage is None else outage * 60
    began, every = time.time(), seconds / ALERTS
    plan = planned(in_utc(began), timedelta(seconds=every), ALERTS)
    with tempfile.TemporaryDirectory() as place, FakeSlack() as fake:
        folder = Path(place)
        with_picture(folder).close()
        words = (str(began), str(every), str(ALERTS))
        weather = Weather(fake, seconds, longest, chance)
        process = child(folder, fake.url, *words)
        try:
            while not _is_over(fake, plan, time.time() - began, seconds):
                if weather.pass_until(time.time() - began):
                    process.kill()
                    process.wait()
                    process = child(folder, fake.url, *words)
                time.sleep(0.2)
        finally:
            process.kill()
            process.wait()
        return counted(fake, plan), weather.happened


def _is_over(fake: FakeSlack, plan: Plan, now: float, seconds: float) -> bool:
    if now < seconds:
        return False
    count = counted(fake, plan)
    whole = (count.arrived, count.pictures, count.news) >= (ALERTS, ALERTS // 10, ALERTS // 5)
    return now > seconds + GRACE_SECONDS or (whole and now > seconds + CALM_SECONDS)


def storm_table(minutes: float, count: Count, happened: Counter[str]) -> Table:
    view = Table(title=f"{minutes:.0f} minutes of bad weather")
    view.add_column("")
    view.add_column("", justify="right")
    for what, times in sorted(happened.items()):
        view.add_row(what, str(times))
    view.add_section()
    view.add_row("alerts sent", str(count.sent))
    view.add_row("arrived", str(count.arrived))
    view.add_row("twice", str(count.twice))
    view.add_row("with news out of order", str(count.out_of_order))
    view.add_row("pictures", f"{count.pictures} of {ALERTS // 10}")
    view.add_row("later news", f"{count.news} of {ALERTS // 5}")
    view.add_row("that said how late they were", str(count.late))
    return view


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
    commands: dict[str, list[float]]  # until each was acknowledged


def speed(minutes: float) -> Seconds:
    """Let four cameras run, and ask all that can be asked meanwhile."""
    with tempfile.TemporaryDirectory() as place, Timed() as fake:
        folder = Path(place)
        cameras = "".join(
            CAMERA.format(name=name, path=film(folder / f"{name}.mp4", seconds))
            for name, seconds in CAMERAS.items()
        )
        about = {"channel": CHANNEL, "admin": ANNA, "url": fake.url, "folder": folder / "data"}
        settings = folder / "whosthere.toml"
        settings.write_text(SETTINGS.format(cameras=cameras, **about))
        tokens = {"WHOSTHERE_SLACK_BOT_TOKEN": BOT, "WHOSTHERE_SLACK_APP_TOKEN": APP}
        command = [sys.executable, "-m", "whosthere", "run", "--settings", str(settings)]
        with (folder / "said").open("w") as said:
            process = subprocess.Popen(
                [*command, "--mode", "away"], stdout=said, stderr=said, env={**os.environ, **tokens}
            )
            try:
                commands = asked(fake, minutes * 60)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(10)
        return Seconds(*told(fake, folder / "data" / "whosthere.db"), commands)


def film(path: Path, seconds: float) -> Path:
    """The demo's clip, or its beginning, so that the visitors of four cameras come apart."""
    with av.open(str(files("whosthere") / "demo" / "visitor.mp4")) as source, \
            av.open(str(path), "w") as target:  # fmt: skip
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.pts is not None and packet.pts * packet.time_base < seconds:
                packet.stream = stream
                target.mux(packet)
    return path


def asked(fake: FakeSlack, seconds: float) -> dict[str, list[float]]:
    """Ask each in turn, again and again; switches are put back at once."""
    fake.connected(30)
    names = [one["command"] for one in slash_commands()]
    turns = sorted(names, key=lambda name: name.replace("_off", "_0"))  # first off, then on
    turns = [*turns, *(f"/{UMBRELLA} {text}" for text in ASKED)]
    took: dict[str, list[float]] = {one: [] for one in turns}
    ends = time.monotonic() + seconds
    for turn in itertools.cycle(turns):
        if time.monotonic() > ends:
            return took
        began = time.monotonic()
        command, _, text = turn.partition(" ")
        fake.slash(command, text)
        took[turn].append(time.monotonic() - began)
        time.sleep(BETWEEN_COMMANDS)
    return took


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
    row("all commands: acknowledged", [one for each in took.commands.values() for one in each])
    for name, seconds in took.commands.items():
        row(name, seconds)
    return view


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="of four cameras")
    parser.add_argument("--storm", type=float, metavar="MINUTES", help="bad weather instead")
    parser.add_argument("--outage", type=float, metavar="MINUTES", help="the longest in it")
    parser.add_argument("--seed", type=int, default=7, help="of the weather")
    args = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 100)
    if args.storm:
        console.print(storm_table(args.storm, *storm(args.storm, args.outage, args.seed)))
    else:
        console.print(speed_table(args.minutes, speed(args.minutes)))


if __name__ == "__main__":
    main()
