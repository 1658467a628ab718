"""Reads the files in which DHCP servers keep their leases.

Formats as documented: dnsmasq's in its man page under --dhcp-leasefile, ISC's in dhcpd.leases(5),
Kea's in the "Memfile" chapters of its reference manual. Whatever cannot be read is passed by: a
server may be writing at this moment.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from whosthere.presence.addresses import address_of, host_of, mac_of

_ISC_BLOCK = re.compile(r"^lease\s+(\S+)\s*\{(.*?)^\s*\}", re.MULTILINE | re.DOTALL)
_ISC_LINE = re.compile(r'((?:[^;"]|"[^"]*")+);')
_DNSMASQ = re.compile(r"^(duid \S+|\d+ \S+ \S+ \S+)", re.MULTILINE)
_MAC_IN_DUID = re.compile(r"^00:0(?:1:00:01(?::..){4}|3:00:01):((?:..:){5}..)$")  # RFC 8415, 11
_EXPIRED, _NEVER = 0.0, float("inf")


@dataclass(frozen=True, slots=True)
class Lease:
    """An address that was given to a device for a while. Times are those of the wall clock."""

    address: str
    mac: str
    host: str
    renewed: float | None  # None: the file does not say
    ends: float


def format_of(text: str) -> str | None:
    """Guess whose file it is. None: one cannot tell, as of an empty one."""
    if re.match(r"\s*address,", text):
        return "kea"
    if re.search(r"^(lease \S+ \{|authoring-byte-order|# .*isc-dhcp)", text, re.MULTILINE):
        return "isc"
    return "dnsmasq" if _DNSMASQ.search(text) else None


def leases_in(text: str, kind: str, lease_seconds: float) -> dict[str, Lease]:
    """Return the last word about each address; expired and returned ones too, as ended."""
    readers: Mapping[str, Callable[[], Iterable[Lease]]] = {
        "dnsmasq": lambda: _dnsmasq(text, lease_seconds),
        "isc": lambda: _isc(text),
        "kea": lambda: _kea(text),
    }
    return {lease.address: lease for lease in readers[kind]()}


def is_whole(text: str) -> bool:
    """Tell whether the last line is complete."""
    return not text or text.endswith("\n")


def _dnsmasq(text: str, lease_seconds: float) -> Iterator[Lease]:
    for line in _whole_lines(text):
        match line.split():
            case [ends, hardware, address, host, duid] if ends.isdigit():
                pass
            case _:  # the server's own DUID
                continue
        until = float(ends) or _NEVER
        mac = _mac_in(hardware) or _mac_in_duid(duid)
        renewed = None if until == _NEVER else until - lease_seconds
        yield from _lease(address, mac, "" if host == "*" else host, renewed, until)


def _isc(text: str) -> Iterator[Lease]:
    for block in _ISC_BLOCK.finditer(text):
        said = {}
        for line in _ISC_LINE.finditer(block[2]):
            words = line[1].split()
            key = " ".join(words[:2]) if words[0] in {"binding", "hardware"} else words[0]
            said[key] = line[1].strip()[len(key) :].strip()
        ends = _isc_time(said.get("ends", ""))
        if said.get("binding state", "active") != "active":
            ends = _EXPIRED
        renewed = _isc_time(said.get("cltt") or said.get("starts", ""))
        host = said.get("client-hostname", "").strip('"')
        mac = _mac_in(said.get("hardware ethernet", ""))
        yield from _lease(block[1], mac, host, renewed, _NEVER if ends is None else ends)


def _isc_time(text: str) -> float | None:
    """Read '4 2026/11/19 10:00:00', which is UTC, or 'epoch 1700000000; # …'."""
    match text.split():
        case ["epoch", seconds, *_] if seconds.isdigit():
            return float(seconds)
        case [_, day, time]:
            try:
                at = datetime.strptime(f"{day} {time}", "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)
            except ValueError:
                return None
            return at.timestamp()
        case _:  # 'never'
            return None


def _kea(text: str) -> Iterator[Lease]:
    for row in csv.DictReader(_whole_lines(text)):
        try:
            ends, lasts = float(row["expire"]), float(row["valid_lifetime"])
            state = int(row.get("state") or 0)
        except (KeyError, TypeError, ValueError):
            continue
        mac = _mac_in(row.get("hwaddr") or "") or _mac_in_duid(row.get("duid") or "")
        gone = state != 0 or lasts == 0
        host = row.get("hostname") or ""
        yield from _lease(
            row.get("address") or "", mac, host, ends - lasts, _EXPIRED if gone else ends
        )


def _whole_lines(text: str) -> list[str]:
    return [line for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _lease(
    address: str, mac: str, host: str, renewed: float | None, ends: float
) -> Iterator[Lease]:
    try:
        yield Lease(address_of(address), mac, host_of(host), renewed, ends)
    except ValueError:
        return


def _mac_in(text: str) -> str:
    try:
        return mac_of(text)
    except ValueError:
        return ""


def _mac_in_duid(text: str) -> str:
    found = _MAC_IN_DUID.match(text.lower())
    return found[1] if found else ""
