"""What http.client reads from, bounded in time as a whole: for all that asks boxes in the house.

A timeout of a socket counts from byte to byte, so a box that drips can hold a caller for ever.
"""

import http.client
import io
import socket
import time
from dataclasses import dataclass
from typing import Any


def response(sock: socket.socket, until: float, method: str) -> http.client.HTTPResponse:
    """Return what reads the answer; reading raises TimeoutError after a moment of the clock."""
    return http.client.HTTPResponse(_Source(sock, until), method=method)  # type: ignore[arg-type] # only makefile is asked for


def left(until: float) -> float:
    """Return the seconds until a moment of the monotonic clock; none are a TimeoutError."""
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


class _Timed(io.RawIOBase):
    """Reads a socket until a moment, however slowly bytes drip in."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock, self._until = sock, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a buffer
        self._sock.settimeout(left(self._until))
        return self._sock.recv_into(buffer)


@dataclass(frozen=True, slots=True)
class _Source:
    """What http.client needs of a socket."""

    sock: socket.socket
    until: float

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(_Timed(self.sock, self.until))
