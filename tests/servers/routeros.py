"""A MikroTik router for tests: RouterOS's API, sentences of words over a socket."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from tests.servers.routers import CERTIFICATE, PASSWORD, USER, Device, household


def word(text: str) -> bytes:
    """Write a word with its length before it; ours are all shorter than 2^14 bytes."""
    data = text.encode()
    size = len(data)
    head = bytes([size]) if size < 0x80 else (size | 0x8000).to_bytes(2, "big")
    return head + data


def sentence(*words: str) -> bytes:
    return b"".join(map(word, words)) + b"\0"


@dataclass
class RouterOs:
    """One router; `tables` are the commands that it knows beside leases."""

    tls: bool = False
    tables: tuple[str, ...] = ("/interface/wifi/registration-table/print", "/ip/arp/print")
    devices: list[Device] = field(default_factory=household)
    fault: str = ""  # "silent", "cut" or "garbage" after the login
    logins: int = 0
    wrong_logins: int = 0

    def __enter__(self) -> Self:
        router = self
        self.over = threading.Event()

        class Here(_Talk):
            server_of = router

        class Threads(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = False

            def handle_error(self, *_: object) -> None:
                """Say nothing of those who hang up."""

        self._server = Threads(("127.0.0.1", 0), Here)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.port = self._server.server_address[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def rows(self, command: str) -> Iterator[bytes]:
        for one in self.devices:
            mac = f"=mac-address={one.mac.upper()}"
            if command == "/ip/dhcp-server/lease/print":
                yield sentence("!re", "=.id=*1", f"=address={one.address}", mac,
                               f"=host-name={one.host}")  # fmt: skip
            elif command == "/ip/arp/print":
                yield sentence("!re", "=.id=*1", f"=address={one.address}", mac,
                               f"=complete={str(one.connected).lower()}")  # fmt: skip
            elif one.connected:
                yield sentence("!re", "=.id=*1", mac, "=signal=-50")


class _Talk(socketserver.BaseRequestHandler):
    server_of: RouterOs

    def handle(self) -> None:
        router = self.server_of
        sock: socket.socket = self.request
        if router.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            sock = context.wrap_socket(sock, server_side=True)
        with sock, sock.makefile("rb") as reader:
            while words := self._read(reader):
                self._answer(sock, words)

    def _answer(self, sock: socket.socket, words: list[str]) -> None:
        router, command = self.server_of, words[0]
        if command == "/login":
            if words[1:] == [f"=name={USER}", f"=password={PASSWORD}"]:
                router.logins += 1
                sock.sendall(sentence("!done"))
            else:
                router.wrong_logins += 1
                text = "=message=invalid user name or password (6)"
                sock.sendall(sentence("!trap", text) + sentence("!done"))
        elif router.fault == "silent":
            router.over.wait(30)
        elif router.fault == "cut":
            sock.sendall(word("!re") + b"\x20=mac")
            sock.shutdown(socket.SHUT_RDWR)
        elif router.fault == "garbage":
            sock.sendall(b"\xff" * 64)
        elif command in router.tables or command == "/ip/dhcp-server/lease/print":
            sock.sendall(b"".join(router.rows(command)) + sentence("!done"))
        else:
            text = "=message=no such command prefix"
            sock.sendall(sentence("!trap", text) + sentence("!done"))

    @staticmethod
    def _read(reader: "socket.SocketIO") -> list[str]:
        words = []
        while size := reader.read(1):
            length = size[0]
            if length >= 0x80:
                length = (length & 0x3F) << 8 | reader.read(1)[0]
            if not length:
                break
            words.append(reader.read(length).decode())
        return words
