"""Incidents are measured at the moment that was decided on, by the rules of their time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.core.say import at, hear, house, incidents, policy, stretch
from whosthere.core.model import Evidence, House, Incident
from whosthere.core.modes import Controls, Mode
from whosthere.core.policy import Policy
from whosthere.core.sighting import Look
from whosthere.learning.dataset import Rules, alone, measure
from whosthere.learning.examples import Numbers


def lived(*sightings, mode: Mode = Mode.AWAY, **numbers: object) -> tuple[Incident, Policy]:
    """The incident that came of what was seen."""
    rules = policy(**numbers)
    _, actions = hear([*sightings, *stretch(60, 61)], house(mode), rules)
    (incident,) = incidents(actions)
    return incident, rules


def measured(incident: Incident, seen: list, rules: Rules) -> Numbers:
    return measure(incident, alone(incident.camera, seen, rules), rules)


def rules_of(rules: Policy, mode: Mode = Mode.AWAY) -> Rules:
    return Rules(lambda _: house(mode), rules)


def test_an_alert_is_measured_at_its_decision():
    seen = [*stretch(1, 3, area=0.02), *stretch(3, 8, area=0.05, person=0.8)]
    incident, rules = lived(*seen)
    found = measured(incident, seen, rules_of(rules))

    assert (at(3), "alert", True) == (found.at, found.verdict, found.armed)
    assert (0.8, 0.8, 0.4) == (found.person, found.person_best, found.person_mean)
    assert (0.8, 0.8) == (found.person_most, found.person_ever)
    assert (0.05, 1) == (found.area, found.blobs)
    assert found.share < found.share_most == 1.0
    assert 6.8 == pytest.approx(found.seconds)


def test_what_told_nobody_is_measured_where_it_came_closest():
    seen = [*stretch(1, 3, area=0.02, person=0.1), *stretch(3, 3.4, area=0.02, person=0.3)]
    seen += stretch(3.4, 9, area=0.02, person=0.05)
    incident, rules = lived(*seen)
    found = measured(incident, seen, rules_of(rules))

    assert (0.3, "watching") == (found.person_mean, found.verdict)
    assert ["person"] == [gate.name for gate in found.gates if not gate.passed]


def test_at_home_nobody_would_have_been_told():
    seen = stretch(1, 5, area=0.05, person=0.8)
    incident, rules = lived(*seen, mode=Mode.HOME)

    assert not measured(incident, seen, rules_of(rules, Mode.HOME)).armed


def test_who_comes_home_and_disarms_in_time_is_not_missed():
    seen = stretch(1, 5, area=0.05, person=0.8)
    incident, rules = lived(*seen)
    held = replace(incident, alert_id=None, alerted_at=None, evidence=None, decision=None)

    assert not measured(held, seen, rules_of(rules)).armed


def test_a_snooze_of_that_time_counts_and_not_one_of_now():
    seen = stretch(1, 5, area=0.05, person=0.1)
    incident, rules = lived(*seen)

    def snoozed(moment) -> House:
        later = moment + timedelta(minutes=5)
        return replace(house(), controls=Controls(snoozed=later))

    assert measured(incident, seen, rules_of(rules)).armed
    assert not measured(incident, seen, Rules(snoozed, rules)).armed


def test_a_restart_in_between_begins_anew():
    before = stretch(100, 103, area=0.05)
    early = [replace(one, at=at(one.clock - 104)) for one in before]
    seen = stretch(1, 5, area=0.02, person=0.8)
    incident, rules = lived(*seen)

    assert 0.02 == measured(incident, [*early, *seen], rules_of(rules)).area


def test_a_quiet_moment_is_measured_as_it_was():
    quiet = Incident(
        "q", "front", at(5), at(5), 5.0, at(5), 5.0, evidence=Evidence.QUIET, ended=at(5)
    )
    seen = stretch(1, 6, look=Look.NOT_NEEDED)
    found = measured(quiet, seen, rules_of(policy()))

    assert (0.0, 0.0, at(5), True) == (found.person_ever, found.area, found.at, found.armed)
    assert at(5) == found.picture_at


def test_without_a_ledger_the_incident_says_what_it_can():
    seen = stretch(1, 5, area=0.05, person=0.8)
    incident, rules = lived(*seen)
    found = measured(incident, [], rules_of(rules))

    assert (0, 0.8, 0.05) == (found.sightings, found.person_ever, found.area)
    assert ("alert", True, None) == (found.verdict, found.armed, found.picture_at)
