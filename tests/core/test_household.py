"""Where people are, from what sources see: unknown is not away."""

import pytest

from tests.core.say import at
from whosthere.core import household
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.modes import Wish
from whosthere.core.presence import (
    DeviceSeen,
    Person,
    PresenceState,
    SourceFailed,
    SourceReport,
    SourceRule,
    Whereabouts,
)

ANN, BOB, GUS = "ann-phone", "bob-phone", "gus-phone"
RULES = ArmingRules(
    people=(Person("Ann", (ANN,)), Person("Bob", (BOB,)), Person("Gus", (GUS,), guest=True)),
    sources=(
        SourceRule("router", 100.0, 10.0),
        SourceRule("radio", 200.0, 10.0, frozenset({ANN})),
    ),
)


def reports(source: str, start: int, end: int, *devices: str) -> list[SourceReport]:
    seen = tuple(DeviceSeen(device) for device in devices)
    return [SourceReport(source, at(n), float(n), seen) for n in range(start, end + 1, 10)]


def fails(source: str, second: float) -> SourceFailed:
    return SourceFailed(source, "500", at(second), second)


def lived(heard: list[SourceReport | SourceFailed], now: float) -> PresenceState:
    presence = PresenceState()
    for one in sorted(heard, key=lambda one: one.clock):
        note = household.failed if isinstance(one, SourceFailed) else household.reported
        presence = note(presence, one, RULES)
    presence = household.waited(presence, RULES, at(now), now)
    return household.located(presence, RULES, at(now), now)


HOME, AWAY, UNKNOWN = Whereabouts


@pytest.mark.parametrize(
    ("heard", "now", "ann", "bob"),
    [
        ([], 1000, UNKNOWN, UNKNOWN),
        (reports("router", 0, 90), 90, UNKNOWN, UNKNOWN),  # too short to say
        (reports("router", 0, 100), 100, AWAY, AWAY),
        (reports("router", 0, 0, ANN), 0, HOME, UNKNOWN),  # arrive at once
        (reports("router", 0, 100, BOB) + reports("router", 110, 199), 199, AWAY, HOME),
        (reports("router", 0, 100, BOB) + reports("router", 110, 200), 200, AWAY, AWAY),
        # the radio still waits for Ann, so what the router says of her does not suffice
        (reports("router", 0, 150) + reports("radio", 0, 150), 150, UNKNOWN, AWAY),
        (reports("router", 0, 200) + reports("radio", 0, 200), 200, AWAY, AWAY),
        # a radio that failed says nothing, so the router's word counts
        ([*reports("router", 0, 150), fails("radio", 0)], 150, AWAY, AWAY),
        # silence is no answer
        (reports("router", 0, 100), 131, UNKNOWN, UNKNOWN),
        # a break begins the waiting anew
        ([*reports("router", 0, 50), fails("router", 60), *reports("router", 70, 160)],
         160, UNKNOWN, UNKNOWN),
        ([*reports("router", 0, 50), fails("router", 60), *reports("router", 70, 170)],
         170, AWAY, AWAY),
        # what was seen just before a failure still counts
        ([*reports("router", 0, 50, ANN), fails("router", 60)], 140, HOME, UNKNOWN),
        ([*reports("router", 0, 50, ANN), fails("router", 60)], 160, UNKNOWN, UNKNOWN),
    ],
)  # fmt: skip
def test_where_people_are(heard, now, ann, bob):
    people = lived(heard, now).people

    assert (ann, bob) == (people["Ann"].whereabouts, people["Bob"].whereabouts)


@pytest.mark.parametrize(
    ("devices", "wish"),
    [
        ((), Wish.NOBODY),
        ((ANN,), Wish.SOMEBODY),
        ((ANN, GUS), Wish.SOMEBODY),
        ((GUS,), None),  # a guest holds arming, and disarms nothing
    ],
)
def test_what_presence_would_have(devices, wish):
    heard = reports("router", 0, 300, *devices) + reports("radio", 0, 300)

    assert wish is household.wish_of(lived(heard, 300), RULES)


def test_one_unknown_resident_leaves_all_unknown():
    heard = reports("router", 0, 150) + reports("radio", 0, 150)

    assert None is household.wish_of(lived(heard, 150), RULES)


def test_a_house_of_guests_only_wishes_nothing():
    rules = ArmingRules(people=RULES.people[2:], sources=RULES.sources)

    assert None is household.wish_of(lived(reports("router", 0, 300), 300), rules)


def test_an_older_sighting_counts_from_when_it_was():
    seen = SourceReport("router", at(0), 0.0, (DeviceSeen(BOB, ago=60.0),))
    heard = [seen, *reports("router", 10, 40)]

    state = lived(heard, 30).people["Bob"]
    assert (HOME, at(-60)) == (state.whereabouts, state.last_seen)
    assert UNKNOWN is lived(heard, 40).people["Bob"].whereabouts


def test_the_evidence_is_in_local_words():
    presence = lived(reports("router", 0, 0, ANN) + reports("router", 10, 200), 200)

    lines = household.gone_lines(presence, RULES, at(200))
    assert lines[0].startswith("Ann: ann-phone last seen ")
    assert lines[0].endswith(" by router")
    assert "Bob: not seen since the start" == lines[1]
    assert 2 == len(lines)  # guests are nobody's business


def test_unknown_sources_and_devices_are_not_kept():
    presence = lived(reports("other", 0, 0, ANN) + reports("router", 0, 0, "tv"), 0)

    assert {} == presence.seen
    assert {"router", "radio"} == set(presence.sources)
