"""A small RTSP camera for tests: H.264 or H.265 over TCP or UDP, with all the faults of real ones.

After RFC 2326 (RTSP), RFC 3550 (RTP), RFC 6184 and RFC 7798 (how pictures lie in RTP packets).
"""

import base64
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Self

import av
import numpy as np

from tests.servers.logins import admits, challenge

LARGEST = 1400  # bytes of one RTP packet
BITS, BLOCK = 12, 16  # a picture's number, as blocks of 16 x 16 pixels in its top row


def numbered(number: int, width: int = 320, height: int = 240) -> np.ndarray:
    """A picture that shows its number as light and dark blocks, and something that moves."""
    ramp = np.linspace(40, 200, width).astype(np.uint8)
    picture = np.ascontiguousarray(np.broadcast_to(ramp[:, None], (height, width, 3)))
    for bit in range(BITS):
        picture[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 220 if number >> bit & 1 else 30
    left = 7 * number % (width - 40)
    picture[height // 2 : height // 2 + 60, left : left + 30] = 200
    return picture


def number_in(luma: np.ndarray) -> int:
    """Read the number that `numbered` wrote."""
    blocks = luma[4:12, : BITS * BLOCK].reshape(8, BITS, BLOCK).mean(axis=(0, 2))
    return int(sum(int(light > 125) << bit for bit, light in enumerate(blocks)))


def encode(
    count: int,
    codec: str = "libx264",
    size: tuple[int, int] = (320, 240),
    *,
    rate: int = 10,
    group: int = 10,
    picture: Callable[[int, int, int], np.ndarray] = numbered,
    options: dict[str, str] | None = None,
) -> list[bytes]:
    """Encode numbered pictures as a camera does: no picture refers to a later one."""
    context = av.CodecContext.create(codec, "w")
    context.width, context.height = size
    context.pix_fmt, context.time_base = "yuv420p", Fraction(1, rate)
    context.framerate = Fraction(rate)
    quiet = {"x265-params": "log-level=none:repeat-headers=1:bframes=0"} if "265" in codec else {}
    context.options = {
        "preset": "ultrafast", "tune": "zerolatency", "g": str(group), "sc_threshold": "0",
        **quiet, **(options or {}),
    }  # fmt: skip
    units = []
    for number in range(count):
        frame = av.VideoFrame.from_ndarray(picture(number, *size), "bgr24")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = number, context.time_base
        units += [bytes(packet) for packet in context.encode(frame)]
    return units + [bytes(packet) for packet in context.encode()]


@dataclass
class RtspServer:
    """Sends its pictures over and over, to everybody who asks."""

    units: Sequence[bytes]  # one encoded picture each
    codec: str = "H264"
    rate: float = 10.0
    login: tuple[str, str] | None = None
    digest: bool = True
    media: str = "video"
    stamp: Callable[[int], int] = int  # which picture's time each carries
    udp: bool = True
    frozen: threading.Event = field(default_factory=threading.Event)  # silent, yet connected
    rubbish: threading.Event = field(default_factory=threading.Event)  # chance in each packet
    sent: dict[int, float] = field(default_factory=dict)  # when each picture went off

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._connections: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.cut()
        for thread in self._threads:
            thread.join(5)

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/stream"

    def cut(self) -> None:
        """End all connections."""
        for connection in self._connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # gone already

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.append(connection)
            thread = threading.Thread(target=_Viewer(self, connection, self._stop).serve)
            self._threads.append(thread)
            thread.start()


class _Viewer:
    """One connection."""

    def __init__(
        self, server: RtspServer, connection: socket.socket, stop: threading.Event
    ) -> None:
        self._server, self._connection, self._stop = server, connection, stop
        self._file = connection.makefile("rb")
        self._udp: socket.socket | None = None
        self._to = ("", 0)
        self._gone = threading.Event()
        self._sequence = 0
        self._sender: threading.Thread | None = None

    def serve(self) -> None:
        try:
            while request := self._request():
                self._answer(*request)
        except OSError:
            pass  # the other side went away, or `cut` was called
        finally:
            self._gone.set()
            if self._sender is not None:
                self._sender.join(5)
            self._file.close()
            self._connection.close()
            if self._udp is not None:
                self._udp.close()

    def _request(self) -> tuple[str, str, dict[str, str]] | None:
        first = self._file.read(1)
        while first == b"$":  # what the viewer tells of its reception
            _, length = struct.unpack(">BH", self._file.read(3))
            self._file.read(length)
            first = self._file.read(1)
        line = first + self._file.readline()
        if not line.strip():
            return None
        method, url, _ = line.decode().split()
        headers = {}
        while (line := self._file.readline()).strip():
            name, _, value = line.decode().partition(":")
            headers[name.strip().lower()] = value.strip()
        return method, url, headers

    def _answer(self, method: str, url: str, headers: dict[str, str]) -> None:
        if method != "OPTIONS" and not self._welcome(method, headers):
            how = challenge(digest=self._server.digest)
            self._say(headers, "401 Unauthorized", f"WWW-Authenticate: {how}")
            return
        match method:
            case "OPTIONS":
                self._say(headers, "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
            case "DESCRIBE":
                self._say(
                    headers, "200 OK", "Content-Type: application/sdp", f"Content-Base: {url}/",
                    body=self._description(),
                )  # fmt: skip
            case "SETUP":
                self._set_up(headers)
            case "PLAY":
                self._say(headers, "200 OK", "Session: 1", "Range: npt=0.000-")
                self._sender = threading.Thread(target=self._send_all)
                self._sender.start()
            case _:
                self._say(headers, "200 OK", "Session: 1")

    def _say(self, headers: dict[str, str], status: str, *lines: str, body: str = "") -> None:
        head = [f"RTSP/1.0 {status}", f"CSeq: {headers.get('cseq', '0')}", *lines]
        if body:
            head.append(f"Content-Length: {len(body)}")
        self._connection.sendall(("\r\n".join(head) + "\r\n\r\n" + body).encode())

    def _welcome(self, method: str, headers: dict[str, str]) -> bool:
        given, server = headers.get("authorization", ""), self._server
        return server.login is None or admits(given, method, server.login, digest=server.digest)

    def _description(self) -> str:
        server = self._server
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=camera", "t=0 0", "a=control:*"]
        if server.media == "audio":
            lines += ["m=audio 0 RTP/AVP 0", "a=control:track1"]
        else:
            lines += ["m=video 0 RTP/AVP 96", f"a=rtpmap:96 {server.codec}/90000"]
            if server.codec == "H264":
                sets = [
                    base64.b64encode(u).decode()
                    for u in split(server.units[0])
                    if u[0] & 31 in (7, 8)
                ]
                lines.append(
                    f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={','.join(sets)}"
                )
            lines.append("a=control:track1")
        return "\r\n".join(lines) + "\r\n"

    def _set_up(self, headers: dict[str, str]) -> None:
        wish = headers["transport"]
        ports = re.search(r"client_port=(\d+)", wish)
        if ports is None:
            self._say(
                headers, "200 OK", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 1"
            )
            return
        if not self._server.udp:
            self._say(headers, "461 Unsupported Transport")
            return
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self._to = ("127.0.0.1", int(ports[1]))
        port = self._udp.getsockname()[1]
        self._say(
            headers, "200 OK", "Session: 1",
            f"Transport: RTP/AVP;unicast;client_port={ports[1]}-{int(ports[1]) + 1};"
            f"server_port={port}-{port + 1}",
        )  # fmt: skip

    def _send_all(self) -> None:
        server, number, began = self._server, 0, time.monotonic()
        while not (self._stop.is_set() or self._gone.is_set()):
            if not server.frozen.is_set():
                server.sent[number % len(server.units)] = time.monotonic()
                try:
                    self._send(server.units[number % len(server.units)], number)
                except OSError:
                    return
            number += 1
            self._gone.wait(max(0.0, began + number / server.rate - time.monotonic()))

    def _send(self, unit: bytes, number: int) -> None:
        pieces = [piece for nal in split(unit) for piece in fragments(nal, self._server.codec)]
        if self._server.rubbish.is_set():
            chance = np.random.default_rng(number)
            pieces = [b"\x41" + chance.bytes(len(piece)) for piece in pieces]
        stamp = int(self._server.stamp(number) * 90_000 / self._server.rate) & 0xFFFFFFFF
        for index, piece in enumerate(pieces):
            last = index == len(pieces) - 1
            head = struct.pack(">BBHII", 0x80, 96 | last << 7, self._sequence & 0xFFFF, stamp, 77)
            self._sequence += 1
            if self._udp is not None:
                self._udp.sendto(head + piece, self._to)
            else:
                length = len(head) + len(piece)
                self._connection.sendall(struct.pack(">cBH", b"$", 0, length) + head + piece)


def split(unit: bytes) -> list[bytes]:
    """The parts (NAL units) of one encoded picture."""
    parts = (part.rstrip(b"\0") for part in unit.split(b"\0\0\1"))
    return [part for part in parts if part]


def fragments(nal: bytes, codec: str) -> list[bytes]:
    """Cut a part into what fits RTP packets."""
    if len(nal) <= LARGEST:
        return [nal]
    if codec == "H264":
        head, kind, body = bytes([nal[0] & 0xE0 | 28]), nal[0] & 31, nal[1:]
    else:
        head = bytes([nal[0] & 0x81 | 49 << 1, nal[1]])
        kind, body = nal[0] >> 1 & 63, nal[2:]
    cuts = [body[start : start + LARGEST] for start in range(0, len(body), LARGEST)]
    return [
        head + bytes([(index == 0) << 7 | (index == len(cuts) - 1) << 6 | kind]) + cut
        for index, cut in enumerate(cuts)
    ]
