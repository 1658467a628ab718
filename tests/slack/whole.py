"""The whole program with one camera, in front of the fake Slack."""

from pathlib import Path

import pytest

from tests.servers.fake_slack import ANNA, APP, BEN, BOT, CLEO, FakeSlack
from whosthere.app.assemble import assemble
from whosthere.app.program import Program
from whosthere.app.settings import parse
from whosthere.core.modes import Mode
from whosthere.core.requests import Asker, Role

DORA = Asker("dora", "Dora", Role.ADMIN, "command line")


def assembled(
    fake: FakeSlack, folder: Path, film: Path, monkeypatch: pytest.MonkeyPatch, rules: str = ""
) -> Program:
    """Put it together, armed; `rules` are lines for the camera."""
    monkeypatch.setenv("WHOSTHERE_SLACK_BOT_TOKEN", BOT)
    monkeypatch.setenv("WHOSTHERE_SLACK_APP_TOKEN", APP)
    settings = parse(
        f"""
        [storage]
        folder = "{folder}"
        [cameras.garden]
        kind = "file"
        path = "{film}"
        [cameras.garden.rules]
        {rules}
        [[messengers]]
        kind = "slack"
        api_url = "{fake.url}"
        channel = "#alerts"
        admins = ["{ANNA}"]
        taggers = ["{BEN}"]
        viewers = ["{CLEO}"]
        """,
        "test",
    )
    return assemble(settings, mode=Mode.AWAY)
