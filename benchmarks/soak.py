"""`whosthere run` for an hour on a looped clip: memory, processor time, and how fast it tells.

python -m benchmarks.soak --minutes 60
"""

import argparse
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

SETTINGS = """
[storage]
folder = "{folder}"
[rules]
cooldown = 30.0
[cameras.front]
kind = "file"
path = "{clip}"
loop = true
[[messengers]]
kind = "console"
"""
SAMPLES = 60  # over the whole time


@dataclass(frozen=True, slots=True)
class Sample:
    """What the program used up to a moment."""

    seconds: float  # since the start
    megabytes: float  # resident
    processor: float  # seconds of processor time

    @classmethod
    def of(cls, process: int, seconds: float) -> "Sample":
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        times = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks = int(times[11]) + int(times[12])
        return cls(
            seconds,
            pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
            ticks / os.sysconf("SC_CLK_TCK"),
        )


def run_for(folder: Path, minutes: float) -> list[Sample]:
    settings = folder / "whosthere.toml"
    clip = files("whosthere") / "demo" / "visitor.mp4"
    settings.write_text(SETTINGS.format(folder=folder / "data", clip=clip))
    command = [sys.executable, "-m", "whosthere", "run", "--settings", str(settings)]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        began, samples = time.monotonic(), []
        for _ in track(range(SAMPLES), "running", transient=True):
            time.sleep(minutes * 60 / SAMPLES)
            samples.append(Sample.of(process.pid, time.monotonic() - began))
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    return samples


def told(folder: Path) -> tuple[list[float], list[float]]:
    """Seconds from the frame to its alert's row in the outbox, and to its being sent."""
    with sqlite3.connect(folder / "data" / "whosthere.db") as database:
        rows = database.execute(
            "SELECT at, queued, finished FROM outbox JOIN alert"
            " ON alert.id = alert_id AND alert.revision = outbox.revision"
            " WHERE news IN ('first', 'another visit') AND finished IS NOT NULL"
        ).fetchall()
    moments = [[datetime.fromisoformat(text) for text in row] for row in rows]
    queued = [(queue - at).total_seconds() for at, queue, _ in moments]
    return queued, [(sent - at).total_seconds() for at, _, sent in moments]


def table(samples: list[Sample], queued: list[float], sent: list[float]) -> Table:
    view = Table(title=f"{samples[-1].seconds / 60:.0f} minutes of a looped clip")
    view.add_column("")
    view.add_column("", justify="right")
    tenth = max(1, len(samples) // 10)
    for name, chosen in (("first", samples[:tenth]), ("last", samples[-tenth:])):
        view.add_row(
            f"memory in the {name} tenth", f"{max(one.megabytes for one in chosen):.0f} MB"
        )
    view.add_row("memory at most", f"{max(one.megabytes for one in samples):.0f} MB")
    share = samples[-1].processor / samples[-1].seconds
    view.add_row("processor", f"{100 * share:.1f} % of one core")
    view.add_row("alerts and further visits", str(len(queued)))
    if queued:
        view.add_row("frame to outbox, median", f"{statistics.median(queued):.3f} s")
        view.add_row("frame to outbox, longest", f"{max(queued):.3f} s")
        view.add_row("frame to sent, median", f"{statistics.median(sent):.3f} s")
    return view


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        samples = run_for(Path(place), args.minutes)
        queued, sent = told(Path(place))
    Console(width=None if sys.stdout.isatty() else 100).print(table(samples, queued, sent))


if __name__ == "__main__":
    main()
