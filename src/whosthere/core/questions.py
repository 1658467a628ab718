"""What people are asked about so that there is something to learn, and why just that."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """Why something was picked to be asked about."""

    NEAR_MISS = "near miss"  # one condition of an alert failed, and by little
    DISAGREEMENT = "disagreement"  # the detector and the motion say different things
    SHADOW = "shadow"  # the policy that is tried in the shadow would have decided otherwise
    MOTION = "motion"  # any other incident of which nobody was told
    QUIET = "quiet"  # a moment at random in which nothing was seen


@dataclass(frozen=True, slots=True)
class Pick:
    """Something that people are asked about, once."""

    incident_id: str
    camera: str
    at: datetime  # when they were asked
    kind: Kind
    chance: float  # that it was picked: a quiet minute among all, an incident among those waiting
    why: str  # in a short phrase, for those who are asked
