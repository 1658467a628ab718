"""Takes the pictures and clips of incidents out of Slack, whether or not the program runs.

Slack's own answer counts: https://docs.slack.dev/reference/methods/files.delete. A message that a
deleted picture stood in is shown without it when it is next brought up to date.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence

from whosthere.core.errors import DeliveryTrouble
from whosthere.messaging.slack.cards import from_json
from whosthere.messaging.slack.client import make_client, make_session
from whosthere.messaging.slack.settings import SlackSettings, Tokens
from whosthere.messaging.slack.troubles import SlackErrors, code_of, sentence

GONE = {"file_not_found", "file_deleted"}


def files_of(cards: Iterable[str], incidents: Collection[str]) -> list[str]:
    """Return Slack's names of all files of alerts that show one of these incidents."""
    shown = [card for card in map(from_json, cards) if not card.visits.keys().isdisjoint(incidents)]
    return list(dict.fromkeys(file for card in shown for file in card.files))


def delete_files(settings: SlackSettings, tokens: Tokens, files: Sequence[str]) -> None:
    """Delete files of ours. Those that are gone already count. Raises DeliveryTrouble."""
    asyncio.run(_delete(settings, tokens, files))


async def _delete(settings: SlackSettings, tokens: Tokens, files: Sequence[str]) -> None:
    async with make_session() as session:
        client = make_client(tokens.bot, settings.api_url, session, patient=True)
        for file in files:
            try:
                await client.files_delete(file=file)
            except SlackErrors as error:
                if code_of(error) not in GONE:
                    raise DeliveryTrouble(sentence(error)) from None
