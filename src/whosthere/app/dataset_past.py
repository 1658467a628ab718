"""What the house was set to at any moment of the past, and which numbers were used."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from whosthere.core.model import House
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import Policy
from whosthere.storage.reading import Reading

UNKNOWN = "before anything is known"


@dataclass(frozen=True, slots=True)
class Settled:
    """Modes and controls of a stretch of time; each house has no cameras."""

    moments: tuple[datetime, ...]
    houses: tuple[House, ...]

    def at(self, moment: datetime) -> House:
        index = bisect_right(self.moments, moment) - 1
        return self.houses[max(0, index)]

    def seconds(self, since: datetime, until: datetime, counts: Callable[[House], bool]) -> float:
        """How long it was as `counts` says."""
        edges = [since, *(m for m in self.moments if since < m < until), until]
        return sum(
            (after - before).total_seconds()
            for before, after in pairwise(edges)
            if counts(self.at(before))
        )


def settled(store: Reading, since: datetime, until: datetime) -> Settled:
    """Read what held at `since` and each change until then."""
    modes = store.arm_states_of(since, until)
    controls = store.controls_of(since, until)
    moments = {state.since for state in modes}
    moments |= {one.since for one in controls if one.since is not None}
    moments |= {end for one in controls if (end := one.quiet_until) is not None and end < until}
    if not modes:
        house = House(ArmState(Mode.OFF, since, UNKNOWN))
        return Settled((since,), (house,))
    ordered = sorted(moments)
    houses = []
    for moment in ordered:
        mode = [state for state in modes if state.since <= moment] or modes[:1]
        house = House(mode[-1])
        held = [one for one in controls if one.since is not None and one.since <= moment]
        houses.append(replace(house, controls=held[-1]) if held else house)
    return Settled(tuple(ordered), tuple(houses))


def policies(store: Reading) -> Callable[[datetime], Policy]:
    """Return which numbers were used at a moment: those of then, or the first that are known."""
    kept = store.policies()

    def of(moment: datetime) -> Policy:
        held = [one.policy for one in kept if one.at <= moment] or [one.policy for one in kept[:1]]
        return held[-1] if held else Policy()

    return of


def first_start(store: Reading) -> datetime | None:
    """When the program was started for the first time, as far as is still known."""
    states = store.arm_states(limit=-1)
    return states[0].since if states else None
