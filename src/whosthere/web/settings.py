"""What may be set about the web server."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class WebSettings(BaseModel):
    """A web server of the program's own: its API, and whether it is well. Needs the extra `web`.

    Nothing listens unless `listen` is set, and nobody gets in without a token:
    `whosthere web token NAME` makes one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    listen: str | None = Field(
        None,
        pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):\d{1,5}$",
        description="Address and port. None: nothing listens. 127.0.0.1 is for this machine alone,"
        " 0.0.0.0 for the whole network.",
        examples=["127.0.0.1:8642"],
    )
    tokens_file: Path | None = Field(
        None,
        description="File with the checksums of the tokens. None: web-tokens.json in the data"
        " folder.",
    )
    metrics_without_token: bool = Field(
        default=False,
        description="Programs on this machine may read /metrics without a token, as a Prometheus"
        " beside it.",
    )
    certificate_file: Path | None = Field(
        None, description="Certificate for https, with its chain, as a PEM file. None: plain http."
    )
    certificate_key_file: Path | None = Field(
        None, description="The key of that certificate, as a PEM file."
    )

    @model_validator(mode="after")
    def _certificate_with_key(self) -> Self:
        if (self.certificate_file is None) != (self.certificate_key_file is None):
            raise ValueError("'certificate_file' and 'certificate_key_file' go together")
        return self

    def place(self) -> tuple[str, int]:
        """Return host and port."""
        host, _, port = (self.listen or "127.0.0.1:0").rpartition(":")
        return host.strip("[]"), int(port)
