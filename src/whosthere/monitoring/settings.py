"""What may be set about the heartbeat and the log."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from whosthere.core.errors import BadSettings

ADDRESS = re.compile(r"https?://[^\s/@]+(/\S*)?")
VARIABLE = "WHOSTHERE_HEARTBEAT_URL"


class HeartbeatSettings(BaseModel):
    """A call to an address outside, again and again, as healthchecks.io or Uptime Kuma take it.

    When the calls stay away, that service tells you: the only way to hear that the power, the
    line or the whole machine is gone. Without an address nothing is called.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: str | None = Field(
        None,
        pattern=f"^{ADDRESS.pattern}$",
        description="Address to call. Whoever knows it can call in your place: better put it into"
        f" the environment as {VARIABLE}, or into a url_file.",
        examples=["https://hc-ping.com/00000000-0000-0000-0000-000000000000"],
    )
    url_file: Path | None = Field(
        None, description="File with the address and nothing else, in place of 'url'."
    )
    every_seconds: float = Field(60.0, ge=10, le=86400, description="Seconds between two calls.")
    fail_path: str = Field(
        "/fail",
        pattern=r"^(/[\w./-]*)?$",
        description="Put behind the address to call when something is wrong; the reason is sent"
        " along. Empty: then there is no call at all.",
    )

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if self.url is not None and self.url_file is not None:
            raise ValueError("set 'url' or 'url_file', not both")
        return self

    def address(self, environment: Mapping[str, str] = os.environ) -> str | None:
        """Return the address, from wherever it is kept; None: there is no heartbeat."""
        found = self.url or environment.get(VARIABLE) or None
        if self.url_file is not None:
            found = self._read(self.url_file)
        if found is not None and not ADDRESS.fullmatch(found):
            raise BadSettings(
                "The heartbeat's address must be like https://hc-ping.com/…; it is not."
            )
        return found

    def _read(self, file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            why = "does not exist"
        except PermissionError:
            why = "may not be read"
        except (OSError, UnicodeDecodeError):
            why = "is no text file"
        raise BadSettings(
            f"[heartbeat] url_file {file} {why}. Correct it, or leave it out and set {VARIABLE}."
        )


class LogSettings(BaseModel):
    """What the program says while it runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["text", "json"] = Field(
        "text", description="text is for people, json for programs: an object in each line."
    )
    file: Path | None = Field(
        None,
        description="File to write the log to. None: standard error, which systemd's journal"
        " takes. A file is changed for a new one when it is full.",
    )
    file_megabytes: float = Field(5.0, ge=0.01, le=1000, description="MB that make a file full.")
    files_kept: int = Field(4, ge=1, le=100, description="How many full files are kept.")
