"""`whosthere replay` and `whosthere why`, beside a program that runs and without one."""

import json
from dataclasses import replace
from datetime import timedelta

import cv2
import pytest

from tests.app.answers.living import VISITOR, SmallHouse, visit
from whosthere.app.cli import main
from whosthere.core.messages import Kept
from whosthere.core.model import Answer, Tag

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


SINCE = "2026-01-01T20:00+00:00"


@pytest.fixture
def house(tmp_path):
    """A house that was visited twice; the first was somebody, the second a false alarm."""
    made = SmallHouse(tmp_path)
    made.hear(visit())
    made.hear(replace(s, at=s.at + timedelta(hours=1), clock=s.clock + 3600) for s in visit())
    first, second = made.store.incidents()
    made.put(Tag(first.id, Answer.OCCUPIED, "Ann", made.now))
    made.put(Tag(second.id, Answer.UNOCCUPIED, "Ann", made.now))
    made.ledger.flush()
    (tmp_path / "w.toml").write_text(
        f'[storage]\nfolder = "{tmp_path}"\n'
        '[cameras.front]\nkind = "file"\npath = "-"\n'
        '[cameras.garden]\nkind = "file"\npath = "-"\n'
    )
    yield made
    made.close()


@pytest.fixture
def run(house, capsys):
    def run(*words):
        code = main([words[0], "--settings", str(house.folder / "w.toml"), *words[1:]])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


SILENT = ("--set", "person_confidence=1", "--set", "unsure_confidence=1", "--since", SINCE)


def test_the_same_rules_tell_the_same(run):
    code, out, _ = run("replay", "--json", "--since", SINCE)
    front = json.loads(out)["cameras"]["front"]
    assert code == 0
    assert (front["incidents"], front["alerts_then"], front["alerts_now"]) == (2, 2, 2)
    assert (front["visit_kept"], front["false_alarm_kept"]) == (1, 1)
    assert json.loads(out)["differences"] == []


def test_other_rules_lose_a_visit_and_a_false_alarm_and_the_gate_is_named(run):
    _, out, _ = run("replay", "--json", *SILENT)
    said = json.loads(out)
    front = said["cameras"]["front"]
    assert (front["alerts_then"], front["alerts_now"]) == (2, 0)
    assert (front["visit_lost"], front["false_alarm_gone"]) == (1, 1)
    newest, oldest = said["differences"]
    assert (newest["change"], oldest["change"]) == ("false alarm gone", "visit lost")
    assert newest["gate"] == oldest["gate"] == "person"
    assert "front.person_confidence: 0.4 → 1" in said["changed"]


def test_the_table_says_so_too(run):
    code, out, _ = run("replay", *SILENT)
    assert code == 0
    assert "visit lost" in out
    assert "person, now" in out


def test_a_camera_of_its_own_may_have_its_own_number(run):
    _, out, _ = run("replay", "--json", "--since", SINCE, "--set", "garden.person_confidence=1")
    assert json.loads(out)["cameras"]["front"]["alerts_now"] == 2


def test_a_version_of_the_policy_may_be_tried(run):
    _, out, _ = run("replay", "--json", "--since", SINCE, "--policy", "1")
    assert json.loads(out)["cameras"]["front"]["alerts_now"] == 2
    code, _, err = run("replay", "--policy", "7")
    assert code == 1
    assert "There are 1 to 1." in err


def test_the_timeline_can_be_looked_at(run, house):
    for name in ("then.svg", "then.png"):
        assert run("replay", *SILENT, "--picture", str(house.folder / name))[0] == 0
    svg = (house.folder / "then.svg").read_text()
    assert svg.startswith("<svg")
    assert "front" in svg
    assert cv2.imread(str(house.folder / "then.png")).shape[1] == 1200


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("coldown=3", "Did you mean 'cooldown'?"),
        ("frnt.cooldown=3", "Did you mean 'front'?"),
        ("cooldown=-1", "cooldown is from 0 to 86400 (s)."),
        ("cooldown=soon", "write a number after '='"),
    ],
)
def test_what_cannot_be_set_is_said(run, wish, said):
    code, _, err = run("replay", "--set", wish)
    assert code == 1
    assert said in err


def test_times_and_cameras_that_there_are_not_are_said(run, house):
    assert "write a span such as 14d" in run("replay", "--since", "soon")[2]
    assert "Choose one of front, garden" in run("replay", "--camera", "shed")[2]
    assert (
        "--since 1d is not before --until 2d" in run("replay", "--since", "1d", "--until", "2d")[2]
    )
    assert (
        "the ledger begins at" in run("replay", "--until", "2025-01-01", "--since", "2024-01-01")[2]
    )
    wrong = house.folder / "then.bmp"
    assert "must end in .svg or .png" in run("replay", "--since", SINCE, "--picture", str(wrong))[2]


def test_why_answers_without_asking_the_program(run, house):
    incident = house.store.incidents()[0]
    code, out, _ = run("why", incident.id)
    assert code == 0
    assert "All conditions were met." in out
    assert "It would have been silent with" in out
    assert "*" not in out


def test_why_of_a_stretch_counts_by_gate(run):
    code, out, _ = run("why", "--since", SINCE, "front")
    assert code == 0
    assert "front: 430 pictures, 2 incidents, 2 told" in out
    assert "area stopped" in out
    assert "name cameras only" in run("why", "--since", SINCE, "shed")[2]


def test_replay_of_an_empty_ledger_says_so(tmp_path, capsys):
    house = SmallHouse(tmp_path)
    house.close()
    (tmp_path / "w.toml").write_text(
        f'[storage]\nfolder = "{tmp_path}"\n[cameras.front]\nkind = "file"\npath = "-"\n'
    )
    assert main(["replay", "--settings", str(tmp_path / "w.toml")]) == 1
    assert "nothing yet to replay" in capsys.readouterr().err


@pytest.fixture
def filmed(tmp_path):
    """A house with a clip of its visitor on disk."""
    made = SmallHouse(tmp_path)
    made.hear(visit())
    (incident,) = made.store.incidents()
    (tmp_path / "clip.mp4").symlink_to(VISITOR)
    made.store.remember([Kept(incident, recording="clip.mp4")])
    (tmp_path / "w.toml").write_text(
        f'[storage]\nfolder = "{tmp_path}"\n[cameras.front]\nkind = "file"\npath = "-"\n'
    )
    yield tmp_path / "w.toml"
    made.close()


@pytest.mark.parametrize(
    ("eyes", "then", "now"),
    [
        ((), 1, 1),
        (
            (
                "--motion",
                "masks=[[[0, 0], [1, 0], [1, 0.98], [0, 0.98]]]",
                "--detector",
                "on=false",
            ),
            1,
            0,
        ),
        (("--set", "person_confidence=1", "--set", "unsure_confidence=1"), 1, 0),
    ],
)
def test_clips_are_seen_again_with_other_eyes(filmed, capsys, eyes, then, now):
    words = ["replay", "--settings", str(filmed), "--since", SINCE, "--from-clips", "--json"]
    assert main([*words, *eyes]) == 0
    said = json.loads(capsys.readouterr().out)
    front = said["cameras"]["front"]
    assert (front["alerts_then"], front["alerts_now"]) == (then, now)
    assert (said["without_clip"], said["unclear"]) == (0, 0)


def test_settings_of_sight_that_there_are_not_are_said(filmed, capsys):
    words = ["replay", "--settings", str(filmed), "--since", SINCE]
    assert main([*words, "--from-clips", "--motion", "least_contrst=9"]) == 1
    assert "Did you mean 'least_contrast'?" in capsys.readouterr().err
    assert main([*words, "--motion", "least_contrast=9"]) == 1
    assert "add --from-clips" in capsys.readouterr().err


def test_why_takes_the_beginning_of_a_name_and_says_what_it_could_mean(run, house):
    first, second = house.store.incidents()
    assert run("why", first.id[:13]) == run("why", first.id)
    code, _, err = run("why", first.id[:8])
    assert (1, True) == (code, f"2 incidents begin with 20260101: {first.id}, {second.id}." in err)
