"""What every archive must do: keep once, compare, give back, list."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.servers.s3 import BUCKET, S3Line
from whosthere.core.errors import ArchiveTrouble
from whosthere.core.ports import Archive, Copy, Resume
from whosthere.storage.archive.folder import FolderArchive
from whosthere.storage.archive.pace import Pace, Stopped
from whosthere.storage.archive.s3 import S3Archive
from whosthere.storage.archive.settings import ArchiveSettings

ONE = "incidents/2026/01/01/one.jpg"
Make = Callable[[Pace], Archive]


@pytest.fixture(params=["folder", "s3"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    if request.param == "folder":
        folder = FolderArchive(tmp_path, Pace())
        folder.begin()
        return lambda pace: FolderArchive(tmp_path, pace)
    line: S3Line = request.getfixturevalue("line")
    settings = ArchiveSettings(kind="s3", bucket=BUCKET, endpoint=line.address)
    return lambda pace: S3Archive(settings, pace)


@pytest.fixture
def archive(make: Make) -> Archive:
    return make(Pace())


def copy_of(key: str, content: bytes, **more: Any) -> Copy:
    return Copy(key, len(content), hashlib.sha256(content).hexdigest(), **more)


def put(archive: Archive, key: str, content: bytes) -> bool:
    return archive.put(copy_of(key, content), io.BytesIO(content), Resume())


def content_of(archive: Archive, key: str, start: int = 0) -> bytes:
    _, pieces = archive.read(key, start)
    return b"".join(pieces)


@pytest.mark.parametrize("size", [0, 1, 100_000, 6 * 2**20], ids=["empty", "byte", "some", "parts"])
def test_what_was_put_comes_back(archive: Archive, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert put(archive, ONE, content)
    there = archive.find(ONE)
    assert there is not None
    assert (ONE, size, copy_of(ONE, content).sha256) == (there.key, there.size, there.sha256)
    assert content == content_of(archive, ONE)


def test_nothing_is_ever_overwritten(archive: Archive) -> None:
    assert put(archive, ONE, b"first")
    assert not put(archive, ONE, b"second")
    assert not put(archive, ONE, b"first")
    assert b"first" == content_of(archive, ONE)


def test_a_copy_can_be_read_from_where_an_earlier_attempt_stopped(archive: Archive) -> None:
    put(archive, ONE, b"0123456789")
    assert b"6789" == content_of(archive, ONE, 6)
    assert b"" == content_of(archive, ONE, 10)
    assert 10 == archive.read(ONE, 6)[0].size


def test_what_is_not_there_is_not_found(archive: Archive) -> None:
    assert archive.find("incidents/none.jpg") is None
    with pytest.raises(ArchiveTrouble):
        content_of(archive, "incidents/none.jpg")


def test_all_below_a_folder_is_listed(archive: Archive) -> None:
    for key in (ONE, "incidents/2026/01/02/two.mp4", "examples/2026/three.json"):
        put(archive, key, key.encode())
    listed = {copy.key: copy.size for copy in archive.copies("incidents/")}
    assert {ONE: len(ONE), "incidents/2026/01/02/two.mp4": 28} == listed
    assert [] == list(archive.copies("ledger/"))
    assert all(copy.at is not None for copy in archive.copies(""))


def test_a_copy_can_be_removed_and_put_anew(archive: Archive) -> None:
    put(archive, ONE, b"first")
    archive.remove(ONE)
    assert archive.find(ONE) is None
    assert put(archive, ONE, b"second")


def test_every_byte_is_paid_for_once(make: Make) -> None:
    taken: list[int] = []

    class Counting(Pace):
        def take(self, amount: int) -> None:
            taken.append(amount)

    put(make(Counting()), ONE, b"x" * 300_000)
    assert 300_000 == sum(taken)


def test_an_upload_ends_when_the_program_does_and_leaves_nothing_half(make: Make) -> None:
    class Ending(Pace):
        def take(self, _amount: int) -> None:
            self.stopping.set()
            self.check()

    with pytest.raises(Stopped):
        put(make(Ending()), ONE, b"x" * 100_000)
    assert make(Pace()).find(ONE) is None
    assert put(make(Pace()), ONE, b"x" * 100_000)
