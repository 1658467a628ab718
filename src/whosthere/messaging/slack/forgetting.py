"""Takes the pictures and clips of incidents out of Slack, whether or not the program runs.

First out of the message, then out of Slack: https://docs.slack.dev/reference/methods/files.delete.
The program's own card of the message may still name them; it shows the message without, then.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import tzinfo

from whosthere.core.errors import DeliveryTrouble
from whosthere.messaging.slack import arming_wording
from whosthere.messaging.slack.cards import Card, from_json
from whosthere.messaging.slack.client import AsyncWebClient, make_client, make_session
from whosthere.messaging.slack.posting import metadata
from whosthere.messaging.slack.settings import SlackSettings, Tokens
from whosthere.messaging.slack.showing import GONE as NO_MESSAGE
from whosthere.messaging.slack.troubles import SlackErrors, code_of, sentence

NO_FILE = {"file_not_found", "file_deleted"}


def cards_of(cards: Iterable[str], incidents: Collection[str]) -> list[Card]:
    """Return those that show one of these incidents and have files in Slack."""
    found = [card for card in map(from_json, cards) if card.files]
    return [card for card in found if not card.visits.keys().isdisjoint(incidents)]


def delete_files(
    settings: SlackSettings, tokens: Tokens, cards: Sequence[Card], zone: tzinfo | None
) -> None:
    """Delete the files of alerts. Those that are gone already count. Raises DeliveryTrouble."""
    asyncio.run(_delete(settings, tokens, cards, zone))


async def _delete(
    settings: SlackSettings, tokens: Tokens, cards: Sequence[Card], zone: tzinfo | None
) -> None:
    async with make_session() as session:
        client = make_client(tokens.bot, settings.api_url, session, patient=True)
        try:
            for card in cards:
                await _without_picture(client, card, zone)
                for file in card.files:
                    await _delete_file(client, file)
        except SlackErrors as error:
            raise DeliveryTrouble(sentence(error)) from None


async def _without_picture(client: AsyncWebClient, card: Card, zone: tzinfo | None) -> None:
    bare = replace(card, picture="", shown=False)
    try:
        await client.chat_update(
            channel=card.channel,
            ts=card.ts,
            text=arming_wording.message_text(bare, zone),
            blocks=arming_wording.message_blocks(bare, zone),
            metadata=metadata(card.key),
        )
    except SlackErrors as error:
        if code_of(error) not in NO_MESSAGE:
            raise


async def _delete_file(client: AsyncWebClient, file: str) -> None:
    try:
        await client.files_delete(file=file)
    except SlackErrors as error:
        if code_of(error) not in NO_FILE:
            raise
