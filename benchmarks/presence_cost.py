"""What presence costs: processor time of three sources at their defaults, as a share of one core.

python -m benchmarks.presence_cost            three minutes; needs root, dbus-daemon and bleak
python -m benchmarks.presence_cost --minutes 10

The network is one of namespaces: two phones that answer, two that are away (one of which nobody
knows the address), a DHCP server's file, and BlueZ's stand-in with five callers, in other
processes. Only the process with the sources and their watchers is counted.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
SETTINGS = {
    "people": {
        "Ann": {"devices": [{"name": "ann-phone", "mac": "a4:83:e7:00:00:0a"},
                            {"name": "ann-keys", "bluetooth": "c3:00:00:12:34:56"}]},
        "Bob": {"devices": [{"name": "bob-phone", "host": "bobs-pixel"}]},
        "Cem": {"devices": [{"name": "cem-phone", "mac": "a4:83:e7:00:00:0e"}]},
        "Dee": {"devices": [{"name": "dee-phone", "address": "192.168.77.90"}]},
    },
    "sources": [
        {"kind": "neighbours", "interface": "br0"},
        {"kind": "leases"},
        {"kind": "bluetooth"},
    ],
}  # fmt: skip
ALLOWED = 0.5  # percent of a core


def main() -> None:
    parser = argparse.ArgumentParser(description="What presence costs.")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--inside", metavar="FILE", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        inside(json.loads(Path(chosen.inside).read_text()), chosen.minutes)
    else:
        outside(chosen.minutes)


def outside(minutes: float) -> None:
    """Make a house, and let the sources run in it as a process of their own."""
    from tests.presence.bluez import bluez, system_bus
    from tests.presence.networks import house

    callers = [(f"C3:00:00:12:34:{number:02X}", b"") for number in (0x56, 1, 2, 3, 4)]
    with tempfile.TemporaryDirectory() as name, house(quick=False) as built:
        folder = Path(name)
        built.phone(10)
        built.phone(11)
        leases = folder / "dnsmasq.leases"
        end = time.time() + 86400
        leases.write_text(f"{end:.0f} a4:83:e7:00:00:0b 192.168.77.11 Bobs-Pixel *\n")
        SETTINGS["sources"][1]["file"] = str(leases)  # type: ignore[index] # a list of tables
        settings = folder / "settings.json"
        settings.write_text(json.dumps(SETTINGS))
        with system_bus(folder) as address, bluez(address, calls=callers):
            subprocess.run(
                ["ip", "netns", "exec", built.space, sys.executable, "-m",
                 "benchmarks.presence_cost", "--inside", settings, "--minutes", str(minutes)],
                check=True, cwd=ROOT, env=os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": address},
            )  # fmt: skip


def inside(settings: dict[str, object], minutes: float) -> None:
    """Run as the program does, but for the house; print the cost."""
    from whosthere.app.health import HealthBoard
    from whosthere.app.presence_parts import make_presence
    from whosthere.core.presence import SourceFailed, SourceReport
    from whosthere.presence.settings import PresenceSettings

    reports: list[SourceReport | SourceFailed] = []
    health = HealthBoard()

    def told(part: str) -> Callable[[str | None], None]:
        return lambda why: health.failed(part, why, 0.0) if why else health.recovered(part)

    memory = _memory()
    parts = make_presence(PresenceSettings.model_validate(settings), reports.append, told, health)
    for worker in parts.workers:
        worker.start()
    threading.Event().wait(40)  # the first looks load libraries and sweep
    before, began = _processor(), time.monotonic()
    threading.Event().wait(minutes * 60)
    spent, lasted = _processor() - before, time.monotonic() - began
    for worker in parts.workers:
        worker.ask_to_stop()
    share = 100 * spent / lasted
    seen = {one.device for report in reports if isinstance(report, SourceReport)
            for one in report.seen}  # fmt: skip
    failed = sorted({one.why for one in reports if isinstance(one, SourceFailed)})
    print("| sources | minutes | reports | processor | share of a core | allowed | memory |")
    print("|---|---|---|---|---|---|---|")
    print(f"| {len(parts.workers)} | {lasted / 60:.1f} | {len(reports)} | {spent:.2f} s"
          f" | {share:.2f} % | {ALLOWED} % | +{_memory() - memory:.0f} MB |")  # fmt: skip
    print(f"seen: {', '.join(sorted(seen))}; failed: {', '.join(failed) or 'none'}")


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _memory() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
