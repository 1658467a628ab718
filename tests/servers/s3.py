"""A real S3 server (moto's) behind a line that can be cut, slowed down, or answer wrongly."""

import http.client
import logging
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Self

import pytest
from moto.server import ThreadedMotoServer

from tests.servers.threaded import Threaded

BUCKET = "my-house"
KEY_ID, SECRET = "AKIATESTKEYOFTHEHOUSE", "secret-of-the-test"
PIECE = 2**14
ERROR = '<?xml version="1.0"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'


@dataclass(frozen=True)
class Fault:
    """What is to happen to a request; `times` of those that fit."""

    kind: str  # cut_body, cut_answer, refuse, wrong_etag, cut_download
    method: str = ""  # any
    code: str = ""
    status: int = 503
    after: int = 0  # bytes of the body
    query: str = ""  # a word that must be in the address
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class S3Line:
    """Passes all on to the server, but for the faults. Counts what goes by."""

    server_port: int
    faults: deque[Fault] = field(default_factory=deque)
    always: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    uploaded: int = 0  # bytes of bodies
    hold_after: int | None = None  # bytes of bodies, after which nothing more is read
    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        line = self

        class Answer(_Answer):
            line_of_server = line

        self._server = Threaded(Answer, wait_for_answers=False)
        self.address = self._server.address
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.stop()

    def fault_of(self, method: str, path: str) -> Fault | None:
        for found in (*self.always, *list(self.faults)[:1]):
            if found.method in {"", method} and found.query in f"{path} ":
                with suppress(IndexError):
                    if found not in self.always:
                        self.faults.popleft()
                return found
        return None

    def count(self, size: int) -> None:
        self.uploaded += size
        if self.hold_after is not None and self.uploaded >= self.hold_after:
            self.reached.set()
            self.released.wait(60)


class _Answer(BaseHTTPRequestHandler):
    line_of_server: S3Line
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _any(self) -> None:
        line = self.line_of_server
        line.requests.append(f"{self.command} {self.path}")
        fault = line.fault_of(self.command, self.path)
        kind = fault.kind if fault else ""
        try:
            if fault and kind == "refuse":
                self._read(None)
                self._refuse(fault)
                return
            body = self._read(fault.after if fault and kind == "cut_body" else None)
            if kind == "cut_body":
                self._cut()
                return
            status, headers, content = self._pass_on(body)
            if kind == "cut_answer":
                self._cut()
                return
            self._give(status, headers, content, fault)
        except OSError:
            self.close_connection = True

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _any  # noqa: N815 - as http.server asks

    def _read(self, most: int | None) -> bytes:
        left = int(self.headers.get("Content-Length", 0))
        left = left if most is None else min(left, most)
        pieces = []
        while left:
            piece = self.rfile.read(min(PIECE, left))
            if not piece:
                raise ConnectionError
            pieces.append(piece)
            left -= len(piece)
            self.line_of_server.count(len(piece))
        return b"".join(pieces)

    def _pass_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        inner = http.client.HTTPConnection("127.0.0.1", self.line_of_server.server_port, timeout=30)
        try:
            kept = {
                k: v for k, v in self.headers.items() if k.lower() not in {"expect", "connection"}
            }
            inner.request(self.command, self.path, body=body, headers=kept)
            answer = inner.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            inner.close()

    def _give(
        self, status: int, headers: list[tuple[str, str]], content: bytes, fault: Fault | None
    ) -> None:
        kind = fault.kind if fault else ""
        self.send_response_only(status)
        for name, value in headers:
            shown = '"' + "0" * 32 + '"' if kind == "wrong_etag" and name == "ETag" else value
            if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
                self.send_header(name, shown)
        size = dict(headers).get("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", size or "0")
        self.end_headers()
        if fault and kind == "cut_download":
            self.wfile.write(content[: fault.after])
            self._cut()
            return
        self.wfile.write(content)

    def _refuse(self, fault: Fault) -> None:
        content = b"" if self.command == "HEAD" else ERROR.format(code=fault.code).encode()
        self.send_response_only(fault.status)
        for name, value in fault.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _cut(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        pass


def give_key(environment: pytest.MonkeyPatch) -> None:
    """Let boto3 find a key, and neither a proxy nor anybody's own settings."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("AWS_"):
            environment.delenv(name)
    environment.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
    environment.setenv("AWS_CONFIG_FILE", os.devnull)
    environment.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@contextmanager
def s3_server() -> Iterator[int]:
    """Start a server; give its port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield port
    finally:
        server.stop()


def fresh_bucket(port: int) -> None:
    """Forget all, and make an empty bucket."""
    ask(port, "POST", "/moto-api/reset")
    ask(port, "PUT", f"/{BUCKET}")


def ask(port: int, method: str, path: str) -> bytes:
    """Ask the server itself, past the line."""
    inner = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        inner.request(method, path)
        answer = inner.getresponse()
        content = answer.read()
        assert answer.status < 300, content
        return content
    finally:
        inner.close()
