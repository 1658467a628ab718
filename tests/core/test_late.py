"""Gates that are worked out late are as any others."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from whosthere.core.model import Decision, Gate, Verdict
from whosthere.storage.plain import from_json, to_json

AT = datetime(2026, 1, 1, tzinfo=UTC)
GATES = (Gate("area", 0.1, 0.2, passed=False),)
USUAL = Decision("front", AT, 1.0, Verdict.TOLD, GATES)


def late(work_out=lambda: GATES):
    return Decision.later(work_out, camera="front", at=AT, clock=1.0, verdict=Verdict.TOLD)


def test_nobody_can_tell_the_difference():
    assert late() == USUAL
    assert late().first_failed is GATES[0]
    assert replace(late(), clock=2.0) == replace(USUAL, clock=2.0)
    assert repr(late()) == repr(USUAL)
    assert to_json(late()) == to_json(USUAL)
    assert from_json(Decision, to_json(late())) == USUAL


def test_they_are_worked_out_once_and_only_if_asked_for():
    asked = []
    decision = late(lambda: asked.append(1) or GATES)
    assert decision.verdict is Verdict.TOLD
    assert asked == []
    assert decision.gates is decision.gates
    assert asked == [1]


def test_what_is_no_field_is_still_a_mistake():
    with pytest.raises(AttributeError, match="no gate"):
        late().gate  # noqa: B018 - looking is what is tried
