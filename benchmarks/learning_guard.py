"""How many tags are enough: what proposals by few tags do on days that nobody has seen.

A camera is made up of which all is known: visits and false alarms differ in how sure the detector
is and how large they are, and overlap. Each draw tags so many of each kind, tunes by them as at
home, and then lets hundreds of other visits and false alarms come.

python -m benchmarks.learning_guard --draws 25
"""

import argparse
import math
import random
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.accuracy import STARTS
from whosthere.core.model import House, Incident
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import PERSON, WHOLE, Detection, Look, Motion, Sighting
from whosthere.core.sighting import Scene as Light
from whosthere.learning.explain import Scene
from whosthere.learning.tune import Outcome, tune
from whosthere.learning.tune_cases import Case, Cases, by_days
from whosthere.learning.tune_counts import Count, counted

CAMERA = "camera"
UNSEEN = 300  # of each kind
TAGS = (10, 20, 30, 50, 80, 120)
MANY_LOST = 0.05
MISSED = 0.1  # of visits, that the rules in use do not tell
STEPS = 10  # frames of each
RULES = CameraPolicy()
HOUSE = House(ArmState(Mode.AWAY, STARTS, "benchmark"))
POLICY = Policy(cameras={CAMERA: RULES})


@dataclass(frozen=True, slots=True)
class Kind:
    """How things of a kind look: mean and spread of confidence, and of the logarithm of size."""

    sure: tuple[float, float]
    size: tuple[float, float]


VISIT = Kind((0.56, 0.09), (math.log(0.05), 0.8))
FALSE = Kind((0.48, 0.05), (math.log(0.015), 0.8))
FAINT = Kind((0.28, 0.03), (math.log(0.04), 0.8))  # a visit of which nobody is told
NOTHING = Kind((0.22, 0.04), (math.log(0.01), 0.8))  # nobody is told, rightly


def case(chance: random.Random, number: int, *, visit: bool) -> Case:
    """Something that happened on a day."""
    untold = chance.random() < (MISSED if visit else 0.5)
    kind = (FAINT if untold else VISIT) if visit else NOTHING if untold else FALSE
    sure = min(0.69, max(0.1, chance.gauss(*kind.sure)))
    size = min(0.5, max(0.003, math.exp(chance.gauss(*kind.size))))
    began = STARTS + timedelta(days=number)
    found = (Detection(PERSON, round(sure, 4), WHOLE),)
    heard = tuple(
        Sighting(CAMERA, began + timedelta(seconds=step / 5), step / 5,
                 Motion(Light.STEADY, round(size, 4), (WHOLE,)), Look.DONE, found)
        for step in range(STEPS)
    )  # fmt: skip
    ends = began + timedelta(seconds=STEPS / 5)
    incident = Incident(str(number), CAMERA, began, began, 0.0, ends, STEPS / 5)
    return Case(incident, visit, Scene(CAMERA, HOUSE, heard, POLICY), began.date())


@dataclass(frozen=True, slots=True)
class Draw:
    """What was proposed, and what it did to what came afterwards."""

    outcome: Outcome
    before: Count
    after: Count
    lost: float  # the share of visits that were told and are no longer

    @property
    def gone(self) -> float:
        return 1 - self.after.alarms / self.before.alarms


def drawn(tags: int, seed: int) -> Draw:
    chance = random.Random(seed)  # noqa: S311 - seeded, to be the same each time
    cases = [case(chance, number, visit=bool(number % 2)) for number in range(2 * tags)]
    older, newer = by_days(cases)
    outcome = tune(CAMERA, RULES, older, newer, enough=tags - 1)
    unseen = Cases.of(case(chance, number, visit=bool(number % 2)) for number in range(2 * UNSEEN))
    before, after = counted(RULES, unseen), outcome.after
    if not outcome.proposed:
        return Draw(outcome, before, before, 0.0)
    lost = sum(one.told(RULES) and not one.told(after) for one in unseen.visits)
    return Draw(outcome, before, counted(after, unseen), lost / before.told)


def row(tags: int, found: Sequence[Draw]) -> tuple[str, ...]:
    made = [one for one in found if one.outcome.proposed]
    if not made:
        return (str(tags), f"0 of {len(found)}", *["-"] * 6)
    lost = sorted(one.lost for one in made)
    told = [(one.after.told - one.before.told) / one.before.visits for one in made]
    bound = [one.outcome.held[1].lost_at_most for one in made]
    missed = [1 - one.after.recall.value for one in made if one.after.recall.value is not None]
    return (
        str(tags),
        f"{len(made)} of {len(found)}",
        f"{statistics.mean(one.gone for one in made):.0%}",
        f"{statistics.mean(told):+.1%}",
        f"{statistics.mean(lost):.1%}",
        f"{lost[round(0.9 * (len(lost) - 1))]:.1%}",
        f"{sum(one > MANY_LOST for one in lost) / len(made):.0%}",
        f"{sum(a <= b for a, b in zip(missed, bound, strict=True)) / len(made):.0%}",
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--draws", type=int, default=25)
    parser.add_argument("--tags", type=int, nargs="+", default=TAGS, help="of each kind")
    chosen = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False)
    view = Table(title=f"Proposals by so many tags of each kind, on {UNSEEN} others of each")
    for name in ("tags of each", "proposed", "false alarms gone", "visits told, change",
                 "visits lost", "nine of ten lose at most", f"lose more than {MANY_LOST:.0%}",
                 "stated bound holds"):  # fmt: skip
        view.add_column(name, justify="right")
    for tags in chosen.tags:
        draws = track(range(chosen.draws), f"{tags} tags", transient=True, console=console)
        view.add_row(*row(tags, [drawn(tags, seed) for seed in draws]))
    console.print(view)
    return 0


if __name__ == "__main__":
    sys.exit(main())
