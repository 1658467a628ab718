"""What may be set about a MikroTik router."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from whosthere.presence.fritz_settings import HOST
from whosthere.presence.source_secrets import needed
from whosthere.presence.source_settings import NAME, SourceSettings


class MikrotikSettings(SourceSettings):
    """A MikroTik router, by RouterOS's own API. Needs the extra `mikrotik`, whose licence is GPL-2.

    Sees who is connected by Wi-Fi, or with `table = "arp"` whoever the router has heard on its
    network. `password` is read from the environment, WHOSTHERE_<NAME>_PASSWORD, or from a file.
    """

    kind: Literal["mikrotik"]
    name: str = Field(
        "mikrotik",
        pattern=NAME,
        description="What it is called in messages. Each has its own name.",
    )
    host: str = Field(pattern=HOST, description="Where it is.", examples=["192.168.88.1"])
    port: int | None = Field(
        None, ge=1, le=65535, description="None: 8728, or 8729 with TLS.", examples=[8728]
    )
    user: str = Field(
        description="A user of a group with the policies read and api.", examples=["whosthere"]
    )
    password_file: Path | None = Field(
        None,
        description="File with the password and nothing else. Without it, the environment's"
        " WHOSTHERE_<NAME>_PASSWORD is used.",
    )
    table: Literal["wifi", "wireless", "arp"] = Field(
        "wifi",
        description="wifi: RouterOS 7.13 and later. wireless: the older package. arp: not by Wi-Fi,"
        " but by the router's ARP table; only entries that are complete count.",
    )
    tls: bool = Field(
        default=False, description="Speak TLS, by the service api-ssl. Without, the password is"
        " sent as it is."
    )  # fmt: skip
    ca_file: Path | None = Field(
        None, description="Certificate of who vouches for the router's, as a PEM file. With 'tls'."
    )
    timeout_seconds: float = Field(
        10.0, ge=1, le=60, description="How long it may take for one answer."
    )

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        del given["password_file"]
        return {
            **given,
            "port": self.port or (8729 if self.tls else 8728),
            "password": needed(self.name, "password", self.password_file),
        }
