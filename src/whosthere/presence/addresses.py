"""Addresses and names of devices, in whatever notation people and routers write them."""

import ipaddress
import re
from uuid import UUID

_SEPARATORS = re.compile(r"[:.\-\s]")
_MAC_DIGITS = re.compile(r"[0-9a-f]{12}")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?", re.IGNORECASE)
_APOSTROPHES = re.compile(r"['\u2019]")
_MULTICAST, _LOCAL = 0x01, 0x02  # bits of the first byte of a MAC address, IEEE 802-2014 8.2
_MOST = 0xFFFF  # of a beacon's major and minor


def mac_of(text: str) -> str:
    """Return 'a4:83:e7:00:00:01', also of 'A4-83-…', 'a483.e700.0001' and bare digits.

    Leading zeros may be missing between separators, as some routers leave them out.
    """
    parts = [part for part in re.split(r"[:\-]", text.strip().lower()) if part]
    digits = (
        "".join(part.zfill(2) for part in parts)
        if len(parts) == 6  # noqa: PLR2004 # bytes
        else _SEPARATORS.sub("", text.strip().lower())
    )
    if not _MAC_DIGITS.fullmatch(digits):
        raise ValueError("a MAC address has six pairs of hex digits, as 'a4:83:e7:12:34:56'")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def own_mac_of(text: str) -> str:
    """Return the MAC address of one device; groups of devices have others."""
    mac = mac_of(text)
    if int(mac[:2], 16) & _MULTICAST or mac == "00:00:00:00:00:00":
        raise ValueError(f"{mac} is the address of no single device")
    return mac


def is_randomised(mac: str) -> bool:
    """Tell whether a MAC address was made up by the device: 'locally administered'."""
    return bool(int(mac[:2], 16) & _LOCAL) if mac else False


def address_of(text: str) -> str:
    """Return an IPv4 or IPv6 address in its usual form, without a zone such as '%eth0'."""
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        raise ValueError("this is no IPv4 or IPv6 address") from None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def host_of(text: str) -> str:
    """Return the first label of a name in small letters: 'Anns-iPhone.local' is 'anns-iphone'.

    "Ann's iPhone", as phones show it, becomes what they call themselves on the network.
    """
    first = text.strip().rstrip(".").partition(".")[0].lower()
    return re.sub(r"\s+", "-", _APOSTROPHES.sub("", first))


def own_host_of(text: str) -> str:
    host = host_of(text)
    if not _NAME.fullmatch(host):
        raise ValueError("a host name has letters, digits and -, as 'anns-iphone'")
    return host


def bluetooth_of(text: str) -> str:
    """Return the address of a tag in small letters, or 'uuid/major/minor' of an iBeacon.

    Minor, or major and minor, may be left out: then any will do.
    """
    first, *numbers = text.strip().lower().split("/")
    if not numbers and len(_SEPARATORS.sub("", first)) == 12:  # noqa: PLR2004 # hex digits
        return mac_of(first)
    try:
        uuid = str(UUID(first))
        values = [int(number) for number in numbers]
    except ValueError:
        values, uuid = [-1], ""
    if len(values) > 2 or not all(0 <= value <= _MOST for value in values):  # noqa: PLR2004
        raise ValueError(
            "give the address of a tag, as 'c3:00:00:12:34:56', or UUID/major/minor of a beacon,"
            " as 'e2c56db5-dffb-48d2-b060-d0f5a71096e0/1/7'"
        )
    return "/".join([uuid, *map(str, values)])
