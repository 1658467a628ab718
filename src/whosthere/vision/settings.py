"""What may be set about how a camera finds motion."""

from typing import Annotated, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from whosthere.core.errors import BadSettings
from whosthere.vision.masks import Areas
from whosthere.vision.motion import BackgroundMotion

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Polygon: TypeAlias = Annotated[tuple[tuple[Share, Share], ...], Field(min_length=3)]


class MotionSettings(BaseModel):
    """How motion is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    least_contrast: float = Field(
        8.0,
        ge=2,
        le=100,
        description="Grey levels (of 255) by which a place must differ from the background to count"
        " as changed. The measured noise is added. Lower finds more in the dark, and more noise.",
    )
    absorb_seconds: float = Field(
        35.0,
        ge=5,
        le=3600,
        description="What stands still for so long becomes part of the background: a parked car,"
        " a chair that was moved.",
    )
    tamper: bool = Field(
        default=True,
        description="Tell when this camera is covered, turned or out of focus. Turn it off for a"
        " camera without infrared light in a room that gets wholly dark.",
    )
    masks: tuple[Polygon, ...] = Field(
        (),
        description="Polygons that are not watched. Corners are fractions of the picture:"
        " [0, 0] is the upper left, [1, 1] the lower right.",
        examples=[[[[0, 0], [1, 0], [1, 0.1], [0, 0.1]]]],
    )
    zones: dict[str, Polygon] = Field(
        {},
        description="Named polygons.",
        examples=[{"path": [[0.2, 0.5], [0.8, 0.5], [1, 1], [0, 1]]}],
    )

    @model_validator(mode="after")
    def _drawable(self) -> Self:
        try:
            self.areas()
        except BadSettings as wrong:
            raise ValueError(str(wrong)) from wrong
        return self

    def areas(self) -> Areas:
        return Areas(self.masks, self.zones)

    def detector(self, areas: Areas | None = None) -> BackgroundMotion:
        """Build what finds motion for one camera."""
        return BackgroundMotion(
            areas=areas or self.areas(),
            least_contrast=self.least_contrast,
            absorb_seconds=self.absorb_seconds,
        )
