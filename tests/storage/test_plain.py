"""All that the house is and hears can be written down and read back."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, time, timedelta
from typing import get_args, get_type_hints
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.making import full_incident
from whosthere.core.arming_rules import ArmingRules, Scheduled
from whosthere.core.messages import Kept, Message, SetMode
from whosthere.core.model import CameraState, House
from whosthere.core.modes import ArmState, Controls, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import Sighting
from whosthere.storage.plain import from_json, reader, to_json

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
KINDS = [kind for kind in get_args(Message) if kind is not Sighting]


def below(kind, seen):
    """All types that a type is made of."""
    if kind in seen:
        return
    seen.add(kind)
    parts = get_args(kind)
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        names = [one.name for one in fields(kind)] if is_dataclass(kind) else kind._fields
        parts = tuple(hints[name] for name in names)
    for part in parts:
        below(part, seen)


@pytest.mark.parametrize("kind", [House, Policy, *KINDS], ids=lambda kind: kind.__name__)
def test_every_type_in_it_can_be_read(kind):
    seen = set()
    below(kind, seen)
    for one in seen - {Ellipsis}:
        reader(one)


def test_a_house_comes_back_as_it_was():
    state = ArmState(Mode.AWAY, NOON, "Ann asked", by_hand=True, until=NOON, then=Mode.OFF)
    house = House(
        state,
        {"front": CameraState(incident=full_incident(), alert_clock=12.5)},
        Controls(snoozed_cameras={"front": NOON}, modes={"front": state}),
    )
    assert house == from_json(House, to_json(house))


def test_a_policy_comes_back_with_who_lives_here_and_when_it_arms():
    rules = ArmingRules(
        exit_seconds={Mode.AWAY: 30.0},
        entry_zones={"front": frozenset({"path"})},
        schedule=(Scheduled(time(22, 30), Mode.NIGHT, frozenset({0, 6}), "night"),),
        zone=ZoneInfo("Europe/Vienna"),
    )
    policy = Policy(3, CameraPolicy(cooldown=5.0), {"front": CameraPolicy()}, arming=rules)
    assert policy == from_json(Policy, to_json(policy))


def test_messages_come_back():
    for message in (
        SetMode(Mode.NIGHT, "Ann", NOON, "test", until=NOON + timedelta(hours=1)),
        Kept(full_incident(), picture="2026/01/a.jpg"),
    ):
        assert message == from_json(type(message), to_json(message))


def test_a_field_of_the_future_is_passed_over_and_one_of_the_past_has_its_default():
    text = to_json(ArmState(Mode.AWAY, NOON, "asked"))
    text = text.replace('"by_hand":false', '"by_ear":true')
    assert ArmState(Mode.AWAY, NOON, "asked") == from_json(ArmState, text)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.from_type(ArmState))
def test_any_mode_comes_back(state):
    made = {field.name: getattr(state, field.name) for field in fields(state)}
    aware = {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for name, value in made.items()
    }
    assert ArmState(**aware) == from_json(ArmState, to_json(ArmState(**aware)))


def test_what_has_no_form_is_refused():
    with pytest.raises(TypeError, match="cannot be written down"):
        to_json(object())
    with pytest.raises(TypeError, match="cannot be read"):
        reader(object)
