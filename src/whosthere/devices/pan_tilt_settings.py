"""What may be set about cameras that turn: a class for each kind, chosen by `kind`."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from whosthere.core.pan_tilt import HOME, Limits, Position
from whosthere.devices.tables import Table, TimeOfDay

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Polygon: TypeAlias = Annotated[tuple[tuple[Share, Share], ...], Field(min_length=3)]
PresetName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
RESERVED = {"on", "off", "all", "everywhere", "everything", "camera", "position"}


class PresetSettings(Table):
    """A place to look at, with a name."""

    pan: float | None = Field(
        None, description="Degrees to the right; to the left they are negative.", examples=[40]
    )
    tilt: float | None = Field(None, description="Degrees up; down is negative.", examples=[-10])
    camera_preset: str | None = Field(
        None,
        description="Instead of degrees, of kind 'onvif': the name or token of a preset that is"
        " stored in the camera.",
        examples=["Gate"],
    )
    masks: tuple[Polygon, ...] = Field(
        (), description="Polygons that are not watched here, as [cameras.NAME.motion] has them."
    )
    zones: dict[str, Polygon] = Field(
        {},
        description="Named polygons of what is seen here. Where a place has none, all of it counts"
        " as every zone that the rules ask for.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        degrees = self.pan is not None and self.tilt is not None
        either = self.pan is not None or self.tilt is not None
        if degrees == (self.camera_preset is not None) or (either and not degrees):
            raise ValueError("give both 'pan' and 'tilt', or a 'camera_preset'")
        return self

    @property
    def position(self) -> Position | None:
        if self.pan is None or self.tilt is None:
            return None
        return Position(self.pan, self.tilt)


class PatrolSettings(Table):
    """Looking at one preset after the other."""

    presets: tuple[str, ...] = Field((), description="Where to look, in this order.")
    dwell_seconds: float = Field(
        30.0,
        ge=5,
        le=86_400,
        description="How long to look at each; longer while something moves there.",
    )
    begins: TimeOfDay | None = Field(
        None, description="Only from this time of day, in the house's zone.", examples=["22:00"]
    )
    ends: TimeOfDay | None = Field(None, description="To this time of day.", examples=["06:00"])

    @model_validator(mode="after")
    def _both_times(self) -> Self:
        if (self.begins is None) != (self.ends is None):
            raise ValueError("'begins' and 'ends' go together")
        if self.begins is not None and self.begins == self.ends:
            raise ValueError("'begins' and 'ends' are the same; leave both out to patrol all day")
        return self


class PanTiltBase(Table):
    """What all kinds have in common."""

    least_pan: float = Field(-90.0, ge=-360, le=360, description="Degrees, farthest left.")
    most_pan: float = Field(90.0, ge=-360, le=360, description="Degrees, farthest right.")
    least_tilt: float = Field(-90.0, ge=-180, le=180, description="Degrees, farthest down.")
    most_tilt: float = Field(90.0, ge=-180, le=180, description="Degrees, farthest up.")
    speed: float = Field(60.0, ge=1, le=360, description="Degrees a second while it turns.")
    settle_seconds: float = Field(
        0.3,
        ge=0,
        le=30,
        description="Seconds after a turn until what is seen counts again. Add the delay of the"
        " camera's stream.",
    )
    home_after_seconds: float = Field(
        0.0,
        ge=0,
        le=86_400,
        description="After a turn by hand, back to the preset 'home' after so many seconds."
        " 0: stay.",
    )
    presets: dict[PresetName, PresetSettings] = Field(
        {},
        description="Places to look at, by name. 'home' is where the camera returns to, 0 0 unless"
        " you set it.",
    )
    patrol: PatrolSettings = PatrolSettings()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.least_pan >= self.most_pan or self.least_tilt >= self.most_tilt:
            raise ValueError("the least angle must be smaller than the most")
        names = {HOME, *self.presets}
        for name in self.presets:
            if name in RESERVED:
                raise ValueError(f"a preset cannot be called '{name}', which means something else")
            self._check(name)
        unknown = [name for name in self.patrol.presets if name not in names]
        if unknown:
            raise ValueError(
                f"patrol.presets: there is no preset '{unknown[0]}'; there are"
                f" {', '.join(sorted(names))}"
            )
        if HOME not in self.presets and not self._inside(Position(0.0, 0.0)):
            raise ValueError("0 0 is outside of the limits, so set presets.home")
        return self

    def _check(self, name: str) -> None:
        to = self.presets[name].position
        if to is not None and not self._inside(to):
            raise ValueError(f"presets.{name}: {to} is outside of the limits")

    def _inside(self, to: Position) -> bool:
        return (
            self.least_pan <= to.pan <= self.most_pan
            and self.least_tilt <= to.tilt <= self.most_tilt
        )

    @property
    def limits(self) -> Limits:
        return Limits(self.least_pan, self.most_pan, self.least_tilt, self.most_tilt)


class _Degrees(PanTiltBase):
    """Without presets of its own in the camera."""

    @model_validator(mode="after")
    def _degrees_only(self) -> Self:
        for name, preset in self.presets.items():
            if preset.camera_preset is not None:
                raise ValueError(f"presets.{name}: only kind 'onvif' has 'camera_preset'")
        return self


class HatPanTilt(_Degrees):
    """Pimoroni's Pan-Tilt HAT, two servos at the I²C bus of a Raspberry Pi."""

    kind: Literal["hat"] = Field(description="Pimoroni's Pan-Tilt HAT.")
    bus: int = Field(1, ge=0, le=31, description="Number of the I²C bus: /dev/i2c-1.")
    address: int = Field(0x15, ge=0x03, le=0x77, description="Address at this bus.")
    pan_inverted: bool = Field(
        default=False, description="If it turns left when it is asked to turn right."
    )
    tilt_inverted: bool = Field(
        default=False, description="If it looks down when it is asked to look up."
    )
    idle_seconds: float = Field(
        2.0,
        ge=0,
        le=3600,
        description="Seconds after a turn until the servos are let go, so that they do not hum."
        " 0: never.",
    )


class OnvifPanTilt(PanTiltBase):
    """A camera that turns itself, by ONVIF."""

    kind: Literal["onvif"] = Field(description="A camera that turns itself, by ONVIF.")
    host: str = Field(description="Its address.", examples=["192.168.1.20"], pattern=r"^[^/@\s]+$")
    port: int = Field(80, ge=1, le=65_535, description="The port of its ONVIF service.")
    user: str | None = Field(None, description="Name to log in with.", examples=["viewer"])
    password_file: Path | None = Field(
        None,
        description="File with the password and nothing else. Without it, the environment"
        " variable WHOSTHERE_<CAMERA>_PASSWORD is used.",
    )
    pan_inverted: bool = Field(default=False, description="If right and left are changed.")
    tilt_inverted: bool = Field(default=False, description="If up and down are changed.")
    timeout_seconds: float = Field(
        8.0, ge=0.5, le=60, description="Seconds that the camera has for each answer."
    )

    @model_validator(mode="before")
    @classmethod
    def _no_password(cls, table: Any) -> Any:  # noqa: ANN401 - whatever people wrote
        if isinstance(table, dict) and "password" in table:
            raise ValueError(
                "a password does not belong here, where others may read it; put it into the"
                " environment as WHOSTHERE_<CAMERA>_PASSWORD, or into a file and name that as"
                " password_file"
            )
        return table


class SimulatedPanTilt(_Degrees):
    """No motor: the picture is a window that moves over the camera's whole picture."""

    kind: Literal["simulated"] = Field(description="A window that moves over the picture.")
    window: float = Field(
        0.5, ge=0.1, le=0.9, description="Share of the width and height that is seen at once."
    )


PanTiltSettings: TypeAlias = Annotated[
    HatPanTilt | OnvifPanTilt | SimulatedPanTilt, Field(discriminator="kind")
]
