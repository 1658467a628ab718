"""Knows addresses and names from a DHCP server's file of leases.

A lease outlives the stay of its phone by hours. So this is first of all a directory for other
sources; as a source of its own it is weak.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import Observation
from whosthere.presence.lease_files import Lease, format_of, is_whole, leases_in
from whosthere.presence.matching import Device

USUAL = (
    "/var/lib/misc/dnsmasq.leases",
    "/var/lib/dnsmasq/dnsmasq.leases",
    "/etc/pihole/dhcp.leases",
    "/tmp/dhcp.leases",  # noqa: S108 # OpenWrt's place
    "/var/lib/NetworkManager/dnsmasq-*.leases",
    "/var/lib/kea/kea-leases4.csv",
    "/var/lib/dhcp/dhcpd.leases",
    "/var/lib/dhcpd/dhcpd.leases",
)
# Kea cleans up into a second file and goes on in a new one; ISC keeps the old one. The newest last.
_BEFORE = (".completed", ".2", ".1", "~")
NEVER = float("-inf")
LOOKED = 1.0  # seconds until a directory looks whether its file has changed
_LARGEST = 16 * 2**20  # bytes; a house has a hundred leases


@dataclass(slots=True)
class Leases:
    """A presence source, and a directory for the others."""

    name: str = "leases"
    file: Path | None = None
    format: str = "auto"
    lease_seconds: float = 3600.0
    says_who_is_home: bool = False
    usual: Sequence[str] = USUAL
    now: Callable[[], float] = time.time
    _looked: float = NEVER
    _read: tuple[object, ...] = ()  # which files, of which times and sizes
    _leases: dict[str, Lease] = field(default_factory=dict)

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        """Return who has a lease, with how long ago it was renewed, as far as the file says."""
        del again
        self._looked = NEVER
        now = self.now()
        return [
            Observation(one.mac, one.address, one.host, ago=max(0.0, now - (one.renewed or 0.0)))
            for one in self._valid()
        ]

    def complete(self, seen: Observation) -> Observation:
        for one in self._valid():
            same = one.mac == seen.mac if one.mac and seen.mac else one.address == seen.address
            if same:
                return replace(
                    seen,
                    mac=seen.mac or one.mac,
                    address=seen.address or one.address,
                    host=seen.host or one.host,
                )
        return seen

    def addresses(self, device: Device) -> Sequence[str]:
        return [
            one.address
            for one in self._valid()
            if (device.mac and one.mac == device.mac) or (device.host and one.host == device.host)
        ]

    def _valid(self) -> list[Lease]:
        now = self.now()
        if abs(now - self._looked) >= LOOKED:
            self._refresh()
            self._looked = now
        return [one for one in self._leases.values() if one.ends > now]

    def _refresh(self) -> None:
        """Read the files anew if they have changed."""
        file = self._find()
        files = [file.with_name(file.name + more) for more in _BEFORE] + [file]
        stamps = tuple(_stamp(one) for one in files)
        if stamps == self._read:
            return
        found: dict[str, Lease] = {}
        whole = True
        for one in (one for one, stamp in zip(files, stamps, strict=True) if stamp):
            text = self._text(one)
            found |= self._parsed(one, text)
            whole &= is_whole(text)
        if whole:
            self._leases, self._read = found, stamps
        else:  # somebody writes just now: what was there before holds until the next look
            self._leases = {**self._leases, **found}

    def _find(self) -> Path:
        if self.file is not None:
            if _stamp(self.file) or _stamp(self.file.with_name(f"{self.file.name}~")):
                return self.file
            raise PresenceTrouble(f"{self.file} does not exist.{self._others()}")
        for pattern in self.usual:
            path = Path(pattern)
            for one in sorted(path.parent.glob(path.name)):
                return one
        raise PresenceTrouble(
            "There is no file of leases where DHCP servers usually keep it. If one runs on this"
            " machine, set 'file'. If the router gives the addresses, take it as a source instead."
        )

    def _others(self) -> str:
        known = [pattern for pattern in self.usual if Path(pattern).exists()]
        return f" There is {' and '.join(known)}." if known else " Set 'file' to the right one."

    def _text(self, file: Path) -> str:
        try:
            with file.open("rb") as opened:
                return opened.read(_LARGEST).decode("utf-8", errors="replace")
        except PermissionError:
            raise PresenceTrouble(
                f"{file} may not be read. Let the user that runs whosthere read it:"
                f" sudo setfacl -m u:USER:r {file}, and u:USER:x for its folders."
            ) from None
        except FileNotFoundError:  # rotated away just now
            return ""
        except OSError as error:
            raise PresenceTrouble(f"{file} cannot be read: {error.strerror}.") from None

    def _parsed(self, file: Path, text: str) -> dict[str, Lease]:
        kind = format_of(text) if self.format == "auto" else self.format
        if kind is None:
            if text.strip() and is_whole(text):
                raise PresenceTrouble(
                    f"{file} is not a file of leases that we know. If it is, set 'format' to"
                    " dnsmasq, isc or kea."
                )
            return {}
        return leases_in(text, kind, self.lease_seconds)


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        about = file.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino


@dataclass(frozen=True, slots=True)
class Directories:
    """Several files as one directory. Of one that cannot be read, its own watcher tells."""

    leases: Sequence[Leases]

    def complete(self, seen: Observation) -> Observation:
        for one in self.leases:
            with suppress(PresenceTrouble):
                seen = one.complete(seen)
        return seen

    def addresses(self, device: Device) -> Sequence[str]:
        found: list[str] = []
        for one in self.leases:
            with suppress(PresenceTrouble):
                found += one.addresses(device)
        return found
