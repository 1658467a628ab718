"""What Slack's errors mean for the person who runs this, and what to do about each."""

import asyncio

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from whosthere.core.errors import DeliveryTrouble

SETUP = "Run 'whosthere slack setup'."
MEANINGS = {
    "invalid_auth": f"it does not know the token. {SETUP}",
    "not_authed": f"no token came along. {SETUP}",
    "token_revoked": f"the token was revoked. Install the app again and run {SETUP[4:]}",
    "token_expired": f"the token has expired; switch token rotation off, then: {SETUP}",
    "account_inactive": f"the app was removed from the workspace. Install it again. {SETUP}",
    "not_allowed_token_type": f"this is a token of another kind. {SETUP}",
    "missing_scope": "the app lacks a scope",
    "channel_not_found": "it does not find the channel. Correct 'channel', or if it is a private"
    " one, invite the app there: /invite @Who's There",
    "not_in_channel": "the app is not in the channel. Invite it there: /invite @Who's There",
    "is_archived": "the channel is archived. Choose another one.",
    "restricted_action": "the workspace does not let the app post there. Ask its admin.",
    "ratelimited": "it wants fewer messages.",
    "user_not_found": "it does not know one of the people in the settings.",
}
NO_DOUBT = (aiohttp.ClientConnectorError,)  # nothing was sent
BAD_TOKEN = {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"}

SlackErrors = (SlackClientError, aiohttp.ClientError, TimeoutError, asyncio.TimeoutError, OSError)


def code_of(error: BaseException) -> str:
    """Slack's word for what is wrong; empty for trouble on the way."""
    if isinstance(error, SlackApiError) and not isinstance(error.response, str):
        status = getattr(error.response, "status_code", 200)
        data = getattr(error.response, "data", None)
        if isinstance(data, dict) and data.get("error"):
            return str(data["error"])
        return f"http_{status}"
    return ""


def sentence(error: BaseException) -> str:
    """Say what is wrong. Never holds a token or an address with a ticket in it."""
    code = code_of(error)
    if code == "missing_scope":
        assert isinstance(error, SlackApiError)  # noqa: S101 - only those have codes
        needed = error.response.get("needed") or "?"
        return (
            f"Slack: the app lacks the scope {needed}. Add it at api.slack.com/apps under"
            " 'OAuth & Permissions', and install the app again."
        )
    if code:
        return f"Slack: {MEANINGS.get(code, f'it answers {code!r}.')}"
    return f"Slack: {_reason(error)}."


def _reason(error: BaseException) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "its name is not found. See whether the network works"
        case aiohttp.ClientConnectorError():
            return "it cannot be reached. See whether the network works"
        case TimeoutError() | aiohttp.ServerTimeoutError():
            return "no answer in time"
        case SlackClientError():
            return "it answers in a way that cannot be understood"
        case _:
            return f"the connection was cut ({type(error).__name__})"


def delivery_trouble(error: BaseException) -> DeliveryTrouble:
    """Word it for the outbox, with the pause that Slack asks for."""
    wait: float | None = None
    if isinstance(error, SlackApiError) and not isinstance(error.response, str):
        headers = {k.lower(): v for k, v in (error.response.headers or {}).items()}
        after = headers.get("retry-after", "")
        wait = float(after) if str(after).isdigit() else None
    return DeliveryTrouble(sentence(error), wait_seconds=wait)


def left_in_doubt(error: BaseException) -> bool:
    """Whether what was asked may have been done nevertheless."""
    if isinstance(error, NO_DOUBT):
        return False
    code = code_of(error)
    return not code or code.startswith("http_5") or code in {"internal_error", "fatal_error"}
