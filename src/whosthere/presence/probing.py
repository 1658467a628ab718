"""Makes the kernel ask whether devices are there: one small datagram to each is enough.

To send anything, the kernel first asks for the MAC address (ARP, RFC 826; NDP, RFC 4861), which
the Wi-Fi chip of a sleeping phone answers too. Port 5353 (mDNS) is open on phones, so that nothing
is logged or refused there. Whether an answer came is read from the neighbour table.
"""

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice

from whosthere.core.errors import PresenceTrouble
from whosthere.presence.netlink import Subnet

PORT = 5353
# a query of mDNS without questions (RFC 6762, section 18): nobody answers it, nobody minds it
NOTHING_ASKED = bytes(12)
WIDEST = 22  # bits: 1022 addresses; the kernel's table holds 1024
_BIND_TO_DEVICE = 25  # SO_BINDTODEVICE; free to everybody since Linux 5.7


class Prober:
    """Sends the datagrams, by one interface."""

    def __init__(self, interface: int, name: str) -> None:
        self._interface, self._name = interface, name

    def __call__(self, addresses: Iterable[str]) -> None:
        """Send one datagram to each. Where there is no way to, there is nobody."""
        by_version: dict[int, list[str]] = {4: [], 6: []}
        for address in addresses:
            by_version[ipaddress.ip_address(address).version].append(address)
        for family, wanted in zip(
            (socket.AF_INET, socket.AF_INET6), by_version.values(), strict=True
        ):
            if wanted:
                self._send(family, wanted)

    def _send(self, family: socket.AddressFamily, addresses: list[str]) -> None:
        try:
            line = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        except OSError:  # no IPv6 here
            return
        with line:
            with suppress(OSError):  # then the routes decide, which is nearly always the same
                line.setsockopt(socket.SOL_SOCKET, _BIND_TO_DEVICE, self._name.encode())
            for address in addresses:
                try:
                    line.sendto(NOTHING_ASKED, self._place(address))
                except PermissionError:
                    raise PresenceTrouble(
                        f"Sending to {address} by {self._name} is forbidden: let the firewall of"
                        f" this machine pass UDP to port {PORT}."
                    ) from None
                except OSError:  # unreachable, or the queue is full: no answer either way
                    continue

    def _place(self, address: str) -> tuple[str, int] | tuple[str, int, int, int]:
        if ":" not in address:
            return address, PORT
        scope = self._interface if ipaddress.ip_address(address).is_link_local else 0
        return address, PORT, 0, scope


def places(subnets: Iterable[Subnet]) -> Iterator[str]:
    """Return all addresses of networks that are not too wide, this machine's own left out."""
    for subnet in subnets:
        network = ipaddress.ip_network(f"{subnet.address}/{subnet.prefix}", strict=False)
        if subnet.prefix >= WIDEST:
            yield from (str(one) for one in network.hosts() if str(one) != subnet.address)


class Sweep:
    """Goes through the addresses of a network, some at a time, and begins anew at the end."""

    def __init__(self) -> None:
        self._rest: Iterator[str] = iter(())
        self._subnets: tuple[Subnet, ...] = ()

    def next(self, subnets: Iterable[Subnet], most: int) -> list[str]:
        """Return the next addresses; fewer than asked for at the end of a round."""
        now = tuple(subnets)
        if now != self._subnets:
            self._subnets, self._rest = now, iter(())
        found = list(islice(self._rest, most))
        if not found:
            self._rest = places(now)
            found = list(islice(self._rest, most))
        return found
