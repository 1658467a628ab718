"""What the core needs from the outside world. Adapters fulfil these; nothing inherits."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol, TypeAlias

from whosthere.core.messages import Kept, Message
from whosthere.core.model import Alert, House, Incident, Tag
from whosthere.core.modes import ArmState, Controls
from whosthere.core.pan_tilt import Position
from whosthere.core.people import AuditEntry, Reaction
from whosthere.core.policy import Policy
from whosthere.core.presence import Observation
from whosthere.core.questions import Pick
from whosthere.core.sighting import Detection, Frame, Look, Motion, Sighting
from whosthere.core.standing import Standing


class Camera(Protocol):
    """A source of frames. Yields the newest one and skips those there was no time for.

    Ends when a file is over; a live camera never ends by itself but raises what went wrong.
    """

    def frames(self) -> Iterator[Frame]: ...


class MotionDetector(Protocol):
    """Compares each frame with what the scene usually looks like."""

    def __call__(self, frame: Frame) -> Motion: ...


class ObjectDetector(Protocol):
    """Says what is in the moving parts of a frame, if it is worth a look."""

    def __call__(self, frame: Frame, motion: Motion) -> tuple[Look, tuple[Detection, ...]]: ...


class Inbox(Protocol):
    """Where messages to the house queue up. Safe to put into from any thread."""

    def put(self, message: Message) -> None: ...


class Recorder(Protocol):
    """Keeps pictures and clips of incidents. Returns at once; answers with `Kept` messages."""

    def keep_picture(self, incident: Incident, sighting: Sighting) -> None: ...
    def record(self, incident: Incident) -> None: ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """One revision of an alert on its way to people by one messenger."""

    id: int
    messenger: str
    alert: Alert
    key: str  # the same at every attempt, so that a receiver can drop repeats
    attempts: int  # that were made before
    queued: datetime
    raised: datetime | None = None  # when the alert of which this is a revision was first raised


class Messenger(Protocol):
    """Tells people. Returns when the other side has it; raises when it has not."""

    def send(self, delivery: Delivery, late_seconds: float) -> None: ...


Storable: TypeAlias = (
    ArmState | Controls | Standing | Incident | Tag | Reaction | AuditEntry | Kept | Alert
) | Pick


class Store(Protocol):
    """Remembers. What is given in one call is on disk together, or not at all."""

    def remember(self, things: Sequence[Storable]) -> None: ...


class Ledger(Protocol):
    """Keeps all that the house hears: the numbers of every sighting, and every other message."""

    def note(self, house: House, policy: Policy) -> None:
        """Keep what the house is like before its next message, now and then."""
        ...

    def add(self, message: Message) -> None: ...
    def flush(self) -> None: ...
    def read(
        self,
        camera: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterable[Sighting]: ...


class Presence(Protocol):
    """Knows who is home."""

    def in_words(self) -> str:
        """Say who is home, and how that is known."""
        ...


class PresenceSource(Protocol):
    """Sees devices. Raises when it cannot look; nobody seen is an answer.

    `again` asks for the most thorough look there is: before arming and before the first alert.
    """

    def seen(self, *, again: bool = False) -> Sequence[Observation]: ...


class Switch(Protocol):
    """Something that is on or off: a lamp, a siren. Each call may take seconds, or raise."""

    def switch(self, *, on: bool, seconds: float | None = None) -> None:
        """Switch. Where the device can, it goes off by itself after `seconds`."""
        ...

    def state(self) -> bool | None:
        """Ask whether it is on. None: it cannot say."""
        ...

    def close(self) -> None: ...


class MotionSensor(Protocol):
    """Something that notices when somebody moves."""

    def listen(self, report: Callable[[bool | None], None]) -> None:
        """Report news until stopped: it sees something, nothing, or (None) it cannot say."""
        ...

    def stop(self) -> None: ...


class PanTilt(Protocol):
    """What turns one camera. Who uses it sees to limits, and that only one asks at a time."""

    def turn(self, to: Position) -> None:
        """Turn, and return once it looks there. Raises PanTiltTrouble if it does not."""
        ...

    def position(self) -> Position: ...
    def rest(self) -> None:
        """Let the motors go after a while without turns."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Copy:
    """A file in the archive, or on its way there."""

    key: str
    size: int
    sha256: str | None = None  # None: the archive does not say
    at: datetime | None = None  # when it came


@dataclass(frozen=True, slots=True)
class Resume:
    """Where an earlier attempt got to, and where to note how far this one is."""

    token: str | None = None
    note: Callable[[str | None], None] = lambda _: None


class Archive(Protocol):
    """Keeps copies of files away from this machine. What is there is never overwritten."""

    def put(self, copy: Copy, source: BinaryIO, resume: Resume) -> bool:
        """Return True when the copy is there and was compared; False if the key is taken."""
        ...

    def find(self, key: str) -> Copy | None: ...

    def read(self, key: str, start: int = 0) -> tuple[Copy, Iterator[bytes]]:
        """Give the whole copy's size and checksum, and its bytes from `start` on."""
        ...

    def copies(self, prefix: str) -> Iterator[Copy]: ...

    def remove(self, key: str) -> None: ...
