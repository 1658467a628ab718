"""The command: help for all, exit codes, and sentences instead of tracebacks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.conftest import whosthere
from whosthere import __version__
from whosthere.app.cli import COMMANDS, GROUPS, main

NAMES = [command.name for command in COMMANDS]


def test_each_command_stands_in_one_group():
    assert sorted(NAMES) == sorted(name for names in GROUPS.values() for name in names)


def test_help_names_every_command():
    shown = whosthere("--help")
    assert 0 == shown.returncode
    for name in NAMES:
        assert f"\n    {name}" in shown.stdout


@pytest.mark.parametrize("name", NAMES)
def test_each_command_has_help_with_examples(name: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match=r"^0$"):
        main([name, "--help"])
    assert f"  whosthere {name}" in capsys.readouterr().out.partition("examples:")[2]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["version"], 0),
        (["--version"], 0),
        (["settings"], 0),
        ([], 2),
        (["dance"], 2),
        (["run", "--mode", "holiday"], 2),
        (["settings", "--check", "none.toml"], 1),
        (["run", "--settings", "none.toml"], 1),
        (["incidents", "--settings", "none.toml"], 1),
        (["check", "--settings", "none.toml"], 1),
    ],
    ids=str,
)
def test_exit_codes(words: list[str], code: int):
    ended = whosthere(*words)
    assert code == ended.returncode, ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_version_is_told():
    assert f"whosthere {__version__}\n" == whosthere("version").stdout


def test_mistakes_are_told_in_sentences_on_standard_error(tmp_path: Path):
    (tmp_path / "bad.toml").write_text("[huose]")
    told = whosthere("settings", "--check", tmp_path / "bad.toml")
    assert "" == told.stdout
    assert "cannot be used" in told.stderr
    assert "Did you mean 'house'?" in told.stderr


def test_a_reader_who_has_enough_is_no_trouble():
    with subprocess.Popen(
        [sys.executable, "-m", "whosthere", "settings"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert "" == process.stderr.read()
    assert 0 == process.returncode


def test_incidents_before_the_first_run_say_what_to_do(settings_file: Path):
    told = whosthere("incidents", "--settings", settings_file)
    assert 1 == told.returncode
    assert "whosthere run" in told.stderr


@pytest.mark.usefixtures("seen_visit")
def test_incidents_as_a_table_and_as_json(settings_file: Path):
    table = whosthere("incidents", "--settings", settings_file).stdout
    assert "front" in table
    assert "person" in table
    lines = whosthere("incidents", "--json", "--settings", settings_file).stdout.splitlines()
    (incident,) = map(json.loads, lines)
    assert incident["id"] in table
    assert "front" == incident["camera"]
    assert incident["alerted_at"]


@pytest.fixture
def seen_visit(start, settings_file: Path) -> None:
    """A run that has seen the visitor."""
    program = start("run", "--settings", settings_file)
    program.wait_for("Person at front")
    program.end(15)
