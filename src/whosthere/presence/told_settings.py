"""What may be set about sources that are told where a device is, and so need not look."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from whosthere.presence.source_settings import SourceSettings


class ToldSettings(SourceSettings):
    """A source of one device. What it was told holds until the next word. Kinds add `kind`."""

    recognises: ClassVar[frozenset[str]] = frozenset({"device"})

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

    @property
    def device(self) -> str:
        """Which one."""
        (device,) = self.devices or ("",)
        return device
