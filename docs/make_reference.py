"""Write the reference pages, which are made from the program.

python docs/make_reference.py
"""

from pathlib import Path

from whosthere.app.answers.page import requests_page
from whosthere.app.commands_page import commands_page
from whosthere.app.settings import Settings
from whosthere.app.settings_pages import example, reference

FOLDER = Path(__file__).parent / "reference"
PAGES = {
    "settings.md": lambda: reference(Settings),
    "whosthere.example.toml": lambda: example(Settings),
    "commands.md": commands_page,
    "requests.md": requests_page,
}


def main() -> None:
    for name, make in PAGES.items():
        (FOLDER / name).write_text(f"{make().rstrip()}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
