"""What may be set about clips and pictures of incidents, and how long they are kept."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

SLACK_SECONDS = 15  # of packets beyond the pre-roll, for late decisions and a disk that stalls


class Recorded(StrEnum):
    """Of which incidents clips are kept. Pictures are small and kept of all."""

    INCIDENTS = "incidents"
    ALERTS = "alerts"
    NOTHING = "nothing"


class RecordingSettings(BaseModel):
    """Clips and pictures of incidents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    record: Recorded = Field(
        Recorded.INCIDENTS,
        description="Keep clips of all 'incidents', of those with 'alerts' only, or of 'nothing'."
        " Pictures are always kept.",
    )
    pre_roll_seconds: float = Field(
        5.0,
        ge=0,
        le=60,
        description="Seconds before the first motion that a clip begins with."
        " It begins at a key frame, so add up to one key frame interval of the camera.",
    )
    post_roll_seconds: float = Field(
        5.0, ge=0, le=60, description="Seconds that a clip goes on after the last motion."
    )
    longest_seconds: float = Field(
        120.0,
        ge=10,
        le=3600,
        description="Seconds after which a clip is closed and goes on in a next file,"
        " so that the first can be sent and seen during a long incident.",
    )
    preview: bool = Field(
        default=True, description="Make a short animated picture (GIF, at most 1 MB) of each clip."
    )
    most_memory_megabytes: int = Field(
        32,
        ge=1,
        le=1024,
        description="MB of memory for the newest packets of one camera, from which clips begin."
        " Enough for 20 seconds at 12 Mbit/s.",
    )
    days: float = Field(
        30.0, gt=0, le=3650, description="Days that files of untagged incidents are kept."
    )
    tagged_days: float = Field(
        365.0, gt=0, le=3650, description="Days that files of tagged incidents are kept."
    )
    most_gigabytes: float = Field(
        20.0,
        gt=0,
        le=100_000,
        description="GB that clips and pictures may take together."
        " Beyond that the oldest go: untagged ones without an alert first, tagged ones last.",
    )
    least_free_gigabytes: float = Field(
        1.0,
        ge=0,
        le=10_000,
        description="GB that stay free on the disk. Clips and pictures go in the same order.",
    )

    @property
    def ring_seconds(self) -> float:
        """How much of the past a camera's ring of packets must hold."""
        return self.pre_roll_seconds + SLACK_SECONDS

    @property
    def ring_bytes(self) -> int:
        return self.most_memory_megabytes * 2**20
