"""What may be set about devices that tell themselves where they are."""

from typing import Any, Literal

from pydantic import Field

from whosthere.presence.source_settings import NAME
from whosthere.presence.told_settings import ToldSettings


class PushedSettings(ToldSettings):
    """A phone or automation that tells over HTTP when a device comes home and when it leaves.

    Needs [web] with a token; see `POST /api/presence/…` of the API. What was told holds until the
    next word.
    """

    kind: Literal["webhook"]
    name: str = Field(
        "webhook", pattern=NAME, description="What it is called in messages. Each has its own name."
    )

    def arguments(self) -> dict[str, Any]:
        return {"name": self.name, "device": self.device}
