"""A Slack to try things against: Web API, files and Socket Mode over real HTTP and WebSocket.

It refuses what Slack refuses, has faults on request, and lets tests do what people do there: type,
press, open. Everything runs on one loop in a thread of its own.
"""

import asyncio
import itertools
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any, Self, TypeVar

from aiohttp import WSMsgType, web

from whosthere.app.sandbox import methods, page
from whosthere.app.sandbox.files import File
from whosthere.app.sandbox.methods import Fault, ToldOff
from whosthere.app.sandbox.people import ANNA, BOT_USER, CHANNEL, NAMES, OTHER, TEAM
from whosthere.app.workers import run_aside
from whosthere.messaging.slack.manifest import SCOPES

Json = dict[str, Any]
T = TypeVar("T")
LOOK_AGAIN_SECONDS = 0.05


class FakeSlack:
    """Use it as a context; `url` is where its API is."""

    def __init__(self, *, http_port: int = 0) -> None:
        self.messages: dict[str, list[Json]] = defaultdict(list)
        self.files: dict[str, File] = {}
        self.views: dict[str, Json] = {}
        self.dialogs: list[Json] = []
        self.ephemeral: list[Json] = []
        self.responses: list[Json] = []  # what came to a response_url
        self.calls: list[str] = []  # methods, in order
        self.oddities: list[str] = []  # that Slack would take, and people would wonder at
        self.scopes = set(SCOPES)
        self.members = {CHANNEL}
        self.offsets: dict[str, int] = {}  # seconds of people's clocks from UTC, where known
        self.channels = {CHANNEL: "alerts", OTHER: "other"}
        self.revoked = False
        self.down = False  # connections are cut
        self.expired_tickets = 0  # this many tickets are dead when they are used
        self.refused_handshakes = 0
        self.pictures_ready_after = 0
        self.clock_ahead = 0.0  # seconds, of its clock before that of the machine
        self.uploads: threading.Event | None = None  # they wait for it
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.acks: dict[str, asyncio.Future[Json]] = {}
        self.sockets: list[web.WebSocketResponse] = []
        self.tickets: dict[str, bool] = {}
        self.askers: dict[str, Json] = {}  # who asked, by the number of a response_url
        self.numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._ended = threading.Event()
        self._port = http_port
        self._runner: web.AppRunner | None = None

    def __enter__(self) -> Self:
        run_aside("slack sandbox", self._run)
        self.on_loop(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.on_loop(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._ended.wait(5)

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()
            self._ended.set()

    def on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _start(self) -> None:
        app = web.Application(client_max_size=2**26)
        app.add_routes(
            [
                web.route("*", "/api/{method}", self._api),
                web.post("/upload/{file}", self._upload),
                web.post("/respond/{number}", self._respond),
                web.get("/link", self._link),
                *page.routes(self),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}/api/"

    async def _stop(self) -> None:
        for socket in self.sockets:
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    # --- the Web API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if self.down:
            return self._cut(request)
        body = await _body(request)
        with self._noted(method):
            fault = self.faults[method].popleft() if self.faults[method] else None
            if fault is not None and not fault.after:
                return self._cut(request) if fault.cut else fault.response()
            try:
                answer = methods.call(self, method, body, _token(request, body))
            except ToldOff as wrong:
                return web.json_response({"ok": False, "error": wrong.error, **wrong.more})
            if fault is not None:
                return self._cut(request) if fault.cut else fault.response()
            date = formatdate(time.time() + self.clock_ahead, usegmt=True)
            headers = {"X-OAuth-Scopes": ",".join(sorted(self.scopes)), "Date": date}
            return web.json_response({"ok": True, **answer}, headers=headers)

    def _cut(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=503)

    @contextmanager
    def _noted(self, method: str) -> Iterator[None]:
        try:
            yield
        finally:
            with self._changed:
                self.calls.append(method)
                self._changed.notify_all()

    async def _upload(self, request: web.Request) -> web.Response:
        if self.uploads is not None:
            await asyncio.to_thread(self.uploads.wait, 10)
        file = self.files[request.match_info["file"]]
        fields = await request.post() if request.content_type.startswith("multipart") else None
        file.data = fields["filename"].file.read() if fields else await request.read()  # type: ignore[union-attr]
        return web.Response(text=f"OK - {len(file.data)}")

    async def _respond(self, request: web.Request) -> web.Response:
        with self._noted("respond"):
            message = await request.json()
            methods.check_message(self, message)
            self.responses.append({**message, **self.askers[request.match_info["number"]]})
            return web.Response(text="ok")

    # --- Socket Mode

    def new_ticket(self) -> str:
        ticket = f"ticket{next(self.numbers)}"
        self.tickets[ticket] = self.expired_tickets <= 0
        self.expired_tickets = max(0, self.expired_tickets - 1)
        return f"ws://127.0.0.1:{self.port}/link?ticket={ticket}"

    async def _link(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            return self._cut(request)
        if self.refused_handshakes:
            self.refused_handshakes -= 1
            return web.Response(status=408)
        if not self.tickets.get(request.query.get("ticket", "")):
            return web.Response(status=403, text="the ticket has expired")
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets) + 1})
        with self._noted("hello"):
            self.sockets.append(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledged(json.loads(message.data))
        finally:
            with self._noted("goodbye"):
                self.sockets.remove(socket)
        return socket

    def _acknowledged(self, answer: Json) -> None:
        waiting = self.acks.pop(answer.get("envelope_id", ""), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.get("payload") or {})

    def envelope(self, kind: str, payload: Json, seconds: float = 3.0) -> Json:
        """Send a request as Slack does; return what is acknowledged, within Slack's 3 s."""

        async def send() -> Json:
            number = f"e{next(self.numbers)}"
            self.acks[number] = asyncio.get_running_loop().create_future()
            await self.sockets[-1].send_json(
                {
                    "type": kind,
                    "envelope_id": number,
                    "payload": payload,
                    "accepts_response_payload": True,
                }
            )
            return await asyncio.wait_for(self.acks[number], seconds)

        if not self.sockets:  # it is being opened anew
            self.connected()
        return self.on_loop(send())

    def disconnect(self, reason: str = "refresh_requested") -> None:
        self.on_loop(self.sockets[-1].send_json({"type": "disconnect", "reason": reason}))

    def abort_sockets(self) -> None:
        async def abort() -> None:
            for socket in list(self.sockets):
                if socket._req is not None and socket._req.transport is not None:  # noqa: SLF001 - a cut cable
                    socket._req.transport.abort()  # noqa: SLF001 - has no public name

        self.on_loop(abort())

    # --- what people do

    def slash(
        self, command: str, text: str = "", user: str = ANNA, channel: str = CHANNEL, **more: str
    ) -> Json:
        return self.envelope(
            "slash_commands",
            {
                "command": command,
                "text": text,
                "user_id": user,
                "user_name": NAMES.get(user, "").lower(),
                "team_id": TEAM,
                "channel_id": channel,
                "response_url": self.response_url(user, channel),
                "trigger_id": "trigger",
                **more,
            },
        )

    def press(self, message: Json, action: str, user: str = ANNA, team: str = TEAM) -> Json:
        element = next(
            one
            for block in message["blocks"]
            for one in [*block.get("elements", ()), block.get("accessory", {})]
            if one.get("action_id") == action
        )
        return self.envelope("interactive", self.action(message, element, user, team))

    def action(self, message: Json, element: Json, user: str, team: str = TEAM) -> Json:
        return {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": team, "username": NAMES.get(user, "").lower()},
            "channel": {"id": message["channel"], "name": "alerts"},
            "message": {k: v for k, v in message.items() if k in {"ts", "thread_ts", "text"}},
            "container": {"type": "message", "message_ts": message["ts"]},
            "actions": [
                {"type": "button", "action_id": element["action_id"], "block_id": "alert",
                 "value": element.get("value", ""), "action_ts": "1"}
            ],
            "trigger_id": "trigger",
            "response_url": self.response_url(user, message["channel"]),
        }  # fmt: skip

    def press_home(self, action: str, user: str = ANNA) -> Json:
        return self.envelope(
            "interactive",
            {
                "type": "block_actions",
                "team": {"id": TEAM},
                "user": {"id": user, "team_id": TEAM},
                "container": {"type": "view", "view_id": "V1"},
                "view": {"type": "home", "id": "V1"},
                "actions": [{"type": "button", "action_id": action, "block_id": "b"}],
                "trigger_id": "trigger",
            },
        )

    def shortcut(self, callback: str, user: str = ANNA, message: Json | None = None) -> Json:
        payload: Json = {
            "type": "message_action" if message else "shortcut",
            "callback_id": callback,
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "trigger_id": "trigger",
        }
        if message:
            payload |= {
                "channel": {"id": message["channel"]},
                "message": message,
                "response_url": self.response_url(user, message["channel"]),
            }
        return self.envelope("interactive", payload)

    def submit(self, view: Json, user: str = ANNA, **chosen: str) -> Json:
        values = {
            block: {"x": {"type": "radio_buttons", "selected_option": {"value": value}}}
            for block, value in chosen.items()
        }
        return self.envelope(
            "interactive",
            {
                "type": "view_submission",
                "team": {"id": TEAM},
                "user": {"id": user, "team_id": TEAM},
                "view": {**view, "id": "V2", "state": {"values": values}},
            },
        )

    def event(self, user: str = ANNA, event_id: str = "", **event: str) -> Json:
        return self.envelope(
            "events_api",
            {
                "type": "event_callback",
                "team_id": TEAM,
                "event_id": event_id or f"Ev{next(self.numbers)}",
                "event": {"user": user, "ts": self.new_ts(), **event},
                "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
            },
        )

    def say(self, text: str, user: str = ANNA, channel: str = "", **more: str) -> Json:
        """Write to the app itself, or with a channel and thread_ts, there."""
        kind = "channel" if channel else "im"
        where = channel or self.direct(user)
        return self.event(user, type="message", text=text, channel=where, channel_type=kind, **more)

    def direct(self, user: str) -> str:
        return f"D0{user[2:]}"

    def response_url(self, user: str, channel: str) -> str:
        number = str(next(self.numbers))
        self.askers[number] = {"user": user, "channel": channel, "ts": self.new_ts()}
        return f"http://127.0.0.1:{self.port}/respond/{number}"

    def new_ts(self) -> str:
        return f"{int(time.time())}.{next(self.numbers):06d}"

    # --- for tests

    def fail(
        self, method: str, *, times: int = 1, status: int = 200, error: str = "",
        retry_after: int | None = None, cut: bool = False, after: bool = False,
    ) -> None:  # fmt: skip
        """Let the next calls of a method fail; `after` they did what they should."""
        fault = Fault(status, error, retry_after, cut, after)
        self.faults[method].extend([fault] * times)

    def until(self, what: Callable[[], T], seconds: float = 10.0) -> T:
        """Wait until something is so; every call of the API wakes us, and so does some time."""
        ends = time.monotonic() + seconds
        while not (found := what()):  # without the lock: to look may need an answer of the loop
            left = ends - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not within {seconds} s: {self.calls}")
            with self._changed:
                self._changed.wait(min(left, LOOK_AGAIN_SECONDS))
        return found

    def connected(self, seconds: float = 10.0) -> None:
        self.until(lambda: self.sockets, seconds)

    def posted(self, number: int = 1, channel: str = CHANNEL, seconds: float = 10.0) -> list[Json]:
        """Wait for so many messages in a channel; threads count with them."""
        self.until(lambda: len(self.messages[channel]) >= number, seconds)
        return self.messages[channel]

    def top(self, channel: str = CHANNEL) -> list[Json]:
        return [one for one in self.messages[channel] if not one.get("thread_ts")]

    def thread(self, message: Json) -> list[Json]:
        return [
            one for one in self.messages[message["channel"]]
            if one.get("thread_ts") == message["ts"]
        ]  # fmt: skip


def _token(request: web.Request, body: Json) -> str:
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ") or str(body.get("token", ""))


async def _body(request: web.Request) -> Json:
    body: Json = dict(request.query)
    if request.content_type == "application/json":
        body |= await request.json()
    elif request.can_read_body:
        body |= dict(await request.post())
    return body
