"""The reference pages and the example are as the program is."""

import re
from pathlib import Path

import pytest

from whosthere.app.answers.page import requests_page
from whosthere.app.commands_page import commands_page
from whosthere.app.settings import Settings, parse
from whosthere.app.settings_command import start
from whosthere.app.settings_pages import example, reference

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize(
    ("page", "made"),
    [
        ("settings.md", reference(Settings)),
        ("whosthere.example.toml", example(Settings)),
        ("commands.md", commands_page()),
        ("requests.md", requests_page()),
    ],
    ids=["settings", "example", "commands", "requests"],
)
def test_the_checked_in_page_is_fresh(page: str, made: str):
    """If not: make reference."""
    assert made.rstrip() == (REFERENCE / page).read_text().rstrip()


def test_the_example_can_be_used_as_it_is():
    assert ["front"] == list(parse(example(Settings), "example").cameras)


def test_every_line_of_the_example_can_be_used():
    """With all the marks of comments taken off, but for what excludes each other."""
    lines = [
        line[1:] if line[:1] == "#" and line[1:2] not in {" ", ""} else line
        for line in example(Settings).splitlines()
    ]
    without = ("model =", "sha256 =", "labels =", "url_file =", "token_file =", "secret_file =",
               "description_file =", "described =", "camera_preset =",
               "on =", "off =", "on_for =", "state =")  # fmt: skip
    text = "\n".join(line for line in lines if not line.startswith(without))
    settings = parse(text.replace("zones = []", ""), "example")
    assert ["front", "my-file", "my-usb", "my-mjpeg", "my-snapshot", "my-picamera"] == list(
        settings.cameras
    )
    assert ["console", "webhook", "slack"] == [messenger.kind for messenger in settings.messengers]


def test_every_setting_is_described():
    page = reference(Settings)
    assert "|  |\n" not in page
    assert "least_area" in page


def test_the_file_to_begin_with_is_short_and_can_be_used():
    text = start()

    assert text.count("\n") < 50
    parse(text, "whosthere.toml")
    parse(re.sub(r"(?m)^#(?! |$)", "", text), "with all that it suggests")
