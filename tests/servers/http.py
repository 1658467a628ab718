"""A small HTTP camera for tests: one picture for each request, or pictures without end."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Self

import cv2
import numpy as np

from tests.servers.logins import admits, challenge
from tests.servers.threaded import Threaded


def jpeg(number: int, size: tuple[int, int] = (160, 120)) -> bytes:
    """A JPEG picture; no two numbers give the same."""
    ramp = np.linspace(40, 200, size[0]).astype(np.uint8)
    picture = np.ascontiguousarray(np.broadcast_to(ramp[:, None], (size[1], size[0], 3)))
    left = 5 * number % (size[0] - 20)
    picture[30:60, left : left + 20] = 250
    picture[:8, :8] = number % 256
    return cv2.imencode(".jpg", picture)[1].tobytes()


@dataclass
class HttpServer:
    """`/snapshot` gives a picture, `/stream` pictures without end at `rate`."""

    picture: Callable[[int], bytes] = jpeg
    rate: float = 20.0
    status: int = 200
    kind: str = "image/jpeg"
    login: tuple[str, str] | None = None
    digest: bool = False
    pause: float = 0.0  # seconds until the answer
    frozen: threading.Event = field(default_factory=threading.Event)  # silent, yet connected
    asked: int = 0

    def __enter__(self) -> Self:
        camera = self
        self.stopping = threading.Event()

        class Answer(_Answer):
            server_of_pictures = camera

        self._server = Threaded(Answer)
        self.address = self._server.address
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.stop()


class _Answer(BaseHTTPRequestHandler):
    server_of_pictures: HttpServer

    def do_GET(self) -> None:
        camera = self.server_of_pictures
        camera.asked += 1
        camera.stopping.wait(camera.pause)
        try:
            if not self._welcome():
                self.send_response(401)
                self.send_header("WWW-Authenticate", challenge(digest=camera.digest))
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif self.path == "/stream":
                self._stream()
            else:
                self._snapshot()
        except OSError:
            return  # the viewer went away

    def _welcome(self) -> bool:
        camera = self.server_of_pictures
        given = self.headers.get("Authorization", "")
        return camera.login is None or admits(given, "GET", camera.login, digest=camera.digest)

    def _snapshot(self) -> None:
        camera = self.server_of_pictures
        data = camera.picture(camera.asked)
        self.send_response(camera.status)
        self.send_header("Content-Type", camera.kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self) -> None:
        camera = self.server_of_pictures
        self.send_response(camera.status)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        number, began = 0, time.monotonic()
        while not camera.stopping.is_set():
            if not camera.frozen.is_set():
                data = camera.picture(number)
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                self.wfile.write(head.encode() + data + b"\r\n")
            number += 1
            camera.stopping.wait(max(0.0, began + number / camera.rate - time.monotonic()))

    def log_message(self, *_: object) -> None:
        pass
