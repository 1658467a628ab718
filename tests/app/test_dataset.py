"""`whosthere dataset` on what a small house saw and was told."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.answers.living import VIENNA, SmallHouse, visit
from tests.app.conftest import whosthere
from tests.learning.tagged import weaker
from whosthere.app.dataset_gathering import Gathering, examples_of
from whosthere.core.model import Answer, Tag
from whosthere.core.sighting import Box
from whosthere.learning.examples import example_from_json, numbers_from_json
from whosthere.recording.retention import Limits
from whosthere.storage.learning import Learning

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


def gathering(house: SmallHouse) -> Gathering:
    return Gathering(house.store, house.ledger, house.folder, ("net.onnx", "ab" * 32), VIENNA)


def see_a_visit(house: SmallHouse) -> None:
    for sighting in visit():
        house.hear_one(sighting)
        house.recorder.pump()
    house.wait(60)


@pytest.fixture
def house(tmp_path):
    house = SmallHouse(tmp_path / "data")
    see_a_visit(house)
    yield house
    house.close()


@pytest.fixture
def settings(tmp_path, visit_file=Path(__file__)):
    path = tmp_path / "whosthere.toml"
    path.write_text(
        f'[house]\ntime_zone = "Europe/Vienna"\n[storage]\nfolder = "{tmp_path / "data"}"\n'
        f'[cameras.front]\nkind = "file"\npath = "{visit_file}"\n'
    )
    return path


def test_a_tag_becomes_an_example_with_picture_crops_numbers_and_sidecar(house):
    house.ask("occupied")
    gathering(house).gather(house.now)

    (found,) = examples_of(house.store)
    picture = house.folder / found.picture
    assert picture.read_bytes() == (house.folder / house.store.incidents()[0].picture).read_bytes()
    assert found == example_from_json(picture.with_suffix(".json").read_text())
    assert found.crops
    assert all((house.folder / crop.file).stat().st_size > 500 for crop in found.crops)
    assert "person" == found.crops[0].label
    assert ("net.onnx", 1) == (found.detector, found.numbers.version)


def test_the_boxes_are_those_of_the_very_frame_that_the_picture_shows(house):
    house.ask("occupied")
    gathering(house).gather(house.now)
    (found,) = examples_of(house.store)
    (incident,) = house.store.incidents()

    person = max(found.numbers.detections, key=lambda one: one.confidence)
    best = max(one.person_confidence for one in visit())
    assert found.numbers.picture_at is not None
    assert isinstance(person.box, Box)
    assert best - 0.15 <= person.confidence <= best
    assert incident.first_motion <= found.numbers.picture_at <= incident.last_seen


def test_an_example_is_never_deleted_though_the_incidents_files_are(house):
    house.ask("occupied")
    gathering(house).gather(house.now)
    (found,) = examples_of(house.store)
    nothing = Limits(0.0, 0.0, 0, 0)
    delete_all(house, nothing)

    assert (house.folder / found.picture).exists()
    house.ask("unoccupied")  # changed later, when the incident has no picture any more
    gathering(house).gather(house.now)
    (changed,) = examples_of(house.store)
    assert (found.picture, found.numbers) == (changed.picture, changed.numbers)
    assert ["occupied", "unoccupied"] == [tag.answer for tag in changed.tags]
    assert not changed.occupied


def delete_all(house: SmallHouse, limits: Limits) -> None:
    from whosthere.recording.retention import (  # noqa: PLC0415 - beside its only use
        IncidentFiles,
        delete,
        plan,
    )

    kept = [
        IncidentFiles(one.incident_id, one.files, 1, one.ended, one.tagged, one.alerted)
        for one in house.store.files_for_retention()
    ]
    doomed = plan(kept, limits, house.now + timedelta(days=1), 0)
    house.store.forget_files([one.incident_id for one in delete(house.folder, doomed)])
    assert [] == house.store.files_for_retention()


def test_a_tag_without_a_picture_keeps_its_numbers(house):
    delete_all(house, Limits(0.0, 0.0, 0, 0))
    house.ask("unoccupied")
    gathering(house).gather(house.now)

    (found,) = examples_of(house.store)
    assert (None, ()) == (found.picture, found.crops)
    assert found.numbers.person_mean > 0.4


def test_numbers_outlive_the_ledger(house):
    gathering(house).gather(house.now)
    house.ledger.tidy(house.now + timedelta(days=99), days=1)
    house.ask("occupied")
    gathering(house).gather(house.now)

    (found,) = examples_of(house.store)
    assert found.numbers.sightings > 10


def test_an_incident_is_measured_with_what_the_whole_house_knew_then(tmp_path):
    house = SmallHouse(tmp_path / "house", cooldown=3600.0)
    see_a_visit(house)
    later = timedelta(minutes=10)
    for sighting in weaker(visit(), 0.3):
        house.hear_one(replace(sighting, at=sighting.at + later, clock=sighting.clock + 600.0))
    house.wait(60)
    gathering(house).gather(house.now)
    _, second = house.store.incidents()
    measured = numbers_from_json(Learning(house.store.database).numbers_of(second.id))
    house.close()

    assert None is second.alert_id
    assert 600.0 == pytest.approx(measured.gate("cooldown").value, abs=20)
    assert (True, "watching") == (measured.armed, measured.verdict)


def test_without_a_ledger_the_incident_itself_says_what_it_can(house):
    house.ledger.flush()
    house.ledger.tidy(house.now + timedelta(days=99), days=1)
    house.ask("occupied")
    gathering(house).gather(house.now)

    (found,) = examples_of(house.store)
    assert (0, "alert") == (found.numbers.sightings, found.numbers.verdict)
    assert found.numbers.person_ever == house.store.incidents()[0].labels["person"]


def test_nothing_is_done_twice(house):
    house.ask("occupied")

    assert 2 == gathering(house).gather(house.now)  # an incident to measure, a tag to keep
    assert 0 == gathering(house).gather(house.now)


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from whosthere.app import dataset_gathering
from whosthere.app.dataset_gathering import Gathering
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

folder, now, after = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), int(sys.argv[3])
write, written = dataset_gathering.write_whole, 0

def write_and_die(path, content):
    global written
    if written == after:
        os.kill(os.getpid(), signal.SIGKILL)
    written += 1
    write(path, content)

dataset_gathering.write_whole = write_and_die
store = SqliteStore.visit(folder / "whosthere.db")
ledger = SqliteLedger.visit(folder / "ledger.db")
Gathering(store, ledger, folder, ("net.onnx", "")).gather(now)
print("done")
"""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_kill_at_any_moment_loses_no_example(house, after):
    house.ask("occupied")
    house.ledger.flush()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, house.folder, house.now.isoformat(), str(after)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    house.restart()

    assert (-signal.SIGKILL, []) == (killed.returncode, examples_of(house.store)), killed.stderr
    assert Answer.OCCUPIED is house.store.tags()[0].answer
    gathering(house).gather(house.now)
    (found,) = examples_of(house.store)
    assert (house.folder / found.picture).exists()


def test_a_full_disk_puts_an_example_off_and_no_more(house, monkeypatch):
    house.ask("occupied")

    def full(*_):
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr("whosthere.app.dataset_gathering.write_whole", full)
        gathering(house).gather(house.now)
    assert [] == examples_of(house.store)
    gathering(house).gather(house.now)
    assert 1 == len(examples_of(house.store))


def test_the_commands_show_and_export(house, settings, tmp_path):
    house.ask("occupied")
    (incident,) = house.store.incidents()
    house.store.remember([Tag(incident.id, Answer.OCCUPIED, "Bob", house.now, "slack")])
    house.close()

    stats = whosthere("dataset", "stats", "--settings", settings)
    shown = whosthere("dataset", "show", incident.id[:12], "--settings", settings)
    counted = whosthere("dataset", "stats", "--json", "--settings", settings)
    listed = whosthere("dataset", "show", "--settings", settings)
    plain = whosthere("dataset", "show", "--json", "--settings", settings)
    attic = whosthere("dataset", "show", "--camera", "attic", "--settings", settings)
    out = whosthere("dataset", "export", "coco", tmp_path / "out", "--settings", settings)
    again = whosthere("dataset", "export", "coco", tmp_path / "out", "--settings", settings)
    house.open()

    assert "49 occupied" in stats.stdout, stats.stderr
    assert "occupied, says Bob" in shown.stdout
    assert "person_mean" in shown.stdout
    assert incident.id in listed.stdout
    front = json.loads(counted.stdout)["cameras"]["front"]
    assert (1, 0, 1) == (front["occupied"], front["unoccupied"], front["days"])
    assert example_from_json(plain.stdout) == examples_of(house.store)[0]
    assert "There is no camera 'attic'. Choose one of front." in attic.stderr
    assert "1 examples, 1 pictures" in out.stdout
    assert (2, "") == (again.returncode + 1, again.stdout)
    assert "exists already. Name a new folder" in again.stderr


def test_who_does_not_wish_to_be_kept_is_forgotten_but_for_the_numbers(house, settings):
    house.ask("occupied")
    gathering(house).gather(house.now)
    (before,) = examples_of(house.store)
    house.close()
    done = whosthere("dataset", "forget", before.id, before.id, "--settings", settings)
    unknown = whosthere("dataset", "forget", "2026", "--settings", settings)
    house.open()

    (after,) = examples_of(house.store)
    assert (0, "") == (done.returncode, done.stderr)
    assert "There is no incident '2026'" in unknown.stderr
    assert (None, (), before.numbers) == (after.picture, after.crops, after.numbers)
    assert [] == [*house.folder.rglob("*.jpg"), *house.folder.rglob("*.mp4")]
    house.ask("unoccupied")
    gathering(house).gather(house.now)
    (changed,) = examples_of(house.store)
    assert (None, False) == (changed.picture, changed.occupied)


def test_who_was_never_tagged_is_forgotten_too_and_so_are_the_copies(house, settings, tmp_path):
    (incident,) = house.store.incidents()
    house.close()
    (tmp_path / "nas").mkdir()
    with settings.open("a") as file:
        file.write(f'[archive]\nkind = "folder"\nfolder = "{tmp_path / "nas"}"\n')
    assert 0 == whosthere("archive", "run-once", "--settings", settings).returncode
    assert [*(tmp_path / "nas").rglob("*.jpg")]
    (tmp_path / "nas").rename(tmp_path / "unplugged")
    away = whosthere("dataset", "forget", incident.id, "--settings", settings)
    (tmp_path / "unplugged").rename(tmp_path / "nas")
    status = whosthere("archive", "status", "--settings", settings)
    done = whosthere("dataset", "forget", incident.id, "--settings", settings)
    house.open()

    assert "is not there. Mount its disk" in away.stdout, away.stderr
    assert "are yet to be deleted there" in status.stdout
    assert "So are the copies of" in done.stdout
    assert [] == [*tmp_path.rglob("*.jpg"), *tmp_path.rglob("*.mp4")]


def test_without_tags_the_command_says_what_to_do(house, settings):
    house.close()
    stats = whosthere("dataset", "stats", "--settings", settings)
    out = whosthere("dataset", "export", "csv", "x", "--settings", settings)
    house.open()

    assert (0, 1) == (stats.returncode, out.returncode)
    assert "There are no tags yet" in stats.stdout
    assert "nothing to export" in out.stderr


def test_old_rows_go_with_their_incidents(house):
    gathering(house).gather(house.now)
    (incident,) = house.store.incidents()
    delete_all(house, Limits(0.0, 0.0, 0, 0))
    house.store.tidy(house.now + timedelta(days=999), incident_days=1)

    assert None is Learning(house.store.database).numbers_of(incident.id)
