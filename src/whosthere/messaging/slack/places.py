"""The channels of the settings, by the ids that Slack knows them by."""

import re

from whosthere.core.errors import BadSettings
from whosthere.messaging.slack.client import AsyncWebClient
from whosthere.messaging.slack.settings import SlackSettings

CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{2,}")
PAGES = 50


class Places:
    """Where alerts go, and where people may ask. Names are looked up once."""

    def __init__(self, settings: SlackSettings) -> None:
        self._settings = settings
        self._ids: dict[str, str] = {}
        self._direct: dict[str, str] = {}

    async def alerts(self, client: AsyncWebClient) -> str:
        return await self.id_of(client, self._settings.channel)

    async def may_ask_in(self, client: AsyncWebClient, channel: str, user: str) -> bool:
        """Whether requests are heard there: in our channels, and in one's talk with the app."""
        for name in (self._settings.channel, *self._settings.also_in):
            if await self.id_of(client, name) == channel:
                return True
        return channel.startswith("D") and channel == await self.direct(client, user)

    async def direct(self, client: AsyncWebClient, user: str) -> str:
        """One's talk with the app."""
        if user not in self._direct:
            opened = await client.conversations_open(users=user)
            self._direct[user] = opened["channel"]["id"]
        return self._direct[user]

    async def id_of(self, client: AsyncWebClient, name: str) -> str:
        if CHANNEL_ID.fullmatch(name):
            return name
        if name not in self._ids:
            self._ids[name] = await find_channel(client, name)
        return self._ids[name]


async def find_channel(client: AsyncWebClient, name: str) -> str:
    """Find a channel's id by its name."""
    wanted, cursor = name.removeprefix("#"), ""
    for _ in range(PAGES):
        answer = await client.conversations_list(
            types="public_channel,private_channel",
            exclude_archived=True,
            limit=500,
            cursor=cursor or None,
        )
        for channel in answer["channels"]:
            if channel["name"] == wanted:
                return str(channel["id"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break
    raise BadSettings(
        f"Slack: the app sees no channel #{wanted}. Make it, or if it is private, invite the app"
        " there: /invite @Who's There. Or set 'channel' to its id."
    )
