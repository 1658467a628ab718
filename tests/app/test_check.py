"""`whosthere check` tries each part, and its exit code says whether all is well."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.app.conftest import whosthere
from whosthere.app.check import clock
from whosthere.app.settings import load
from whosthere.core.errors import WhosThereError

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


def test_all_is_well(settings_file: Path):
    checked = whosthere("check", "--settings", settings_file)
    assert 0 == checked.returncode, checked.stdout
    assert "✗" not in checked.stdout
    assert "person" in checked.stdout
    assert "768x576" in checked.stdout
    assert "a key frame every 2.0 s" in checked.stdout


def test_each_part_that_is_not_well_is_told(settings_file: Path):
    with settings_file.open("a") as file:
        file.write('[cameras.none]\nkind = "file"\npath = "none.mp4"\n')
        file.write('[cameras.gate]\nkind = "rtsp"\nurl = "rtsp://127.0.0.1:9/x"\n')
        file.write('[[messengers]]\nkind = "webhook"\n')
    checked = whosthere("check", "--settings", settings_file)
    assert 1 == checked.returncode
    bad = [line.split(":")[0] for line in checked.stdout.splitlines() if "✗" in line]
    assert ["camera none", "camera gate", "messenger webhook"] == [
        " ".join(line.split()[1:3]) for line in bad
    ]
    assert "3 of these need you" in checked.stdout


def test_a_test_alert_is_sent_only_when_asked_for(settings_file: Path):
    assert "test alert" not in whosthere("check", "--settings", settings_file).stdout
    assert "took a test alert" in whosthere("check", "--settings", settings_file, "--send").stdout


def test_a_clock_that_was_never_set_is_told(settings_file: Path):
    with pytest.raises(WhosThereError, match="set-ntp"):
        clock(datetime(1970, 1, 1, tzinfo=UTC), load(settings_file))
