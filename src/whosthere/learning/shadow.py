"""Other rules, tried on what happens now: they decide beside the live ones, and nobody is told."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from whosthere.core.decide import decide
from whosthere.core.messages import Message, Tick
from whosthere.core.model import House, Incident
from whosthere.core.policy import Policy
from whosthere.core.sighting import Sighting
from whosthere.learning.explain import TOLD


class Differs(NamedTuple):
    """An incident that the other rules decided otherwise."""

    incident_id: str
    camera: str
    at: datetime
    told: bool  # by the live rules
    shadow: bool


@dataclass(slots=True)
class Seen:
    """What both make of what goes on at one camera, until it is quiet for both."""

    live: Incident | None = None  # the last state of the newest
    shadow: Incident | None = None
    told: bool = False
    shadow_told: bool = False


@dataclass(slots=True)
class Shadow:
    """A second house that hears the same. What it asks for is left undone."""

    policy: Policy
    house: House
    _seen: dict[str, Seen] = field(default_factory=dict)

    def hear(self, message: Message, live: House) -> list[Differs]:
        """Decide as well, and return what is over and was decided otherwise."""
        if isinstance(message, Sighting):
            message = replace(message, frame=None)
        self.house, _ = decide(self.house, message, self.policy)
        if isinstance(message, Sighting):
            return self._compare(message.camera, live, message.at)
        if isinstance(message, Tick):
            return [one for camera in tuple(self._seen)
                    for one in self._compare(camera, live, message.at)]  # fmt: skip
        return []

    def _compare(self, camera: str, live: House, at: datetime) -> list[Differs]:
        now, other = live.camera(camera), self.house.camera(camera)
        if now.incident is None and other.incident is None:
            seen = self._seen.pop(camera, None)
            return _differing(camera, seen, at) if seen else []
        seen = self._seen.setdefault(camera, Seen())
        seen.live = now.incident or seen.live
        seen.shadow = other.incident or seen.shadow
        if now.incident is not None and now.decision is not None:
            seen.told |= now.decision.verdict in TOLD
        if other.incident is not None and other.decision is not None:
            seen.shadow_told |= other.decision.verdict in TOLD
        return []


def _differing(camera: str, seen: Seen, at: datetime) -> list[Differs]:
    incident = seen.live or seen.shadow
    if seen.told is seen.shadow_told or incident is None:
        return []
    return [Differs(incident.id, camera, at, seen.told, seen.shadow_told)]
