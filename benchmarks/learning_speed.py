"""How long tuning takes, and what a shadow costs: `python -m benchmarks.learning_speed`.

A ledger of days as `benchmarks.replay` makes it. Some hundred incidents are tagged by turns as
visits and as false alarms, whatever they were; then the whole past is lived through twice, as it
is when something was found.

python -m benchmarks.learning_speed --days 14 --tags 200 --folder /var/tmp/ledger
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from benchmarks.replay import BEGINS, clips, make
from whosthere.app.settings import parse
from whosthere.app.tune import LOWEST, Tuning
from whosthere.core.decide import decide
from whosthere.core.model import Answer, House, Tag
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.learning.shadow import Shadow
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

SETTINGS = '[storage]\nfolder = "{folder}"\n[cameras.front]\nkind = "file"\npath = "-"\n'
ROUNDS = 5


def tag(folder: Path, most: int, until: datetime) -> int:
    """Tag incidents by turns."""
    with closing(SqliteStore(folder / "whosthere.db")) as store:
        told = [one for one in store.incidents(BEGINS, until) if one.alerted_at is not None]
        chosen = told[:: max(1, len(told) // most)][:most]
        store.remember([
            Tag(one.id, Answer.OCCUPIED if number % 2 else Answer.UNOCCUPIED, "benchmark",
                one.started + timedelta(minutes=1))
            for number, one in enumerate(chosen)
        ])  # fmt: skip
        return len(chosen)


def ask_for(folder: Path, sure: float) -> None:
    """Use rules that ask for so much confidence: then visits were missed, and are looked for."""
    rules = CameraPolicy(person_confidence=sure, unsure_confidence=sure)
    with closing(SqliteStore(folder / "whosthere.db")) as store:
        policy = Policy(default=rules, cameras={"front": rules})
        store.use_policy(policy, author="benchmark", reason="to measure")


def tuned(folder: Path, days: float) -> tuple[float, float, str]:
    """Seconds, processor seconds, and what came of it."""
    settings = parse(SETTINGS.format(folder=folder), "benchmark")
    began, worked = time.perf_counter(), time.process_time()
    with (
        closing(SqliteStore.visit(folder / "whosthere.db")) as store,
        closing(SqliteLedger.visit(folder / "ledger.db")) as ledger,
    ):
        until = BEGINS + timedelta(days=days)
        tuning = Tuning(settings, store, ledger, BEGINS, until, 50)
        (found,) = tuning.all(None, quiet=True)
        if not found.outcome.proposed:  # else it was done by itself
            for _ in range(2):
                tuning.reports(tuning.policy)
    said = found.outcome.why_not or "proposed"
    said += f"; {found.outcome.tried} candidates"
    return time.perf_counter() - began, time.process_time() - worked, said


def shadow_cost() -> tuple[float, float]:
    """Microseconds for each sighting: live alone, and what a shadow adds."""
    sightings = [one for clip in clips() for one in clip]
    house = House(ArmState(Mode.AWAY, BEGINS, "to measure"))
    live = beside = 0.0
    for _ in range(ROUNDS):
        shadow, now = Shadow(Policy(), house), house
        for one in sightings:
            began = time.process_time()
            now, _ = decide(now, one, Policy())
            middle = time.process_time()
            shadow.hear(one, now)
            live += middle - began
            beside += time.process_time() - middle
    count = ROUNDS * len(sightings) / 1e6
    return live / count, beside / count


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description="how long tuning takes")
    parser.add_argument("--days", type=float, default=14.0)
    parser.add_argument("--tags", type=int, default=200)
    parser.add_argument("--sure", type=float, default=CameraPolicy().person_confidence,
                        help="the higher it must be, the more visits were missed")  # fmt: skip
    parser.add_argument("--folder", type=Path, help="a ledger that is there, or is made there")
    chosen = parser.parse_args()
    os.nice(LOWEST)
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "ledger.db").exists():
            make(folder, chosen.days)
        tags = tag(folder, chosen.tags, BEGINS + timedelta(days=chosen.days))
        ask_for(folder, chosen.sure)
        seconds, processor, said = tuned(folder, chosen.days)
        console.print(f"{chosen.days:g} days, {tags} tags: {seconds:.0f} s, {processor:.0f} s of"
                      f" the processor, {_megabytes():.0f} MB ({said})")  # fmt: skip
    live, beside = shadow_cost()
    console.print(f"a sighting: {live:.0f} µs to decide on, {beside:.0f} µs more in the shadow")
    return 0


if __name__ == "__main__":
    sys.exit(main())
