"""systemd's notify protocol, on real sockets."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from whosthere.monitoring.systemd import Systemd, status


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.settimeout(5)
        yield line


def test_news_arrive_at_a_socket_of_a_path(listener: socket.socket, tmp_path: Path):
    listener.bind(str(tmp_path / "notify"))
    sent = Systemd(str(tmp_path / "notify")).tell("READY=1", status("all is well"))

    assert (True, b"READY=1\nSTATUS=all is well") == (sent, listener.recv(1000))


def test_news_arrive_at_an_abstract_socket(listener: socket.socket):
    listener.bind(f"\0whosthere-test-{os.getpid()}")
    sent = Systemd(f"@whosthere-test-{os.getpid()}").tell("WATCHDOG=1")

    assert (True, b"WATCHDOG=1") == (sent, listener.recv(1000))


@pytest.mark.parametrize("address", ["", "vsock:2:1", "/nowhere/notify"])
def test_who_cannot_be_told_is_not_told(address: str):
    assert Systemd(address).tell("READY=1") is False


def test_a_status_is_one_line():
    assert "STATUS=front: no picture STOPPING=1" == status("front: no picture\nSTOPPING=1")


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_signs_of_life_are_for_whom_they_are_asked(environment: dict[str, str], seconds: object):
    assert seconds == Systemd.of(environment, pid=7).watchdog_seconds
