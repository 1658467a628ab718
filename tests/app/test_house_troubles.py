"""The house knows which of its parts are in trouble."""

from datetime import UTC, datetime

from whosthere.app.health import PartState
from whosthere.app.house_troubles import HouseTroubles
from whosthere.core.messages import Trouble

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_troubles_are_told_once_and_so_is_their_end():
    told = HouseTroubles()
    full = PartState("recorder", ok=False, why="The disk is full.")
    parts = [full, PartState("front", ok=False, why="no picture"), PartState("messenger slack")]

    assert [Trouble("recorder", "The disk is full", AT, 1.0, 61.0)] == told.news(parts, AT, 1.0)
    assert [] == told.news(parts, AT, 2.0)
    assert [Trouble("recorder", None, AT, 3.0, 61.0)] == told.news([PartState("recorder")], AT, 3.0)
