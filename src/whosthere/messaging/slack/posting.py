"""Posts once: what may have arrived is looked for before it is posted again.

Slack has no key by which it would drop a repeat (https://docs.slack.dev/reference/methods/
chat.postMessage). So each message carries the key of its delivery as metadata, and after a crash,
a cut connection or an error of Slack's own, the newest messages are read and searched for it.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whosthere.messaging.slack.client import AsyncWebClient
from whosthere.messaging.slack.troubles import SlackErrors, code_of, left_in_doubt
from whosthere.messaging.slack.wording import Block

log = logging.getLogger(__name__)

EVENT = "whosthere_alert"
LOOK_BACK = 200  # messages
REMEMBERED = 1000
BAD_BLOCKS = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes."""

    channel: str
    thread: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What stood at a place when we looked."""

    clock: float
    keys: dict[str, str] = field(default_factory=dict)  # key → name of the message
    files: dict[str, str] = field(default_factory=dict)  # file name → name of the file


class Pace:
    """Lets a few go at once, then one each `seconds` (Slack: about one a second a channel)."""

    def __init__(self, seconds: float = 1.1, burst: int = 5) -> None:
        self._seconds, self._burst = seconds, burst
        self._free_at = float("-inf")

    async def wait(self) -> None:
        now = time.monotonic()
        self._free_at = max(self._free_at, now - self._burst * self._seconds) + self._seconds
        if self._free_at > now:
            await asyncio.sleep(self._free_at - now)


class Poster:
    """Posts messages and files, each once as far as Slack lets us know."""

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._started = time.monotonic()
        self._doubts: dict[str, float] = {}  # key → since when
        self._seen: dict[Place, _Seen] = {}
        self._done: OrderedDict[str, str] = OrderedDict()  # what this run posted: key → its name
        self._blind = False

    def doubt_from_before(self, key: str) -> None:
        """An earlier run of the program may have posted it."""
        self._doubts.setdefault(key, self._started)

    async def post(
        self,
        client: AsyncWebClient,
        key: str,
        place: Place,
        text: str,
        blocks: Sequence[Block] = (),
        *,
        broadcast: bool = False,
    ) -> str:
        """Post a message; return Slack's name for it."""
        if key in self._done:
            return self._done[key]
        if key in self._doubts:
            seen = await self._look(client, place, self._doubts[key])
            if key in seen.keys:
                return self._settled(key, seen.keys[key])
        message: dict[str, Any] = {
            "channel": place.channel,
            "text": text,
            "unfurl_links": False,
            "metadata": metadata(key),
        }
        if blocks:
            message["blocks"] = list(blocks)
        if place.thread:
            message |= {"thread_ts": place.thread, "reply_broadcast": broadcast}
        await self._pace.wait()
        return await self._once(client, key, message)

    async def _once(self, client: AsyncWebClient, key: str, message: dict[str, Any]) -> str:
        self._doubts[key] = time.monotonic()  # until we know
        try:
            answer = await client.chat_postMessage(**message)
        except SlackErrors as error:
            if not left_in_doubt(error):
                self._doubts.pop(key, None)
            if code_of(error) in BAD_BLOCKS and "blocks" in message:
                log.warning("slack: the form of a message is refused; it is sent as plain text")
                plain = {name: part for name, part in message.items() if name != "blocks"}
                return await self._once(client, key, plain)
            raise
        return self._settled(key, str(answer["ts"]))

    def _settled(self, key: str, name: str) -> str:
        self._doubts.pop(key, None)
        self._done[key] = name
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)
        return name

    async def upload(
        self, client: AsyncWebClient, key: str, place: Place, path: Path, name: str, *, alt: str
    ) -> str:
        """Put a file into a thread; return Slack's name for it."""
        if key in self._done:
            return self._done[key]
        if key in self._doubts:
            seen = await self._look(client, place, self._doubts[key])
            if name in seen.files:
                return self._settled(key, seen.files[name])
        content = await asyncio.to_thread(path.read_bytes)
        self._doubts[key] = time.monotonic()
        answer = await client.files_upload_v2(
            content=content,
            filename=name,
            title=alt,
            alt_txt=alt,
            channel=place.channel,
            thread_ts=place.thread or None,
        )
        return self._settled(key, str(answer["files"][0]["id"]))

    async def _look(self, client: AsyncWebClient, place: Place, doubt: float) -> _Seen:
        """Read what stands at a place, unless that was done since the doubt arose."""
        seen = self._seen.get(place)
        if seen is not None and seen.clock > doubt:
            return seen
        clock = time.monotonic()
        try:
            if place.thread:
                answer = await client.conversations_replies(
                    channel=place.channel,
                    ts=place.thread,
                    limit=LOOK_BACK,
                    include_all_metadata=True,
                )
            else:
                answer = await client.conversations_history(
                    channel=place.channel, limit=LOOK_BACK, include_all_metadata=True
                )
        except SlackErrors as error:
            if code_of(error) not in {"missing_scope", "thread_not_found"}:
                raise
            self._say_blind(code_of(error))
            return _Seen(clock)
        seen = _read(clock, answer["messages"])
        self._seen = {place: seen, **dict(list(self._seen.items())[:50])}
        return seen

    def _say_blind(self, code: str) -> None:
        if code == "missing_scope" and not self._blind:
            self._blind = True
            log.warning(
                "slack: without the scopes channels:history and groups:history, an alert may come"
                " twice after a crash or a cut connection"
            )


def metadata(key: str) -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": {"key": key}}


def _read(clock: float, messages: Sequence[dict[str, Any]]) -> _Seen:
    seen = _Seen(clock)
    for message in messages:
        about = message.get("metadata") or {}
        key = (about.get("event_payload") or {}).get("key")
        if about.get("event_type") == EVENT and key:
            seen.keys[str(key)] = str(message["ts"])
        for file in message.get("files") or ():
            seen.files[str(file.get("name"))] = str(file.get("id"))
    return seen
