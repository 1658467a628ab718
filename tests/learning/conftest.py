"""What most tests of learning begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.learning.tagged import TaggedHouse


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TaggedHouse]:
    made = TaggedHouse(tmp_path)
    yield made
    made.close()
