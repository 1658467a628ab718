"""What may be set about questions to people, whose answers teach."""

from pydantic import BaseModel, ConfigDict, Field


class LearningSettings(BaseModel):
    """Questions about pictures, so that there is something to learn from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    questions_a_day: int = Field(
        4,
        ge=1,
        le=48,
        description="With `save_images` on: how many pictures people are asked about each day, for"
        " all cameras together, between 9 and 21 h and never during an alert.",
    )
    nightly: bool = Field(
        default=False,
        description="Look every night at 4 h for numbers that would have done better by your tags,"
        " as 'whosthere tune' does. What is found is proposed; nothing changes by itself.",
    )
