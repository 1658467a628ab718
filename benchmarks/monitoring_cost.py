"""What it costs to be watched: `python -m benchmarks.monitoring_cost`.

The program runs as ever, with a web server. In turns it is left alone and scraped many times, each
time for some seconds, and the kernel tells the processor time of the process. The difference for
each scrape, every 15 s, is what Prometheus costs. `whosthere status`, the watchdog and a
heartbeat are measured the same way or in this process; counting is measured by itself.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from statistics import median

from whosthere.app.status import ask
from whosthere.core.sighting import Motion, Scene, Sighting
from whosthere.monitoring.tally import Tally

FILM = Path(__file__).parents[1] / "src" / "whosthere" / "demo" / "visitor.mp4"
EVERY_SECONDS = 15.0  # a usual scrape_interval; Glances asks every 5 s
STATUS_SECONDS = 5.0
TICKS = os.sysconf("SC_CLK_TCK")
BUDGET = 0.01  # of one core
QUIET = 0.1  # seconds of processor time within two
SETTINGS = """
[storage]
folder = "{folder}/data"
[web]
listen = "127.0.0.1:{port}"
metrics_without_token = true
"""
CAMERA = '[cameras.camera{n}]\nkind = "file"\npath = "{film}"\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each turn")
    parser.add_argument("--turns", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), chosen.cameras, chosen.seconds, chosen.turns)


def measure(folder: Path, cameras: int, seconds: float, turns: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    file = folder / "whosthere.toml"
    text = SETTINGS.format(folder=folder, port=port)
    file.write_text(text + "".join(CAMERA.format(n=n, film=FILM) for n in range(cameras)))
    words = [sys.executable, "-m", "whosthere", "run", "--quiet", "--settings", str(file)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
        try:
            address = f"http://127.0.0.1:{port}/metrics"
            size = wait_for(lambda: len(scrape(address)))
            until_the_film_is_over(program.pid, folder / "data")
            rows = [
                ("metrics, every 15 s", EVERY_SECONDS, lambda: scrape(address)),
                ("status, every 5 s", STATUS_SECONDS, lambda: ask(folder / "data")),
            ]
            print(f"{cameras} cameras; a page of {size / 1000:.1f} kB\n")
            print(f"{'':24}{'CPU of one':>12}{'of one core':>14}")
            whole = 0.0
            for name, every, act in rows:
                cost = cost_of(program.pid, act, seconds, turns)
                whole += cost / every
                print(f"{name:24}{1000 * cost:9.2f} ms{100 * cost / every:12.3f} %")
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait(10)
    counting = count_cost()
    whole += counting * 5 * cameras
    print(f"{'counting, each frame':24}{1e6 * counting:9.2f} µs{100 * counting * 5:12.4f} %")
    verdict = "within" if whole < BUDGET else "OVER"
    print(f"\ntogether {100 * whole:.2f} % of one core: {verdict} the budget of {BUDGET:.0%}")


def scrape(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own
        body: bytes = answer.read()
        return body


def wait_for(act: Callable[[], int]) -> int:
    until = time.monotonic() + 60
    while True:
        try:
            return act()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


def until_the_film_is_over(pid: int, data: Path) -> None:
    """Then the rest of the program is quiet, and small differences can be seen."""
    while not all(one["over"] for one in (ask(data) or {"cameras": [{"over": False}]})["cameras"]):
        time.sleep(1)
    before = -1.0
    while cpu(pid) - before > QUIET:
        before = cpu(pid)
        time.sleep(2)


def cpu(pid: int) -> float:
    """Seconds of processor time, of the program and the kernel for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cost_of(pid: int, act: Callable[[], object], seconds: float, turns: int) -> float:
    """Seconds of processor time of the program for one call."""
    costs = []
    for _ in range(turns):
        before = cpu(pid)
        time.sleep(seconds)
        idle = cpu(pid) - before
        before, calls, began = cpu(pid), 0, time.monotonic()
        while time.monotonic() - began < seconds:
            act()
            calls += 1
        took = time.monotonic() - began
        costs.append((cpu(pid) - before - idle * took / seconds) / calls)
    return median(costs)


def count_cost(frames: int = 100_000) -> float:
    """Seconds to count one frame and to time its motion and one look of the detector."""
    tally = Tally(("front",))
    moment = time.time()
    sighting = Sighting("front", None, moment, Motion(Scene.STEADY))  # type: ignore[arg-type] # not read
    count = tally.beside(lambda _: None)
    see = tally.timed("front", lambda _: sighting.motion)
    began = time.process_time()
    for _ in range(frames):
        see(None)  # type: ignore[arg-type] # not read
        with tally.working("detector for front", tally.detector["front"]):
            pass
        count(sighting)
    return (time.process_time() - began) / frames


if __name__ == "__main__":
    main()
