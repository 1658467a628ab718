"""What is replaced with every picture is replaced as `dataclasses.replace` does it."""

from dataclasses import FrozenInstanceError, replace

import pytest

from whosthere.core.model import CameraState
from whosthere.core.replacing import replaced


def test_it_is_as_replace_does_it():
    state = CameraState(alert_clock=1.0, shown=("a",))
    assert replace(state, unseen=2.0, shown=()) == replaced(state, unseen=2.0, shown=())
    assert CameraState(alert_clock=1.0, shown=("a",)) == state


def test_the_new_thing_is_frozen_too():
    with pytest.raises(FrozenInstanceError):
        replaced(CameraState(), unseen=2.0).unseen = 3.0


def test_a_field_that_is_not_there_is_a_mistake():
    with pytest.raises(TypeError, match="CameraState has no recnt"):
        replaced(CameraState(), recnt=())
