"""Says how the program is, to whoever connects to a socket in the data folder.

A connection costs nothing on disk, unlike a question in the database, so Glances may ask every
few seconds. Only this user, root, and the data folder's group may connect.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from whosthere import __version__
from whosthere.app.logs import without_secrets
from whosthere.app.status import SOCKET as NAME
from whosthere.app.vitals import Vitals
from whosthere.core.errors import StoreTrouble

LOOKS = 0.5  # seconds between looks whether to end
PATIENCE = 2.0  # seconds for whoever asks


@dataclass(slots=True, eq=False)
class StatusDesk:
    """Answers one after the other until stopped. `run` is for a thread."""

    folder: Path
    vitals: Vitals
    listening: Event = field(default_factory=Event)
    stopping: Event = field(default_factory=Event)

    def run(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            self._bind(door)
            door.listen(4)
            door.settimeout(LOOKS)
            self.listening.set()
            while not self.stopping.is_set():
                with suppress(TimeoutError):
                    line, _ = door.accept()
                    self._answer(line)
        with suppress(OSError):
            (self.folder / NAME).unlink()

    def _bind(self, door: socket.socket) -> None:
        try:
            with short(self.folder / NAME) as path:
                Path(path).unlink(missing_ok=True)  # the folder is ours: an earlier run left it
                door.bind(path)
                Path(path).chmod(0o660)
        except OSError as error:
            raise StoreTrouble(
                f"{self.folder} takes no socket ({error.strerror}), so 'whosthere status' gets no"
                " answer. All else goes on."
            ) from None

    def stop(self) -> None:
        self.stopping.set()

    def _answer(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            line.settimeout(PATIENCE)
            line.sendall(json.dumps(status_of(self.vitals)).encode())


def status_of(vitals: Vitals) -> dict[str, Any]:
    """Put it into plain words and numbers. Fields may be added; those here keep their meaning."""
    state = vitals.parts.house().arm_state
    return {
        "version": __version__,
        "pid": os.getpid(),
        "house": vitals.parts.name,
        "mode": state.mode.value,
        "mode_since": _moment(state.since),
        "stuck": vitals.stuck(),
        "cameras": [
            {
                "name": one.name,
                "trouble": without_secrets(one.trouble),
                "since": _moment(one.since),
                "over": one.over,
                "age": None if one.age is None else round(one.age, 1),
            }
            for one in vitals.cameras()
        ],
        "parts": [
            {
                "name": one.name,
                "trouble": "" if one.ok else without_secrets(one.why),
                "since": _moment(one.since),
            }
            for one in vitals.states()
        ],
        "waiting": sum(one.number for one in vitals.waiting()),
        "temperature": vitals.temperature(),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


@contextmanager
def short(path: Path) -> Iterator[str]:
    """Name a socket in few characters, as the system wants it, however deep its folder is."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
