"""What the page about cameras that turn shows as asked, in Slack too, is understood."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from whosthere.app.answers.grammar import parse
from whosthere.app.answers.line import Context, Line
from whosthere.core.commands import ALIASES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "pan-tilt.md"
TABLE = (
    PAGE.read_text()
    .partition("## Ask it")[2]
    .partition(
        "\n\n",
    )[2]
    .partition("\n\n")[0]
)
IN_SLACK = re.findall(r"^\| `([^`]+)`", TABLE, re.MULTILINE)
CONTEXT = Context(
    ("front",), datetime(2026, 1, 1, tzinfo=UTC), UTC, frozenset({"home", "gate", "yard"})
)


@pytest.mark.parametrize("asked", [*IN_SLACK, "rotate gate front"])
def test_what_is_asked_is_understood(asked: str):
    assert isinstance(parse(asked.removeprefix("/"), CONTEXT), Line)


def test_the_talks_commands_are_among_them():
    commands = {asked.split()[0] for asked in IN_SLACK if asked.startswith("/")}
    assert {"/rotate", "/current_position"} == commands
    assert commands <= {f"/{name}" for name in ALIASES}
