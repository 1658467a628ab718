"""The one place that says who may ask, and from where. Slack proves who it is; we decide."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from whosthere.core.requests import Asker, Role
from whosthere.messaging.slack.client import Identity
from whosthere.messaging.slack.settings import SlackSettings

log = logging.getLogger(__name__)

Body: TypeAlias = Mapping[str, Any]

ORIGIN = "slack"
LOGGED_EVERY = 60.0  # seconds, for the same person


@dataclass(slots=True)
class Access:
    """Knows the people of the settings by their ids in our workspace."""

    settings: SlackSettings
    _logged: dict[str, float] = field(default_factory=dict)

    def refusal(self, identity: Identity, user: str | None, body: Body) -> str | None:
        """Say why somebody is not heard; None: may come in. What each may do, the role says."""
        strange = teams_in(body) - {identity.team_id}
        if strange:
            self._log(user, f"of another workspace, {', '.join(sorted(strange))},")
            return "Only people of this workspace may ask me."
        if not user:
            return "I cannot see who asks."
        if self.settings.role_of(user) is Role.NOBODY:
            self._log(user, "who is not in the settings")
            return (
                f"Sorry, I do not know you. Your member ID is `{user}`: the owner of this house"
                " can add it to `admins`, `taggers` or `viewers` in the settings."
            )
        return None

    def asker(self, user: str, name: str) -> Asker:
        return Asker(id=user, name=name, role=self.settings.role_of(user), origin=ORIGIN)

    def _log(self, user: str | None, who: str) -> None:
        now, known = time.monotonic(), user or "?"
        if now - self._logged.get(known, float("-inf")) >= LOGGED_EVERY:
            self._logged[known] = now
            log.warning("slack: refused %s %s", known, who.rstrip(","))


def teams_in(body: Body) -> set[str]:
    """All workspaces that a request names: its own, and that of the person."""
    event = _table(body, "event")
    named = (
        body.get("team_id"),
        _table(body, "team").get("id"),
        _table(body, "user").get("team_id"),
        event.get("user_team"),
        event.get("source_team"),
    )
    return {str(one) for one in named if one}


def _table(body: Body, name: str) -> Body:
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}
