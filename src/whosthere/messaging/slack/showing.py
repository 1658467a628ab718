"""Brings messages up to date with their cards, and does not give up when Slack is away.

What a message does not show yet is marked in its card on disk, so a restart goes on with it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from whosthere.messaging.slack import arming_wording
from whosthere.messaging.slack.board import Board
from whosthere.messaging.slack.cards import Card, Said, Visit
from whosthere.messaging.slack.client import AsyncWebClient
from whosthere.messaging.slack.connection import Line
from whosthere.messaging.slack.posting import BAD_BLOCKS, metadata
from whosthere.messaging.slack.troubles import SlackErrors, code_of, left_in_doubt, sentence

log = logging.getLogger(__name__)

Pictured = Callable[[str, str, datetime], None]  # camera, Slack's name of the file, when

NOT_READY = (0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0)  # pauses until a picture can be shown
NO_PICTURE = BAD_BLOCKS | {"slack_file_not_found"}
GONE = {"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"}
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds between attempts, doubling
SAME_PRESS = timedelta(seconds=10)


@dataclass(slots=True)
class Showing:
    """Used on the line's loop alone."""

    line: Line
    board: Board
    zone: tzinfo | None
    on_picture: Pictured
    _pictures: set[str] = field(default_factory=set)  # of these alerts they are under way
    _answers: dict[str, dict[str, tuple[datetime, Said]]] = field(default_factory=dict)

    async def go_on(self, cards: list[Card]) -> None:
        """Do what was left undone, in an earlier run or while Slack was away."""
        for card in cards:
            if card.picture and not card.shown:
                self.picture_soon(card.alert_id)
            if card.stale:
                self.soon(card.alert_id)

    async def update(self, client: AsyncWebClient, card: Card) -> None:
        """Show a card as it is. A picture that somebody deleted in Slack is left out."""
        try:
            await self._write(client, card)
        except SlackErrors as error:
            if not card.shown or code_of(error) not in NO_PICTURE:
                raise
            log.info("slack: the picture of an alert is gone; its message is shown without")
            await self._write(client, replace(card, picture="", shown=False))

    async def _write(self, client: AsyncWebClient, card: Card) -> None:
        try:
            await client.chat_update(
                channel=card.channel,
                ts=card.ts,
                text=arming_wording.message_text(card, self.zone),
                blocks=arming_wording.message_blocks(card, self.zone),
                metadata=metadata(card.key),
            )
        except SlackErrors as error:
            if code_of(error) not in GONE:
                raise
            log.info("slack: the message of an alert is gone (%s)", code_of(error))
        await self.board.keep(card)

    # --- later, by itself

    def soon(self, alert_id: str) -> None:
        """Bring a message up to date as soon as Slack lets us; its card is marked as stale."""
        self.line.aside(self._freshen(alert_id), "bring an alert up to date")

    def picture_soon(self, alert_id: str) -> None:
        """Show the picture in the message too, once Slack has processed it."""
        if alert_id not in self._pictures:
            self._pictures.add(alert_id)
            self.line.aside(self._show(alert_id), "show a picture")

    async def _freshen(self, alert_id: str) -> None:
        pause = FIRST_PAUSE
        while True:
            async with self.board.changing(alert_id):
                card = await self.board.of_alert(alert_id)
                if card is None or not card.stale:
                    return
                try:
                    await self._catch_up(card)
                except SlackErrors as error:
                    if pause == FIRST_PAUSE:
                        log.info("slack: a message is stale for a while: %s", sentence(error))
                else:
                    return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _catch_up(self, card: Card) -> None:
        files = card.files if self.leaves_slack(card) else ()
        if files:  # first out of the message, so that it holds no picture that is gone
            self.on_picture(card.camera, "", card.at)
            card = replace(card, picture="", shown=False)
        await self.update(self.line.patient, card)
        for file_id in files:
            await self._delete(file_id)
        known = await self.board.of_alert(card.alert_id) or card
        left = tuple(one for one in known.files if one not in files)
        await self.board.keep(replace(known, files=left, stale=False))

    def leaves_slack(self, card: Card) -> bool:
        """Whether its pictures and clips belong into Slack no more."""
        return self.line.settings.delete_pictures_after_tag and card.said is not None

    async def _delete(self, file_id: str) -> None:
        try:
            await self.line.patient.files_delete(file=file_id)
        except SlackErrors as error:
            if left_in_doubt(error):
                raise
            if code_of(error) not in {"file_not_found", "file_deleted"}:
                log.warning("slack: a picture could not be deleted: %s", sentence(error))

    async def _show(self, alert_id: str) -> None:
        try:
            for pause in (*NOT_READY, 0.0):
                async with self.board.changing(alert_id):
                    if await self._is_shown(alert_id):
                        return
                await asyncio.sleep(pause)
            log.info("slack: a picture cannot be shown in its message; it stays in the thread")
        finally:
            self._pictures.discard(alert_id)

    async def _is_shown(self, alert_id: str) -> bool:
        """Try to show a picture. Raises what another attempt would not put right."""
        card = await self.board.of_alert(alert_id)
        if card is None or not card.picture or card.shown:
            return True
        try:
            await self._write(self.line.patient, replace(card, shown=True))
        except SlackErrors as error:
            if code_of(error) not in NO_PICTURE and not left_in_doubt(error):
                raise
            return False
        self.on_picture(card.camera, card.picture, card.at)
        return True

    # --- what people answered

    async def answered(self, alert_id: str, answers: Mapping[str, tuple[datetime, Said]]) -> None:
        """Show who said what of which visits, each with when it began."""
        self._answers.setdefault(alert_id, {}).update(answers)
        async with self.board.changing(alert_id):
            card = await self.board.of_alert(alert_id)
            asked = self._answers.pop(alert_id, {})  # of others too, who waited meanwhile
            if card is None:
                return
            visits = dict(card.visits)
            for name, (began, said) in asked.items():
                known = visits.get(name, Visit(began))
                if not _is_known(said, known.said):
                    visits[name] = known._replace(said=said)
            if visits != card.visits:
                await self.board.keep(replace(card, visits=visits, stale=True))
                self.soon(alert_id)

    async def seen(self, alert_id: str, said: Said) -> None:
        """Show who looks after it."""
        async with self.board.changing(alert_id):
            card = await self.board.of_alert(alert_id)
            if card is not None and card.seen is None:
                await self.board.keep(replace(card, seen=said, stale=True))
                self.soon(alert_id)

    async def answered_all(self, alert_id: str, said: Said) -> None:
        """Show an answer that is about all visits of an alert."""
        card = await self.board.of_alert(alert_id)
        if card is not None:
            every = {name: (visit.began, said) for name, visit in card.visits.items()}
            await self.answered(alert_id, every)


def _is_known(said: Said, before: Said | None) -> bool:
    """Whether this is the same press, which the house tells of too, or an earlier one."""
    if before is None:
        return False
    if (said.answer, said.by) == (before.answer, before.by):
        return abs(said.at - before.at) < SAME_PRESS
    return said.at < before.at
