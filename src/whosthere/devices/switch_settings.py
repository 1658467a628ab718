"""How lights, sirens and the like are switched: a class for each kind."""

from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from whosthere.devices.tables import Table

Pin: TypeAlias = Annotated[int, Field(ge=0, le=27)]
PIN = "Number of the GPIO, not of the pin on the board."
PASSWORD = "{password}"  # noqa: S105 - stands for it in calls
NAME = r"^[a-z][a-z0-9_-]*$"
TOPIC = r"^[^#+\x00]+$"


class CallSettings(Table):
    """A call by HTTP."""

    path: str = Field(
        pattern=r"^/\S*$", description="Path and query.", examples=["/light/0?turn=on"]
    )
    method: Literal["GET", "POST", "PUT"] = Field("GET", description="How it is called.")
    body: str | None = Field(None, description="What is sent.", examples=['{"on": true}'])
    headers: dict[str, str] = Field(
        {},
        description="Further headers. {password} in them, or in the body, becomes the device's"
        " password, which may be a token.",
        examples=[{"Authorization": "Bearer {password}"}],
    )

    @model_validator(mode="after")
    def _without_secret(self) -> Self:
        for name, value in self.headers.items():
            if name.lower() == "authorization" and PASSWORD not in value:
                raise ValueError(
                    "a token does not belong here, where others may read it; write"
                    ' Authorization = "Bearer {password}", and put the token into the environment'
                    " as WHOSTHERE_<NAME>_PASSWORD, or into a password_file"
                )
        return self

    @property
    def wants_password(self) -> bool:
        return any(PASSWORD in text for text in (self.body or "", *self.headers.values()))


class ByGpio(Table):
    """A relay at a pin of the Raspberry Pi. Needs the extra `pi`."""

    kind: Literal["gpio"]
    pin: Pin = Field(description=PIN, examples=[27])
    active_low: bool = Field(
        default=False, description="The relay is on while the pin is low, as many boards have it."
    )


class ByHttp(Table):
    """A switch in the network. A password is read from WHOSTHERE_<NAME>_PASSWORD or a file."""

    kind: Literal["http"]
    url: str = Field(
        pattern=r"^https?://[^\s@/]+(/\S*)?$",
        description="Where it is, without user and password.",
        examples=["http://192.168.1.40"],
    )
    device: Literal["shelly1", "shelly2", "tasmota", "own"] = Field(
        description="shelly1: Shelly's first generation. shelly2: all later ones. tasmota: anything"
        " with Tasmota. own: as 'on', 'off' and 'state' say.",
        examples=["shelly2"],
    )
    relay: int = Field(0, ge=0, le=15, description="Which relay of it, the first being 0.")
    user: str | None = Field(None, description="Whom to log in as. None: 'admin'.")
    password_file: Path | None = Field(None, description="File with the password, nothing else.")
    timeout_seconds: float = Field(3.0, gt=0, le=30, description="Longest wait for an answer.")
    verify_tls: bool = Field(default=True, description="Check the certificate, with https.")
    on: CallSettings | None = Field(
        None,
        description="Of 'own': the call that turns it on: path, and if need be method, body and"
        " headers; {password} in the latter two stands for the device's password or token.",
        examples=[{"path": "/on"}],
    )
    off: CallSettings | None = Field(
        None, description="Of 'own': the call that turns it off.", examples=[{"path": "/off"}]
    )
    on_for: CallSettings | None = Field(
        None,
        description="Of 'own': turns it on for a time, {seconds} in its path or body. So it goes"
        " off even if this program does not.",
        examples=[{"path": "/on?for={seconds}"}],
    )
    state: CallSettings | None = Field(
        None, description="Of 'own': asks whether it is on.", examples=[{"path": "/state"}]
    )
    state_path: str = Field(
        "", description="Of 'own': where in the answer's JSON that is, as 'light.on'."
    )
    state_on: frozenset[str] = Field(
        frozenset({"on", "true", "1"}), description="Of 'own': what means on, in small letters."
    )

    @model_validator(mode="after")
    def _described(self) -> Self:
        calls = (self.on, self.off, self.on_for, self.state)
        if self.device == "own" and (self.on is None or self.off is None):
            raise ValueError("device = 'own' needs 'on' and 'off', as on = { path = \"/on\" }")
        if self.device != "own" and any(calls):
            raise ValueError("'on', 'off', 'on_for' and 'state' are for device = 'own'")
        return self


class Broker(Table):
    """An MQTT broker. A password is read from WHOSTHERE_<NAME>_PASSWORD or a file."""

    host: str = Field(
        pattern=r"^[^\s/@]+$", description="Where the broker is.", examples=["192.168.1.5"]
    )
    port: int | None = Field(
        None, ge=1, le=65535, description="None: 1883, or 8883 with TLS.", examples=[1883]
    )
    user: str | None = Field(None, description="Whom to log in as.", examples=["whosthere"])
    password_file: Path | None = Field(None, description="File with the password, nothing else.")
    tls: bool = Field(default=False, description="Speak TLS.")
    ca_file: Path | None = Field(
        None, description="Certificate of who vouches for the broker's. None: as the system knows."
    )
    availability_topic: str | None = Field(
        None,
        pattern=TOPIC,
        description="Where the device says that it is there.",
        examples=["zigbee2mqtt/porch/availability"],
    )
    unavailable: frozenset[str] = Field(
        frozenset({"offline", "false", "0"}), description="What there says that it is not."
    )


class ByMqtt(Broker):
    """A switch that an MQTT broker leads to. Needs the extra `mqtt`."""

    kind: Literal["mqtt"]
    command_topic: str = Field(
        pattern=TOPIC, description="Where it is told.", examples=["zigbee2mqtt/porch/set"]
    )
    payload_on: str = Field("ON", description="What turns it on.")
    payload_off: str = Field("OFF", description="What turns it off.")
    payload_on_for: str | None = Field(
        None,
        description="What turns it on for a time, with {seconds} in it: so it goes off even if"
        " this program does not.",
        examples=['{"state": "ON", "on_time": {seconds}}'],
    )
    state_topic: str | None = Field(
        None, pattern=TOPIC, description="Where it tells how it is.", examples=["zigbee2mqtt/porch"]
    )
    state_path: str = Field("", description="Where in its JSON that is, as 'state'.")
    state_on: frozenset[str] = Field(
        frozenset({"on", "true", "1"}), description="What means on, in small letters."
    )


class Simulated(Table):
    """None at all: the log says what it would do."""

    kind: Literal["simulated"]
