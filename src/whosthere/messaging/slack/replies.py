"""How replies reach those who asked: as words, pictures and clips."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slack_sdk.webhook.async_client import AsyncWebhookClient

from whosthere.core.requests import Reply
from whosthere.messaging.slack import wording
from whosthere.messaging.slack.client import AsyncWebClient, quiet
from whosthere.messaging.slack.offers import buttons
from whosthere.messaging.slack.troubles import SlackErrors, sentence

log = logging.getLogger(__name__)

TOO_OLD = "That alert is too old for this button. `help` says what else you can ask."


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody asked."""

    user: str
    channel: str = ""
    thread: str = ""
    response_url: str = ""  # Slack's address for an answer to a command or button, for 30 minutes


@dataclass(frozen=True, slots=True)
class Replies:
    """Sends replies. Files must lie below the data folder."""

    client: AsyncWebClient
    folder: Path

    async def reply(self, spot: Spot, reply: Reply, *, openly: bool) -> None:
        """Answer there: for all to see, or for the asker's eyes only."""
        if reply.file and not reply.refused and spot.channel:
            trouble = await self._file(spot, reply)
            if trouble is None:
                return
            reply = Reply(f"{reply.text}\n{trouble}", offers=reply.offers)
        if openly and not reply.refused:
            await self.openly(spot, reply.text, reply.offers)
        else:
            await self.quietly(spot, reply.text, reply.offers)

    async def openly(self, spot: Spot, text: str, offers: Iterable[str] = ()) -> str:
        """Answer for all to see; return the name of the message."""
        posted = await self.client.chat_postMessage(
            channel=spot.channel,
            thread_ts=spot.thread or None,
            text=wording.reply_text(text),
            blocks=wording.reply_blocks(text, buttons(offers)),
            unfurl_links=False,
        )
        return str(posted["ts"])

    async def rewrite(self, spot: Spot, message: str, text: str) -> None:
        """Put other words into a message of ours."""
        await self.client.chat_update(
            channel=spot.channel,
            ts=message,
            text=wording.reply_text(text),
            blocks=wording.reply_blocks(text),
        )

    async def quietly(self, spot: Spot, text: str, offers: Iterable[str] = ()) -> None:
        """Answer so that nobody else sees it."""
        blocks = wording.reply_blocks(text, buttons(offers))
        await self._quietly(spot, {"text": wording.reply_text(text), "blocks": blocks})

    async def send_elsewhere(self, spot: Spot, channel: str) -> None:
        """Say where to ask instead."""
        text = f"Please ask me in <#{channel}>, or in a direct message to me."
        await self._quietly(spot, {"text": text})

    async def _quietly(self, spot: Spot, message: Mapping[str, Any]) -> None:
        if spot.response_url:
            answer = await AsyncWebhookClient(spot.response_url, logger=quiet).send(
                **message, response_type="ephemeral", replace_original=False
            )
            if answer.status_code == 200:  # noqa: PLR2004 - HTTP's OK
                return
        if spot.channel.startswith("D") or not spot.channel:
            opened = await self.client.conversations_open(users=spot.user)
            await self.client.chat_postMessage(channel=opened["channel"]["id"], **message)
            return
        await self.client.chat_postEphemeral(
            channel=spot.channel, user=spot.user, thread_ts=spot.thread or None, **message
        )

    async def _file(self, spot: Spot, reply: Reply) -> str | None:
        """Upload a picture or clip with its words; say what went wrong."""
        root = self.folder.resolve()
        path = (root / (reply.file or "")).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            log.error("slack: a reply names the file %r, which is not there", reply.file)
            return "Its file is not there any more."
        try:
            await self.client.files_upload_v2(
                content=path.read_bytes(),
                filename=path.name,
                title=reply.alt or path.name,
                alt_txt=reply.alt or path.name,
                channel=spot.channel,
                thread_ts=spot.thread or None,
                initial_comment=wording.reply_text(f"{reply.text}"),
            )
        except SlackErrors as error:
            log.warning("slack: a file could not be sent: %s", sentence(error))
            return f"The file could not be sent. {sentence(error)}"
        return None
