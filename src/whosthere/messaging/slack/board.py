"""The cards of alerts: in memory while they are new, and on disk across restarts."""

import asyncio
import logging
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

from whosthere.core.errors import StoreTrouble
from whosthere.messaging.slack.cards import Card, Notes, as_json, from_json

log = logging.getLogger(__name__)

IN_MEMORY = 300
GATHER_SECONDS, OWN_MESSAGES = 60.0, 3  # at one camera; what comes beyond is gathered


class Board:
    """Finds and keeps cards. Used on the loop of Slack's line alone."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._cards: OrderedDict[str, Card] = OrderedDict()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_loaded = False

    def changing(self, alert_id: str) -> AbstractAsyncContextManager[object]:
        """Let nobody else change this card meanwhile."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # the line was opened anew; old locks belong to the old loop
            self._locks.clear()
            self._loop = loop
        return self._locks[alert_id]

    async def load(self, since: datetime) -> list[Card]:
        """Take up, once, what an earlier run posted. Returns what it finds the first time."""
        async with self.changing(""):
            if self._is_loaded:
                return []
            cards = [from_json(one) for one in await self._read(lambda: self._notes.since(since))]
            self._is_loaded = True
            for card in cards:
                if card.alert_id not in self._cards:
                    self._remember(card)
            return cards

    def newest(self) -> list[Card]:
        """Those in memory."""
        return list(self._cards.values())

    async def of_alert(self, alert_id: str) -> Card | None:
        known = self._cards.get(alert_id)
        if known is not None:
            return known
        return self._found(await self._read(lambda: _some(self._notes.of_alert(alert_id))))

    async def at(self, channel: str, ts: str) -> Card | None:
        """Find the card that a message shows."""
        for card in reversed(self._cards.values()):
            if (card.channel, card.ts) == (channel, ts):
                return card
        return self._found(await self._read(lambda: _some(self._notes.at(channel, ts))))

    async def keep(self, card: Card) -> None:
        self._remember(card)
        try:
            await asyncio.to_thread(
                self._notes.keep, card.alert_id, card.channel, card.ts, card.at, as_json(card)
            )
        except StoreTrouble as trouble:  # told by the store; memory knows it until a restart
            log.debug("slack: the card of %s is not on disk: %s", card.alert_id, trouble)

    def leader(self, card: Card) -> Card | None:
        """Whom to gather a card below, when there is a flood of the same at its camera.

        The first few have messages of their own, and so has the first after a quiet minute.
        """
        earliest = card.at - timedelta(seconds=GATHER_SECONDS)
        own = [
            one
            for one in self._cards.values()
            if one.camera == card.camera
            and one.kind == card.kind
            and not one.thread
            and one.ts
            and one.alert_id != card.alert_id
            and earliest < one.at <= card.at
        ]
        return max(own, key=lambda one: one.at) if len(own) >= OWN_MESSAGES else None

    def _found(self, texts: list[str]) -> Card | None:
        if not texts:
            return None
        card = from_json(texts[0])
        self._remember(card)
        return card

    def _remember(self, card: Card) -> None:
        self._cards[card.alert_id] = card
        self._cards.move_to_end(card.alert_id)
        while len(self._cards) > IN_MEMORY:
            old, _ = self._cards.popitem(last=False)
            lock = self._locks.get(old)
            if lock is not None and not lock.locked():
                del self._locks[old]

    async def _read(self, read: Callable[[], list[str]]) -> list[str]:
        try:
            return await asyncio.to_thread(read)
        except StoreTrouble:  # told by the store
            return []


def _some(text: str | None) -> list[str]:
    return [] if text is None else [text]
