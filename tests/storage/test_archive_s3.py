"""Copies to a bucket over a bad line: all arrive once and whole, and people are told once."""

import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.servers.s3 import (
    BUCKET,
    KEY_ID,
    SECRET,
    Fault,
    S3Line,
    ask,
)
from tests.storage.archiving import DAY, House
from whosthere.core.errors import BadSettings
from whosthere.core.ports import Copy, Resume
from whosthere.storage.archive import check
from whosthere.storage.archive.pace import Pace
from whosthere.storage.archive.s3 import S3Archive, make_client
from whosthere.storage.archive.s3_parts import abort_stale
from whosthere.storage.archive.settings import ArchiveSettings

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


FIRST = f"{DAY}/20260101T220001000-front"
PART = 5 * 2**20
FILM = bytes(range(256)) * (12 * 2**20 // 256) + b"the end"


def settings(line: S3Line, **more: object) -> ArchiveSettings:
    asked = {"kind": "s3", "bucket": BUCKET, "endpoint": line.address}
    return ArchiveSettings.model_validate(asked | more)


@pytest.fixture
def house(line: S3Line, tmp_path: Path) -> Iterator[House]:
    archive = S3Archive(settings(line), Pace())
    with House(tmp_path, archive) as made:
        yield made


FAULTS = {
    "cut at once": Fault("cut_body", "PUT"),
    "cut in the middle": Fault("cut_body", "PUT", after=60_000),
    "cut after all of it": Fault("cut_answer", "PUT"),
    "cut while looking": Fault("cut_answer", "HEAD"),
    "too much to do": Fault("refuse", "PUT", "SlowDown", 503),
    "trouble of its own": Fault("refuse", "PUT", "InternalError", 500),
    "wrong ETag": Fault("wrong_etag", "HEAD"),
    "damaged on the way": Fault("refuse", "PUT", "BadDigest", 400),
    "another at the same time": Fault("refuse", "PUT", "ConditionalRequestConflict", 409),
    "too slow": Fault("refuse", "PUT", "RequestTimeout", 400),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_after_a_fault_the_copy_is_there_once_and_whole(
    house: House, line: S3Line, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    clip = FILM[:200_000]
    house.visit(1, clip=clip)
    line.faults.append(fault)
    house.steps_until_idle()
    assert not line.faults
    assert [f"{FIRST}.jpg", f"{FIRST}.mp4"] == house.there("incidents/")
    assert clip == house.content(f"{FIRST}.mp4")
    assert 1 == caplog.text.count("It is tried again")
    assert house.troubles[-1] is None


@pytest.mark.parametrize("after", [0, 2 * 2**20, 7 * 2**20])
def test_a_large_file_goes_on_with_the_part_that_was_cut(
    house: House, line: S3Line, after: int
) -> None:
    house.visit(1, clip=FILM)
    house.step(2)
    picture = line.uploaded
    line.faults.append(Fault("cut_body", "PUT", after=after % PART, query="partNumber=2"))
    house.steps_until_idle()
    assert FILM == house.content(f"{FIRST}.mp4")
    assert 1 == sum("?uploads" in one for one in line.requests if one.startswith("POST"))
    assert line.uploaded - picture < len(FILM) + PART
    assert b"<Upload>" not in ask(line.server_port, "GET", f"/{BUCKET}?uploads")


def test_a_large_file_whose_upload_was_ended_elsewhere_begins_anew(
    house: House, line: S3Line
) -> None:
    house.visit(1, clip=FILM)
    line.faults.append(Fault("refuse", "PUT", "SlowDown", 503, query="partNumber=3"))
    house.step(2)
    later = datetime.now(UTC) + timedelta(days=1)
    assert isinstance(house.archive, S3Archive)
    assert 1 == abort_stale(house.archive, set(), later)
    house.steps_until_idle()
    assert FILM == house.content(f"{FIRST}.mp4")
    assert 2 == sum("?uploads" in one for one in line.requests if one.startswith("POST"))


def test_a_large_file_that_was_completed_unheard_counts(house: House, line: S3Line) -> None:
    house.visit(1, clip=FILM)
    line.faults.append(Fault("cut_answer", "POST", query="?uploadId"))
    house.steps_until_idle()
    assert [f"{FIRST}.jpg", f"{FIRST}.mp4"] == house.there("incidents/")
    assert FILM == house.content(f"{FIRST}.mp4")


def test_stale_uploads_are_ended_and_those_under_way_are_not(house: House, line: S3Line) -> None:
    house.visit(1, clip=FILM)
    line.faults.append(Fault("refuse", "PUT", "SlowDown", 503, query="partNumber=2"))
    house.step(2)
    assert isinstance(house.archive, S3Archive)
    later = datetime.now(UTC) + timedelta(days=1)
    assert 0 == abort_stale(house.archive, house.outbox.uploads(), later)
    assert 0 == abort_stale(house.archive, set(), datetime(2000, 1, 1, tzinfo=UTC))
    assert 1 == abort_stale(house.archive, set(), later)


def test_the_pause_that_the_service_asks_for_is_kept_even_for_an_alert(
    house: House, line: S3Line
) -> None:
    house.visit(1)
    slow = Fault("refuse", "PUT", "SlowDown", 503, headers=(("Retry-After", "120"),))
    line.faults.append(slow)
    house.step()
    house.uploading.wake()
    assert 100 < house.uploading.step() <= 120


def test_a_revoked_key_is_told_once_and_nothing_is_deleted(
    house: House, line: S3Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house.visit(1, clip=b"film")
    line.always.append(Fault("refuse", code="InvalidAccessKeyId", status=403))
    house.step(20)
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert 1 == len(told)
    assert "may have been revoked" in told[0]
    assert (house.data / f"{FIRST}.mp4").exists()
    line.always.clear()
    house.steps_until_idle()
    assert b"film" == house.content(f"{FIRST}.mp4")


def test_an_hour_of_trouble_is_told_once(
    house: House, line: S3Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    house.visit(1)
    line.always.append(Fault("refuse", code="NoSuchBucket", status=404))
    house.step(30)
    assert house.clock.seconds > 1.5 * 3600  # it was tended to meanwhile
    assert 1 == len(caplog.records)
    assert None not in house.troubles


def test_no_secret_is_ever_told(
    house: House, line: S3Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house.visit(1, clip=FILM[:200_000])
    codes = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "SomethingNew")
    line.faults += [Fault("refuse", "PUT", code, 403) for code in codes]
    line.faults += FAULTS.values()
    house.steps_until_idle(200)
    said = caplog.text + repr(house.troubles) + repr(house.outbox.waiting())
    assert KEY_ID not in said
    assert SECRET not in said
    assert "Signature=" not in said


def test_all_is_encrypted_unless_that_is_turned_off(line: S3Line) -> None:
    for number, (encryption, expected) in enumerate(
        [("AES256", "AES256"), ("aws:kms", "aws:kms"), ("none", None)]
    ):
        archive = S3Archive(settings(line, encryption=encryption, prefix=f"p{number}"), Pace())
        tried = list(check.tries(archive, append_only=False, prune=False))
        assert all(one.well for one in tried), tried
        archive.put(*_one("incidents/one.jpg"))
        head = archive.client.head_object(Bucket=BUCKET, Key=f"p{number}/incidents/one.jpg")
        assert expected == head.get("ServerSideEncryption")


def _one(key: str) -> tuple:
    sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
    return Copy(key, 3, sha256), io.BytesIO(b"foo"), Resume()


RIGHTS = {
    "s3:PutObject": Fault("refuse", "PUT", "AccessDenied", 403),
    "s3:GetObject": Fault("refuse", "HEAD", "AccessDenied", 403),
    "s3:ListBucket": Fault("refuse", "GET", "AccessDenied", 403, query="list-type"),
    "s3:ListMultipartUploadParts": Fault("refuse", "GET", "AccessDenied", 403, query="uploadId"),
    "s3:ListBucketMultipartUploads": Fault("refuse", "GET", "AccessDenied", 403, query="?uploads"),
    "s3:AbortMultipartUpload": Fault("refuse", "DELETE", "AccessDenied", 403, query="uploadId"),
    "s3:DeleteObject": Fault("refuse", "DELETE", "AccessDenied", 403, query="check.txt "),
}


@pytest.mark.parametrize("right", RIGHTS)
def test_the_check_names_the_right_that_is_missing(line: S3Line, right: str) -> None:
    line.always.append(RIGHTS[right])
    archive = S3Archive(settings(line), Pace())
    tried = list(check.tries(archive, append_only=False, prune=True))
    assert [right] == list(dict.fromkeys(
        name for one in tried if not one.well for name in RIGHTS if name in one.said.split()
        or f"{name}." in one.said
    ))  # fmt: skip


def test_without_a_bucket_the_check_says_only_that(line: S3Line) -> None:
    line.always.append(Fault("refuse", code="NoSuchBucket", status=404))
    archive = S3Archive(settings(line), Pace())
    (tried,) = check.tries(archive, append_only=False, prune=False)
    assert (False, True) == (tried.well, "there is no such bucket" in tried.said)


def test_a_key_that_may_not_delete_is_well_unless_pruning_is_asked_for(line: S3Line) -> None:
    line.always.append(RIGHTS["s3:DeleteObject"])
    archive = S3Archive(settings(line), Pace())
    for _ in range(2):  # the test file stays, and does not matter the next time
        assert all(one.well for one in check.tries(archive, append_only=False, prune=False))


def test_with_a_key_that_may_only_put_all_arrives_once(line: S3Line, tmp_path: Path) -> None:
    line.always += [Fault("refuse", m, "AccessDenied", 403) for m in ("GET", "HEAD", "DELETE")]
    archive = S3Archive(settings(line, append_only=True), Pace())
    with House(tmp_path, archive, kind="s3", bucket=BUCKET, append_only=True) as house:
        house.visit(1, clip=FILM)
        house.visit(2)
        line.faults += [Fault("cut_answer", "PUT"), Fault("cut_body", "PUT", query="partNumber=2")]
        house.steps_until_idle()
        assert {"done"} == set(house.states().values())
    line.always.clear()
    readers = S3Archive(settings(line), Pace())
    contents = {b"".join(readers.read(copy.key)[1]) for copy in readers.copies("incidents/")}
    assert {FILM, b"picture 1", b"picture 2"} == contents


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("NoSuchBucket", "Make it, or correct archive.bucket"),
        ("QuotaExceeded", "Make room, or raise its quota"),
        ("RequestTimeTooSkewed", "the clock of this machine is wrong"),
        ("AccessDenied", "the key may not do s3:PutObject"),
        ("SlowDown", "too much to do"),
    ],
)
def test_what_the_service_answers_is_told_in_words(
    house: House, line: S3Line, code: str, words: str
) -> None:
    house.visit(1)
    line.faults.append(Fault("refuse", "PUT", code, 403))
    house.step()
    assert words in str(house.troubles[-1])


def test_a_service_that_is_not_there_is_told(tmp_path: Path, line: S3Line) -> None:
    gone = settings(line).model_copy(update={"endpoint": "http://127.0.0.1:9"})
    with House(tmp_path, S3Archive(gone, Pace())) as house:
        house.visit(1)
        house.step()
        assert "cannot be reached" in str(house.troubles[-1])


def test_without_a_key_it_says_where_to_put_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    house.visit(1)
    house.step()
    assert "there is no key" in str(house.troubles[-1])


def test_a_key_may_lie_in_a_file(
    line: S3Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    file = tmp_path / "key"
    file.write_text(f"{KEY_ID}\n{SECRET}\n")
    archive = S3Archive(settings(line, key_file=file), Pace())
    assert archive.put(*_one("incidents/one.jpg"))


@pytest.mark.parametrize("content", ["", "one line", "a\nb\nc"])
def test_a_file_that_holds_no_key_is_told_and_not_shown(
    line: S3Line, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "key"
    file.write_text(content)
    with pytest.raises(BadSettings, match="two lines") as caught:
        make_client(settings(line, key_file=file))
    assert "one line" not in str(caught.value)


def test_a_service_that_knows_no_conditions_is_asked_before(house: House, line: S3Line) -> None:
    line.faults.append(Fault("refuse", "PUT", "NotImplemented", 501))
    house.visit(1)
    house.visit(2)
    house.steps_until_idle()
    assert 2 == len(house.there("incidents/"))
    assert [] == [one for one in house.troubles if one]


def test_the_line_is_used_at_the_rate_that_was_set(line: S3Line, tmp_path: Path) -> None:
    with House(tmp_path, bytes_per_second=50_000) as house:
        house.uploading.archive = S3Archive(settings(line), house.pace)
        began, before = house.clock(), line.uploaded
        house.visit(1, clip=FILM[:2_000_000])
        house.steps_until_idle()
        sent = line.uploaded - before
        assert sent >= 2_000_000
        assert sent / 50_000 == pytest.approx(house.clock() - began, rel=0.05)
