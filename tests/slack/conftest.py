"""What tests of Slack share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.fake_slack import FakeSlack
from tests.slack.rig import Rig, running


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def fake() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake
        assert [] == fake.oddities


@pytest.fixture
def rig(fake: FakeSlack, tmp_path: Path) -> Iterator[Rig]:
    with running(fake, tmp_path / "data") as rig:
        yield rig
