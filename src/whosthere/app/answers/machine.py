"""How this machine is doing, as Linux tells it. What it does not tell is left out."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from whosthere.core.spans import span

GIGABYTE = 2**30
SAMPLE_SECONDS = 0.2


def machine(folder: Path, pause: Callable[[float], None] = time.sleep) -> str:
    """Say processor, memory, temperature and disk, a line each."""
    return "\n".join(_lines(folder, pause))


def _lines(folder: Path, pause: Callable[[float], None]) -> Iterator[str]:
    with suppress(OSError, ValueError, ZeroDivisionError):
        before = _busy_and_all()
        pause(SAMPLE_SECONDS)
        busy, every = (now - then for now, then in zip(_busy_and_all(), before, strict=True))
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        yield (
            f"processor: {busy / every:.0%} of {os.cpu_count()} cores; load {load}"
            " in the last 1, 5 and 15 min".replace("%", " %")
        )
    with suppress(OSError, KeyError, ValueError):
        memory = _kilobytes(Path("/proc/meminfo"))
        free, whole = memory["MemAvailable"] / 2**20, memory["MemTotal"] / 2**20
        own = _kilobytes(Path("/proc/self/status"))["VmRSS"] / 1024
        yield f"memory: {free:.1f} of {whole:.1f} GB free; whosthere uses {own:.0f} MB"
    with suppress(OSError):
        disk = shutil.disk_usage(folder)
        yield f"disk: {disk.free / GIGABYTE:.1f} of {disk.total / GIGABYTE:.1f} GB free"
    yield _temperature()
    with suppress(OSError, ValueError):
        yield f"up for {span(float(Path('/proc/uptime').read_text().split()[0]))}"


def _busy_and_all() -> tuple[int, int]:
    numbers = [int(n) for n in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    idle = numbers[3] + numbers[4]  # and waiting for the disk
    return sum(numbers) - idle, sum(numbers)


def _kilobytes(file: Path) -> dict[str, int]:
    rows = (line.split() for line in file.read_text().splitlines())
    return {row[0].rstrip(":"): int(row[1]) for row in rows if row[-1] == "kB"}


def temperature(folder: Path = Path("/sys/class/thermal")) -> float | None:
    """Return the hottest sensor's degrees Celsius, if this machine tells."""
    degrees = []
    for zone in sorted(folder.glob("thermal_zone*/temp")):
        with suppress(OSError, ValueError):
            degrees.append(int(zone.read_text()) / 1000)
    return max(degrees, default=None)


def _temperature() -> str:
    degrees = temperature()
    if degrees is None:
        return "temperature: this machine does not tell"
    return f"temperature: {degrees:.0f} °C"
