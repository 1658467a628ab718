"""Alerts in Slack: one message each, kept up to date, with picture and clip in its thread.

The words go out at once. A picture is put into the thread, where everybody in the channel may see
it, and from there also shown in the message, as soon as Slack has processed it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from whosthere.core.model import Alert, AlertKind, News, Urgency
from whosthere.core.ports import Delivery
from whosthere.messaging.outbox import FILES
from whosthere.messaging.slack import arming_wording, wording
from whosthere.messaging.slack.board import Board
from whosthere.messaging.slack.cards import Card, Told, Visit
from whosthere.messaging.slack.client import AsyncWebClient
from whosthere.messaging.slack.connection import Line
from whosthere.messaging.slack.places import Places
from whosthere.messaging.slack.posting import Place, Poster
from whosthere.messaging.slack.showing import Showing
from whosthere.messaging.slack.troubles import SlackErrors, code_of, sentence
from whosthere.messaging.wording import words

log = logging.getLogger(__name__)

WORDS_SECONDS, FILE_SECONDS = 25.0, 280.0  # that one delivery may take
SETTLE_SECONDS = 0.7  # a first picture is soon replaced by one that shows who it is
BACK_HOURS = 48  # how old a card may be to be taken up again at the start
KINDS = {"": "file", ".jpg": "Picture", ".mp4": "Clip", ".gif": "Preview"}


class SlackAlerts:
    """Tells people in Slack. `send` is for delivery threads, all else for the line's loop."""

    def __init__(  # noqa: PLR0913 - clocks and pace are passed in, so that tests rule them
        self,
        line: Line,
        board: Board,
        places: Places,
        *,
        folder: Path,
        zone: tzinfo | None = None,
        poster: Poster | None = None,
        settle_seconds: float = SETTLE_SECONDS,
        on_picture: Callable[[str, str, datetime], None] = lambda _camera, _file, _at: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._line, self._board, self._places = line, board, places
        self._folder, self._zone = folder, zone
        self.showing = Showing(line, board, zone, on_picture)
        self._poster = poster or Poster()
        self._settle_seconds = settle_seconds
        self._on_picture = on_picture
        self._now = now
        self._started = now()

    def send(self, delivery: Delivery, late_seconds: float) -> None:
        seconds = FILE_SECONDS if delivery.alert.file else WORDS_SECONDS
        self._line.call(lambda client: self._deliver(client, delivery, late_seconds), seconds)

    async def _deliver(self, client: AsyncWebClient, delivery: Delivery, late: float) -> None:
        await self._take_up()
        if delivery.queued < self._started or delivery.attempts:
            self._poster.doubt_from_before(delivery.key)
        alert = delivery.alert
        async with self._board.changing(alert.id):
            card = await self._board.of_alert(alert.id)
            if card is not None:
                card = replace(card, visits=_visits(alert, card.visits, alert.at))
            if card is None or not card.ts:
                card = await self._post(client, delivery, late)
                if alert.news is News.FIRST and alert.kind is not AlertKind.CAMERA_BACK:
                    return
            if alert.news is News.ESCALATED:
                await self._escalate(client, card, delivery)
            elif alert.news not in FILES:
                await self._tell_news(client, card, delivery)
        if alert.news in FILES:  # whose way up may be long: meanwhile, people press buttons
            await self._add_file(client, card, delivery)

    async def _take_up(self) -> None:
        """Take up, once, what an earlier run left unfinished."""
        cards = await self._board.load(self._now() - timedelta(hours=BACK_HOURS))
        for card in cards:
            if card.shown:
                self._on_picture(card.camera, card.picture, card.at)
        await self.showing.go_on(cards)

    def go_on(self) -> None:
        """Slack is there, for the first time or again: do what waits for that."""
        self._line.aside(self._go_on(), "go on")

    async def _go_on(self) -> None:
        await self._take_up()
        await self.showing.go_on(self._board.newest())

    async def _post(self, client: AsyncWebClient, delivery: Delivery, late: float) -> Card:
        """Post the message. If its beginning was never told, this is not yet the news itself."""
        card = self._new_card(delivery, late)
        if delivery.alert.news is not News.FIRST:
            card = replace(card, key=f"{delivery.key}-first")
            if delivery.queued < self._started or delivery.attempts:
                self._poster.doubt_from_before(card.key)
        channel = await self._places.alerts(client)
        leader = self._board.leader(card) if card.about_visit else None
        place = Place(channel, leader.top if leader else "")
        text = arming_wording.message_text(card, self._zone)
        blocks = arming_wording.message_blocks(card, self._zone)
        if card.kind == AlertKind.SIREN and card.due is not None:
            blocks.insert(1, wording.section(self._whom()))
        ts = await self._poster.post(client, card.key, place, text, blocks)
        card = replace(card, channel=channel, ts=ts, thread=place.thread)
        await self._board.keep(card)
        if leader is not None:
            self._line.aside(self._count(leader.alert_id), "count gathered alerts")
        return card

    def _new_card(self, delivery: Delivery, late: float) -> Card:
        alert = delivery.alert
        first = replace(alert, news=News.FIRST)
        told = words(replace(delivery, alert=first), late, self._zone)
        at = delivery.raised or alert.at
        return Card(
            alert_id=alert.id,
            at=at,
            camera=alert.camera,
            kind=alert.kind,
            title=told.title,
            more=_more(alert),
            labels=dict(alert.labels),
            mode=alert.mode,
            late="" if alert.kind is AlertKind.QUIET else told.late,  # it is of then, not of now
            key=delivery.key,
            revision=alert.revision,
            visits=_visits(alert, {}, at),
            due=alert.due,
        )

    async def _count(self, leader_id: str) -> None:
        async with self._board.changing(leader_id):
            card = await self._board.of_alert(leader_id)
            if card is not None:
                await self._board.keep(replace(card, gathered=card.gathered + 1, stale=True))
                self.showing.soon(leader_id)

    async def _tell_news(self, client: AsyncWebClient, card: Card, delivery: Delivery) -> None:
        """Show later news in the message, and where they matter to all, let phones ring for it."""
        alert = delivery.alert
        if alert.revision <= card.revision:
            return
        told = words(delivery, 0.0, self._zone)
        more = _more(alert) if alert.news is News.RECOGNISED else ""
        text = f"{told.title} ({more})" if more else told.title
        if alert.news is News.RECOGNISED or arming_wording.rings(alert):
            place = Place(card.channel, card.top)
            line = arming_wording.ringing(alert, text, self._zone)
            await self._poster.post(client, delivery.key, place, line, broadcast=True)
        if arming_wording.is_of_house(alert):
            await self.showing.update(client, arming_wording.settled(card, alert, told.title))
            return
        await self.showing.update(
            client,
            replace(
                card,
                kind=alert.kind,
                labels=dict(alert.labels) or card.labels,
                news=(*card.news, Told(alert.at, text)),
                revision=alert.revision,
            ),
        )

    async def _add_file(self, client: AsyncWebClient, card: Card, delivery: Delivery) -> None:
        alert = delivery.alert
        if self.showing.leaves_slack(card):
            log.info("slack: %s is not sent any more, since somebody has answered", alert.file)
            return
        if alert.news is News.PICTURE:
            age = (self._now() - delivery.queued).total_seconds()
            await asyncio.sleep(min(max(0.0, self._settle_seconds - age), self._settle_seconds))
        path = self._path(alert.file, with_boxes=alert.kind is not AlertKind.QUIET)
        if path is None:
            log.info("slack: %s is gone before it could be sent", alert.file)
            return
        what = KINDS.get(path.suffix, "File")
        name = f"{alert.camera}-{alert.at:%Y%m%d-%H%M%S}-{delivery.key[:8]}{path.suffix}"
        place = Place(card.channel, card.top)
        alt = f"{what} of {alert.camera}, {alert.at.astimezone(self._zone):%H:%M:%S}"
        file_id = await self._poster.upload(client, delivery.key, place, path, name, alt=alt)
        async with self._board.changing(alert.id):
            await self._join(await self._board.of_alert(alert.id) or card, alert, file_id)

    async def _join(self, card: Card, alert: Alert, file_id: str) -> None:
        """Note an uploaded file in the card, and have it shown."""
        if file_id in card.files:
            return
        is_picture = alert.news is News.PICTURE and not card.picture
        card = replace(
            card,
            files=(*card.files, file_id),
            picture=file_id if is_picture else card.picture,
            labels=dict(alert.labels) or card.labels,
            more=_more(alert) if card.about_visit else card.more,
            revision=max(card.revision, alert.revision),
            visits=_visits(alert, card.visits, alert.at),
            stale=card.stale or not is_picture,
        )
        await self._board.keep(card)
        if card.stale:
            self.showing.soon(alert.id)
        if is_picture:
            self.showing.picture_soon(alert.id)

    def _path(self, name: str | None, *, with_boxes: bool) -> Path | None:
        """Find a file below the data folder; with boxes if that is wanted and there is such."""
        if name is None:
            return None
        root = self._folder.resolve()
        path = (root / name).resolve()
        boxed = path.with_name(f"{path.stem}_boxes{path.suffix}")
        for one in (boxed, path) if with_boxes else (path,):
            if one.is_relative_to(root) and one.is_file():
                return one
        return None

    async def _escalate(self, client: AsyncWebClient, card: Card, delivery: Delivery) -> None:
        alert = delivery.alert
        settings = self._line.settings
        detail = alert.detail or "nobody has answered"
        if card.more and card.more in card.title:  # it need not be said twice
            detail = detail.removeprefix(f"{card.more}; ")
        detail = wording.escaped(detail)
        if alert.urgency is Urgency.DIRECT and settings.direct_to:
            await self._write_to(client, card, delivery, detail, settings.direct_to)
            return
        text = f"{self._whom()} {wording.escaped(card.title)}: {detail}."
        place = Place(card.channel, card.top)
        await self._poster.post(client, delivery.key, place, text, broadcast=True)

    def _whom(self) -> str:
        """Those whose phones ring for what is loud."""
        return " ".join(f"<@{user}>" for user in self._line.settings.mention) or "<!channel>"

    async def _write_to(
        self,
        client: AsyncWebClient,
        card: Card,
        delivery: Delivery,
        detail: str,
        people: Sequence[str],
    ) -> None:
        """Write to each person directly; one who cannot be reached keeps nobody from the others."""
        link = ""
        try:
            found = await client.chat_getPermalink(channel=card.channel, message_ts=card.ts)
            link = f" <{found['permalink']}|Look at it>"
        except SlackErrors as error:
            log.debug("slack: no link to the alert: %s", sentence(error))
        at = wording.moment(card.at, self._zone)
        text = f"{wording.escaped(card.title)}, {at}: {detail}.{link}"
        for user in people:
            key = f"{delivery.key}-{user}"
            if delivery.attempts or delivery.queued < self._started:
                self._poster.doubt_from_before(key)
            try:
                opened = await client.conversations_open(users=user)
            except SlackErrors as error:
                if code_of(error) not in {"user_not_found", "user_disabled", "cannot_dm_bot"}:
                    raise
                log.warning("slack: no direct message to %s: %s", user, sentence(error))
                continue
            await self._poster.post(client, key, Place(opened["channel"]["id"]), text)

    # --- what people did

    async def of_message(self, channel: str, ts: str) -> Card | None:
        return await self._board.at(channel, ts)

    async def of_alert(self, alert_id: str) -> Card | None:
        return await self._board.of_alert(alert_id)


def _visits(alert: Alert, known: Mapping[str, Visit], at: datetime) -> Mapping[str, Visit]:
    """Add those that are new, as beginning now."""
    return {name: known.get(name, Visit(at)) for name in (*known, *alert.incident_ids)}


def _more(alert: Alert) -> str:
    match alert.kind:
        case AlertKind.PERSON:
            return f"{round(100 * alert.confidence)} % sure" if alert.confidence else ""
        case AlertKind.UNCLASSIFIED:
            return f"unclassified: {alert.detail or 'no detector could judge it'}"
        case _:
            return alert.detail
