"""Real DHCP servers in the house's namespace, and a real client in a phone's."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.presence.networks import SUBNET, House, Phone, until

LEASE_SECONDS = 600
LOWEST, HIGHEST = f"{SUBNET}.50", f"{SUBNET}.60"
CLIENT_SCRIPT = """\
#!/bin/sh
[ "$1" = bound ] && ip address add "$ip/24" dev "$interface"
exit 0
"""
DHCPD = f"""\
authoritative;
default-lease-time {LEASE_SECONDS};
max-lease-time {LEASE_SECONDS};
subnet {SUBNET}.0 netmask 255.255.255.0 {{ range {LOWEST} {HIGHEST}; }}
"""


def needs(program: str) -> pytest.MarkDecorator:
    found = shutil.which(program)
    return pytest.mark.skipif(found is None, reason=f"needs the program {program}")


@contextmanager
def serving(house: House, *words: str, **environment: str) -> Iterator[None]:
    """Run a server in the house until the end."""
    inside = ["ip", "netns", "exec", house.space, *words]
    with tempfile.TemporaryFile() as said:
        server = subprocess.Popen(inside, stdout=said, stderr=said, env=os.environ | environment)
        try:
            yield
        finally:
            server.terminate()
            server.wait(10)


@contextmanager
def dnsmasq(house: House, folder: Path) -> Iterator[Path]:
    file = folder / "dnsmasq.leases"
    with serving(
        house, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0",
        "--interface=br0", "--bind-interfaces", "--user=root", "--pid-file", "--no-ping",
        "--dhcp-authoritative", f"--dhcp-leasefile={file}",
        f"--dhcp-range={LOWEST},{HIGHEST},{LEASE_SECONDS}",
    ):  # fmt: skip
        yield file


@contextmanager
def isc(house: House, folder: Path) -> Iterator[Path]:
    file, settings = folder / "dhcpd.leases", folder / "dhcpd.conf"
    file.touch()
    settings.write_text(DHCPD)
    with serving(
        house, "dhcpd", "-4", "-f", "-q", "--no-pid", "-user", "root", "-group", "root",
        "-cf", str(settings), "-lf", str(file), "br0",
    ):  # fmt: skip
        yield file


@contextmanager
def kea(house: House, folder: Path) -> Iterator[Path]:
    file, settings = folder / "kea-leases4.csv", folder / "kea.json"
    about = {
        "interfaces-config": {"interfaces": ["br0"]},
        "lease-database": {"type": "memfile", "persist": True, "name": str(file),
                           "lfc-interval": 0},
        "valid-lifetime": LEASE_SECONDS,
        "subnet4": [{"id": 1, "subnet": f"{SUBNET}.0/24",
                     "pools": [{"pool": f"{LOWEST} - {HIGHEST}"}]}],
    }  # fmt: skip
    settings.write_text(json.dumps({"Dhcp4": about}))
    places = {"KEA_PIDFILE_DIR": str(folder), "KEA_LOCKFILE_DIR": "none"}
    with serving(house, "kea-dhcp4", "-c", str(settings), **places):
        yield file


def get_address(phone: Phone, host: str, folder: Path) -> None:
    """Ask for an address until there is one, as a phone does."""
    script = folder / f"{host}.sh"
    script.write_text(CLIENT_SCRIPT)
    script.chmod(0o755)
    words = ["ip", "netns", "exec", phone.space, "udhcpc", "-i", "e0", "-f", "-q", "-n", "-t", "3",
             "-T", "1", "-x", f"hostname:{host}", "-s", str(script)]  # fmt: skip

    def got_one() -> bool:
        return subprocess.run(words, capture_output=True, timeout=30, check=False).returncode == 0

    assert until(got_one)


def give_back(phone: Phone, address: str, folder: Path) -> None:
    """Return an address, as a phone does that leaves politely."""
    script = folder / "release.sh"
    script.write_text(CLIENT_SCRIPT)
    script.chmod(0o755)
    words = ["ip", "netns", "exec", phone.space, "udhcpc", "-i", "e0", "-f", "-R", "-r", address,
             "-s", str(script)]  # fmt: skip
    client = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert client.stdout is not None
    assert any("obtained" in line for line in client.stdout)
    client.terminate()
    client.wait(10)
    client.stdout.close()
