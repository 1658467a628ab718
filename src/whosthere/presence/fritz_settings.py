"""What may be set about a FRITZ!Box."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from whosthere.presence.source_secrets import needed
from whosthere.presence.source_settings import NAME, SourceSettings

HOST = r"^[^\s/@]+$"


class FritzSettings(SourceSettings):
    """A FRITZ!Box, by TR-064. Needs the extra `fritz`.

    `password` is read from the environment, WHOSTHERE_<NAME>_PASSWORD, or from a file.
    """

    kind: Literal["fritz"]
    name: str = Field(
        "fritz", pattern=NAME, description="What it is called in messages. Each has its own name."
    )
    host: str = Field("fritz.box", pattern=HOST, description="Where it is.")
    port: int | None = Field(
        None, ge=1, le=65535, description="None: 49000, or 49443 with TLS.", examples=[49000]
    )
    user: str = Field(
        description="A FRITZ!Box user with the right to see its settings.", examples=["whosthere"]
    )
    password_file: Path | None = Field(
        None,
        description="File with the password and nothing else. Without it, the environment's"
        " WHOSTHERE_<NAME>_PASSWORD is used.",
    )
    tls: bool = Field(
        default=False,
        description="Speak TLS. The library does not look at the certificate. Without TLS, the"
        " password is not sent either, only a digest of it.",
    )
    timeout_seconds: float = Field(
        10.0, ge=1, le=60, description="How long it may take for one answer."
    )

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        del given["password_file"]
        return {**given, "password": needed(self.name, "password", self.password_file)}
