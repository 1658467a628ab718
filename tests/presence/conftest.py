"""What tests of presence share."""

from collections.abc import Iterator

import pytest

from tests.presence.networks import House, house


@pytest.fixture
def home() -> Iterator[House]:
    """A house in which this thread is."""
    with house() as built, built.inside():
        yield built
