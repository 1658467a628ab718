"""What all kinds of presence sources have in common in the settings."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

NAME = r"^[a-z0-9_-]+$"
COMMON = frozenset({"kind", "every_seconds", "leave_seconds", "devices"})  # not for the adapter


class Section(BaseModel):
    """A table of the settings that shows no value in its mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SourceSettings(Section):
    """A presence source. Kinds add `kind`, and defaults of `name` and the two times."""

    recognises: ClassVar[frozenset[str]] = frozenset({"mac", "host", "address"})

    name: str = Field(
        "source", pattern=NAME, description="What it is called in messages. Each has its own name."
    )
    every_seconds: float = Field(
        15.0, ge=1, le=3600, description="Seconds between two looks. Who comes is seen so soon."
    )
    leave_seconds: float = Field(
        300.0,
        ge=10,
        le=86400,
        description="Seconds without being seen until a device counts as gone. Longer is safer"
        " with phones that sleep; the house arms that much later.",
    )
    devices: frozenset[str] | None = Field(
        None,
        description="Names of the devices that it can see. None: all that it could recognise.",
        examples=[["ann-phone"]],
    )

    @property
    def tells_who_is_home(self) -> bool:
        """Whether being seen or not is evidence; otherwise it only helps others to recognise."""
        return True

    def arguments(self) -> dict[str, Any]:
        """What the adapter is made with, by name. Kinds with a secret add it."""
        names = [name for name in type(self).model_fields if name not in COMMON]
        return {name: getattr(self, name) for name in names}
