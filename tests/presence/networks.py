"""Networks of namespaces inside this machine: a house, and phones that come and go."""

import ctypes
import itertools
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

NETWORK_NAMESPACE = 0x40000000  # CLONE_NEWNET
FOLDER = Path("/run/netns")
PATIENCE = 30.0  # seconds; what takes longer does not happen
SUBNET = "192.168.77"
_numbers = itertools.count()
_libc = ctypes.CDLL(None, use_errno=True)


def why_not() -> str | None:
    """Say why there can be no namespaces here."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "network namespaces need iproute2"
    tried = subprocess.run(["ip", "netns", "add", "wt-try"], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", "wt-try"], capture_output=True, check=False)
    works = tried.returncode == 0 or b"File exists" in tried.stderr
    return None if works else "this machine makes no network namespaces"


needs_namespaces = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


def until(true: Callable[[], object], within: float = PATIENCE) -> bool:
    """Try until it is true; each try does something that takes a moment."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


@dataclass
class Phone:
    """A host on the house's network, in a namespace of its own."""

    space: str
    port: str  # the house's end of its cable
    house: str
    mac: str
    address: str

    def leave(self) -> None:
        ip("-n", self.house, "link", "set", self.port, "down")

    def come(self) -> None:
        ip("-n", self.house, "link", "set", self.port, "up")

    def sleep(self) -> None:
        """Answer nobody, as a phone that saves its battery; it stays in the network."""
        ip("-n", self.space, "link", "set", "e0", "arp", "off")

    def wake(self) -> None:
        ip("-n", self.space, "link", "set", "e0", "arp", "on")

    def move_to(self, address: str) -> None:
        ip("-n", self.space, "address", "flush", "dev", "e0", "scope", "global")
        ip("-n", self.space, "address", "add", f"{address}/24", "dev", "e0")
        self.address = address

    def calls(self, address: str) -> None:
        """Send something to the house by itself."""
        code = f"import socket; socket.socket(2, 2).sendto(b'x', ('{address}', 9))"
        self.run("python3", "-c", code)

    def run(self, *words: str) -> None:
        ip("netns", "exec", self.space, *words)


@dataclass
class House:
    """The namespace in which we look, with a bridge as its network."""

    space: str
    stack: ExitStack
    phones: list[Phone] = field(default_factory=list)

    def phone(self, number: int, mac: str = "", *, address: str | None = None) -> Phone:
        """Plug in a phone at address .NUMBER; an empty address gives it none."""
        space, port = f"{self.space}p{number}", f"p{number}"
        mac = mac or f"a4:83:e7:00:00:{number:02x}"
        made(self.stack, space)
        ip("-n", self.space, "link", "add", port, "type", "veth", "peer", "name", "e0",
           "netns", space)  # fmt: skip
        ip("-n", space, "link", "set", "e0", "address", mac, "up")
        ip("-n", self.space, "link", "set", port, "master", "br0", "up")
        address = f"{SUBNET}.{number}" if address is None else address
        if address:
            ip("-n", space, "address", "add", f"{address}/24", "dev", "e0")
        phone = Phone(space, port, self.space, mac, address)
        self.phones.append(phone)
        return phone

    def run(self, *words: str) -> None:
        ip("netns", "exec", self.space, *words)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Let this thread be in the house."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(FOLDER / self.space, os.O_RDONLY)
        try:
            _enter(there)
            yield
        finally:
            _enter(home)
            os.close(home)
            os.close(there)


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, NETWORK_NAMESPACE) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def made(stack: ExitStack, space: str) -> None:
    ip("netns", "add", space)
    stack.callback(ip, "netns", "del", space)
    ip("-n", space, "link", "set", "lo", "up")


# what the kernel waits for, a tenth of the usual, so that phones are gone in seconds
QUICK = {
    "base_reachable_time_ms": 2000,
    "delay_first_probe_time": 1,
    "retrans_time_ms": 200,
    "gc_stale_time": 60,
}


@contextmanager
def house(prefix: int = 24, *, quick: bool = True) -> Iterator[House]:
    """Make a house without phones; take all away at the end."""
    space = f"wt{os.getpid() % 100_000}n{next(_numbers)}"
    with ExitStack() as stack:
        made(stack, space)
        ip("-n", space, "link", "add", "br0", "type", "bridge")
        ip("-n", space, "address", "add", f"{SUBNET}.1/{prefix}", "dev", "br0")
        ip("-n", space, "link", "set", "br0", "up")
        built = House(space, stack)
        for version in ("ipv4", "ipv6") if quick else ():
            for name, value in QUICK.items():
                built.run("sh", "-c", f"echo {value} > /proc/sys/net/{version}/neigh/br0/{name}")
        yield built
