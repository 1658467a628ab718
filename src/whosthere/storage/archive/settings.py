"""What may be set about the archive."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from whosthere.storage.archive.things import Kind

ALL = (Kind.PICTURES, Kind.CLIPS, Kind.EXAMPLES, Kind.LEDGER, Kind.DATABASE)


class ArchiveSettings(BaseModel):
    """Copies of pictures, clips, examples and of the memory itself, away from this machine.

    The key to a bucket is read from where Amazon's own tools find it (AWS_ACCESS_KEY_ID and
    AWS_SECRET_ACCESS_KEY, or ~/.aws), or from a 'key_file'.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["none", "folder", "s3"] = Field(
        "none",
        description="A 'folder' of another disk or machine, a bucket of 's3' or whatever speaks"
        " like it, or 'none'.",
    )
    what: tuple[Kind, ...] = Field(
        ALL,
        description="What is copied: pictures and clips of incidents, tagged examples, the ledger"
        " of each day, and the database of each day.",
    )
    at_once: bool = Field(
        default=True,
        description="Copy the first picture and the clip of an alert at once, while it goes on."
        " All else waits until its incident is over.",
    )
    bytes_per_second: float | None = Field(
        None,
        ge=1000,
        examples=[500000.0],
        description="The most that all copies together may take of the line.",
    )
    delete_local_after_days: float | None = Field(
        None,
        ge=0,
        le=3650,
        examples=[14.0],
        description="Delete pictures and clips here so many days after they were copied, once the"
        " copy was looked at again. None: as [recording] says.",
    )
    prune: bool = Field(
        default=False,
        description="Keep of the database's copies only 7 daily, 4 weekly and 12 monthly ones, and"
        " of the ledger's one year. Needs a key that may delete.",
    )
    folder: Path | None = Field(
        None,
        examples=["/mnt/nas/whosthere"],
        description="Of kind 'folder': where to. It must be there already.",
    )
    bucket: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$",
        examples=["my-house"],
        description="Of kind 's3': name of the bucket. It must be there already.",
    )
    prefix: str = Field(
        "whosthere",
        pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$",
        description="Of kind 's3': what all keys begin with. Each house needs its own.",
    )
    region: str | None = Field(
        None,
        examples=["ca-central-1"],
        description="Of kind 's3': region of the bucket, if the key's own settings do not say it.",
    )
    endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^\s/@?#]+(/[^\s@?#]*)?$",
        examples=["https://s3.example.org"],
        description="Of kind 's3': address of the service, if it is not Amazon's.",
    )
    path_style: bool | None = Field(
        None,
        examples=[True],
        description="Of kind 's3': name the bucket in the path and not in the host name. If not"
        " given: where there is an 'endpoint'.",
    )
    encryption: Literal["AES256", "aws:kms", "none"] = Field(
        "AES256", description="Of kind 's3': how the service encrypts what it keeps."
    )
    kms_key: str | None = Field(
        None,
        examples=["alias/my-house"],
        description="Of encryption 'aws:kms': the key, if it is not the account's usual one.",
    )
    profile: str | None = Field(
        None, examples=["house"], description="Of kind 's3': profile in ~/.aws/credentials."
    )
    key_file: Path | None = Field(
        None,
        description="Of kind 's3': file with two lines, the access key's id and the secret.",
    )
    append_only: bool = Field(
        default=False,
        description="Of kind 's3': the key may put and nothing else, so a thief with the box can"
        " neither look nor delete. Then nothing is deleted here either.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "folder" and self.folder is None:
            raise ValueError("kind 'folder' needs 'folder': where to copy to")
        if self.kind == "s3" and self.bucket is None:
            raise ValueError("kind 's3' needs 'bucket': its name")
        if self.kind == "s3" and self.append_only:
            if self.delete_local_after_days is not None:
                raise ValueError("'append_only' and 'delete_local_after_days' exclude each other")
            if self.prune:
                raise ValueError("'append_only' and 'prune' exclude each other")
        return self

    @property
    def on(self) -> bool:
        return self.kind != "none"

    @property
    def place(self) -> str:
        """Name the archive, so that another one is known to be another."""
        if self.kind == "folder":
            return f"folder {self.folder}"
        return f"{self.endpoint or 's3'} {self.bucket}/{self.prefix}"
