"""What answers are made from: the parts of the running program, handed in."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from whosthere.app.answers.asked_files import AskedFiles
from whosthere.app.answers.line import Line
from whosthere.app.answers.newest import NewestFrames
from whosthere.app.answers.wording import Moments
from whosthere.app.health import HealthBoard, Reading
from whosthere.app.policy_versions import Said
from whosthere.core import ports
from whosthere.core.messages import Message
from whosthere.core.model import House
from whosthere.core.pan_tilt import Turnable
from whosthere.core.policy import Policy
from whosthere.core.requests import Reply, Request
from whosthere.devices.driver import Driver
from whosthere.devices.sensors import PushedSensor
from whosthere.recording.pre_roll import PreRoll
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore


class Tell(Protocol):
    """Lets the house hear a message, and says whether it was carried out within some seconds."""

    def __call__(self, message: Message) -> bool: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """All that answers need."""

    name: str
    zone: tzinfo | None
    cameras: tuple[str, ...]
    store: SqliteStore
    ledger: SqliteLedger
    health: HealthBoard
    frames: NewestFrames
    rings: Mapping[str, PreRoll]
    files: AskedFiles
    house: Callable[[], House]
    policy: Callable[[], Policy]
    tell: Tell
    wake: Callable[[str], None] = lambda _camera: None  # have all pictures decoded for a while
    readings: Callable[[], Sequence[Reading]] = tuple  # of health, taken last
    accept_view: Callable[[str], None] = lambda _camera: None  # what it sees now is right
    guarded: Callable[[str], bool] = lambda _camera: True  # tampering with it would be noticed
    walk_test: Callable[[Line, Request], Reply] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    lights: Mapping[str, Driver] = field(default_factory=dict)
    sirens: Mapping[str, Driver] = field(default_factory=dict)
    pushed: Mapping[str, PushedSensor] = field(default_factory=dict)  # sensors that call us
    turnables: Mapping[str, Turnable] = field(default_factory=dict)  # by the camera's name
    presence: ports.Presence | None = None
    said: Said = field(default_factory=Said)  # what the settings say of the numbers that decide
    wait_seconds: float = 3.0  # for a new picture

    def moments(self) -> Moments:
        return Moments(self.now(), self.zone)
