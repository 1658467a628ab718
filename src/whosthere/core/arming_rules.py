"""The rules by which the house arms and disarms. People write them as settings; none is tuned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, tzinfo
from enum import StrEnum

from whosthere.core.modes import Mode
from whosthere.core.presence import Person, SourceRule


class Refusing(StrEnum):
    """When a person's wish to arm is refused unless they insist."""

    NEVER = "never"
    ALL_DEAD = "all dead"  # no camera of it shows anything
    ANY_TROUBLE = "any trouble"


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A mode that begins at a local time on some days of the week."""

    at: time
    mode: Mode
    days: frozenset[int] = frozenset(range(7))  # Monday is 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class ArmingRules:
    """Delays, schedule and who lives here."""

    exit_seconds: Mapping[Mode, float] = field(default_factory=dict)  # after a person's word
    entry_seconds: Mapping[str, float] = field(default_factory=dict)  # by camera: to disarm in
    entry_zones: Mapping[str, frozenset[str]] = field(default_factory=dict)  # only in these
    trigger_seconds: float = 600.0  # an alarm that nobody answers counts as over after this
    refuse: Refusing = Refusing.ALL_DEAD
    schedule: tuple[Scheduled, ...] = ()
    zone: tzinfo | None = None  # of the schedule's times; None: the system's

    people: tuple[Person, ...] = ()
    sources: tuple[SourceRule, ...] = ()
    away_mode: Mode = Mode.AWAY  # when everybody has left
    home_mode: Mode = Mode.OFF  # when somebody comes
    countdown_seconds: float = 60.0  # from "everybody has left" to armed
    look_again_seconds: float = 5.0  # the first alert after arming by presence waits so long
    arrival_grace_seconds: float = 120.0  # whoever comes so soon after an alarm's beginning ends it
    sources_told_seconds: float = 600.0  # all sources failing for this long is told
