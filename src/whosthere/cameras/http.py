"""Cameras by HTTP: JPEG pictures without end, or one for each request."""

import http.client
import logging
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from http.client import HTTPMessage
from threading import Event
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.request import Request

import av
import cv2
import numpy as np
from av.container import InputContainer

from whosthere.cameras.addresses import place, with_login
from whosthere.cameras.live import LiveStream
from whosthere.cameras.pixels import ArrayPixels
from whosthere.cameras.troubles import answered, network_trouble
from whosthere.core.errors import CameraTrouble
from whosthere.core.packets import OnPacket, Packet, StreamInfo
from whosthere.core.sighting import Frame, Image, rounded_clock

log = logging.getLogger(__name__)

TIMEOUT = 4.0  # seconds
LARGEST = 32 * 1024 * 1024  # bytes of one picture
MILLISECONDS = Fraction(1, 1000)


@dataclass
class MjpegCamera:
    """Reads JPEG pictures without end."""

    name: str
    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    frames_per_second: float = 5.0  # that are analysed
    timeout_seconds: float = TIMEOUT
    frozen_seconds: float = 8.0
    on_packet: OnPacket | None = None
    on_change: Callable[[str], None] | None = None
    stop: Event = field(default_factory=Event, repr=False)

    def __post_init__(self) -> None:
        self._live = LiveStream(
            name=self.name,
            open=self._open,
            trouble=lambda error, waited: network_trouble(self.name, self.url, error, waited),
            frames_per_second=self.frames_per_second,
            timeout_seconds=self.timeout_seconds,
            frozen_seconds=self.frozen_seconds,
            on_packet=self.on_packet,
            on_change=self.on_change,
            stop=self.stop,
        )

    def frames(self) -> Iterator[Frame]:
        return self._live.frames()

    @property
    def heard(self) -> float:
        return self._live.heard

    def wake(self, seconds: float) -> None:
        """Do nothing: each picture is decoded anyway."""

    def _open(self) -> InputContainer:
        return av.open(
            with_login(self.url, self.user, self.password),
            timeout=(self.timeout_seconds, self.timeout_seconds),
            options={
                "fflags": "nobuffer",
                "probesize": "1000000",
                "analyzeduration": "500000",  # microseconds
                "rw_timeout": str(round(self.timeout_seconds * 1_000_000)),
                "http_proxy": "",  # cameras are at home
            },
        )


class _BasicLogin(urllib.request.HTTPBasicAuthHandler):
    def http_error_401(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> Any:  # noqa: ANN401 - as in the library
        fp.close()  # the library forgets to
        return super().http_error_401(req, fp, code, msg, headers)


class _DigestLogin(urllib.request.HTTPDigestAuthHandler):
    def http_error_401(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> Any:  # noqa: ANN401 - as in the library
        fp.close()
        return super().http_error_401(req, fp, code, msg, headers)


@dataclass
class SnapshotCamera:
    """Asks for one picture after the other.

    The same picture again, byte for byte, is an old one, and is not shown as live.
    """

    name: str
    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    frames_per_second: float = 1.0
    timeout_seconds: float = TIMEOUT
    stale_seconds: float = 8.0
    on_packet: OnPacket | None = None
    on_change: Callable[[str], None] | None = None
    stop: Event = field(default_factory=Event, repr=False)
    heard: float = field(default=0.0, init=False)
    _stream: StreamInfo | None = field(default=None, init=False, repr=False)

    def frames(self) -> Iterator[Frame]:
        opener = self._opener()
        last, changed = b"", time.monotonic()
        while not self.stop.is_set():
            asked = time.monotonic()
            data = self._fetch(opener)
            at, clock = datetime.now(UTC), time.monotonic()
            self.heard = clock
            if data != last:
                picture = self._decode(data)
                last, changed = data, clock
                self._hand_on(data, picture, at, clock)
                yield Frame(self.name, at, rounded_clock(clock), ArrayPixels(picture))
            elif clock - changed > self.stale_seconds:
                raise CameraTrouble(
                    f"Camera '{self.name}' gives the same picture over and over; it hangs. "
                    "Restart it. If it makes pictures that rarely, raise stale_seconds."
                )
            self.stop.wait(max(0.0, asked + 1 / self.frames_per_second - time.monotonic()))

    def wake(self, seconds: float) -> None:
        """Do nothing: each picture is decoded anyway."""

    def _opener(self) -> urllib.request.OpenerDirector:
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        if self.user:
            passwords.add_password(None, self.url, self.user, self.password or "")
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}),  # cameras are at home
            _BasicLogin(passwords),
            _DigestLogin(passwords),
        )

    def _fetch(self, opener: urllib.request.OpenerDirector) -> bytes:
        try:
            with opener.open(self.url, timeout=self.timeout_seconds) as answer:
                return self._read(answer)
        except HTTPError as error:
            error.close()
            raise CameraTrouble(
                f"Camera '{self.name}' at {place(self.url)} {answered(self.name, error.code)}"
            ) from None
        except URLError as error:
            reason = error.reason if isinstance(error.reason, Exception) else error
            raise network_trouble(self.name, self.url, reason, self.timeout_seconds) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise network_trouble(self.name, self.url, error, self.timeout_seconds) from None

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        """Read a whole picture, within a time: a camera may send byte after byte for ever."""
        until = time.monotonic() + self.timeout_seconds
        data = bytearray()
        while part := answer.read1(65536):
            data += part
            if time.monotonic() > until:
                raise TimeoutError
            if len(data) > LARGEST:
                break
        if len(data) < int(answer.headers.get("Content-Length") or 0):
            raise ConnectionResetError
        return bytes(data)

    def _decode(self, data: bytes) -> Image:
        picture = None
        if data.startswith(b"\xff\xd8") and len(data) <= LARGEST:
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            raise CameraTrouble(
                f"Camera '{self.name}' at {place(self.url)} sends something that is no JPEG "
                "picture. Correct the url; open it in a browser to see what it shows."
            )
        return picture.astype(np.uint8, copy=False)

    def _hand_on(self, data: bytes, picture: Image, at: datetime, clock: float) -> None:
        height, width = picture.shape[:2]
        stream = StreamInfo("mjpeg", b"", width, height, MILLISECONDS, self.frames_per_second)
        if self._stream is not None and stream != self._stream:
            text = (
                f"Camera '{self.name}' changed from {self._stream.width}x{self._stream.height} "
                f"to {width}x{height}."
            )
            log.warning("%s", text)
            if self.on_change is not None:
                self.on_change(text)
        if stream != self._stream:
            self._stream = stream
        if self.on_packet is not None and self._stream is not None:
            stamp, step = round(clock * 1000), round(1000 / self.frames_per_second)
            plain = Packet(
                self._stream, data, stamp, stamp, step, key=True, at=at, clock=rounded_clock(clock)
            )
            self.on_packet(plain)
