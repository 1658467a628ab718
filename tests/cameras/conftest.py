"""Streams that several tests look at; encoded once."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cameras.picamera2_standin import installed
from tests.servers.rtsp import encode, numbered


@pytest.fixture(scope="session")
def units() -> list[bytes]:
    """Pictures of a camera in H.264, 20 a second, a key frame each half second."""
    return encode(200, rate=20, group=10)


@pytest.fixture(scope="session")
def still_units() -> list[bytes]:
    """What an encoder sends when its sensor hangs."""
    return encode(
        40, rate=20, group=10, picture=lambda _, w, h: numbered(77, w, h), options={"qp": "23"}
    )


@pytest.fixture(scope="session")
def dark_units() -> list[bytes]:
    """What a camera sends from a dark room: the same each time, and rightly."""
    return encode(
        40, rate=20, group=10, picture=lambda _, w, h: numbered(0, w, h) // 20, options={"qp": "23"}
    )


@pytest.fixture
def pi() -> Iterator[Any]:
    """A Raspberry Pi with a camera, as far as picamera2 shows it."""
    with installed() as hardware:
        yield hardware
