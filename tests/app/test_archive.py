"""The archive in the whole program: copies arrive while it runs, and come back by the command."""

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.conftest import whosthere
from tests.servers.s3 import BUCKET, Fault, S3Line
from tests.storage.making import alert, incident, seconds
from whosthere.app.archive_parts import alerts_under_way
from whosthere.app.settings import load
from whosthere.app.upkeep import Upkeep
from whosthere.recording.retention import IncidentFiles, Limits, plan
from whosthere.storage.archive.outbox import ArchiveOutbox
from whosthere.storage.archive.pace import Pace
from whosthere.storage.archive.s3 import S3Archive
from whosthere.storage.archive.settings import ArchiveSettings
from whosthere.storage.archive.things import Kind, Thing
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


def with_archive(settings_file: Path, table: str) -> Path:
    settings_file.write_text(f"{settings_file.read_text()}[archive]\n{table}\n")
    return settings_file


def with_bucket(settings_file: Path, line: S3Line, more: str = "") -> Path:
    table = f'kind = "s3"\nbucket = "{BUCKET}"\nendpoint = "{line.address}"\n{more}'
    return with_archive(settings_file, table)


def objects(line: S3Line) -> dict[str, int]:
    settings = ArchiveSettings(kind="s3", bucket=BUCKET, endpoint=line.address)
    archive = S3Archive(settings, Pace())
    return {copy.key: copy.size for copy in archive.copies("")}


@pytest.mark.slow
def test_a_visit_is_in_the_bucket_while_the_program_runs_and_can_be_restored(
    settings_file: Path, line: S3Line, tmp_path: Path, start: Callable
) -> None:
    path = with_bucket(settings_file, line, "delete_local_after_days = 0")
    line.hold_after = 1
    running = start("run", "--settings", path, "--mode", "away")
    assert line.reached.wait(60)  # something of the alert is on its way, and the program lives
    line.released.set()
    running.wait_for("clip")
    assert 0 == running.end(signal.SIGINT)
    assert 0 == whosthere("archive", "run-once", "--settings", path).returncode
    there = objects(line)
    assert {".jpg", ".mp4"} <= {Path(key).suffix for key in there}
    again = whosthere("archive", "run-once", "--settings", path)  # now the files here go
    assert "0 files copied" in again.stdout
    local = [one.name for one in (tmp_path / "data/incidents").rglob("*.mp4")]
    assert [] == local
    back = whosthere("archive", "restore", "--settings", path, "--to", tmp_path / "back")
    assert 0 == back.returncode, back.stderr
    clips = list((tmp_path / "back/incidents").rglob("*.mp4"))
    assert sorted(there[key] for key in there if key.endswith(".mp4")) == sorted(
        clip.stat().st_size for clip in clips
    )


@pytest.mark.slow
def test_a_bucket_that_is_away_holds_nothing_up_and_is_told(
    settings_file: Path, line: S3Line, start: Callable
) -> None:
    line.always.append(Fault("refuse", code="InvalidAccessKeyId", status=403))
    running = start("run", "--settings", with_bucket(settings_file, line), "--mode", "away")
    running.wait_for("may have been revoked")
    running.wait_for("clip")
    assert 0 == running.end(signal.SIGINT)
    assert "nothing is lost" in running.text
    assert 1 == running.text.count("may have been revoked")
    status = whosthere("archive", "status", "--settings", settings_file, "--json")
    about = json.loads(status.stdout)
    assert about["kinds"]["clips"]["waiting"] >= 1
    assert "may have been revoked" in about["last_error"]


def test_status_check_and_run_once_say_how_it_is(settings_file: Path, tmp_path: Path) -> None:
    path = with_archive(settings_file, f'kind = "folder"\nfolder = "{tmp_path}/nas"')
    before = whosthere("archive", "status", "--settings", path)
    assert 1 == before.returncode
    assert "no database" in before.stderr
    checked = whosthere("archive", "check", "--settings", path)
    assert 1 == checked.returncode
    assert "Mount its disk" in checked.stdout
    (tmp_path / "nas").mkdir()
    assert "0 files copied" in whosthere("archive", "run-once", "--settings", path).stdout
    checked = whosthere("archive", "check", "--settings", path)
    assert 0 == checked.returncode
    assert "the same disk as the data" in checked.stdout
    assert "the test file is gone" in checked.stdout
    assert "nothing waits" in whosthere("archive", "status", "--settings", path).stdout
    nothing = whosthere("archive", "restore", "--settings", path)
    assert "The archive has nothing of that." in nothing.stdout


def test_with_another_archive_status_says_whose_copies_these_are(
    settings_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "nas").mkdir()
    path = with_archive(settings_file, f'kind = "folder"\nfolder = "{tmp_path}/nas"')
    store = SqliteStore(load(path).storage.database)
    outbox = ArchiveOutbox(store.database)
    outbox.wish("folder /mnt/old", [Kind.CLIPS])
    at = datetime.now(UTC)
    outbox.queue([Thing("incidents/2026/01/01/one.mp4", Kind.CLIPS, at)], at)
    store.close()
    said = whosthere("archive", "status", "--settings", path).stdout
    assert "These are the copies in folder /mnt/old" in said


def test_files_of_a_camera_or_a_time_come_without_the_database(
    settings_file: Path, tmp_path: Path
) -> None:
    path = with_archive(settings_file, f'kind = "folder"\nfolder = "{tmp_path}/nas"')
    for name in (
        "incidents/2026/01/01/20260101T220001000-front.jpg",
        "database/2026/01/01/w.db.gz",
    ):
        (tmp_path / "nas" / name).parent.mkdir(parents=True)
        (tmp_path / "nas" / name).write_bytes(b"content")
    (tmp_path / "nas" / ".whosthere-archive").touch()
    restore = ("archive", "restore", "--settings", path, "--to", tmp_path / "back")
    assert "1 fetched" in whosthere(*restore, "--camera", "front").stdout
    wrong = whosthere(*restore, "--since", "3d", "--until", "4d")
    assert (1, True) == (wrong.returncode, "--since 3d is not before --until 4d." in wrong.stderr)


def test_without_an_archive_the_command_says_how_to_set_one(settings_file: Path) -> None:
    said = whosthere("archive", "status", "--settings", settings_file)
    assert (1, True) == (said.returncode, "[archive]" in said.stderr)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('kind = "s3"', "needs 'bucket'"),
        ('kind = "folder"', "needs 'folder'"),
        ('kind = "ftp"', "choose one of none, folder, s3"),
        ('bucket = "s3://mine"', "does not have the right form"),
        ('kind = "s3"\nbucket = "mine"\nprefix = "../up/"', "does not have the right form"),
        ('kind = "s3"\nbucket = "mine"\nendpoint = "http://me:pass@host"', "right form"),
        ('kind = "s3"\nbucket = "mine"\nappend_only = true\nprune = true', "exclude each other"),
    ],
)
def test_settings_that_cannot_work_are_told(settings_file: Path, table: str, told: str) -> None:
    said = whosthere("archive", "status", "--settings", with_archive(settings_file, table))
    assert 1 == said.returncode
    assert told in said.stderr
    assert "pass@" not in said.stderr


def test_a_program_without_an_archive_never_loads_boto3(settings_file: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from whosthere.app.assemble import assemble;"
        f"from whosthere.app.settings import load; p = assemble(load(Path('{settings_file}')));"
        "p.store.close(); p.ledger.close(); print([n for n in sys.modules if 'boto' in n])"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "[]" == said.stdout.strip()


def test_a_new_alert_goes_first_and_an_undeliverable_one_holds_nothing_up(tmp_path: Path) -> None:
    now = [datetime.now(UTC)]
    store = SqliteStore(tmp_path / "whosthere.db", messengers=["console"], clock=lambda: now[0])
    assert not alerts_under_way(store, ["console"])
    store.remember([alert(1)])
    assert alerts_under_way(store, ["console"])
    now[0] -= timedelta(minutes=5)
    for delivery, _ in store.waiting("console"):
        store.sending(delivery)
        store.sent(delivery)
    store.remember([alert(2)])
    assert not alerts_under_way(store, ["console"])
    store.close()


def test_what_is_not_copied_yet_is_not_deleted_for_its_age(
    settings_file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    settings = load(with_archive(settings_file, f'kind = "folder"\nfolder = "{tmp_path}/nas"'))
    store, ledger = SqliteStore(settings.storage.database), SqliteLedger(settings.storage.ledger)
    outbox = ArchiveOutbox(store.database)
    outbox.wish(settings.archive.place, settings.archive.what)

    name = "incidents/2026/01/01/20260101T220001000-front.jpg"
    path = settings.storage.folder / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"picture")
    store.remember([replace(incident(1), ended=seconds(5), picture=name)])
    upkeep = Upkeep(settings, store, ledger, now=lambda: seconds(86400 * 100), unsent=outbox.unsent)
    upkeep.delete_files()
    assert path.exists()
    outbox.done(name, name, seconds(10))
    upkeep.delete_files()
    assert not path.exists()
    store.close()
    ledger.close()


def test_without_room_what_is_copied_goes_first() -> None:
    def files(name: str, **more: bool) -> IncidentFiles:
        flags = {"tagged": False, "alerted": False} | more
        return IncidentFiles(name, (name,), 100, seconds(0), **flags)

    kept = [files("unsent", unsent=True), files("tagged", tagged=True), files("sent"),
            files("alerted", alerted=True)]  # fmt: skip
    doomed = plan(kept, Limits(30, 365, 10**9, 350), seconds(10), 0)
    assert ["sent", "alerted", "unsent", "tagged"] == [one.incident_id for one in doomed]
