"""`whosthere scan`, as people run it."""

import csv
import io
import json
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import av
import pytest

VISITOR = Path(str(files("whosthere") / "demo" / "visitor.mp4"))
FIELDS = "clip camera started ended first_motion alert_at labels picture recording"


def scan(*words, cwd):
    command = [sys.executable, "-m", "whosthere", "scan", *map(str, words)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=100
    )


def json_lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_visit_is_found_told_and_recorded(tmp_path):
    done = scan(VISITOR, "--json", cwd=tmp_path)

    assert (0, "") == (done.returncode, done.stderr)
    (found,) = [one for one in json_lines(done) if one["alert_at"] is not None]
    assert FIELDS.split() == list(found)
    assert found["first_motion"] <= found["started"] <= found["alert_at"] <= found["ended"]
    assert found["labels"]["person"] > 0.6
    with av.open(str(tmp_path / found["recording"])) as clip:
        seconds = len(list(clip.decode(video=0))) / clip.streams.video[0].average_rate
    assert seconds > found["ended"] - found["first_motion"] + 5  # pre-roll and post-roll
    assert b"\xff\xd8" == (tmp_path / found["picture"]).read_bytes()[:2]


def test_nobody_is_told_when_the_mode_is_off(tmp_path):
    done = scan(VISITOR, "--json", "--mode", "off", "--no-files", cwd=tmp_path)

    incidents = json_lines(done)
    assert [None] == list({one["alert_at"] for one in incidents})
    assert [None] == list({one["recording"] for one in incidents})
    assert [] == list(tmp_path.iterdir())


def test_motion_alone_is_unclassified(tmp_path):
    done = scan(VISITOR, "--json", "--no-detector", "--no-files", cwd=tmp_path)

    assert all({} == one["labels"] for one in json_lines(done))
    assert any(one["alert_at"] is not None for one in json_lines(done))


def test_a_folder_with_a_damaged_file_among_good_ones(tmp_path):
    clips = tmp_path / "clips" / "deeper"
    clips.mkdir(parents=True)
    shutil.copy(VISITOR, clips / "visitor.mp4")
    shutil.copy(VISITOR, clips.parent / "visitor.mp4")
    (clips / "damaged.mp4").write_bytes(b"no video at all")
    (clips / "notes.txt").write_text("not for scan")

    done = scan("clips", "--json", "--no-files", cwd=tmp_path)

    assert 1 == done.returncode
    assert "damaged.mp4" in done.stderr
    assert 1 == len(done.stderr.splitlines())
    assert {"visitor", "visitor-2"} == {one["camera"] for one in json_lines(done)}


def test_a_second_scan_leaves_out_what_the_first_one_made(tmp_path):
    shutil.copy(VISITOR, tmp_path / "visitor.mp4")
    twice = [scan(".", "--json", "--no-detector", cwd=tmp_path) for _ in range(2)]

    assert [{"visitor"}] * 2 == [{one["camera"] for one in json_lines(done)} for done in twice]


@pytest.mark.parametrize("name", ["nowhere.mp4", "."])
def test_nothing_to_scan_is_said_in_a_sentence(tmp_path, name):
    done = scan(name, cwd=tmp_path)

    assert 1 == done.returncode
    assert "Traceback" not in done.stderr
    assert 1 == len(done.stderr.splitlines())


def test_the_table_ends_with_a_sentence(tmp_path):
    done = scan(VISITOR, "--no-files", cwd=tmp_path)

    assert "person" in done.stdout
    assert done.stdout.rstrip().endswith("in 1 recording; 1 told.")


def test_comma_separated_values_can_be_read(tmp_path):
    done = scan(VISITOR, "--csv", "--no-files", cwd=tmp_path)

    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert FIELDS.split() == list(rows[0])
    assert any(row["labels"].startswith("person:0.") for row in rows)
