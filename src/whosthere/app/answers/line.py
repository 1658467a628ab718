"""What was asked, as it was understood, and what its meaning depends on."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from whosthere.app.answers import times
from whosthere.core.commands import Command
from whosthere.core.model import Answer
from whosthere.core.modes import Mode
from whosthere.core.pan_tilt import HOME


@dataclass(frozen=True, slots=True)
class Line:
    """What was asked."""

    command: Command
    mode: Mode | None = None
    camera: str | None = None
    everywhere: bool = False  # all cameras were named
    until: datetime | None = None
    off: bool = False  # of a snooze: end it
    seconds: float | None = None
    on: bool | None = None
    time_of_day: times.TimeOfDay | None = None
    day: date | None = None
    incident: str | None = None
    count: int | None = None
    answer: Answer | None = None
    angles: tuple[float, float] | None = None
    preset: str | None = None  # of a camera that turns
    topic: str | None = None
    force: bool = False  # though something is wrong
    light: str | None = None
    really: bool = False  # though it is loud
    action: str | None = None  # of a policy or a walk test: what is to be done
    which: str | None = None  # of the policies


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """What cannot be done, with what was probably meant."""

    why: str
    meant: str | None = None
    command: Command | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What the meaning of a line depends on."""

    cameras: tuple[str, ...]
    now: datetime
    zone: tzinfo | None
    presets: frozenset[str] = frozenset({HOME})  # of cameras that turn
    lights: tuple[str, ...] = ()


class TooLong(Exception):
    """A time beyond all reason."""
