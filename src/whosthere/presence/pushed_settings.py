"""What may be set about devices that tell themselves where they are."""

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from whosthere.presence.source_settings import NAME, SourceSettings


class PushedSettings(SourceSettings):
    """A phone or automation that tells over HTTP when a device comes home and when it leaves.

    Needs [web] with a token; see `POST /api/presence/…` of the API. What was told holds until the
    next word.
    """

    recognises: ClassVar[frozenset[str]] = frozenset({"device"})

    kind: Literal["webhook"]
    name: str = Field(
        "webhook", pattern=NAME, description="What it is called in messages. Each has its own name."
    )
    every_seconds: float = Field(
        10.0,
        ge=1,
        le=600,
        description="Seconds between two reports of what was told. News are reported at once.",
    )
    leave_seconds: float = Field(
        30.0,
        ge=2,
        le=86400,
        description="Seconds after the word that it has left until it counts as gone, since"
        " geofences waver.",
    )
    devices: frozenset[str] | None = Field(
        None, description="The one device that it is about.", examples=[["ann-phone"]]
    )

    @model_validator(mode="after")
    def _one_device(self) -> Self:
        if self.devices is None or len(self.devices) != 1:
            raise ValueError(
                'it is about one device; name it, as devices = ["ann-phone"], and give each other'
                " device a source of its own"
            )
        return self

    def arguments(self) -> dict[str, Any]:
        (device,) = self.devices or ("",)
        return {"name": self.name, "device": device}
