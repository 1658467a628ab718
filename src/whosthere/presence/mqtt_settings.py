"""What may be set about presence by MQTT."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from whosthere.presence.source_secrets import secret
from whosthere.presence.source_settings import NAME
from whosthere.presence.told_settings import ToldSettings

TOPIC = r"^[^#\x00]+?(/#)?$"


class MqttSettings(ToldSettings):
    """A topic of an MQTT broker that tells where one device is, as Home Assistant or OwnTracks do.

    What was told holds until the next word. Needs the extra `mqtt`. `password` is read from the
    environment, WHOSTHERE_<NAME>_PASSWORD, or from a file.
    """

    kind: Literal["mqtt"]
    name: str = Field(
        "mqtt", pattern=NAME, description="What it is called in messages. Each has its own name."
    )
    host: str = Field(
        pattern=r"^[^\s/@:]+$|^\[?[0-9A-Fa-f:.]+\]?$",
        description="Where the broker is.",
        examples=["192.168.1.5"],
    )
    port: int | None = Field(
        None, ge=1, le=65535, description="None: 1883, or 8883 with TLS.", examples=[1883]
    )
    topic: str = Field(
        pattern=TOPIC,
        description="The topic. A + stands for any one level, /# at the end for all below.",
        examples=["homeassistant/person/ann/state"],
    )
    style: Literal["state", "owntracks", "heard"] = Field(
        "state",
        description="state: the message says it. owntracks: locations and transitions of that app."
        " heard: each message means that the device is near, as sensors in rooms send them.",
    )
    json_path: str = Field(
        "",
        description="Where in a JSON message the state is, as 'location.state'. Empty: the whole"
        " message is the state.",
    )
    home: frozenset[str] = Field(
        frozenset({"home"}),
        min_length=1,
        description="What means home; with owntracks, the names of regions. Anything else means"
        " gone, but for 'unknown'.",
    )
    unknown: frozenset[str] = Field(
        frozenset({"", "unknown", "unavailable", "none"}), description="What says nothing."
    )
    availability_topic: str | None = Field(
        None,
        pattern=TOPIC,
        description="Where who sends says that it is there, with its last will.",
        examples=["homeassistant/status"],
    )
    unavailable: frozenset[str] = Field(
        frozenset({"offline", "false", "0"}), description="What there says that it is not."
    )
    user: str | None = Field(None, description="Whom to log in as.", examples=["whosthere"])
    password_file: Path | None = Field(
        None,
        description="File with the password and nothing else. Without it, the environment's"
        " WHOSTHERE_<NAME>_PASSWORD is used, if it is set.",
    )
    tls: bool = Field(default=False, description="Speak TLS.")
    ca_file: Path | None = Field(
        None,
        description="Certificate of who vouches for the broker's, as a PEM file. None: those that"
        " the system knows.",
    )

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        del given["password_file"]
        return {
            **given,
            "port": self.port or (8883 if self.tls else 1883),
            "device": self.device,
            "password": secret(self.name, "password", self.password_file),
        }
