"""Lights, sirens, motion sensors and the diode: what each does, whatever its kind."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from whosthere.core.devices import How, LightRule, SensorRule, SirenRule, When
from whosthere.devices.switch_settings import (
    PIN,
    TOPIC,
    Broker,
    ByGpio,
    ByHttp,
    ByMqtt,
    Pin,
    Simulated,
)
from whosthere.devices.tables import Table, TimeOfDay


class LightFields(Table):
    """When motion turns it on."""

    cameras: frozenset[str] = Field(
        frozenset(), description="Whose motion turns it on, and that of their sensors."
    )
    seen_by: frozenset[str] = Field(
        frozenset(),
        description="Other cameras in whose pictures its light is. While it settles, only people"
        " that are recognised count there.",
    )
    by_motion: When = Field(
        When.NEVER,
        description="dark: while the picture is dark. times: between 'begins' and 'ends'. A"
        " camera with infrared light sees no dark; use times.",
    )
    dark_below: float = Field(
        50.0, ge=0, le=255, description="Mean brightness of a dark picture, white being 255."
    )
    begins: TimeOfDay | None = Field(None, description="Local time.", examples=["21:00"])
    ends: TimeOfDay | None = Field(None, description="Local time.", examples=["06:30"])
    seconds: float = Field(
        120.0, ge=5, le=14400, description="How long it stays on after the last motion."
    )
    settle_seconds: float = Field(
        3.0,
        ge=0,
        le=30,
        description="Seconds until its light, and the camera's exposure, is steady.",
    )
    word_seconds: float = Field(
        3600.0,
        ge=0,
        le=86400,
        description="For how long motion leaves it off once a person turned it off.",
    )

    @model_validator(mode="after")
    def _times(self) -> Self:
        timed = self.by_motion in {When.TIMES, When.DARK_OR_TIMES}
        if timed and (self.begins is None or self.ends is None):
            raise ValueError(f"by_motion = '{self.by_motion}' needs 'begins' and 'ends'")
        if self.by_motion is not When.NEVER and not self.cameras:
            raise ValueError("say in 'cameras' whose motion turns it on")
        return self

    def rule(self) -> LightRule:
        return LightRule(
            self.cameras,
            self.seen_by,
            self.by_motion,
            self.dark_below,
            self.begins,
            self.ends,
            self.seconds,
            self.settle_seconds,
            self.word_seconds,
        )


class SirenFields(Table):
    """When it sounds, and for how long at most."""

    after_seconds: float = Field(
        0.0,
        ge=0,
        le=3600,
        description="It sounds when nobody has answered an alert of mode away for so long. 0: never"
        " by itself.",
    )
    longest_seconds: float = Field(
        180.0, ge=1, le=900, description="After this it ends, whatever happens. Mind the law."
    )
    most_times: int = Field(
        3, ge=1, le=20, description="How often it sounds by itself until the mode changes."
    )
    unclassified: bool = Field(
        default=False, description="Also for motion that no detector could judge."
    )

    def rule(self) -> SirenRule:
        return SirenRule(
            self.after_seconds, self.longest_seconds, self.most_times, self.unclassified
        )


class GpioLight(LightFields, ByGpio):
    """A lamp by a relay at a pin. Needs the extra `pi`."""


class HttpLight(LightFields, ByHttp):
    """A lamp at a switch in the network: Shelly, Tasmota, or another by description."""


class MqttLight(LightFields, ByMqtt):
    """A lamp that an MQTT broker leads to. Needs the extra `mqtt`."""


class SimulatedLight(LightFields, Simulated):
    """A lamp that is not there: the log says what it would do."""


class GpioSiren(SirenFields, ByGpio):
    """A siren by a relay at a pin. Needs the extra `pi`."""

    pin: Pin = Field(description=PIN, examples=[26])


class HttpSiren(SirenFields, ByHttp):
    """A siren at a switch in the network, which ends by itself even without this program."""


class MqttSiren(SirenFields, ByMqtt):
    """A siren that an MQTT broker leads to. Needs the extra `mqtt`."""


class SimulatedSiren(SirenFields, Simulated):
    """A siren that is not there: the log says what it would do."""


Light = Annotated[GpioLight | HttpLight | MqttLight | SimulatedLight, Field(discriminator="kind")]
Siren = Annotated[GpioSiren | HttpSiren | MqttSiren | SimulatedSiren, Field(discriminator="kind")]


class LedSettings(Table):
    """A light-emitting diode at a pin that shows the mode. Needs the extra `pi`.

    Dark: off. Steady: armed. Slow blinking: arming, or disarm now. Fast blinking: alarm. A short
    flash every two seconds: something needs care.
    """

    pin: Pin | None = Field(
        None, description="Number of the GPIO. None: there is no diode.", examples=[22]
    )
    active_low: bool = Field(default=False, description="It shines while the pin is low.")


class SensorFields(Table):
    """What its word is worth."""

    camera: str = Field(description="The camera that sees the same place.", examples=["front"])
    how: How = Field(
        How.EITHER,
        description="both: people are told only if camera and sensor see something. either: the"
        " sensor is enough alone, even if the camera is blind or lost. wakes: an economical camera"
        " looks more closely, and decides alone.",
    )
    within_seconds: float = Field(
        10.0, ge=0.5, le=300, description="With 'both': for how long what it saw counts."
    )
    stuck_seconds: float = Field(
        900.0, ge=30, le=86400, description="Active for longer, it is told and not believed."
    )
    dead_days: float = Field(
        7.0, gt=0, le=365, description="Silent for longer, while its camera saw people, it is told."
    )
    dead_persons: int = Field(3, ge=1, le=1000, description="How many people at least.")
    zones: frozenset[str] = Field(
        frozenset(), description="Zones of the camera that it sees too. None: all of the picture."
    )

    def rule(self) -> SensorRule:
        return SensorRule(
            self.camera,
            self.how,
            self.within_seconds,
            getattr(self, "warm_up_seconds", 0.0),
            self.stuck_seconds,
            self.dead_days,
            self.dead_persons,
            self.zones,
        )


class PirSensor(SensorFields):
    """A passive infrared sensor at a pin. Needs the extra `pi`."""

    kind: Literal["pir"]
    pin: Pin = Field(description=PIN, examples=[17])
    active_low: bool = Field(default=False, description="It pulls the pin low when it sees motion.")
    warm_up_seconds: float = Field(
        60.0, ge=0, le=600, description="After the start, in which it is not believed."
    )


class MqttMotionSensor(SensorFields, Broker):
    """A sensor that an MQTT broker tells of, as of Zigbee2MQTT or ESPHome. Extra `mqtt`."""

    kind: Literal["mqtt"]
    topic: str = Field(pattern=TOPIC, description="Where it tells.", examples=["zigbee2mqtt/hall"])
    json_path: str = Field("", description="Where in its JSON that is, as 'occupancy'.")
    active: frozenset[str] = Field(
        frozenset({"on", "true", "1"}), description="What means motion, in small letters."
    )


class WebhookSensor(SensorFields):
    """A sensor that calls this program: POST /api/sensors/NAME/on, and off. Needs `[web]`."""

    kind: Literal["webhook"]


Sensor = Annotated[PirSensor | MqttMotionSensor | WebhookSensor, Field(discriminator="kind")]


def used_twice(pins: Iterable[tuple[str, int | None]]) -> str | None:
    """Say which pin of the Raspberry Pi two things would have."""
    known: dict[int, str] = {}
    for name, pin in pins:
        if pin is None:
            continue
        if pin in known:
            return f"{name} and {known[pin]} both have GPIO {pin}; each needs one of its own"
        known[pin] = name
    return None


def misplaced(
    lights: Mapping[str, LightFields], sensors: Mapping[str, SensorFields], cameras: set[str]
) -> str | None:
    """Say which camera of a light or sensor there is not."""
    for name, light in lights.items():
        for camera in sorted({*light.cameras, *light.seen_by} - cameras):
            return f"lights.{name}: there is no camera '{camera}'"
    for name, sensor in sensors.items():
        if sensor.camera not in cameras:
            return f"sensors.{name}: there is no camera '{sensor.camera}'"
    return None
