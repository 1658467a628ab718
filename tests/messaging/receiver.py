"""A real web server that takes alerts, or does not, as told."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WAIT_SECONDS = 20


@dataclass(frozen=True)
class Received:
    """One request, as it arrived."""

    headers: Message  # found by name in whatever case
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


Answer = Callable[["Handler"], None]


def status(code: int, **headers: str) -> Answer:
    def answer(handler: "Handler") -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    return answer


def cut(handler: "Handler") -> None:
    """Take everything and hang up without a word."""
    handler.close_connection = True


def garbage(handler: "Handler") -> None:
    handler.wfile.write(b"I am no web server\r\n\r\n")
    handler.close_connection = True


def hang(handler: "Handler") -> None:
    """Answer nothing until the test is over."""
    handler.receiver.over.wait(WAIT_SECONDS)
    handler.close_connection = True


class Receiver:
    """Answers as told, then with 200. Keeps what it received."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook/s3cret"
        self.answers: deque[Answer] = deque()
        self.received: list[Received] = []
        self.over = threading.Event()
        self._changed = threading.Condition()

    def take(self, request: Received) -> Answer:
        with self._changed:
            self.received.append(request)
            self._changed.notify_all()
            return self.answers.popleft() if self.answers else status(200)

    def wait_for(self, number: int) -> list[Received]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.received) >= number, WAIT_SECONDS)
            return list(self.received)

    @property
    def bodies(self) -> list[Any]:
        return [request.body for request in self.received]


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.take(Received(self.headers, raw))(self)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Here(Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Here)
    Here.receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Here.receiver
    finally:
        Here.receiver.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
