"""The sandbox's web page: the channel, direct messages and App Home, as Slack would show them.

What is typed and pressed there goes to the program as Slack would send it.
"""

import asyncio
import mimetypes
from importlib import resources
from typing import TYPE_CHECKING, Any

from aiohttp import web

from whosthere.app.sandbox.people import BOT_USER, CHANNEL, NAMES

if TYPE_CHECKING:
    from whosthere.app.sandbox.server import FakeSlack

Json = dict[str, Any]


def routes(fake: "FakeSlack") -> list[web.RouteDef]:
    """What a browser may ask for."""

    async def show(_: web.Request) -> web.Response:
        text = resources.files(__package__).joinpath("page.html").read_text(encoding="utf-8")
        return web.Response(text=text, content_type="text/html")

    async def state(request: web.Request) -> web.Response:
        return web.json_response(state_for(fake, request.query.get("user", "")))

    async def file(request: web.Request) -> web.Response:
        found = fake.files.get(request.match_info["id"])
        if found is None or found.deleted:
            raise web.HTTPNotFound
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        return web.Response(body=found.data, content_type=kind)

    async def do(request: web.Request) -> web.Response:
        """Only our own page may do something: a foreign one cannot send this kind of content."""
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        asked: Json = await request.json()
        try:
            answer = await asyncio.to_thread(act, fake, asked)
        except (TimeoutError, LookupError):
            answer = {"text": "Slack: the program did not acknowledge this in time."}
        if answer.get("text"):  # an acknowledgement with words is for the asker's eyes
            fake.ephemeral.append(
                {"user": asked["user"], "channel": _place(fake, asked), "ts": fake.new_ts(),
                 "text": answer["text"]}
            )  # fmt: skip
        return web.json_response(answer)

    return [
        web.get("/", show),
        web.get("/state", state),
        web.get("/file/{id}", file),
        web.post("/do", do),
    ]


def _place(fake: "FakeSlack", asked: Json) -> str:
    return CHANNEL if asked.get("place") == "channel" else fake.direct(str(asked["user"]))


def state_for(fake: "FakeSlack", user: str) -> Json:
    """What one person sees."""
    direct = fake.direct(user) if user else ""
    quiet = [
        {**one, "private": True}
        for one in (*fake.responses, *fake.ephemeral)
        if one.get("user") == user
    ]
    return {
        "names": {**NAMES, BOT_USER: "Who's There"},
        "channel": _in_order([*fake.messages[CHANNEL], *_at(quiet, CHANNEL)]),
        "direct": _in_order([*fake.messages[direct], *_at(quiet, direct)]),
        "home": fake.views.get(user),
        "dialog": fake.dialogs[-1] if fake.dialogs else None,
        "dialogs": len(fake.dialogs),
        "files": {one.id: one.name for one in fake.files.values() if not one.deleted},
    }


def _at(messages: list[Json], channel: str) -> list[Json]:
    return [one for one in messages if one["channel"] == channel]


def _in_order(messages: list[Json]) -> list[Json]:
    return sorted(messages, key=lambda one: str(one.get("ts", "")))


def act(fake: "FakeSlack", asked: Json) -> Json:
    """Do what a person did on the page."""
    user, kind = str(asked["user"]), asked["kind"]
    match kind:
        case "say":
            return _say(fake, user, asked)
        case "press":
            message = {"channel": CHANNEL, "ts": "", **asked["message"]}
            return fake.envelope("interactive", fake.action(message, asked["element"], user))
        case "press_home":
            return fake.press_home(str(asked["action"]), user)
        case "submit":
            return fake.submit(asked["view"], user, **asked["chosen"])
        case "shortcut":
            return fake.shortcut(str(asked["callback"]), user, asked.get("message"))
        case "open_home":
            return fake.event(user, type="app_home_opened", tab="home", channel="D1")
        case _:
            return {"text": f"nothing here is called {kind}"}


def _say(fake: "FakeSlack", user: str, asked: Json) -> Json:
    """A line that was typed: a command, or words for the channel, a thread or the app."""
    text = str(asked["text"])
    channel = _place(fake, asked)
    if text.startswith("/"):
        command, _, rest = text.partition(" ")
        return fake.slash(command, rest, user, channel)
    thread = {"thread_ts": str(asked["thread"])} if asked.get("thread") else {}
    message = {"channel": channel, "user": user, "text": text, "ts": fake.new_ts(), **thread}
    fake.messages[channel].append(message)
    if channel != CHANNEL:
        return fake.say(text, user, **thread)
    if f"<@{BOT_USER}>" in text or "@Who" in text:
        words = text.replace("@Who's There", f"<@{BOT_USER}>")
        return fake.event(user, type="app_mention", text=words, channel=channel,
                          **{"ts": message["ts"], **thread})  # fmt: skip
    return fake.say(text, user, channel, **thread)
