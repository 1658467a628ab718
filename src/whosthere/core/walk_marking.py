"""While a walk test goes on, its cameras' new incidents are marked as such.

People are told of them as ever, so that the whole way is tried; but nothing grows louder, no siren
sounds, no alarm counts as going on, and nothing is learnt. It ends by the time that was named, and
with the program: a test is never gone on with after a restart.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from whosthere.core.messages import Action, Record, Remember, SetWalkTest, Tick
from whosthere.core.model import WALK_TEST, House, Incident
from whosthere.core.people import ITSELF, AuditEntry
from whosthere.core.sighting import Sighting


def is_test(labels: Mapping[str, float]) -> bool:
    """Whether labels are those of an incident or alert of a walk test."""
    return WALK_TEST in labels


def on_set_walk_test(house: House, asked: SetWalkTest) -> tuple[House, list[Action]]:
    """Begin, or end before its time."""
    until = asked.until
    testing = {name: end for name, end in house.testing.items() if name not in asked.cameras}
    names = ", ".join(asked.cameras)
    if until is None:
        what = f"ended the walk test of {names}"
    else:
        testing |= dict.fromkeys(asked.cameras, until)
        what = f"walk test of {names} for {(until - asked.at).total_seconds():.0f} s"
    house, ended = _with_fresh_cameras(replace(house, testing=testing), asked.cameras)
    return house, [Remember(AuditEntry(asked.at, asked.by, asked.origin, what)), *ended]


def on_time(house: House, tick: Tick) -> tuple[House, list[Action]]:
    over = tuple(name for name, end in house.testing.items() if tick.at >= end)
    if not over:
        return house, []
    testing = {name: end for name, end in house.testing.items() if name not in over}
    house, ended = _with_fresh_cameras(replace(house, testing=testing), over)
    entry = AuditEntry(tick.at, ITSELF, ITSELF, f"the walk test of {', '.join(over)} is over")
    return house, [Remember(entry), *ended]


def marked(
    house: House, sighting: Sighting, known: Incident | None, incident: Incident | None
) -> Incident | None:
    """Mark an incident that opens during a test. One that was open before is no test."""
    if incident is None or known is not None or not _is_tested(house, sighting):
        return incident
    return replace(incident, labels={**incident.labels, WALK_TEST: 1.0})


def _is_tested(house: House, sighting: Sighting) -> bool:
    until: datetime | None = house.testing.get(sighting.camera)
    return until is not None and sighting.at < until


def _with_fresh_cameras(house: House, cameras: tuple[str, ...]) -> tuple[House, list[Action]]:
    """No visit and no alert of before joins those of a test, nor the other way round."""
    actions: list[Action] = []
    for name in cameras:
        state = house.camera(name)
        incident = state.incident
        if incident is not None and is_test(incident.labels):
            over = replace(incident, ended=incident.last_seen)
            actions += [Remember(over), Record(over)]
            state = replace(state, incident=None, recent=(), unseen=0.0)
        state = replace(state, alert_clock=None)
        house = replace(house, cameras={**house.cameras, name: state})
    return house, actions
