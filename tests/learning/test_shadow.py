"""Rules that are tried beside the live ones."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.learning.tagged import DAY, short_visit, weaker
from whosthere.app.shadow import ShadowKeeping
from whosthere.core.messages import Tick
from whosthere.core.model import House
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.learning.shadow import Shadow
from whosthere.storage.proposals import Policies

DEAF = CameraPolicy(person_confidence=1.0, unsure_confidence=1.0, escalate_after=0.0)
KEEN = CameraPolicy(person_confidence=0.2, unsure_confidence=0.15, escalate_after=0.0)


@pytest.fixture
def keeping(house):
    return ShadowKeeping(Policies(house.store.database), house.keeper)


def hear(house, keeping, sightings, day=0):
    """As the program does: the house first, the shadow after each message."""
    later, seconds = day * DAY, day * DAY.total_seconds()
    clock, at = 0.0, None
    for one in sightings:
        clock, at = one.clock + seconds, one.at + later
        message = replace(one, at=at, clock=clock)
        house.put(message)
        keeping.hear(message)
    over = Tick(at + timedelta(minutes=1), clock + 60)
    house.put(over)
    keeping.hear(over)


def tried(house, keeping, rules):
    policy = replace(house.keeper.policy, cameras={"front": rules})
    keeping.policies.try_in_shadow("p1", policy, house.keeper.house.arm_state.since)
    keeping.look()


def test_an_alert_that_the_shadow_would_not_have_raised_is_counted(house, keeping):
    tried(house, keeping, DEAF)
    hear(house, keeping, short_visit())
    keeping.look()
    (one,) = keeping.policies.differences()
    assert (house.store.incidents()[0].id, True, False) == (one.incident_id, one.told, one.shadow)
    assert frozenset() == keeping.differs(one.at - DAY)  # people were asked by the alert already


def test_what_only_the_shadow_would_have_told_becomes_a_question(house, keeping):
    tried(house, keeping, KEEN)
    hear(house, keeping, weaker(short_visit(), 0.3))
    keeping.look()
    (incident,) = house.store.incidents()
    assert incident.alerted_at is None
    (one,) = keeping.policies.differences()
    assert (False, True) == (one.told, one.shadow)
    assert frozenset({incident.id}) == keeping.differs(one.at - DAY)
    keeping.look()
    assert 1 == len(keeping.policies.differences())


def test_the_same_rules_never_differ_and_nobody_is_told_twice(house, keeping):
    tried(house, keeping, house.rules)
    hear(house, keeping, short_visit())
    hear(house, keeping, weaker(short_visit(), 0.3), day=1)
    keeping.look()
    assert [] == keeping.policies.differences()
    assert 1 == len([one for one in house.store.incidents() if one.alerted_at])


def test_off_ends_it(house, keeping):
    tried(house, keeping, DEAF)
    keeping.policies.try_in_shadow(None, Policy(), house.keeper.house.arm_state.since)
    keeping.look()
    hear(house, keeping, short_visit())
    keeping.look()
    assert [] == keeping.policies.differences()


def test_the_live_house_is_untouched_by_the_shadow(house):
    live = house.keeper.house
    shadow = Shadow(Policy(cameras={"front": DEAF}), live)
    for one in short_visit():
        shadow.hear(one, live)
    assert isinstance(house.keeper.house, House)
    assert live is house.keeper.house
    assert [] == house.store.incidents()
