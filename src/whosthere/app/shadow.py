"""Keeps what is tried in the shadow at work, and writes down where it decides otherwise."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime

from whosthere.core.messages import Message
from whosthere.flow import HouseKeeper
from whosthere.learning.shadow import Differs, Shadow
from whosthere.storage.proposals import Difference, Policies, Tried


@dataclass(slots=True)
class ShadowKeeping:
    """`hear` is for the thread of the house, all else for one other thread."""

    policies: Policies
    keeper: HouseKeeper
    _tried: Tried | None = None
    _shadow: Shadow | None = None
    _found: deque[Differs] = field(default_factory=deque)

    def hear(self, message: Message) -> None:
        shadow = self._shadow
        if shadow is not None:
            self._found.extend(shadow.hear(message, self.keeper.house))

    def look(self) -> None:
        """Follow what people want tried, and write down what was found."""
        self.write()
        tried = self.policies.tried()
        if tried == self._tried:
            return
        self._tried = tried
        if tried is None:
            self._shadow = None
        else:
            now = self.keeper.policy
            policy = replace(tried.policy, arming=now.arming, devices=now.devices)
            self._shadow = Shadow(policy, self.keeper.house)

    def write(self) -> None:
        tried = self._tried
        found = [self._found.popleft() for _ in range(len(self._found))]
        if tried is not None and found:
            self.policies.differed(
                [
                    Difference(
                        one.incident_id, tried.name, one.camera, one.at, one.told, one.shadow
                    )
                    for one in found
                ]
            )

    def differs(self, since: datetime) -> frozenset[str]:
        """Incidents of which the shadow would have told people; for those who ask questions."""
        found = self.policies.differences(since)
        return frozenset(one.incident_id for one in found if one.shadow)
