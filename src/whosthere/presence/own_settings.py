"""What may be set about sources that look by themselves: the network, leases, Bluetooth."""

from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from whosthere.presence.source_settings import NAME, SourceSettings

LONGEST_REST = 60.0  # seconds that a phone that answered is not asked again


class NeighboursSettings(SourceSettings):
    """Who answers on the local network: the neighbour table of this machine, and a gentle probe.

    Needs nothing of the router. Sees devices on the same network only.
    """

    kind: Literal["neighbours"]
    name: str = Field(
        "network", pattern=NAME, description="What it is called in messages. Each has its own name."
    )
    every_seconds: float = Field(
        10.0, ge=2, le=600, description="Seconds between two looks. Who comes is seen so soon."
    )
    leave_seconds: float = Field(
        420.0,
        ge=60,
        le=86400,
        description="Seconds without an answer until a device counts as gone. Sleeping phones may"
        " be silent for some minutes.",
    )
    interface: str | None = Field(
        None,
        pattern=r"^[^\s/]{1,15}$",
        description="Network interface to look at. None: the one with the default route.",
        examples=["wlan0"],
    )
    sweep: bool = Field(
        default=True,
        description="Ask all addresses of the network (up to 1022 of them) now and then for a"
        " device of which no address is known, and before arming.",
    )

    def arguments(self) -> dict[str, Any]:
        """A phone is left in peace after an answer, but not for long where leaving is quick."""
        rest = min(self.leave_seconds / 5, LONGEST_REST)
        return {**super().arguments(), "rest_seconds": rest}


class LeasesSettings(SourceSettings):
    """Files in which a DHCP server keeps who has which address and name.

    A lease lives on for hours after its phone has left. So this helps other sources to recognise
    devices by name, and says who is home only when `says_who_is_home` is on.
    """

    kind: Literal["leases"]
    name: str = Field(
        "leases", pattern=NAME, description="What it is called in messages. Each has its own name."
    )
    every_seconds: float = Field(
        30.0, ge=2, le=3600, description="Seconds between two looks at the file."
    )
    leave_seconds: float = Field(
        7200.0,
        ge=60,
        le=604800,
        description="Seconds since a device last renewed its lease until it counts as gone. Set it"
        " a little longer than half the time of a lease.",
    )
    file: Path | None = Field(
        None,
        description="The file. None: the first that is found where dnsmasq, ISC dhcpd and Kea"
        " usually keep it.",
        examples=["/var/lib/misc/dnsmasq.leases"],
    )
    format: Literal["auto", "dnsmasq", "isc", "kea"] = Field(
        "auto", description="Whose file it is. 'auto': by what stands in it."
    )
    lease_seconds: float = Field(
        3600.0,
        ge=120,
        le=31_536_000,
        description="How long leases are given for. Only dnsmasq's file does not say it itself.",
    )
    says_who_is_home: bool = Field(
        default=False, description="Take a fresh lease as weak evidence that a device is home."
    )

    @property
    def tells_who_is_home(self) -> bool:
        return self.says_who_is_home


class BluetoothSettings(SourceSettings):
    """Bluetooth tags and iBeacons on key rings, heard by this machine's own radio.

    Phones change their Bluetooth address every quarter of an hour, so they cannot be recognised.
    """

    recognises: ClassVar[frozenset[str]] = frozenset({"bluetooth"})

    kind: Literal["bluetooth"]
    name: str = Field(
        "bluetooth",
        pattern=NAME,
        description="What it is called in messages. Each has its own name.",
    )
    every_seconds: float = Field(
        30.0, ge=5, le=600, description="Seconds between the beginnings of two looks."
    )
    leave_seconds: float = Field(
        240.0, ge=30, le=86400, description="Seconds unheard until a tag counts as gone."
    )
    listen_seconds: float = Field(
        6.0,
        ge=1,
        le=60,
        description="How long each look listens. Longer than the pauses between a tag's calls.",
    )
    adapter: str | None = Field(
        None,
        pattern=r"^hci\d+$",
        description="Which radio to use. None: the first.",
        examples=["hci1"],
    )
