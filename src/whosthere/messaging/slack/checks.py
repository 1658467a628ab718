"""Tries what Slack needs of us, step by step, and says what to do where something is wrong."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from whosthere.core.errors import BadSettings, WhosThereError
from whosthere.core.requests import Role
from whosthere.messaging.slack.client import (
    AsyncWebClient,
    Identity,
    identify,
    make_client,
    make_session,
)
from whosthere.messaging.slack.manifest import NAME, SCOPES
from whosthere.messaging.slack.places import Places
from whosthere.messaging.slack.settings import SlackSettings, Tokens
from whosthere.messaging.slack.troubles import SlackErrors, code_of, sentence

Result = TypeVar("Result")

ROLES = {Role.ADMIN: "may do everything", Role.TAGGER: "may look and tag", Role.VIEWER: "may look"}
KINDS = {
    "xoxb-": "a bot token",
    "xapp-": "an app-level token",
    "xoxp-": "a user token",
    "xoxe": "a token that rotates",
    "xoxa-": "an old workspace token",
    "https://hooks.": "the address of a webhook",
}


class Step(NamedTuple):
    """Something to try; `attempt` says how it is, or raises what to do."""

    name: str
    attempt: Callable[[], str]


@dataclass(frozen=True, slots=True)
class SlackCheck:
    """Tries tokens, scopes, channel and people."""

    settings: SlackSettings
    tokens: Tokens

    def steps(self) -> Iterator[Step]:
        yield Step("token forms", self.forms)
        yield Step("bot token", self.bot)
        yield Step("clock", self.clock)
        yield Step("scopes", self.scopes)
        if self.settings.mode == "socket":
            yield Step("app token", self.app)
        yield Step("channel", self.channel)
        yield Step("people", self.people)

    def forms(self) -> str:
        """Look at the tokens before sending them anywhere; swapping them is the usual slip."""
        check_form("bot token", self.tokens.bot, "xoxb-", "OAuth & Permissions")
        if self.settings.mode == "http":
            return "the bot token looks right"
        check_form("app token", self.tokens.app, "xapp-", "Basic Information, App-Level Tokens")
        return "both tokens look right"

    def bot(self) -> str:
        found = self._ask(self._identify)
        return f"workspace {found.team} ({found.team_id})"

    def clock(self) -> str:
        found = self._ask(self._identify)
        if found.clock_trouble:
            raise BadSettings(found.clock_trouble)
        return "as Slack's"

    def scopes(self) -> str:
        found = self._ask(self._identify)
        missing = sorted(SCOPES.keys() - found.scopes)
        if found.scopes and missing:
            lines = "".join(f"\n{scope}: to {SCOPES[scope]}" for scope in missing)
            raise BadSettings(
                f"The app lacks {'a scope' if len(missing) == 1 else f'{len(missing)} scopes'}."
                f" Add {'it' if len(missing) == 1 else 'them'} at api.slack.com/apps, your app,"
                f" 'OAuth & Permissions', and press 'Reinstall to Workspace'.{lines}"
            )
        return f"all {len(SCOPES)}"

    def app(self) -> str:
        self._ask(lambda client: client.apps_connections_open(app_token=self.tokens.app))
        return "opens connections"

    def channel(self) -> str:
        return self._ask(self._channel)

    def channel_id(self) -> str:
        """Return what the channel is called whatever its name will be."""
        return self._ask(Places(self.settings).alerts)

    def people(self) -> str:
        return self._ask(self._people)

    def post(self, text: str) -> None:
        """Post a message into the channel."""

        async def post(client: AsyncWebClient) -> None:
            channel = await Places(self.settings).alerts(client)
            await client.chat_postMessage(channel=channel, text=text)

        self._ask(post)

    def find_people(self, names: list[str]) -> list[str]:
        """Return the ids of people who were given by id or by name."""
        return self._ask(lambda client: _ids(client, names))

    async def _identify(self, client: AsyncWebClient) -> Identity:
        return await identify(client, self.settings.team)

    async def _channel(self, client: AsyncWebClient) -> str:
        name = self.settings.channel
        found = await Places(self.settings).alerts(client)
        about = (await client.conversations_info(channel=found))["channel"]
        if about.get("is_archived"):
            raise BadSettings(f"The channel #{about['name']} is archived. Choose another one.")
        if not about.get("is_member"):
            raise BadSettings(f"The app is not in #{about['name']}. Write there: /invite @{NAME}")
        for other in self.settings.also_in:
            await Places(self.settings).id_of(client, other)
        fixed = "" if name == found else f'; set channel = "{found}", which survives renaming'
        return f"#{about['name']} ({found}){fixed}"

    async def _people(self, client: AsyncWebClient) -> str:
        settings, lines = self.settings, []
        for user in (*settings.admins, *settings.taggers, *settings.viewers):
            try:
                found = (await client.users_info(user=user))["user"]
            except SlackErrors as error:
                if code_of(error) != "user_not_found":
                    raise
                raise BadSettings(
                    f"There is nobody with the member ID {user} in this workspace. Correct it"
                    " (a person's profile in Slack, ⋮, 'Copy member ID')."
                ) from None
            lines.append(f"{_name_of(found)} {ROLES[settings.role_of(user)]}")
        if not settings.admins:
            raise BadSettings(
                "Nobody may command. Put member IDs into 'admins' (a person's profile in Slack, ⋮,"
                " 'Copy member ID')."
            )
        return "; ".join(lines)

    def _ask(self, work: Callable[[AsyncWebClient], Coroutine[Any, Any, Result]]) -> Result:
        async def ask() -> Result:
            async with make_session() as session:
                client = make_client(self.tokens.bot, self.settings.api_url, session, patient=True)
                return await work(client)

        try:
            return asyncio.run(ask())
        except SlackErrors as error:
            raise WhosThereError(sentence(error)) from None


def check_form(name: str, token: str, start: str, where: str) -> None:
    """Refuse a token that cannot be one, without showing it."""
    if token.startswith(start):
        return
    kind = next((about for begins, about in KINDS.items() if token.startswith(begins)), "no token")
    raise BadSettings(
        f"What was given as {name} is {kind}. It must begin with {start}; find it at"
        f" api.slack.com/apps, your app, {where}."
    )


async def _ids(client: AsyncWebClient, names: list[str]) -> list[str]:
    known: dict[str, str] = {}
    cursor = ""
    while True:
        answer = await client.users_list(limit=500, cursor=cursor or None)
        for user in answer["members"]:
            if user.get("deleted") or user.get("is_bot"):
                continue
            profile = user.get("profile") or {}
            every = (user["id"], user.get("name"), user.get("real_name"),
                     profile.get("display_name"), profile.get("email"))  # fmt: skip
            known |= {str(name).casefold(): user["id"] for name in every if name}
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break
    unknown = [name for name in names if _plain(name) not in known]
    if unknown:
        raise BadSettings(f"Slack knows nobody called {', '.join(unknown)}. Give a member ID.")
    return [known[_plain(name)] for name in names]


def _plain(name: str) -> str:
    return name.strip().removeprefix("@").casefold()


def _name_of(user: dict[str, Any]) -> str:
    profile = user.get("profile") or {}
    return str(profile.get("display_name") or user.get("real_name") or user.get("name"))
