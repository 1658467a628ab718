"""Replies that go on, as of a walk test: a message that is rewritten now and then, and its end."""

import asyncio
import logging
from dataclasses import dataclass, replace

from whosthere.core.requests import Reply
from whosthere.messaging.slack.replies import Replies, Spot
from whosthere.messaging.slack.threads import Threads
from whosthere.messaging.slack.troubles import SlackErrors, sentence

log = logging.getLogger(__name__)

PAUSE = 3.0  # seconds between rewritings: Slack takes fifty a minute
MOST_TROUBLES = 10  # in a row, until nobody is told any more


@dataclass(frozen=True, slots=True)
class Following:
    """Follows a reply in the thread below it until its end."""

    replies: Replies
    threads: Threads
    pause: float = PAUSE

    async def follow(self, spot: Spot, first: Reply) -> None:
        """Post the reply, go on below it, and bring the end with its picture there too."""
        top = await self.replies.openly(spot, first.text)
        there = replace(spot, thread=spot.thread or top)
        reply, message, shown, troubles = first, "", "", 0
        while reply.later is not None and troubles < MOST_TROUBLES:
            await asyncio.sleep(self.pause)
            reply = await self.threads.do("slack reply that goes on", reply.later)
            if reply.later is None or reply.text == shown:
                continue
            try:
                if message:
                    await self.replies.rewrite(there, message, reply.text)
                else:
                    message = await self.replies.openly(there, reply.text)
                shown, troubles = reply.text, 0
            except SlackErrors as error:
                troubles += 1
                log.info("slack: a message is stale for a while: %s", sentence(error))
        if reply.later is None:
            await self.replies.rewrite(spot, top, reply.text)  # who looks at the channel sees it
            await self._end(there, message, reply)

    async def _end(self, there: Spot, message: str, reply: Reply) -> None:
        """The last words take the place of those before; their picture comes below."""
        if message:
            await self.replies.rewrite(there, message, reply.text)
            if reply.file is None:
                return
            reply = replace(reply, text=reply.alt)
        await self.replies.reply(there, reply, openly=True)
