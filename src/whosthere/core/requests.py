"""What people ask of the house, in whatever way they ask, and what they are answered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Protocol


class Role(IntEnum):
    """What somebody may do; each role may do what the ones before it may."""

    NOBODY = 0
    VIEWER = 1  # look: status, pictures, why
    TAGGER = 2  # answer whether somebody was there
    ADMIN = 3  # change: modes, snooze, switches, moving cameras


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. Names and ids are only ever shown and compared."""

    id: str
    name: str
    role: Role
    origin: str  # the way they ask: "slack", "command line"


@dataclass(frozen=True, slots=True)
class Request:
    """A line of the request grammar, as `arm away for 2h`, or a button that means one."""

    text: str
    asker: Asker
    at: datetime
    alert_id: str | None = None  # asked below this alert, so an incident need not be named


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: words, and perhaps a picture or clip."""

    text: str  # plain words; *bold* and `code` may mark parts
    file: str | None = None  # below the data folder
    alt: str = ""  # what the picture shows, for those who cannot see it
    refused: bool = False  # not understood, or not allowed: for the asker's eyes only
    offers: tuple[str, ...] = ()  # requests that may follow, as buttons where there are such
    # asked again every few seconds, it gives the newest words of the same reply; the last has none
    later: Callable[[], "Reply"] | None = field(default=None, compare=False, repr=False)


class Answering(Protocol):
    """Answers requests. May take some seconds (a live picture), so never on a thread that waits."""

    def answer(self, request: Request) -> Reply: ...
