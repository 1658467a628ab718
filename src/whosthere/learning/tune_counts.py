"""What rules would have told of tagged incidents, and what each part of them is worth."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from whosthere.core.policy import CameraPolicy
from whosthere.learning import masks
from whosthere.learning.statistics import Estimate, share
from whosthere.learning.tune_bounds import at_most
from whosthere.learning.tune_cases import Case, Cases
from whosthere.learning.tune_moves import moved, with_number

HELD_OUT = 0.2  # of the tags that are needed in all must be in the days that are reported on
LEAST_MISSED = 5  # tagged missed visits, before rules are looked for that find such
MODEL = ("weights", "least_likelihood")


@dataclass(frozen=True, slots=True)
class Count:
    """What people would have been told in some days."""

    visits: int  # tagged, in all
    told: int  # of these
    false: int  # tagged, in all
    alarms: int  # of these, people would have been told

    @property
    def lost_at_most(self) -> float:
        """The share of visits that may be missed, with 90 % confidence."""
        return at_most(self.visits - self.told, self.visits)

    @property
    def cost(self) -> int:
        """The smaller, the better: a visit that is told makes good for one false alarm."""
        return self.alarms - self.told

    @property
    def precision(self) -> Estimate:
        """Of what is told, the share that are visits."""
        return share(self.told, self.told + self.alarms)

    @property
    def recall(self) -> Estimate:
        """Of the tagged visits, the share that is told."""
        return share(self.told, self.visits)


@dataclass(frozen=True, slots=True)
class Price:
    """What one part of a proposal is worth."""

    what: str
    fewer: int  # false alarms
    lost: int  # visits; below zero: so many are found by it

    def in_words(self) -> str:
        alarms = f"{abs(self.fewer)} false alarms {'fewer' if self.fewer >= 0 else 'more'}"
        found = f"{-self.lost} missed visits found" if self.lost < 0 else f"{self.lost} visits lost"
        return f"{self.what}: {alarms}, {found}"


def counted(rules: CameraPolicy, *parts: Cases) -> Count:
    visits = [one for part in parts for one in part.visits]
    false = [one for part in parts for one in part.false]
    told = sum(one.told(rules) for one in visits)
    return Count(len(visits), told, len(false), sum(one.told(rules) for one in false))


def missing(chosen: Cases, held: Cases, enough: int) -> str:
    """Say which tags are missing, if some are. Those of quiet pictures do not count."""
    said, part, of_other_days = [], max(1, round(HELD_OUT * enough)), True
    for kind, some, others in (
        ("visits", chosen.visits, held.visits),
        ("false alarms", chosen.false, held.false),
    ):
        one, other = _moving(some), _moving(others)
        lacking = max(enough - one - other, part - other, part - one)
        if lacking > 0:
            said.append(f"{lacking} more tagged {kind}")
            of_other_days &= one + other >= enough
    if not said:
        return ""
    days = ", of other days than there are" if of_other_days else ""
    return f"too few tags: {' and '.join(said)} are needed{days}"


def _moving(some: Iterable[Case]) -> int:
    return sum(not one.quiet for one in some)


def prices(before: CameraPolicy, after: CameraPolicy, *parts: Cases) -> tuple[Price, ...]:
    """What each place, and each number, is worth beside the rest of it."""
    now = counted(after, *parts)
    found = []

    def price(what: str, without: CameraPolicy) -> None:
        other = counted(without, *parts)
        found.append(Price(what, other.alarms - now.alarms, other.told - now.told))

    for place in [one for one in after.ignored if one not in before.ignored]:
        rest = tuple(one for one in after.ignored if one != place)
        price(f"nothing counts in the {masks.in_words(place)}", replace(after, ignored=rest))
    names = moved(before, after)
    for name in [one for one in names if one not in {"ignored", *MODEL}]:
        was, value = getattr(before, name), getattr(after, name)
        price(f"{name} {was:g} → {value:g}", with_number(after, name, was))
    if any(name in MODEL for name in names):
        without = replace(after, weights=before.weights, least_likelihood=before.least_likelihood)
        what = f"a model of {len(after.weights) - 1} numbers together"
        price(f"{what}, likelihood of a visit at least {after.least_likelihood:g}", without)
    return tuple(found)
