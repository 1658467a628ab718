"""What tests of several folders begin with."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.servers.s3 import S3Line


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    """The port of an S3 server, for all tests of this process."""
    from tests.servers.s3 import s3_server  # noqa: PLC0415 - takes a second, and few need it

    with s3_server() as port:
        yield port


@pytest.fixture
def line(s3_port: int, monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Line]":
    """A line to it that can be made bad, with an empty bucket at its end."""
    from tests.servers.s3 import S3Line, fresh_bucket, give_key  # noqa: PLC0415 - as above

    give_key(monkeypatch)
    fresh_bucket(s3_port)
    with S3Line(s3_port) as made:
        yield made


@pytest.fixture
def no_pins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without pins, or without the library that reaches them."""
    from gpiozero import Device  # noqa: PLC0415 - few need it

    monkeypatch.chdir(tmp_path)  # lgpio makes a pipe where it is imported, always of one name
    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "lgpio")
