"""What tags are worth: tuned on one half, measured on the other: `make learning`.

A script tags every incident by the labels of its clip, as an honest person would. The tuner sees
the tags of one half with its own guard rails: it chooses on the older of these days and reports on
the newer, or refuses. Then the other half is watched by the rules before and after. What the other
half is, makes two questions:

- other clips: places that it has never seen. All clips count as one camera, which is harder than
  it is at home, where every camera looks at one place and always the same.
- other days: other copies of the same clips, in other light, noise and weather. That is what a
  camera at home has before it; but copies are more alike than days are.

python -m benchmarks.learning --draws 6
python -m benchmarks.learning --tags 10 20 30 50 70    how many tags are enough
"""

import argparse
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import footage
from benchmarks.accuracy import STARTS, TALK
from benchmarks.learning_world import CAMERA, DAY, Watched, Way, lived, measured, seen
from benchmarks.scoring import Score
from whosthere.core.policy import CameraPolicy
from whosthere.learning.examples import ENOUGH_OF_EACH
from whosthere.learning.tune import Outcome, tune
from whosthere.learning.tune_cases import Case, by_days
from whosthere.learning.tune_counts import missing

COPIES = 7
FEWER = 25  # tags of each kind; at home it asks for more, and half of the days have not so many
MANY_LOST = 0.05  # of the visits that were told


@dataclass(frozen=True, slots=True)
class Start:
    """Rules that people might have, and what their camera can do."""

    name: str
    rules: CameraPolicy
    way: Way


SENSITIVE = CameraPolicy(
    least_area=0.0005, opening_share=0.3, occupied_share=0.3, person_confidence=0.2,
    unsure_confidence=0.15,
)  # fmt: skip
STRICT = CameraPolicy(least_area=0.02, person_confidence=0.65, unsure_confidence=0.6)
STARTING = (
    Start("as delivered", CameraPolicy(), Way.DETECTOR),
    Start("too sensitive", SENSITIVE, Way.DETECTOR),
    Start("too strict", STRICT, Way.DETECTOR),
    Start("motion alone", CameraPolicy(), Way.MOTION),
    Start("motion alone, too sensitive", SENSITIVE, Way.MOTION),
    Start("the talk's motion rule", TALK, Way.TALK),
)


class Question(StrEnum):
    """What the tuner is measured on."""

    CLIPS = "other clips"
    DAYS = "other days"


@dataclass(slots=True)
class Life:
    """All days as they went by the rules before, with their tags."""

    start: Start
    days: Sequence[Watched]
    cases: Sequence[Sequence[Case]]  # by day
    before: list[Score] = field(default_factory=list)  # by day

    @classmethod
    def of(cls, start: Start, days: Sequence[Watched]) -> "Life":
        with tempfile.TemporaryDirectory() as folder:
            cases = lived(days, start.rules, Path(folder))
        return cls(start, days, cases, [measured([one], start.rules) for one in days])

    def halves(self, question: Question, chance: random.Random) -> tuple[list[int], list[int]]:
        """Days to learn from, in the order in which they come, and days to be measured on."""
        if question is Question.DAYS:
            numbers = list(range(1 + max(one.copy.number for one in self.days)))
            chance.shuffle(numbers)
            learn = set(numbers[: (len(numbers) + 1) // 2])
            mine = [n for n, one in enumerate(self.days) if one.copy.number in learn]
            chance.shuffle(mine)
        else:
            clips = sorted({one.clip for one in self.days})
            chance.shuffle(clips)
            place = {clip: number for number, clip in enumerate(clips[::2])}
            mine = [n for n, one in enumerate(self.days) if one.clip in place]
            mine.sort(key=lambda n: place[self.days[n].clip])
        known = set(mine)
        return mine, [n for n in range(len(self.days)) if n not in known]

    def tagged(self, learn: Sequence[int]) -> list[Case]:
        """The tags of these days, which come one after another."""
        return [_on(case, place) for place, number in enumerate(learn)
                for case in self.cases[number]]  # fmt: skip


def _on(case: Case, place: int) -> Case:
    moment = STARTS + DAY * place + timedelta(seconds=case.incident.started_clock % 86400)
    return replace(case, day=moment.date(), incident=replace(case.incident, started=moment))


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw: what was found on one half, and what it did on the other."""

    outcome: Outcome
    before: Score
    after: Score
    refused: bool = False  # with as many tags as it asks for at home

    @property
    def gain(self) -> int:
        """A visit makes good for one false alarm, as the tuner counts."""
        return self.before.false - self.before.found - (self.after.false - self.after.found)

    @property
    def worse(self) -> bool:
        """Many visits are lost, however many false alarms go with them."""
        return self.gain < 0 or self.lost > MANY_LOST

    @property
    def better(self) -> bool:
        return self.gain > 0 and not self.worse

    @property
    def lost(self) -> float:
        """The share of visits that were told and are no longer."""
        return max(0.0, 1 - self.after.found / self.before.found) if self.before.found else 0.0

    @property
    def gone(self) -> float:
        """The share of false alarms that is gone; below zero, there are more."""
        return 1 - self.after.false / self.before.false if self.before.false else 0.0


def drawn(
    life: Life, question: Question, seed: int, *, enough: int, tags: int | None = None
) -> Draw:
    chance = random.Random(seed)  # noqa: S311 - seeded, to be the same each time
    learn, other = life.halves(question, chance)
    tagged = life.tagged(learn)
    if tags is not None:
        tagged = _some(tagged, tags, chance)
    older, newer = by_days(tagged)
    outcome = tune(CAMERA, life.start.rules, older, newer, enough=enough)
    before = sum((life.before[number] for number in other), Score())
    held = [life.days[number] for number in other]
    after = measured(held, outcome.after) if outcome.proposed else before
    return Draw(outcome, before, after, bool(missing(older, newer, ENOUGH_OF_EACH)))


def _some(tagged: Sequence[Case], tags: int, chance: random.Random) -> list[Case]:
    """So many of each kind, or as many as there are."""
    kept = []
    for visit in (True, False):
        kind = [one for one in tagged if one.visit is visit]
        kept += chance.sample(kind, min(tags, len(kind)))
    return kept


# --- tables


def row(start: Start, found: Sequence[Draw]) -> tuple[str, ...]:
    made = [one for one in found if one.outcome.proposed]
    return (
        start.name,
        f"{sum(one.refused for one in found)} of {len(found)}",
        f"{len(made)} of {len(found)}",
        _range([one.before.false for one in found]),
        _range([one.after.false for one in found]),
        _range([one.before.found for one in found]),
        _range([one.after.found for one in found]),
        _range([one.before.found + one.before.missed for one in found]),
        f"{statistics.mean(one.lost for one in found):.1%}",
        str(sum(one.better for one in found)),
        str(sum(one.worse for one in found)),
    )


def _range(some: Sequence[int]) -> str:
    """The mean, and what four of five draws lie between."""
    if min(some) == max(some):
        return str(some[0])
    ordered = sorted(some)
    low = ordered[round(0.1 * (len(ordered) - 1))]
    high = ordered[round(0.9 * (len(ordered) - 1))]
    return f"{statistics.mean(some):.1f} ({low}-{high})"


def table(question: Question, rows: Sequence[tuple[str, ...]], draws: int) -> Table:
    view = Table(
        title=f"Tuned on one half, measured on {question}; {draws} draws",
        caption="mean, and what four of five draws lie between; where nothing is proposed, all"
        f" stays; worse: more false alarms than it brings visits, or over {MANY_LOST:.0%} of visits"
        " lost",
    )
    for number, name in enumerate((
        "rules before", f"too few for {ENOUGH_OF_EACH}", "proposed",
        "false alerts before", "after", "visits told before", "after",
        "of visits", "visits lost", "better", "worse",
    )):  # fmt: skip
        view.add_column(name, justify="right" if number else "left")
    for one in rows:
        view.add_row(*one)
    return view


def guard_row(tags: int, question: Question, found: Sequence[Draw]) -> tuple[str, ...]:
    """What proposals that were made by so many tags did where they had not looked."""
    made = [one for one in found if one.outcome.proposed]
    if not made:
        return (str(tags), str(question), f"0 of {len(found)}", *["-"] * 5)
    lost = sorted(one.lost for one in made)
    return (
        str(tags),
        str(question),
        f"{len(made)} of {len(found)}",
        f"{statistics.mean(one.gone for one in made):.0%}",
        f"{statistics.mean(lost):.1%}",
        f"{lost[round(0.9 * (len(lost) - 1))]:.1%}",
        f"{sum(one > MANY_LOST for one in lost) / len(made):.0%}",
        f"{sum(one.worse for one in made) / len(made):.0%}",
    )


def guard_table(rows: Sequence[tuple[str, ...]]) -> Table:
    view = Table(title="Proposals by so many tags of each kind, where they had not looked")
    for number, name in enumerate((
        "tags of each", "measured on", "proposed", "false alerts gone", "visits lost",
        "nine of ten lose at most", f"lose more than {MANY_LOST:.0%}", "worse in all",
    )):  # fmt: skip
        view.add_column(name, justify="right" if number != 1 else "left")
    for one in rows:
        view.add_row(*one)
    return view


def verdict(question: Question, found: Sequence[tuple[Start, Draw]], enough: int) -> str:
    """Say plainly whether tags helped where nobody had looked."""
    draws = [one for _, one in found]
    asked = [one for one in draws if not one.refused]
    said = (
        f"On {question}, with the {ENOUGH_OF_EACH} tags of each kind that it asks for at home:"
        f" refused in {len(draws) - len(asked)} of {len(draws)} draws, and better in"
        f" {sum(one.better for one in asked)}, worse in {sum(one.worse for one in asked)}. With"
        f" {enough}: better in {sum(one.better for one in draws)}, worse in"
        f" {sum(one.worse for one in draws)}."
    )
    reasons = [one.outcome.why_not for one in draws if not one.outcome.proposed]
    few = sum("too few" in one for one in reasons)
    nothing = sum("no false alarms" in one for one in reasons)
    lost = sum("loses" in one for one in reasons)
    said += (
        f" Nothing was proposed in {len(reasons)}: {few} for want of tags, {nothing} since there"
        f" was no false alarm to drop, {lost} since a visit was lost on the days that it reports"
        f" on, and {len(reasons) - few - nothing - lost} since nothing kept all visits and was"
        " better."
    )
    better, worse = sum(one.better for one in draws), sum(one.worse for one in draws)
    if better <= 2 * worse:
        said += " So these tags are not enough: it cannot get better by them."
    return said


def details(found: Sequence[tuple[Start, Draw]], say: Callable[[str], object]) -> None:
    """Say why nothing was proposed, and what was."""
    for start, one in found:
        outcome = one.outcome
        if outcome.proposed:
            what = "; ".join(price.in_words() for price in outcome.prices)
            say(f"{start.name}: {what} [{one.before.false} → {one.after.false} false,"
                f" {one.before.found} → {one.after.found} visits]")  # fmt: skip
        else:
            say(f"{start.name}: nothing, since {outcome.why_not}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--draws", type=int, default=6, help="how often to draw halves")
    parser.add_argument("--copies", type=int, default=COPIES, help="of each clip")
    parser.add_argument("--enough", type=int, default=FEWER, help="tags of each kind")
    parser.add_argument("--tags", type=int, nargs="+", help="try so many tags of each kind")
    parser.add_argument("--all", action="store_true", help="say what came of each draw")
    parser.add_argument("--only", default="", help="clips whose name holds this")
    chosen = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    clips = [one for one in footage.labelled() if chosen.only in one.name]
    if footage.folder() is None:
        console.print("Without more footage (WHOSTHERE_FOOTAGE), on the few clips that come along.")
    ways = seen(clips, chosen.copies)
    lives = [Life.of(start, ways[start.way]) for start in STARTING]
    for life in lives:
        tagged = [case for some in life.cases for case in some]
        visits = sum(case.visit for case in tagged)
        console.print(f"{life.start.name}: {len(tagged)} incidents tagged on {len(life.days)} days,"
                      f" {visits} of them visits")  # fmt: skip
    if chosen.tags:
        console.print(guard_table(guards(lives, chosen.tags, chosen.draws)))
        return 0
    for question in Question:
        rows, all_found = [], []
        for life in lives:
            found = [drawn(life, question, seed, enough=chosen.enough)
                     for seed in range(chosen.draws)]  # fmt: skip
            rows.append(row(life.start, found))
            all_found += [(life.start, one) for one in found]
        if chosen.all:
            details(all_found, lambda text: console.print(f"  {text}", markup=False))
        console.print(table(question, rows, chosen.draws))
        console.print(verdict(question, all_found, chosen.enough))
    return 0


def guards(lives: Sequence[Life], counts: Sequence[int], draws: int) -> list[tuple[str, ...]]:
    rows = []
    for question in Question:
        for count in counts:
            found = [
                drawn(life, question, seed, enough=count, tags=count)
                for life in lives
                for seed in range(draws)
            ]
            enough = [one for one in found if "too few" not in one.outcome.why_not]
            rows.append(guard_row(count, question, enough))
    return rows


if __name__ == "__main__":
    sys.exit(main())
