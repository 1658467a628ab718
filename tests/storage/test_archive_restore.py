"""What comes back is compared, goes on where it stopped, and never writes over anything."""

import hashlib
import io
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.servers.s3 import BUCKET, Fault, S3Line
from whosthere.core.errors import ArchiveTrouble
from whosthere.core.ports import Archive, Copy, Resume
from whosthere.storage.archive.folder import FolderArchive
from whosthere.storage.archive.pace import Pace
from whosthere.storage.archive.restore import Outcome, Restoring, choose
from whosthere.storage.archive.s3 import S3Archive
from whosthere.storage.archive.settings import ArchiveSettings
from whosthere.storage.archive.things import Kind

FILM = bytes(range(256)) * 4000
FIRST = "incidents/2026/01/01/20260101T220001000-front"
MOUNT = shutil.which("mount")


def put(archive: Archive, key: str, content: bytes) -> None:
    copy = Copy(key, len(content), hashlib.sha256(content).hexdigest())
    assert archive.put(copy, io.BytesIO(content), Resume())


@pytest.fixture
def nas(tmp_path: Path) -> FolderArchive:
    (tmp_path / "nas").mkdir()
    archive = FolderArchive(tmp_path / "nas", Pace())
    archive.begin()
    for day, camera in ((1, "front"), (2, "front"), (2, "back_2")):
        stem = f"incidents/2026/01/0{day}/2026010{day}T220001000-{camera}"
        for ending in (".jpg", "_boxes.jpg", ".mp4", "_part2.mp4"):
            put(archive, stem + ending, f"{stem}{ending}".encode())
    put(archive, "examples/2026/01/02/20260102T220001000-back_2_1.jpg", b"crop")
    put(archive, "ledger/2026/01/02/ledger.db", b"day")
    put(archive, "database/2026/01/01/whosthere.db.gz", b"older")
    put(archive, "database/2026/01/02/whosthere.db.gz", b"newer")
    return archive


def bucket(line: S3Line) -> S3Archive:
    return S3Archive(ArchiveSettings(kind="s3", bucket=BUCKET, endpoint=line.address), Pace())


@pytest.mark.parametrize(
    ("kinds", "asked", "number"),
    [
        (list(Kind), {}, 15),  # and of the database the newest
        ([Kind.CLIPS], {}, 6),
        ([Kind.PICTURES], {"camera": "front"}, 4),
        ([Kind.CLIPS], {"camera": "back_2"}, 2),
        ([Kind.CLIPS], {"camera": "back"}, 0),
        ([Kind.CLIPS], {"since": datetime(2026, 1, 2, tzinfo=UTC)}, 4),
        ([Kind.CLIPS], {"until": datetime(2026, 1, 2, tzinfo=UTC)}, 2),
        ([Kind.CLIPS], {"since": datetime(2026, 1, 2, 23, tzinfo=UTC)}, 0),
        ([Kind.LEDGER], {"since": datetime(2026, 1, 2, 23, tzinfo=UTC)}, 1),
        ([Kind.EXAMPLES], {"camera": "back_2"}, 1),
        ([Kind.DATABASE], {}, 1),
    ],
)
def test_what_is_asked_for_is_chosen(
    nas: FolderArchive, kinds: list[Kind], asked: dict, number: int
) -> None:
    assert number == len(choose(nas, kinds, **asked))


def test_of_two_versions_the_newer_comes_under_the_files_name(
    nas: FolderArchive, tmp_path: Path
) -> None:
    key = f"{FIRST}~0123456789ab.jpg"
    put(nas, key, b"a better one")
    os.utime(tmp_path / "nas" / key, (4e9, 4e9))
    (chosen,) = [one for one in choose(nas, [Kind.PICTURES]) if one.name == f"{FIRST}.jpg"]
    assert Outcome.FETCHED == Restoring(nas, tmp_path / "to").fetch(chosen)
    assert b"a better one" == (tmp_path / "to" / f"{FIRST}.jpg").read_bytes()


@pytest.mark.parametrize("name", ["../evil.jpg", "incidents/../../evil", "incidents/.hidden",
                                  "other/file.jpg", "incidents/a\\b.jpg"])  # fmt: skip
def test_keys_that_we_would_not_give_are_left_alone(line: S3Line, name: str) -> None:
    archive = bucket(line)
    archive.client.put_object(Bucket=BUCKET, Key=f"whosthere/{name}", Body=b"x")
    assert [] == choose(archive, list(Kind))


def test_a_file_that_is_there_is_never_written_over(nas: FolderArchive, tmp_path: Path) -> None:
    restoring = Restoring(nas, tmp_path / "to")
    (chosen,) = choose(nas, [Kind.DATABASE])
    (first, *_) = choose(nas, [Kind.PICTURES])
    assert Outcome.FETCHED == restoring.fetch(first)
    assert Outcome.THERE == restoring.fetch(first)
    for content in (b"mine", b"x" * first.copy.size):
        (tmp_path / "to" / first.name).write_bytes(content)
        assert Outcome.DIFFERENT == restoring.fetch(first)
        assert content == (tmp_path / "to" / first.name).read_bytes()
    (tmp_path / "to" / "whosthere.db").write_bytes(b"the living one")
    restoring.fetch(chosen)
    (said,) = restoring.finish([chosen])
    assert "left alone" in said
    assert b"the living one" == (tmp_path / "to" / "whosthere.db").read_bytes()


def test_a_cut_download_goes_on_where_it_was(line: S3Line, tmp_path: Path) -> None:
    archive = bucket(line)
    put(archive, f"{FIRST}.mp4", FILM)
    (chosen,) = choose(archive, [Kind.CLIPS])
    moved: list[int] = []
    restoring = Restoring(archive, tmp_path, moved.append)
    line.faults.append(Fault("cut_download", "GET", after=500_000))
    with pytest.raises(ArchiveTrouble, match="cut"):
        restoring.fetch(chosen)
    assert not (tmp_path / chosen.name).exists()
    came = sum(moved)
    assert came > 300_000
    assert Outcome.FETCHED == restoring.fetch(chosen)
    assert FILM == (tmp_path / chosen.name).read_bytes()
    assert came + len(FILM) == sum(moved)  # what was there is told again, and not fetched


def test_a_spoilt_copy_is_not_kept(nas: FolderArchive, tmp_path: Path) -> None:
    (first, *_) = choose(nas, [Kind.CLIPS])
    path = tmp_path / "nas" / first.copy.key
    path.write_bytes(path.read_bytes()[::-1])
    with pytest.raises(ArchiveTrouble, match="other than it was sent"):
        Restoring(nas, tmp_path / "to").fetch(first)
    assert [] == [one for one in (tmp_path / "to").rglob("*") if one.is_file()]


@pytest.mark.skipif(os.geteuid() != 0 or MOUNT is None, reason="only root can mount a small disk")
def test_a_full_disk_is_told_and_it_goes_on_when_there_is_room(
    line: S3Line, tmp_path: Path
) -> None:
    archive = bucket(line)
    put(archive, f"{FIRST}.mp4", FILM)
    (chosen,) = choose(archive, [Kind.CLIPS])
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", disk], check=True)
    try:
        with pytest.raises(ArchiveTrouble, match="No space left on device"):
            Restoring(archive, disk).fetch(chosen)
        assert not (disk / chosen.name).exists()
        subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
        line.requests.clear()
        assert Outcome.FETCHED == Restoring(archive, disk).fetch(chosen)
        assert FILM == (disk / chosen.name).read_bytes()
    finally:
        subprocess.run(["umount", disk], check=True)
