"""What the pages show as asked is understood as it stands."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from whosthere.app.answers.grammar import parse
from whosthere.app.answers.line import Context, Line

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])
ASKED = re.compile(r"whosthere ask ([^#`\n]+)")
CONTEXT = Context(("front", "garden", "back"), datetime(2026, 1, 1, tzinfo=UTC), UTC)
LINES = [
    (page.name, asked.strip().strip('"'))
    for page in PAGES
    for asked in ASKED.findall(page.read_text())
    if asked.strip() != "WORDS"
]


@pytest.mark.parametrize(("page", "asked"), LINES)
def test_what_is_asked_in_the_pages_is_understood(page: str, asked: str):
    assert isinstance(parse(asked, CONTEXT), Line), page


def test_there_are_such_lines():
    assert LINES
