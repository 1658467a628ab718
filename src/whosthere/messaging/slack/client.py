"""Slack's official client, set up as we need it, and who we are there."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from whosthere import __version__
from whosthere.core.errors import BadSettings
from whosthere.core.spans import span

try:
    import aiohttp
    import slack_bolt  # noqa: F401 - others use it; here it is found missing, with advice
    from slack_sdk.http_retry.async_handler import AsyncRetryHandler
    from slack_sdk.http_retry.builtin_async_handlers import (
        AsyncRateLimitErrorRetryHandler,
        AsyncServerErrorRetryHandler,
    )
    from slack_sdk.web.async_client import AsyncWebClient
except ImportError as missing:
    raise BadSettings(
        f"Slack needs the extra 'slack', and {missing.name} is not installed."
        " Install it: pip install 'whosthere[slack]'"
    ) from None

__all__ = ["AsyncWebClient", "Identity", "identify", "make_client", "make_session", "quiet"]

WRONG_CLOCK = 60.0  # seconds; Slack itself takes up to 5 minutes
CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 10.0, 30.0, 300.0

# The client's own lines name addresses and repeat themselves; ours say it once, and better.
quiet = logging.getLogger("whosthere.slack.client")
quiet.setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot token makes us."""

    team_id: str
    team: str
    user_id: str
    bot_id: str
    scopes: frozenset[str] = frozenset()
    clock_ahead: float = 0.0  # seconds that Slack's clock is before ours

    @property
    def clock_trouble(self) -> str:
        """Say that this machine's clock is wrong; nothing, if it is not."""
        if abs(self.clock_ahead) < WRONG_CLOCK:
            return ""
        minutes = 60 * round(abs(self.clock_ahead) / 60)
        way = "behind" if self.clock_ahead > 0 else "ahead of"
        return (
            f"This machine's clock is {span(minutes)} {way} Slack's. Set it, for"
            " example: timedatectl set-ntp true. Until then alerts tell a wrong time, and over"
            " http, requests are refused as too old."
        )


def make_session() -> aiohttp.ClientSession:
    """Keep connections open, so that an alert need not wait for a new one."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(
            total=WHOLE_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS
        ),
        trust_env=True,
    )


def make_client(
    token: str,
    api_url: str,
    session: aiohttp.ClientSession,
    *,
    patient: bool = False,
) -> AsyncWebClient:
    """Build a client. A patient one tries again by itself, for what may be asked twice."""
    handlers: Iterable[AsyncRetryHandler] = ()
    if patient:
        handlers = (
            AsyncRateLimitErrorRetryHandler(max_retry_count=2),
            AsyncServerErrorRetryHandler(max_retry_count=2),
        )
    return AsyncWebClient(
        token=token,
        base_url=api_url if api_url.endswith("/") else f"{api_url}/",
        session=session,
        logger=quiet,
        retry_handlers=list(handlers),
        user_agent_suffix=f"whosthere/{__version__}",
    )


async def identify(client: AsyncWebClient, team: str | None = None) -> Identity:
    """Ask Slack who we are; refuse another workspace than the one that was set."""
    answer = await client.auth_test()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    scopes = headers.get("x-oauth-scopes", "")
    found = Identity(
        team_id=answer["team_id"],
        team=answer.get("team") or "",
        user_id=answer["user_id"],
        bot_id=answer.get("bot_id") or "",
        scopes=frozenset(one.strip() for one in scopes.split(",") if one.strip()),
        clock_ahead=_ahead(headers.get("date", "")),
    )
    if team is not None and found.team_id != team:
        raise BadSettings(
            f"Slack: the bot token belongs to workspace {found.team} ({found.team_id}), and the"
            f" settings name {team}. Correct 'team', or run 'whosthere slack setup'."
        )
    return found


def _ahead(date: str) -> float:
    """How far the clock of who answered is before ours; 0 where that cannot be known."""
    try:
        return (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
