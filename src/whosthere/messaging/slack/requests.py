"""Hears what people ask in Slack: commands, buttons, shortcuts, dialogs and plain words.

Each is acknowledged at once, as Slack wants it within 3 s, and then answered beside. Nothing from
Slack is evaluated or used as a path: buttons carry the name of an alert, which is looked up.
"""

import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from whosthere.core.errors import WhosThereError
from whosthere.core.requests import Answering, Asker, Reply, Request
from whosthere.messaging.slack import grammar, offers, wording
from whosthere.messaging.slack.access import Access
from whosthere.messaging.slack.alerts import SlackAlerts
from whosthere.messaging.slack.cards import Card, Said
from whosthere.messaging.slack.client import quiet
from whosthere.messaging.slack.connection import Line
from whosthere.messaging.slack.following import PAUSE, Following
from whosthere.messaging.slack.home import REQUESTS, Home, refusing_view
from whosthere.messaging.slack.people import People
from whosthere.messaging.slack.places import Places
from whosthere.messaging.slack.replies import TOO_OLD, Replies, Spot
from whosthere.messaging.slack.threads import Threads

log = logging.getLogger(__name__)

SEEN = "seen"  # a request
REMEMBERED = 1000  # of what was heard; a signature holds for 5 minutes

Json = dict[str, Any]


@dataclass(slots=True)
class Requests:
    """Makes Slack's requests into ours, and brings the replies back."""

    line: Line
    access: Access
    places: Places
    alerts: SlackAlerts
    home: Home
    answering: Answering
    threads: Threads
    folder: Path
    signing_secret: str = field(default="", repr=False)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    goes_on_seconds: float = PAUSE  # between the news of a reply that goes on
    zone: tzinfo | None = None  # of the house
    people: People = field(init=False)
    _heard: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.people = People(self.line, self.zone)

    def app(self, line: Line) -> AsyncApp:
        """Build the app of Slack's framework, Bolt, which calls us."""

        async def authorize(**_about: object) -> AuthorizeResult:
            known = await line.identity()
            return AuthorizeResult(
                enterprise_id=None,
                team_id=known.team_id,
                bot_token=line.patient.token,
                bot_id=known.bot_id,
                bot_user_id=known.user_id,
            )

        app = AsyncApp(
            client=line.patient,
            authorize=authorize,
            signing_secret=self.signing_secret,
            logger=quiet,
            name="slack-app",  # Bolt sets the level of the logger of this name
        )
        app.use(self._gate)
        app.error(_tell_bug)
        app.command(re.compile(r"/\w+"))(self._command)
        app.action(re.compile(r"alert_\w+"))(self._alert_button)
        app.action(re.compile(r"home_\w+"))(self._home_button)
        app.action(re.compile(r"offer_\w+"))(self._offer_button)
        app.shortcut("arm_toggle")(self._arm_shortcut)
        app.shortcut("tag_alert")(self._tag_shortcut)
        app.view("arm_toggle")(self._arm_dialog)
        app.view("tag_alert")(self._tag_dialog)
        app.event("app_home_opened")(self._home_opened)
        app.event("app_mention")(self._mention)
        app.event("message")(self._message)
        return app

    # --- who may come in

    async def _gate(
        self,
        req: AsyncBoltRequest,
        context: AsyncBoltContext,
        body: Json,
        ack: AsyncAck,
        next_: Callable[[], Awaitable[BoltResponse]],
    ) -> BoltResponse:
        """Refuse who may not ask. What is returned must be the acknowledgement, or Slack waits."""
        if self._is_repeated(req, body):
            return await ack()
        identity = await self.line.identity()
        refusal = self.access.refusal(identity, context.user_id, body)
        if refusal is None:
            return await next_()
        if "command" in body:
            return await ack(refusal)
        self.line.aside(self._refuse(context.user_id or "", body, refusal), "a refusal")
        return await ack()

    def _is_repeated(self, req: AsyncBoltRequest, body: Json) -> bool:
        """Whether it came before: Slack repeats events, and others may replay what they saw."""
        key = body.get("event_id") or "".join(req.headers.get("x-slack-signature", []))
        if not key:
            return False
        if key in self._heard:
            return True
        self._heard[key] = None
        while len(self._heard) > REMEMBERED:
            self._heard.popitem(last=False)
        return False

    async def _refuse(self, user: str, body: Json, refusal: str) -> None:
        event = body.get("event") or {}
        if event.get("type") == "app_home_opened" and user:
            await self.line.patient.views_publish(user_id=user, view=refusing_view(refusal))
        elif event.get("type") == "message" and event.get("channel_type") != "im":
            return  # people talk with each other
        elif user and (not event or event.get("type") in {"app_mention", "message"}):
            await self._replies.quietly(_spot(body, user), refusal)

    # --- what they may ask for

    async def _command(self, ack: AsyncAck, body: Json) -> None:
        await ack()
        self.line.aside(self._answer_command(body), "a command")

    async def _answer_command(self, body: Json) -> None:
        user = str(body["user_id"])
        text = grammar.of_command(str(body.get("command", "")), str(body.get("text") or ""))
        await self._answer(text, _spot(body, user))

    async def _mention(self, ack: AsyncAck, event: Json) -> None:
        await ack()
        spot = Spot(event["user"], event["channel"], event.get("thread_ts") or event["ts"])
        self.line.aside(
            self._answer(grammar.of_message(event.get("text", "")), spot, talk=True), "a mention"
        )

    async def _message(self, ack: AsyncAck, event: Json) -> None:
        await ack()
        if event.get("subtype") or not event.get("user"):
            return
        self.line.aside(self._hear(event), "a message")

    async def _hear(self, event: Json) -> None:
        """Plain words: to the app itself, or in the thread of an alert."""
        text = str(event.get("text") or "")
        spot = Spot(event["user"], event["channel"], event.get("thread_ts") or "")
        if event.get("channel_type") == "im":
            await self._answer(grammar.of_message(text), spot, talk=True)
            return
        identity = await self.line.identity()
        if not spot.thread or f"<@{identity.user_id}>" in text:  # a mention comes as such
            return
        card = await self.alerts.of_message(spot.channel, spot.thread)
        if card is None:
            return
        reply, asker = await self._ask(grammar.of_message(text), spot.user, card)
        if reply.refused and not reply.offers:  # they talk about it: so somebody has seen it
            _, asker = await self._ask(SEEN, spot.user, card)
            await self._after(SEEN, asker, card)
            return
        await self._carry_out(grammar.of_message(text), spot, reply, asker, card, talk=True)

    async def _answer(self, text: str, spot: Spot, *, talk: bool = False) -> None:
        """Ask the house, and bring the reply to where it was asked."""
        client = self.line.patient
        if not await self.places.may_ask_in(client, spot.channel, spot.user):
            channel = await self.places.alerts(client)
            await self._replies.send_elsewhere(spot, channel)
            return
        card = await self.alerts.of_message(spot.channel, spot.thread) if spot.thread else None
        reply, asker = await self._ask(text, spot.user, card)
        await self._carry_out(text, spot, reply, asker, card, talk=talk)

    async def _carry_out(
        self,
        text: str,
        spot: Spot,
        reply: Reply,
        asker: Asker,
        card: Card | None,
        *,
        talk: bool,
    ) -> None:
        goes_on = reply.later is not None
        openly = talk or goes_on or (grammar.is_change(text) and not reply.refused)
        openly = openly and not reply.offers  # what may follow is for who asked to say
        if (openly or reply.file) and not talk:  # nobody sees a command itself, so say whose it was
            reply = replace(reply, text=f"{asker.name}: {reply.text}")
        if goes_on:
            following = Following(self._replies, self.threads, self.goes_on_seconds)
            self.line.aside(following.follow(spot, reply), "a reply that goes on")
        else:
            await self._replies.reply(spot, reply, openly=openly)
        if not reply.refused:
            await self._after(text, asker, card)

    async def _alert_button(self, ack: AsyncAck, body: Json, action: Json) -> None:
        await ack()
        self.line.aside(self._press(body, action), "a button")

    async def _press(self, body: Json, action: Json) -> None:
        user, meaning = body["user"]["id"], wording.ALERT_BUTTONS.get(action["action_id"])
        spot = _spot(body, user)
        card = await self.alerts.of_alert(str(action.get("value", "")))
        if card is None or meaning is None:
            await self._replies.quietly(spot, TOO_OLD)
            return
        text = meaning.format(camera=card.camera)
        reply, asker = await self._ask(text, user, card)
        if reply.refused:
            await self._replies.quietly(spot, reply.text)
            return
        if grammar.answer_in(text) is None and text != SEEN:  # these show in the message itself
            told = replace(reply, text=f"{asker.name}: {reply.text}")
            there = Spot(user, card.channel, card.top, spot.response_url)
            await self._replies.reply(there, told, openly=True)
        await self._after(text, asker, card)

    async def _offer_button(self, ack: AsyncAck, body: Json, action: Json) -> None:
        """What a reply offered is asked for, as if somebody had said it there."""
        await ack()
        text = offers.REQUESTS.get(str(action["action_id"]))
        if text is not None:
            self.line.aside(self._answer(text, _spot(body, body["user"]["id"])), "an offer")

    async def _home_button(self, ack: AsyncAck, body: Json, action: Json) -> None:
        await ack()
        self.line.aside(self._press_home(body["user"]["id"], action), "a button of App Home")

    async def _press_home(self, user: str, action: Json) -> None:
        text = REQUESTS.get(str(action["action_id"]))
        if text is None:
            await self.home.opened(user)
            return
        reply, asker = await self._ask(text, user, None)
        await self.home.publish(user, reply.text)
        if not reply.refused:
            await self._announce(asker, reply)
            await self.home.refresh()

    async def _announce(self, asker: Asker, reply: Reply) -> None:
        """What somebody changed by a dialog or in App Home, everybody should know."""
        channel = await self.places.alerts(self.line.patient)
        await self._replies.openly(Spot(asker.id, channel), f"{asker.name}: {reply.text}")

    # --- dialogs

    async def _arm_shortcut(self, ack: AsyncAck, body: Json) -> None:
        await ack()
        await self.line.patient.views_open(
            trigger_id=body["trigger_id"], view=wording.mode_dialog()
        )

    async def _arm_dialog(self, ack: AsyncAck, body: Json, view: Json) -> None:
        chosen = view["state"]["values"]
        mode = _chosen(chosen, "mode")
        span = _chosen(chosen, "span").replace("open", "")
        if mode not in wording.MODES or span not in wording.SPANS:
            await ack(response_action="errors", errors={"mode": "Choose one."})
            return
        await ack()
        text = f"{mode} for {span}" if span else mode
        self.line.aside(self._answer_dialog(text, body["user"]["id"], None), "a dialog")

    async def _tag_shortcut(self, ack: AsyncAck, body: Json) -> None:
        await ack()
        message, channel = body["message"], body["channel"]["id"]
        card = await self.alerts.of_message(channel, message["ts"])
        if card is None and message.get("thread_ts"):
            card = await self.alerts.of_message(channel, message["thread_ts"])
        if card is None:
            await self._replies.quietly(_spot(body, body["user"]["id"]), "That is not an alert.")
            return
        await self.line.patient.views_open(
            trigger_id=body["trigger_id"], view=wording.tag_dialog(card)
        )

    async def _tag_dialog(self, ack: AsyncAck, body: Json, view: Json) -> None:
        answer = _chosen(view["state"]["values"], "tag")
        card = await self.alerts.of_alert(str(view.get("private_metadata", "")))
        if answer not in wording.ANSWERS or card is None:
            await ack(response_action="errors", errors={"tag": "Choose one."})
            return
        await ack()
        self.line.aside(self._answer_dialog(f"tag {answer}", body["user"]["id"], card), "a dialog")

    async def _answer_dialog(self, text: str, user: str, card: Card | None) -> None:
        reply, asker = await self._ask(text, user, card)
        if reply.refused:
            await self._replies.quietly(Spot(user), reply.text)
            return
        if card is None:
            await self._announce(asker, reply)
        await self._after(text, asker, card)

    async def _home_opened(self, ack: AsyncAck, event: Json) -> None:
        await ack()
        if event.get("tab", "home") == "home":
            self.line.aside(self.home.opened(event["user"]), "the App Home")

    # --- asking the house

    async def _ask(self, text: str, user: str, card: Card | None) -> tuple[Reply, Asker]:
        now = self.now()
        who = await self.people.about(user, now)
        asker = self.access.asker(user, who.name)
        request = Request(text, asker, now, card.alert_id if card else None)
        try:
            reply = await self.threads.do("slack request", lambda: self.answering.answer(request))
        except WhosThereError as trouble:
            reply = Reply(str(trouble), refused=True)
        reply = replace(reply, text=self.people.with_zone(reply.text, who, now))
        return reply, asker

    async def _after(self, text: str, asker: Asker, card: Card | None) -> None:
        answer = grammar.answer_in(text)
        if answer is not None and card is not None:
            await self.alerts.showing.answered_all(
                card.alert_id, Said(answer, asker.name, self.now())
            )
        if text == SEEN and card is not None:
            await self.alerts.showing.seen(card.alert_id, Said(SEEN, asker.name, self.now()))
        await self.home.refresh()

    @property
    def _replies(self) -> Replies:
        return Replies(self.line.patient, self.folder)


def _spot(body: Json, user: str) -> Spot:
    """Where a request came from, whatever its kind."""
    event = body.get("event") or {}
    message = body.get("message") or body.get("container") or {}
    channel = body.get("channel_id") or event.get("channel")
    if channel is None and isinstance(body.get("channel"), dict):
        channel = body["channel"].get("id")
    return Spot(
        user,
        str(channel or ""),
        str(event.get("thread_ts") or message.get("thread_ts") or ""),
        str(body.get("response_url") or ""),
    )


def _chosen(values: Json, block: str) -> str:
    """Read the one choice of a dialog's block."""
    for element in (values.get(block) or {}).values():
        return str((element.get("selected_option") or {}).get("value") or "")
    return ""


async def _tell_bug(error: Exception) -> None:
    log.error("slack: this should not happen", exc_info=error)
