"""The line to Slack: one asyncio loop in one thread, on which all that concerns Slack happens.

In socket mode this program opens the connection, so nothing has to reach into the house. The
official client comes back by itself after most faults, but not after all: it keeps a ticket that
has expired, and it never says that a token was revoked. So who watches here takes a connection
that stays away down, asks for a new ticket, and tells what Slack says to that.
"""

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from whosthere.core.errors import DeliveryTrouble, WhosThereError
from whosthere.messaging.slack.client import (
    AsyncWebClient,
    Identity,
    identify,
    make_client,
    make_session,
    quiet,
)
from whosthere.messaging.slack.settings import SlackSettings, Tokens
from whosthere.messaging.slack.troubles import SlackErrors, delivery_trouble, sentence

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Tell = Callable[[str | None], None]  # what is wrong; None when it is well again

HTTP_PATH = "/slack/events"
CLOSE_SECONDS = 0.3
UNAUTHORIZED = 401
TELL_SECONDS = 60.0  # between two lines about refused requests
START_SECONDS = 5.0  # that a sender waits for the loop


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what; tests are less patient."""

    look_seconds: float = 10.0  # how often to see whether the socket lives
    dead_seconds: float = 30.0  # from then on, it is taken down and opened anew
    first_pause: float = 1.0
    longest_pause: float = 60.0
    ping_seconds: float = 10.0
    connect_seconds: float = 20.0


class Line:
    """Opens the line and keeps it open. `run` is for a thread, `call` and `stop` for all others."""

    def __init__(
        self,
        settings: SlackSettings,
        tokens: Tokens,
        *,
        hear: Callable[["Line"], AsyncApp] | None = None,
        tell: Tell = lambda _: None,
        patience: Patience | None = None,
    ) -> None:
        self.settings = settings
        self._tokens = tokens
        self._hear, self._tell = hear, tell
        self._patience = patience or Patience()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._stop: asyncio.Event | None = None
        self._client: AsyncWebClient | None = None
        self._patient: AsyncWebClient | None = None
        self._identity: Identity | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failing = False
        self._met = False
        self.when_well: list[Callable[[], None]] = []  # what waits for Slack may be tried (again)

    # --- for other threads

    def run(self) -> None:
        """Keep the line open until stopped."""
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self._live())
        finally:
            self._ready.clear()
            self._end(loop)

    def stop(self) -> None:
        self._stopping.set()
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            with suppress(RuntimeError):  # it has ended just now
                loop.call_soon_threadsafe(stop.set)

    def call(
        self, work: Callable[[AsyncWebClient], Coroutine[Any, Any, Result]], seconds: float
    ) -> Result:
        """Do something on the line and wait for it. Raises DeliveryTrouble."""
        if not self._ready.wait(START_SECONDS) or self._loop is None:
            raise DeliveryTrouble("Slack: the line is not open yet.")
        asked = asyncio.run_coroutine_threadsafe(self._work(work), self._loop)
        try:
            return asked.result(seconds)
        except concurrent.futures.CancelledError:
            raise DeliveryTrouble("Slack: the line is closed, since the program ends.") from None
        except concurrent.futures.TimeoutError as error:
            asked.cancel()
            raise delivery_trouble(error) from None
        except SlackErrors as error:
            raise delivery_trouble(error) from None
        except DeliveryTrouble:
            raise
        except WhosThereError as trouble:
            raise DeliveryTrouble(str(trouble)) from trouble

    def later(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        """Do something on the line without waiting for it, if the line is there."""
        loop = self._loop
        if loop is not None and self._ready.is_set():
            with suppress(RuntimeError):  # it has ended just now
                loop.call_soon_threadsafe(lambda: self.aside(work(), name))

    async def _work(self, work: Callable[[AsyncWebClient], Awaitable[Result]]) -> Result:
        await self.identity()
        return await work(self.client)

    # --- on the loop

    @property
    def client(self) -> AsyncWebClient:
        """For what must not be asked twice: it tries once."""
        assert self._client is not None  # noqa: S101 - made before anything runs on the loop
        return self._client

    @property
    def patient(self) -> AsyncWebClient:
        """For all else: it tries again by itself."""
        assert self._patient is not None  # noqa: S101 - made before anything runs on the loop
        return self._patient

    async def identity(self) -> Identity:
        """Who we are; asked once."""
        if self._identity is None:
            self._identity = await identify(self.patient, self.settings.team)
            if self._identity.clock_trouble:
                log.warning("slack: %s", self._identity.clock_trouble)
        return self._identity

    def aside(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Let something run by itself until it or the line ends. Troubles of Slack are logged."""
        task = asyncio.get_running_loop().create_task(_logged(work, name), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        if self._stopping.is_set():
            return
        async with make_session() as session:
            token, url = self._tokens.bot, self.settings.api_url
            self._client = make_client(token, url, session)
            self._patient = make_client(token, url, session, patient=True)
            self._ready.set()
            listening = asyncio.create_task(self._listen())
            stop = asyncio.create_task(self._stop.wait())
            try:
                await asyncio.wait((listening, stop), return_when=asyncio.FIRST_COMPLETED)
                if listening.done():
                    listening.result()  # a mistake of ours: the worker tells it and starts again
            finally:
                stop.cancel()
                listening.cancel()
                with suppress(asyncio.CancelledError, TimeoutError):
                    await asyncio.wait_for(listening, 2 * CLOSE_SECONDS)

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel what is left, so that nobody waits for it."""
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=CLOSE_SECONDS))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        self._loop = self._stop = None
        self._tasks.clear()

    async def _listen(self) -> None:
        if self._hear is None:
            await asyncio.Event().wait()
            return
        pause = self._patience.first_pause
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._listen_once(self._hear)
            except SlackErrors as error:
                self._trouble(sentence(error))
            except WhosThereError as trouble:
                self._trouble(str(trouble))
            if asyncio.get_running_loop().time() - began > self._patience.longest_pause:
                pause = self._patience.first_pause
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._patience.longest_pause)

    async def _listen_once(self, hear: Callable[["Line"], AsyncApp]) -> None:
        """Open one connection, and return when it is lost for good."""
        await self.identity()
        if self.settings.mode == "http":
            await self._serve(hear(self))
            return
        opened = await self.client.apps_connections_open(app_token=self._tokens.app)
        handler = AsyncSocketModeHandler(
            hear(self),
            self._tokens.app,
            logger=quiet,
            web_client=self.client,
            ping_interval=self._patience.ping_seconds,
        )
        handler.client.wss_uri = opened["url"]
        try:
            opening = handler.client.connect()  # type: ignore[no-untyped-call] # theirs
            await asyncio.wait_for(opening, self._patience.connect_seconds)
            self._well()
            await self._watch(handler)
        finally:
            with suppress(TimeoutError, *SlackErrors):
                closing = handler.client.close()  # type: ignore[no-untyped-call] # theirs
                await asyncio.wait_for(closing, CLOSE_SECONDS)

    async def _watch(self, handler: AsyncSocketModeHandler) -> None:
        down = 0.0
        while down < self._patience.dead_seconds:
            await asyncio.sleep(self._patience.look_seconds)
            if await handler.client.is_connected():
                down = 0.0
                self._well()
            else:
                down += self._patience.look_seconds
        self._trouble("Slack: the connection for requests is lost; it is opened anew.")

    async def _serve(self, app: AsyncApp) -> None:
        host, port = self.settings.listen.rsplit(":", 1)
        served = app.web_app(HTTP_PATH)
        served.middlewares.append(_refusals_told())
        runner = web.AppRunner(served, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, int(port)).start()
            self._well()
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    def _well(self) -> None:
        if self._failing:
            log.info("slack: connected%s", " again" if self._met else "")
        if self._failing or not self._met:
            for begin in self.when_well:
                begin()
        self._failing, self._met = False, True
        self._tell(None)

    def _trouble(self, told: str) -> None:
        self._failing = True
        self._tell(told)


async def _logged(work: Coroutine[Any, Any, None], name: str) -> None:
    try:
        await work
    except SlackErrors as error:
        log.warning("slack: %s: %s", name, sentence(error))
    except WhosThereError as trouble:
        log.warning("slack: %s: %s", name, trouble)


def _refusals_told() -> Middleware:
    """Say now and then that requests are refused: a wrong secret or clock looks like that too."""
    told = float("-inf")

    @web.middleware
    async def tell(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal told
        answer = await handler(request)
        now = asyncio.get_running_loop().time()
        if answer.status == UNAUTHORIZED and now - told > TELL_SECONDS:
            told = now
            log.warning(
                "slack: refused a request from %s that Slack did not sign, or too long ago. If it"
                " was Slack's, the signing secret or this machine's clock is wrong.",
                request.remote,
            )
        return answer

    return tell
