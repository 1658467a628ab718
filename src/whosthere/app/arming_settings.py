"""How the house arms: delays, schedule, and what presence may do. Section `[arming]`."""

from datetime import time
from typing import Annotated, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from whosthere.core.arming_rules import ArmingRules, Refusing, Scheduled
from whosthere.core.modes import Mode
from whosthere.presence.settings import PresenceSettings

Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Armed: TypeAlias = Literal["home", "away", "night"]


def _time_of_day(given: object) -> object:
    """People write '23:00'; pydantic would take numbers for seconds."""
    if isinstance(given, str) and ":" in given:
        return given
    if isinstance(given, time):  # TOML has times of its own: at = 23:00:00
        return given
    raise ValueError("write a time of day, as '23:00'")


class Section(BaseModel):
    """A table of the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ScheduledSettings(Section):
    """A mode that begins at a local time."""

    at: Annotated[time, BeforeValidator(_time_of_day)] = Field(
        description="Local time, as '23:00'."
    )
    mode: Mode = Field(description="'off' and 'home' only end what the schedule began.")
    days: tuple[Day, ...] = Field(DAYS, min_length=1, description="Days of the week.")
    name: str = Field("", max_length=40, description="What messages call it.")

    @model_validator(mode="after")
    def _local(self) -> Self:
        if self.at.tzinfo is not None:
            raise ValueError("'at' is a local time: leave out the zone")
        return self

    def scheduled(self) -> Scheduled:
        days = frozenset(DAYS.index(day) for day in self.days)
        return Scheduled(self.at, self.mode, days, self.name)


Seconds: TypeAlias = Annotated[float, Field(ge=0, le=3600)]


class ArmingSettings(Section):
    """How the house arms and disarms."""

    exit_seconds: dict[Armed, Seconds] = Field(
        default_factory=dict,
        description="Time to leave, for each mode: a person's word to arm holds after so long.",
        examples=[{"away": 60}],
    )
    entry_seconds: dict[str, Seconds] = Field(
        default_factory=dict,
        description="Time to disarm, for each camera: its alerts wait so long.",
        examples=[{"front": 30}],
    )
    entry_zones: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Zones of a camera in which that time is given. None: everywhere.",
        examples=[{"front": ["door"]}],
    )
    trigger_seconds: float = Field(
        600.0,
        ge=0,
        le=86400,
        description="An alarm counts as over so long after its last alert. Before, nothing but a"
        " person's word disarms.",
    )
    refuse: Refusing = Field(
        Refusing.ALL_DEAD,
        description="When a person's wish to arm is refused unless they add 'force'.",
    )
    schedule: tuple[ScheduledSettings, ...] = Field(
        (),
        description="Modes that begin at local times.",
        examples=[[{"at": "23:00", "mode": "night"}, {"at": "06:30", "mode": "off"}]],
    )
    home_mode: Literal["off", "home"] = Field(
        "off", description="Mode when somebody who lives here comes home."
    )
    countdown_seconds: float = Field(
        60.0,
        ge=0,
        le=3600,
        description="When everybody has left, people are told, and it arms after so long.",
    )
    look_again_seconds: float = Field(
        5.0,
        ge=0,
        le=60,
        description="The first alert after arming by presence waits so long for one more look for"
        " people's devices.",
    )
    arrival_grace_seconds: float = Field(
        120.0,
        ge=0,
        le=3600,
        description="Who comes home so soon after an alarm's beginning is taken for whom the camera"
        " saw.",
    )
    sources_told_seconds: float = Field(
        600.0,
        ge=30,
        le=86400,
        description="A presence source that fails for so long is told.",
    )

    def rules(self, presence: PresenceSettings, zone: ZoneInfo | None) -> ArmingRules:
        """Return the rules as the core knows them."""
        return ArmingRules(
            exit_seconds={Mode(mode): seconds for mode, seconds in self.exit_seconds.items()},
            entry_seconds=self.entry_seconds,
            entry_zones={name: frozenset(zones) for name, zones in self.entry_zones.items()},
            trigger_seconds=self.trigger_seconds,
            refuse=self.refuse,
            schedule=tuple(one.scheduled() for one in self.schedule),
            zone=zone,
            people=presence.persons(),
            sources=presence.rules(),
            home_mode=Mode(self.home_mode),
            countdown_seconds=self.countdown_seconds,
            look_again_seconds=self.look_again_seconds,
            arrival_grace_seconds=self.arrival_grace_seconds,
            sources_told_seconds=self.sources_told_seconds,
        )
