"""What may be set about the system's own health."""

from pydantic import BaseModel, ConfigDict, Field


class HealthSettings(BaseModel):
    """From where on the machine and the program count as in trouble. People are told once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: float = Field(
        80.0,
        ge=40,
        le=120,
        description="Degrees Celsius from which the machine is too hot. A Raspberry Pi slows down"
        " from 80 to 85. It is well again 5 degrees below.",
    )
    full_in_days: float = Field(
        3.0,
        ge=0,
        le=365,
        description="Tell when the disk would be full in fewer days, as it fills now. 0: only when"
        " it is nearly full.",
    )
    least_free_gigabytes: float = Field(
        0.3, ge=0, description="Free space below which the disk counts as nearly full."
    )
    most_waiting_seconds: float = Field(
        600.0,
        ge=10,
        le=86400,
        description="Seconds that a message to people may wait before that counts as trouble.",
    )
    stuck_seconds: float = Field(
        8.0,
        ge=3,
        le=600,
        description="Seconds without any progress after which a part counts as stuck.",
    )
    clock_jump_seconds: float = Field(
        30.0, ge=1, le=86400, description="A jump of the machine's clock by more than this is told."
    )
    clock_must_be_set: bool = Field(
        default=True,
        description="Tell when the clock follows no time server for an hour, where the machine"
        " says so.",
    )
