"""Who asks in Slack: what people call them, and whether their clocks show another time."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from whosthere.messaging.slack.connection import Line
from whosthere.messaging.slack.troubles import SlackErrors

NAME_SECONDS = 1.5
KNOWN_FOR = timedelta(minutes=10)  # people travel, and give themselves other names
TIME_OF_DAY = re.compile(r"\b\d\d:\d\d\b")


@dataclass(frozen=True, slots=True)
class Known:
    """What Slack says of somebody."""

    name: str
    offset: timedelta | None = None  # of their clock, from UTC
    since: datetime | None = None


@dataclass(slots=True)
class People:
    """Asks Slack about people, and remembers it for a while."""

    line: Line
    zone: tzinfo | None = None  # of the house
    _known: dict[str, Known] = field(default_factory=dict)

    async def about(self, user: str, now: datetime) -> Known:
        """Tell what people call somebody; it is their id if Slack does not say in time."""
        known = self._known.get(user)
        if known is not None and known.since is not None and now - known.since < KNOWN_FOR:
            return known
        try:
            found = await asyncio.wait_for(self.line.client.users_info(user=user), NAME_SECONDS)
        except SlackErrors:
            return known or Known(user)
        person = found["user"]
        profile = person.get("profile") or {}
        name = profile.get("display_name") or person.get("real_name") or person.get("name")
        seconds = person.get("tz_offset")
        offset = timedelta(seconds=seconds) if isinstance(seconds, int) else None
        self._known[user] = Known(str(name or user)[:80], offset, now)
        return self._known[user]

    def with_zone(self, text: str, who: Known, now: datetime) -> str:
        """Say whose times these are, to somebody whose clock shows another one."""
        house = now.astimezone(self.zone).utcoffset()
        if house is None or who.offset in (None, house) or not TIME_OF_DAY.search(text):
            return text
        there = f"{now.astimezone(self.zone):%H:%M}"
        return f"{text}\n_Times are those of the house, where it is {there} now._"
