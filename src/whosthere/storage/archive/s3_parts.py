"""Large files go to S3 in parts, so that a cut connection or a crash costs one part at most.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

import hashlib
import io
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from whosthere.core.ports import Copy, Resume
from whosthere.storage.archive import s3_words
from whosthere.storage.archive.things import PIECE

if TYPE_CHECKING:
    from whosthere.storage.archive.s3 import S3Archive

PART_BYTES = 5 * 2**20  # the least that S3 takes for a part that is not the last
MOST_PARTS = 10_000
GONE = ("NoSuchUpload", "404")
TAKEN = "PreconditionFailed"


@dataclass(slots=True, eq=False)
class Window:
    """A part of a file, as a file that botocore can send."""

    file: BinaryIO
    start: int
    size: int
    pay: Callable[[int], None] = lambda _: None
    _at: int = field(default=0, init=False)

    def read(self, most: int = -1) -> bytes:
        left = self.size - self._at
        wanted = left if most < 0 else min(most, left)
        self.file.seek(self.start + self._at)
        piece = self.file.read(wanted)
        self._at += len(piece)
        self.pay(len(piece))
        return piece

    def seek(self, to: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = base + to
        return self._at

    def tell(self) -> int:
        return self._at

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(PIECE):
            yield piece


def md5_of(source: BinaryIO, start: int, size: int) -> bytes:
    """Compute the checksum that S3 compares a body with, and that it names as the ETag."""
    md5 = hashlib.md5(usedforsecurity=False)
    window = Window(source, start, size)
    for piece in window:
        md5.update(piece)
    return md5.digest()


def send_in_parts(archive: "S3Archive", copy: Copy, source: BinaryIO, resume: Resume) -> str | None:
    """Send what is missing. Return the ETag of the whole; None if the key is taken."""
    size = max(archive.part_bytes, -(-copy.size // MOST_PARTS))
    sums = [
        md5_of(source, start, min(size, copy.size - start)) for start in range(0, copy.size, size)
    ]
    upload, there = _begun(archive, copy, resume, size)
    for number, md5 in enumerate(sums, 1):
        if there.get(number) != md5.hex():
            start = (number - 1) * size
            window = Window(source, start, min(size, copy.size - start))
            _send(archive, copy, upload, number, md5, window)
    whole = hashlib.md5(b"".join(sums), usedforsecurity=False).hexdigest()
    done = _complete(archive, copy, upload, [md5.hex() for md5 in sums], resume)
    return f"{whole}-{len(sums)}" if done else None


def abort_stale(archive: "S3Archive", known: set[str], before: datetime) -> int:
    """Give up what attempts began that nobody will go on with; unfinished parts cost money."""
    ours = {json.loads(token)["upload"] for token in known}
    ended = 0
    with archive.words("s3:ListBucketMultipartUploads"):
        pages = archive.client.get_paginator("list_multipart_uploads").paginate(
            Bucket=archive.bucket, Prefix=archive.full("")
        )
        stale = [
            one
            for page in pages
            for one in page.get("Uploads", ())
            if one["UploadId"] not in ours and one["Initiated"] < before
        ]
    for one in stale:
        _abort(archive, one["Key"], one["UploadId"])
        ended += 1
    return ended


def try_rights(archive: "S3Archive", key: str) -> None:
    """Begin an upload in parts, look at it, list all and give it up; say which right is missing."""
    with archive.words("s3:PutObject"):
        upload = archive.client.create_multipart_upload(
            Bucket=archive.bucket, Key=archive.full(key), **archive.about(Copy(key, 0, ""))
        )["UploadId"]
    try:
        _parts(archive, Copy(key, 0), upload)
        abort_stale(archive, set(), datetime.min.replace(tzinfo=UTC))
    finally:
        _abort(archive, archive.full(key), upload)


def _begun(
    archive: "S3Archive", copy: Copy, resume: Resume, size: int
) -> tuple[str, dict[int, str]]:
    """Go on with an earlier attempt of the same content, or begin. Tell which parts are there."""
    earlier = json.loads(resume.token) if resume.token else {}
    same = {"key": copy.key, "sha256": copy.sha256, "part": size}
    if earlier and all(earlier.get(name) == value for name, value in same.items()):
        there = _parts(archive, copy, earlier["upload"])
        if there is not None:
            return earlier["upload"], there
    elif earlier:
        _abort(archive, archive.full(earlier["key"]), earlier["upload"])
    with archive.words("s3:PutObject"):
        answer = archive.client.create_multipart_upload(
            Bucket=archive.bucket, Key=archive.full(copy.key), **archive.about(copy)
        )
    upload: str = answer["UploadId"]
    resume.note(json.dumps({**same, "upload": upload}))
    return upload, {}


def _parts(archive: "S3Archive", copy: Copy, upload: str) -> dict[int, str] | None:
    """Return the checksums of the parts that are there; None if the upload is over."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - an extra

    if archive.settings.append_only:  # it may not look: begin anew
        return None
    with archive.words("s3:ListMultipartUploadParts"):
        try:
            pages = archive.client.get_paginator("list_parts").paginate(
                Bucket=archive.bucket, Key=archive.full(copy.key), UploadId=upload
            )
            return {
                part["PartNumber"]: part["ETag"].strip('"')
                for page in pages
                for part in page.get("Parts", ())
            }
        except ClientError as error:
            if s3_words.code_of(error) in GONE:
                return None
            raise


def _send(
    archive: "S3Archive", copy: Copy, upload: str, number: int, md5: bytes, window: Window
) -> None:
    with archive.words("s3:PutObject"), archive.sending(window) as body:
        archive.client.upload_part(
            Bucket=archive.bucket, Key=archive.full(copy.key), UploadId=upload, PartNumber=number,
            Body=body, ContentLength=window.size, ContentMD5=b64encode(md5).decode(),
        )  # fmt: skip


def _complete(
    archive: "S3Archive", copy: Copy, upload: str, sums: list[str], resume: Resume
) -> bool:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - an extra

    parts: list[dict[str, Any]] = [
        {"PartNumber": number, "ETag": etag} for number, etag in enumerate(sums, 1)
    ]
    with archive.words("s3:PutObject"):
        try:
            archive.client.complete_multipart_upload(
                Bucket=archive.bucket, Key=archive.full(copy.key), UploadId=upload,
                MultipartUpload={"Parts": parts}, **archive.condition,
            )  # fmt: skip
        except ClientError as error:
            code = s3_words.code_of(error)
            if code == TAKEN:
                _abort(archive, archive.full(copy.key), upload)
                resume.note(None)
                return False
            if code in GONE:  # completed by an attempt of which we did not hear, or aborted
                resume.note(None)
                return False
            if archive.unconditional(code):
                return _complete(archive, copy, upload, sums, resume)
            raise
    return True


def _abort(archive: "S3Archive", full_key: str, upload: str) -> None:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - an extra

    if archive.settings.append_only:  # the bucket's lifecycle ends it
        return
    with archive.words("s3:AbortMultipartUpload"):
        try:
            archive.client.abort_multipart_upload(
                Bucket=archive.bucket, Key=full_key, UploadId=upload
            )
        except ClientError as error:
            if s3_words.code_of(error) not in GONE:
                raise
