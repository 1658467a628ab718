"""Whoever asks whatever, there is an answer; and who may only look changes nothing."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.answers.living import SmallHouse, visit
from tests.app.answers.test_grammar import VOCABULARY
from whosthere.core.model import House
from whosthere.core.requests import Role

TEXTS = st.text() | st.lists(st.sampled_from(VOCABULARY), max_size=6).map(" ".join)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory):
    house = SmallHouse(tmp_path_factory.mktemp("house"))
    house.hear(visit())
    yield house
    house.close()


def settled(house: SmallHouse) -> House:
    """All that people can change; looking at an alert ends its escalation."""
    now = house.keeper.house
    return replace(now, cameras={})


@given(TEXTS, st.sampled_from(Role), st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_there_is_always_an_answer(house, text, role, below_the_alert):
    alert_id = house.store.alerts()[0].id
    before, tags = settled(house), house.store.tags()

    reply = house.ask(text, role, alert_id if below_the_alert else None)

    assert reply.text
    assert role is Role.ADMIN or before == settled(house)
    assert role >= Role.TAGGER or tags == house.store.tags()
    assert reply.file is None or (house.folder / reply.file).is_file()
