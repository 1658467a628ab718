"""Switches in the network that answer as their makers document it, and can be slow, stuck or gone.

Shelly generation 1: https://shelly-api-docs.shelly.cloud/gen1 (basic login). Later generations:
https://shelly-api-docs.shelly.cloud/gen2 (digest by SHA-256). Tasmota:
https://tasmota.github.io/docs/Commands. All turn themselves off after the time they were given.
"""

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.servers.threaded import Threaded

NONCE, REALM = "60dc59c6", "shellyplus1-aabbcc"


@dataclass
class Plug:
    """One device with one relay; `kind` is as the settings have it."""

    kind: str
    login: tuple[str, str] | None = None
    on: bool = False
    off_clock: float | None = None  # when it goes off by itself
    pulse: int = 0  # Tasmota's setting
    stuck: bool = False  # answers, and does nothing
    frozen: threading.Event = field(default_factory=threading.Event)  # connected and silent
    asked: list[str] = field(default_factory=list)
    switched: threading.Condition = field(default_factory=threading.Condition)
    clock: float = 0.0  # the device's own, moved by tests

    def __enter__(self) -> Self:
        plug = self
        self.stopping = threading.Event()

        class Answer(_Answer):
            device = plug

        self._server = Threaded(Answer)
        self.address = self._server.address
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.stop()

    def set(self, *, on: bool, seconds: float | None) -> None:
        with self.switched:
            if not self.stuck:
                self.on = on
                self.off_clock = self.clock + seconds if on and seconds else None
            self.switched.notify_all()

    def pass_time(self, seconds: float) -> None:
        self.clock += seconds
        if self.off_clock is not None and self.clock >= self.off_clock:
            self.on, self.off_clock = False, None

    def wait_for(self, *, on: bool, seconds: float = 10.0) -> bool:
        with self.switched:
            return self.switched.wait_for(lambda: self.on is on, seconds)

    # --- what each kind answers: a status and a JSON object

    def answer(self, target: str) -> tuple[int, dict[str, object]]:
        self.asked.append(target)
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        kinds = {"shelly1": self._shelly1, "shelly2": self._shelly2, "tasmota": self._tasmota}
        return kinds[self.kind](parts.path, query)

    def _shelly1(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, object]]:
        if path != "/relay/0":
            return 404, {}
        if "turn" in query:
            timer = float(query["timer"]) if "timer" in query else None
            self.set(on=query["turn"] == "on", seconds=timer)
        timed = self.off_clock is not None
        return 200, {"ison": self.on, "has_timer": timed, "timer_remaining": 0, "source": "http"}

    def _shelly2(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, object]]:
        if path == "/rpc/Switch.Set" and query.get("id") == "0":
            was = self.on
            after = float(query["toggle_after"]) if "toggle_after" in query else None
            self.set(on=query["on"] == "true", seconds=after)
            return 200, {"was_on": was}
        if path == "/rpc/Switch.GetStatus" and query.get("id") == "0":
            return 200, {"id": 0, "source": "HTTP_in", "output": self.on}
        return 404, {"code": -105, "message": "Argument 'id', value not found!"}

    def _tasmota(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, object]]:
        if path != "/cm":
            return 404, {}
        given = query.get("user"), query.get("password")
        if self.login is not None and given != self.login:
            return 401, {"WARNING": "Need user=<username>&password=<password>"}
        command, _, word = query.get("cmnd", "").partition(" ")
        if command.lower() == "pulsetime1":
            self.pulse = int(word)
            return 200, {"PulseTime1": {"Set": self.pulse, "Remaining": 0}}
        if command.lower() not in {"power", "power1"}:
            return 200, {"Command": "Unknown"}
        if word:
            seconds = self.pulse / 10 if self.pulse < 112 else self.pulse - 100
            self.set(on=word.lower() == "on", seconds=seconds if self.pulse else None)
        return 200, {"POWER": "ON" if self.on else "OFF"}

    # --- logins

    def admits(self, method: str, target: str, given: str) -> bool:
        if self.login is None or self.kind == "tasmota":
            return True
        user, password = self.login
        if self.kind == "shelly1":
            return given == "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        said = dict(re.findall(r'(\w+)="?([^",]*)"?', given))
        first = _sha256(f"{user}:{REALM}:{password}")
        second = _sha256(f"{method}:{target}")
        middle = f"{NONCE}:{said.get('nc')}:{said.get('cnonce')}:auth"
        return said.get("response") == _sha256(f"{first}:{middle}:{second}")

    @property
    def challenge(self) -> str:
        if self.kind == "shelly1":
            return 'Basic realm="Shelly"'
        return f'Digest qop="auth", realm="{REALM}", nonce="{NONCE}", algorithm=SHA-256'


class _Answer(BaseHTTPRequestHandler):
    device: Plug

    def do_GET(self) -> None:
        device = self.device
        while device.frozen.is_set() and not device.stopping.wait(0.02):
            pass
        admitted = device.admits("GET", self.path, self.headers.get("Authorization", ""))
        status, body = device.answer(self.path) if admitted else (401, {})
        data = json.dumps(body).encode()
        try:
            self.send_response(status)
            if not admitted:
                self.send_header("WWW-Authenticate", device.challenge)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            return  # who asked has gone

    def log_message(self, *_: object) -> None:
        pass


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
