"""The archive in a bucket of S3, or of whatever speaks like it.

One request at a time, from the thread that calls; boto3 is imported with the first of them (50 MB).
Each upload carries an MD5 of its body (RFC 1864), which the server compares; `If-None-Match: *`
keeps it from writing over anything; then size, SHA-256 and ETag are asked for and compared. We
send a file's bytes ourselves and not with boto3's transfer manager, which would take threads of its
own, could not be slowed down to a rate nor go on after a crash.
"""

import logging
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from whosthere.core.errors import ArchiveTrouble, BadSettings
from whosthere.core.ports import Copy, Resume
from whosthere.storage.archive import s3_words
from whosthere.storage.archive.pace import Pace, Stopped
from whosthere.storage.archive.s3_parts import PART_BYTES, Window, md5_of, send_in_parts
from whosthere.storage.archive.settings import ArchiveSettings
from whosthere.storage.archive.things import PIECE

CONNECT_SECONDS, ANSWER_SECONDS = 10, 40
MISSING = ("404", "NoSuchKey", "NotFound", "NoSuchUpload")
TAKEN = "PreconditionFailed"
TYPES = {".jpg": "image/jpeg", ".mp4": "video/mp4", ".json": "application/json",
         ".gz": "application/gzip", ".db": "application/vnd.sqlite3"}  # fmt: skip


@dataclass(slots=True, eq=False)
class S3Archive:
    """Fulfils `core.ports.Archive`. For one thread."""

    settings: ArchiveSettings
    pace: Pace
    part_bytes: int = PART_BYTES
    _client: Any = None
    _conditional: bool = True  # until the service says that it knows no If-None-Match
    _body: Window | None = None

    @property
    def bucket(self) -> str:
        return self.settings.bucket or ""

    def put(self, copy: Copy, source: BinaryIO, resume: Resume) -> bool:
        if not self._conditional and self.find(copy.key) is not None:
            return False
        if copy.size > self.part_bytes:
            etag = send_in_parts(self, copy, source, resume)
        else:
            etag = self._send_whole(copy, source)
        if etag is None:
            return False
        if not self.settings.append_only:
            self._compare(copy, etag)
        return True

    def find(self, key: str) -> Copy | None:
        if self.settings.append_only:  # what lies under a key with a checksum can only be that
            return Copy(key, -1)
        answer = self._head(key)
        return None if answer is None else _copy(key, answer["ContentLength"], answer)

    def read(self, key: str, start: int = 0) -> tuple[Copy, Iterator[bytes]]:
        there = self.find(key)
        if there is None:
            raise ArchiveTrouble(f"Bucket {self.bucket}: {key} is not there any more.")
        return there, self._pieces(key, start) if start < there.size else iter(())

    def _pieces(self, key: str, start: int) -> Iterator[bytes]:
        more = {"Range": f"bytes={start}-"} if start else {}
        with self.words("s3:GetObject"):
            body = self.client.get_object(Bucket=self.bucket, Key=self.full(key), **more)["Body"]
            try:
                yield from body.iter_chunks(PIECE)
            finally:
                body.close()

    def copies(self, prefix: str) -> Iterator[Copy]:
        with self.words("s3:ListBucket"):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.full(prefix)
            )
            for page in pages:
                for one in page.get("Contents", ()):
                    key = one["Key"].removeprefix(f"{self.settings.prefix}/")
                    yield Copy(key, one["Size"], None, one["LastModified"])

    def remove(self, key: str) -> None:
        with self.words("s3:DeleteObject"):
            self.client.delete_object(Bucket=self.bucket, Key=self.full(key))

    # --- for s3_parts, too

    def full(self, key: str) -> str:
        return f"{self.settings.prefix}/{key}"

    def about(self, copy: Copy) -> dict[str, Any]:
        """What an object is told when it is made."""
        ending = Path(copy.key).suffix
        more: dict[str, Any] = {"ContentType": TYPES.get(ending, "application/octet-stream"),
                                "Metadata": {"sha256": copy.sha256}}  # fmt: skip
        if self.settings.encryption != "none":
            more["ServerSideEncryption"] = self.settings.encryption
        if self.settings.encryption == "aws:kms" and self.settings.kms_key:
            more["SSEKMSKeyId"] = self.settings.kms_key
        return more

    @property
    def condition(self) -> dict[str, str]:
        return {"IfNoneMatch": "*"} if self._conditional else {}

    def unconditional(self, code: str) -> bool:
        """Whether to try without the condition, since the service does not know it."""
        if code == "NotImplemented" and self._conditional:
            self._conditional = False
            return True
        return False

    @contextmanager
    def sending(self, body: Window) -> Iterator[Window]:
        """Let bytes be paid for while they go out, and not while they are signed."""
        self._body = body
        try:
            yield body
        finally:
            self._body = None

    @property
    def client(self) -> Any:  # noqa: ANN401 - boto3 has no types
        if self._client is None:
            self._client = make_client(self.settings)
            self._client.meta.events.register("before-send.s3", self._goes_out)
        return self._client

    def _goes_out(self, **_: object) -> None:
        if self._body is not None:
            self._body.pay = self.pace.take

    @contextmanager
    def words(self, action: str) -> Iterator[None]:
        """Say in words what went wrong."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

        try:
            yield
        except ClientError as error:
            raise s3_words.refusal(error, self.bucket, action) from None
        except BotoCoreError as error:
            if self.pace.stopping.is_set():  # botocore takes our own Stopped for trouble
                raise Stopped from None
            raise s3_words.no_answer(error, self.bucket) from None

    # --- small files

    def _send_whole(self, copy: Copy, source: BinaryIO) -> str | None:
        """Return the ETag that it must have; None if the key is taken."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - an extra

        md5 = md5_of(source, 0, copy.size)
        with self.words("s3:PutObject"), self.sending(Window(source, 0, copy.size)) as body:
            try:
                self.client.put_object(
                    Bucket=self.bucket, Key=self.full(copy.key), Body=body,
                    ContentLength=copy.size, ContentMD5=b64encode(md5).decode(),
                    **self.about(copy), **self.condition,
                )  # fmt: skip
            except ClientError as error:
                code = s3_words.code_of(error)
                if code == TAKEN:
                    return None
                if not self.unconditional(code):
                    raise
            else:
                return md5.hex()
        if self.find(copy.key) is not None:
            return None
        return self._send_whole(copy, source)

    def _compare(self, copy: Copy, etag: str) -> None:
        """Ask what is there, and compare it with what was sent."""
        answer = self._head(copy.key)
        if answer is None:
            raise ArchiveTrouble(f"Bucket {self.bucket}: {copy.key} was taken, and is not there.")
        there = _copy(copy.key, answer["ContentLength"], answer)
        by_kms = "kms" in answer.get("ServerSideEncryption", "")  # then the ETag is no checksum
        same = by_kms or answer["ETag"].strip('"') == etag
        if (there.size, there.sha256) != (copy.size, copy.sha256) or not same:
            raise ArchiveTrouble(f"Bucket {self.bucket}: {copy.key} is not what was sent.")

    def _head(self, key: str) -> Mapping[str, Any] | None:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - an extra

        with self.words("s3:GetObject"):
            try:
                answer: Mapping[str, Any] = self.client.head_object(
                    Bucket=self.bucket, Key=self.full(key)
                )
            except ClientError as error:
                code = s3_words.code_of(error)
                if code in MISSING:
                    return None
                if code in s3_words.DENIED:  # only other answers than HEAD's say why
                    self.client.get_object(
                        Bucket=self.bucket, Key=self.full(key), Range="bytes=0-0"
                    )["Body"].close()
                raise
        return answer


def _copy(key: str, size: int, answer: Mapping[str, Any]) -> Copy:
    return Copy(key, size, answer["Metadata"].get("sha256"), answer["LastModified"])


def make_client(settings: ArchiveSettings) -> Any:  # noqa: ANN401 - boto3 has no types
    """Make a client of boto3, or say which extra is missing."""
    try:
        import boto3  # noqa: PLC0415 - 50 MB, and an extra
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415
    except ImportError:
        raise BadSettings(
            "The archive of kind 's3' needs boto3. Install it: pip install 'whosthere[s3]'"
        ) from None
    for name in ("boto3", "botocore", "urllib3", "s3transfer"):  # they would log signatures
        logging.getLogger(name).setLevel(logging.WARNING)
    key_id, secret = _key(settings.key_file) if settings.key_file else (None, None)
    in_path = settings.endpoint is not None if settings.path_style is None else settings.path_style
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        retries={"total_max_attempts": 1},  # we have pauses of our own
        request_checksum_calculation="when_required",  # others than Amazon know no CRC; we send MD5
        response_checksum_validation="when_required",
        s3={"addressing_style": "path" if in_path else "auto"},
    )
    try:
        session = boto3.Session(
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            profile_name=settings.profile,
            region_name=settings.region or ("us-east-1" if settings.endpoint else None),
        )
        return session.client("s3", endpoint_url=settings.endpoint, config=config)
    except BotoCoreError as error:
        raise s3_words.no_answer(error, settings.bucket or "") from None
    except ValueError:
        raise BadSettings("archive.endpoint is no address that boto3 can use.") from None


def _key(file: Path) -> tuple[str, str]:
    try:
        lines = file.read_text(encoding="utf-8").strip().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text file"
        raise BadSettings(f"archive.key_file {file} cannot be read: {why}.") from None
    if len(lines) != 2:  # noqa: PLR2004 - the id and the secret
        raise BadSettings(
            f"archive.key_file {file} must have two lines: the access key's id and the secret."
        )
    return lines[0].strip(), lines[1].strip()
