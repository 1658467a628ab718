"""Asks the Linux kernel about neighbours, interfaces and their addresses. Needs no root to read.

Our own small reader of rtnetlink(7), since it is a few calls; docs/explanation/decisions has more.
Formats: linux/netlink.h, rtnetlink.h, neighbour.h, if_addr.h.
"""

import ipaddress
import os
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntFlag
from typing import NamedTuple

from whosthere.core.errors import PresenceTrouble

_HEAD = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_NEIGHBOUR = struct.Struct("=BxxxiHBB")  # family, interface, state, flags, type
_LINK = struct.Struct("=BxHiII")  # family, type, index, flags, changed
_ADDRESS = struct.Struct("=BBBBi")  # family, prefix, flags, scope, interface
_ROUTE = struct.Struct("=BBBBBBBBI")  # family, to bits, from bits, …, table, …, flags
_ATTRIBUTE = struct.Struct("=HH")  # length, type
_CACHE = struct.Struct("=IIII")  # ticks since confirmed, used, updated; users

_ERROR, _DONE = 2, 3
_LINK_NEW, _LINK_GET = 16, 18
_ADDRESS_NEW, _ADDRESS_GET = 20, 22
_ROUTE_NEW, _ROUTE_GET = 24, 26
_NEIGHBOUR_NEW, _NEIGHBOUR_GET = 28, 30
_REQUEST, _ACK, _REPLACE, _DUMP = 0x1, 0x4, 0x100, 0x300
_TO, _MAC, _CACHEINFO = 1, 2, 3  # attributes of a neighbour
_LOCAL_OF_ADDRESS, _NAME_OF_LINK, _INFO_OF_LINK, _KIND_OF_INFO = 2, 3, 18, 1
_WAY_OUT, _PRIORITY = 4, 6  # attributes of a route: interface, metric
_UP = 0x1
_PLAIN = 0x3FFF  # of an attribute's type; the other bits are flags
_LONGEST = 1 << 18  # bytes the kernel sends at once, at most 32 kB today
_WAIT = 2.0  # seconds; the kernel answers at once
_TICKS = os.sysconf("SC_CLK_TCK")


class State(IntFlag):
    """What the kernel thinks of a neighbour (NUD_*)."""

    INCOMPLETE = 0x01
    REACHABLE = 0x02
    STALE = 0x04
    DELAY = 0x08
    PROBE = 0x10
    FAILED = 0x20
    NOARP = 0x40
    PERMANENT = 0x80


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An entry of the neighbour table, which unites ARP (IPv4) and NDP (IPv6)."""

    interface: int
    address: str
    mac: str  # empty while unknown
    state: State
    confirmed: float  # seconds since an answer came; twice the usual time if none ever did


class Link(NamedTuple):
    """A network interface."""

    number: int
    name: str
    kind: str  # "veth", "bridge"; empty for hardware
    up: bool


class Subnet(NamedTuple):
    """An address of this machine with the bits of its network."""

    interface: int
    address: str
    prefix: int


def neighbours(interface: int) -> list[Neighbour]:
    """Return the entries of an interface for IPv4 and IPv6, groups and this machine left out."""
    found = []
    for body in _dump(_NEIGHBOUR_GET, _NEIGHBOUR_NEW, _NEIGHBOUR.pack(0, 0, 0, 0, 0)):
        _family, index, state, _flags, _type = _NEIGHBOUR.unpack_from(body)
        about = dict(_attributes(body, _NEIGHBOUR.size))
        if index != interface or _TO not in about or state & State.NOARP:
            continue
        ticks = _CACHE.unpack_from(about[_CACHEINFO])[0] if _CACHEINFO in about else 0
        mac = about.get(_MAC, b"")
        found.append(
            Neighbour(
                index,
                str(ipaddress.ip_address(about[_TO])),
                mac.hex(":") if len(mac) == 6 and any(mac) else "",  # noqa: PLR2004 # bytes of it
                State(state),
                ticks / _TICKS,
            )
        )
    return found


def links() -> list[Link]:
    """Return all network interfaces."""
    return [
        Link(
            (head := _LINK.unpack_from(body))[2],
            (about := dict(_attributes(body, _LINK.size)))[_NAME_OF_LINK].rstrip(b"\0").decode(),
            _kind(about.get(_INFO_OF_LINK, b"")),
            bool(head[3] & _UP),
        )
        for body in _dump(_LINK_GET, _LINK_NEW, _LINK.pack(0, 0, 0, 0, 0))
    ]


def subnets(interface: int) -> list[Subnet]:
    """Return the IPv4 networks that an interface is in."""
    found = []
    asked = _ADDRESS.pack(socket.AF_INET, 0, 0, 0, 0)
    for body in _dump(_ADDRESS_GET, _ADDRESS_NEW, asked):
        _family, prefix, _flags, _scope, index = _ADDRESS.unpack_from(body)
        local = dict(_attributes(body, _ADDRESS.size)).get(_LOCAL_OF_ADDRESS)
        if index == interface and local:
            found.append(Subnet(index, str(ipaddress.ip_address(local)), prefix))
    return found


def default_interface() -> int | None:
    """Return the interface with the best default route; IPv4's comes before IPv6's."""
    for family in (socket.AF_INET, socket.AF_INET6):
        found = []
        asked = _ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0)
        for body in _dump(_ROUTE_GET, _ROUTE_NEW, asked):
            head = _ROUTE.unpack_from(body)
            about = dict(_attributes(body, _ROUTE.size))
            if head[0] == family and head[1] == 0 and _WAY_OUT in about:
                metric = int.from_bytes(about.get(_PRIORITY, b"\0" * 4), sys.byteorder)
                found.append((metric, int.from_bytes(about[_WAY_OUT], sys.byteorder)))
        if found:
            return min(found)[1]
    return None


def ask_anew(neighbour: Neighbour) -> bool:
    """Have the kernel ask a neighbour at once whether it is there. False: we may not."""
    address = ipaddress.ip_address(neighbour.address)
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 # IPv4
    mac = bytes.fromhex(neighbour.mac.replace(":", ""))
    body = _NEIGHBOUR.pack(family, neighbour.interface, State.PROBE, 0, 0)
    body += _attribute(_TO, address.packed) + _attribute(_MAC, mac)
    try:
        list(_ask(_NEIGHBOUR_NEW, _REQUEST | _ACK | _REPLACE, body))
    except OSError:  # no CAP_NET_ADMIN, or it is gone by now
        return False
    return True


def _dump(asked: int, answered: int, body: bytes) -> Iterator[bytes]:
    try:
        for kind, answer in _ask(asked, _REQUEST | _DUMP, body):
            if kind == answered:
                yield answer
    except OSError as error:
        raise PresenceTrouble(
            f"The kernel does not tell of the network ({error.strerror or error}). With systemd,"
            " RestrictAddressFamilies must allow AF_NETLINK; elsewhere than on Linux this source"
            " cannot work."
        ) from None


def _ask(kind: int, flags: int, body: bytes) -> Iterator[tuple[int, bytes]]:
    """Send one request; yield the type and body of each answer."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as line:
        line.settimeout(_WAIT)
        line.bind((0, 0))
        line.send(_HEAD.pack(_HEAD.size + len(body), kind, flags, 1, 0) + body)
        while True:
            data, at = line.recv(_LONGEST), 0
            while at + _HEAD.size <= len(data):
                length, answer, _flags, _sequence, _port = _HEAD.unpack_from(data, at)
                if answer == _ERROR:
                    number = -struct.unpack_from("=i", data, at + _HEAD.size)[0]
                    if number:
                        raise OSError(number, os.strerror(number))
                    return
                if answer == _DONE:
                    return
                yield answer, data[at + _HEAD.size : at + length]
                at += _aligned(length)


def _attributes(body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + _ATTRIBUTE.size <= len(body):
        length, kind = _ATTRIBUTE.unpack_from(body, at)
        if length < _ATTRIBUTE.size:
            return
        yield kind & _PLAIN, body[at + _ATTRIBUTE.size : at + length]
        at += _aligned(length)


def _attribute(kind: int, value: bytes) -> bytes:
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, kind) + value + b"\0" * (_aligned(length) - length)


def _aligned(length: int) -> int:
    return (length + 3) & ~3


def _kind(info: bytes) -> str:
    return dict(_attributes(info, 0)).get(_KIND_OF_INFO, b"").rstrip(b"\0").decode()
