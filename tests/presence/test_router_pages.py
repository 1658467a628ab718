"""What the pages about sources show can be used as it stands."""

import re
import tomllib
from pathlib import Path

import pytest

from whosthere.app.settings import parse
from whosthere.presence.descriptions import parsed, ready, ready_names

PAGES = Path(__file__).parents[2] / "docs" / "how-to" / "presence"
CAMERA = '[cameras.front]\nkind = "file"\npath = "film.mp4"\n'
PERSON = '[presence.people.Ann]\ndevices = [{ name = "ann-phone", host = "anns-iphone" }]\n'
OURS = ("router", "fritzbox", "mikrotik", "mqtt", "webhook")
BLOCKS = [
    (page.name, block)
    for page in sorted(PAGES / f"{name}.md" for name in OURS)
    for block in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)
]


@pytest.mark.parametrize(("page", "block"), [b for b in BLOCKS if "[[presence.sources]]" in b[1]])
def test_settings_of_the_pages_can_be_used(page: str, block: str):
    person = "" if "presence.people" in block else PERSON

    assert parse(f"{CAMERA}{person}{block}", page).presence.sources


@pytest.mark.parametrize(("page", "block"), [b for b in BLOCKS if "[[login]]" in b[1]])
def test_descriptions_of_the_pages_can_be_used(page: str, block: str):
    assert parsed(block, page).login


def test_every_ready_description_is_on_the_page_and_says_what_it_rests_on():
    page = (PAGES / "router.md").read_text()

    assert [] == [name for name in ready_names() if f"| `{name}` |" not in page]
    assert all(ready(name).about and ready(name).documentation for name in ready_names())


def test_blocks_of_the_pages_are_toml():
    assert all(tomllib.loads(block) for _, block in BLOCKS)
