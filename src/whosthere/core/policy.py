"""The numbers that decisions turn on, with their meaning, unit and range.

People write settings; settings and what the tuner proposed and people took make policies. A policy
is versioned, so every decision can name the numbers it was made with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from whosthere.core.arming_rules import ArmingRules
from whosthere.core.devices import DeviceRules
from whosthere.core.likelihood import Weight
from whosthere.core.modes import Mode
from whosthere.core.sighting import Box


def number(default: float, least: float, most: float, unit: str, meaning: str) -> Any:  # noqa: ANN401
    """A field of a policy, described well enough to make its setting and its reference page."""
    about = {"least": least, "most": most, "unit": unit, "meaning": meaning}
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True)
class CameraPolicy:
    """The numbers for one camera."""

    least_area: float = number(
        0.002,
        0.0,
        1.0,
        "share of the watched picture",
        "The largest moving thing must cover this much for a frame to count as occupied.",
    )
    window_seconds: float = number(
        3.0,
        0.5,
        30.0,
        "s",
        "How far back the gates 'occupied' and 'person' look.",
    )
    opening_share: float = number(
        0.5,
        0.0,
        1.0,
        "share of frames",
        "An incident opens when this share of the frames of the last second is occupied.",
    )
    occupied_share: float = number(
        0.6,
        0.0,
        1.0,
        "share of frames",
        "Without a detector's verdict, this share of the window must be occupied for an alert.",
    )
    person_confidence: float = number(
        0.40,
        0.0,
        1.0,
        "confidence",
        "Mean of the two surest looks in the window that a person needs for an alert.",
    )
    unsure_confidence: float = number(
        0.33,
        0.0,
        1.0,
        "confidence",
        "If two looks are at least so sure, motion that lasts is told, as unclassified.",
    )
    quiet_seconds: float = number(
        2.0,
        0.5,
        600.0,
        "s",
        "An incident ends when nothing was seen for this long.",
    )
    cooldown: float = number(
        60.0,
        0.0,
        86400.0,
        "s",
        "A new incident so soon after an alert joins that alert instead of raising its own.",
    )
    escalate_after: float = number(
        120.0,
        0.0,
        86400.0,
        "s",
        "In mode away, people are mentioned when nobody has reacted to an alert for this long, and"
        " written to directly after twice as long. 0: never, as it is without Slack to answer in.",
    )
    least_likelihood: float = number(
        0.5,
        0.0,
        1.0,
        "likelihood",
        "Where `weights` are given: how likely it must be by them that somebody is there.",
    )
    alerts_in: frozenset[Mode] = frozenset({Mode.AWAY, Mode.NIGHT})
    # alert only for what stands or moves in these; none: anywhere
    zones: frozenset[str] = frozenset()
    # what lies in one of these is overlooked, unless the detector is sure of a person there
    ignored: tuple[Box, ...] = ()
    # of a model that judges several numbers together; none: it is not asked
    weights: tuple[Weight, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers for the whole house, per camera."""

    version: int = 1
    default: CameraPolicy = CameraPolicy()
    cameras: Mapping[str, CameraPolicy] = field(default_factory=dict)
    # as the settings say; never tuned, and not versioned
    arming: ArmingRules = field(default_factory=ArmingRules)
    devices: DeviceRules = field(default_factory=DeviceRules)

    def of(self, camera: str) -> CameraPolicy:
        return self.cameras.get(camera, self.default)
