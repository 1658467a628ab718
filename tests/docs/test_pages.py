"""The pages point to what exists, and speak only of this project."""

import re
import subprocess
from pathlib import Path

import pytest

from whosthere.app.cli import COMMANDS

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
COMMAND = re.compile(r"^\s*(?:\$ )?whosthere ([a-z-]+)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page):
    missing = [to for to in LINK.findall(page.read_text()) if not (page.parent / to).exists()]

    assert [] == missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_commands_exist(page):
    known = {command.name for command in COMMANDS} | {"version"}

    assert set() == set(COMMAND.findall(page.read_text())) - known


def test_every_decision_is_listed():
    folder = PROJECT / "docs" / "explanation" / "decisions"
    listed = set(LINK.findall((folder / "README.md").read_text()))

    assert {page.name for page in folder.glob("*.md")} - {"README.md"} == listed


def test_no_file_names_this_or_that_machine():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.split()
    words = [
        Path(name) for name in tracked if not name.endswith((".lock", ".onnx", ".mp4", ".jpg"))
    ]
    private = re.compile("/(home|root|work|farm)" + r"/[a-z]|python" + r"hosted\.org")

    assert [] == [
        name for name in words if private.search((PROJECT / name).read_text(errors="replace"))
    ]
