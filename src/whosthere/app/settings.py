"""What may stand in whosthere.toml. Its reference page and example are made from these classes."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)

from whosthere.app.arming_settings import ArmingSettings
from whosthere.app.health_settings import HealthSettings
from whosthere.app.settings_text import contradictions, sentences
from whosthere.cameras.settings import CameraSource
from whosthere.core.devices import DeviceRules
from whosthere.core.errors import BadSettings
from whosthere.core.modes import Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.devices.house_settings import (
    LedSettings,
    Light,
    Sensor,
    Siren,
    misplaced,
    used_twice,
)
from whosthere.devices.settings import HatPanTilt, PanTiltSettings
from whosthere.devices.switch_settings import NAME as DEVICE_NAME
from whosthere.learning.settings import LearningSettings
from whosthere.messaging.settings import ConsoleSettings, MessengerSettings
from whosthere.monitoring.settings import HeartbeatSettings, LogSettings
from whosthere.presence.settings import PresenceSettings
from whosthere.recording.settings import RecordingSettings
from whosthere.storage.archive.settings import ArchiveSettings
from whosthere.storage.settings import StorageSettings
from whosthere.vision.masks import Areas
from whosthere.vision.settings import MotionSettings
from whosthere.web.settings import WebSettings

DEFAULT_FILE = Path("whosthere.toml")
CAMERA_NAME = r"^[a-z0-9_-]+$"
I2C_PINS = 2, 3  # of bus 1, by the schematics of all Raspberry Pis
DeviceName: TypeAlias = Annotated[str, Field(pattern=DEVICE_NAME)]


class Section(BaseModel):
    """A table of the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HouseSettings(Section):
    """The house as a whole."""

    name: str = Field("home", description="What people call it.")
    mode: Mode = Field(
        Mode.AWAY, description="Mode at the very first start; later the last one goes on."
    )
    time_zone: str = Field(
        "",
        description="Zone of the times that people read, as 'Europe/Vienna'. Empty: the system's.",
    )
    lost_after_seconds: float = Field(
        10.0,
        ge=2,
        le=3600,
        description="Seconds without a new picture until a camera counts as lost.",
    )

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        if name:
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError(
                    "there is no such time zone; an example is 'Europe/Vienna'"
                ) from None
        return name

    @property
    def zone(self) -> ZoneInfo | None:
        return ZoneInfo(self.time_zone) if self.time_zone else None


class DetectorSettings(Section):
    """The net that tells people from other motion."""

    on: bool = Field(default=True, description="Without it, all motion counts as unclassified.")
    model: Path | None = Field(
        None, description="Another model than the bundled one: an ONNX file. Needs 'sha256'."
    )
    sha256: str | None = Field(
        None, pattern=r"^[0-9a-fA-F]{64}$", description="Checksum of that file, from its publisher."
    )
    labels: Path | None = Field(
        None, description="Text file with the label names of that model, one in each line."
    )
    looks_per_second: float = Field(
        3.0, gt=0, le=30, description="How often a camera with motion is looked at, at most."
    )
    threads: int = Field(1, ge=1, le=16, description="Processor threads for one look.")

    @model_validator(mode="after")
    def _model_with_checksum(self) -> Self:
        if (self.model is None) != (self.sha256 is None):
            raise ValueError("'model' and 'sha256' go together; 'sha256sum FILE' prints the latter")
        return self


class RulesBase(Section):
    """Numbers that alerts turn on. What is not given here is as in [rules], or the default."""

    def applied_to(self, policy: CameraPolicy) -> CameraPolicy:
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return replace(policy, **given)


RULE_TEXTS = {
    "alerts_in": "Modes in which people are told.",
    "zones": "Alert only for what stands or moves in these zones of the camera. None: anywhere.",
    "ignored": "Places where nothing counts, unless the detector is sure of a person there: each is"
    " [left, top, right, bottom] in fractions of the picture. 'whosthere tune' proposes some.",
    "weights": "Of a logistic model that judges several numbers together, one gate more: each is"
    " [name, weight]. 'whosthere tune' finds them. None: it is not asked.",
}


def _unit(unit: str) -> str:
    if unit == "s":
        return " In seconds."
    return f" A {unit}." if unit.startswith("share") else ""


def _rule_fields() -> dict[str, Any]:
    """Make a setting of each number of the policy, so that it is described only once."""
    made: dict[str, Any] = {}
    for field in fields(CameraPolicy):
        about = field.metadata
        assert field.default is not MISSING  # noqa: S101 # every number has a default
        said = f"{about['meaning']}{_unit(about['unit'])}" if about else RULE_TEXTS[field.name]
        limits = {"ge": about["least"], "le": about["most"]} if about else {}
        made[field.name] = (field.type, Field(field.default, description=said, **limits))
    return made


if TYPE_CHECKING:
    Rules = RulesBase
else:
    Rules = create_model("Rules", __base__=RulesBase, __doc__=RulesBase.__doc__, **_rule_fields())


class CameraSection(Section):
    """One camera, with all that is special about it."""

    source: CameraSource
    rules: Rules = Rules()
    motion: MotionSettings = MotionSettings()
    pan_tilt: PanTiltSettings | None = None

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, table: Any) -> Any:  # noqa: ANN401 # whatever people wrote
        """People write the source's settings beside the others, without a table of its own."""
        if not isinstance(table, Mapping) or "source" in table:
            return table
        own = {key: table[key] for key in ("rules", "motion", "pan_tilt") if key in table}
        return {**own, "source": {key: table[key] for key in table if key not in own}}

    @model_validator(mode="after")
    def _drawable(self) -> Self:
        """Where a camera that turns may look, there are masks and zones too."""
        presets = self.pan_tilt.presets if self.pan_tilt else {}
        for name, one in presets.items():
            try:
                Areas(one.masks, one.zones)
            except BadSettings as wrong:
                raise ValueError(f"pan_tilt.presets.{name}: {wrong}") from wrong
        return self


class Settings(Section):
    """All of whosthere.toml."""

    house: HouseSettings = HouseSettings()
    health: HealthSettings = HealthSettings()
    storage: StorageSettings = StorageSettings()
    recording: RecordingSettings = RecordingSettings()
    archive: ArchiveSettings = ArchiveSettings()
    detector: DetectorSettings = DetectorSettings()
    rules: Rules = Rules()
    learning: LearningSettings = LearningSettings()
    cameras: dict[Annotated[str, Field(pattern=CAMERA_NAME)], CameraSection] = Field(min_length=1)
    sensors: dict[DeviceName, Sensor] = Field({}, description="Motion sensors.")
    lights: dict[DeviceName, Light] = Field({}, description="Lights.")
    sirens: dict[DeviceName, Siren] = Field({}, description="Sirens.")
    led: LedSettings = LedSettings()
    arming: ArmingSettings = ArmingSettings()
    presence: PresenceSettings = PresenceSettings()
    messengers: tuple[MessengerSettings, ...] = (ConsoleSettings(kind="console"),)
    web: WebSettings = WebSettings()
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    log: LogSettings = LogSettings()

    @model_validator(mode="after")
    def _known_cameras(self) -> Self:
        for name in {*self.arming.entry_seconds, *self.arming.entry_zones} - self.cameras.keys():
            raise ValueError(f"arming: there is no camera '{name}'")
        cameras = set(self.cameras)
        wrong = misplaced(self.lights, self.sensors, cameras) or used_twice(self._pins())
        if wrong is not None:
            raise ValueError(wrong)
        return self

    def _pins(self) -> Iterator[tuple[str, int | None]]:
        for table in ("lights", "sirens", "sensors"):
            for name, one in getattr(self, table).items():
                yield f"{table}.{name}", getattr(one, "pin", None)
        yield "led", self.led.pin
        hats = [one.pan_tilt for one in self.cameras.values() if one.pan_tilt is not None]
        if any(isinstance(one, HatPanTilt) and one.bus == 1 for one in hats):
            yield from (("the I²C bus of the Pan-Tilt HAT", pin) for pin in I2C_PINS)

    def policy(self) -> Policy:
        """Return the numbers that people chose, as version 1."""
        answered = any(messenger.kind == "slack" for messenger in self.messengers)
        usual = CameraPolicy() if answered else replace(CameraPolicy(), escalate_after=0.0)
        default = self.rules.applied_to(usual)
        cameras = {name: camera.rules.applied_to(default) for name, camera in self.cameras.items()}
        arming = self.arming.rules(self.presence, self.house.zone)
        devices = DeviceRules(
            sensors={name: one.rule() for name, one in self.sensors.items()},
            lights={name: one.rule() for name, one in self.lights.items()},
            sirens={name: one.rule() for name, one in self.sirens.items()},
        )
        return Policy(default=default, cameras=cameras, arming=arming, devices=devices)


def find(asked: Path | None) -> Path:
    """Where the settings are: as asked, or named by WHOSTHERE_SETTINGS, or in this folder."""
    return asked or Path(os.environ.get("WHOSTHERE_SETTINGS") or DEFAULT_FILE)


def load(path: Path) -> Settings:
    """Read the settings, or say what is wrong with them, all of it at once."""
    return parse(_read(path), str(path))


def parse(text: str, name: str) -> Settings:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{name} is not valid TOML: {error}.") from None
    wrong = contradictions(table)
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        raise _unusable(name, [*sentences(error, Settings), *wrong]) from None
    if wrong:
        raise _unusable(name, wrong)
    return settings


def _unusable(name: str, wrong: list[str]) -> BadSettings:
    lines = "\n".join(f"  {line}" for line in dict.fromkeys(wrong))
    return BadSettings(f"{name} cannot be used:\n{lines}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadSettings(
            f"{path}: there is no such file. Make one with 'whosthere settings > {DEFAULT_FILE}'"
            " and put your cameras into it, or name yours with --settings FILE."
        ) from None
    except UnicodeDecodeError:
        raise BadSettings(f"{path} is not a text file in UTF-8.") from None
    except OSError as error:
        raise BadSettings(f"{path} cannot be read: {error.strerror}.") from None
