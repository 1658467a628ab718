from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.answers.living import SmallHouse


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallHouse]:
    house = SmallHouse(tmp_path)
    yield house
    house.close()
