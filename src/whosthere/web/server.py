"""The web server: one asyncio loop in one thread. What it shows, others hand in as routes."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

from whosthere.core.errors import BadSettings, WhosThereError
from whosthere.web.access import Tokens
from whosthere.web.settings import WebSettings

if TYPE_CHECKING:
    import uvicorn
    from starlette.routing import BaseRoute

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Start = Callable[[str, Callable[[], None]], None]  # runs something once in a thread of its own

MOST_AT_ONCE = 64  # connections
KEEP_SECONDS = 5  # an idle connection
CLOSE_SECONDS = 0.5  # for answers under way when it ends
LARGEST_HEAD = 16 * 1024  # bytes


@dataclass
class Server:
    """Listens until stopped. `run` is for a thread, `stop` for all others."""

    settings: WebSettings
    tokens: Tokens
    routes: Sequence["BaseRoute"]
    listening: Event = field(default_factory=Event)
    address: str = ""
    _stopping: Event = field(default_factory=Event)
    _server: "uvicorn.Server | None" = None

    def run(self) -> None:
        """Serve. Raises what keeps it from listening."""
        if not self.tokens.grants() and not self.settings.metrics_without_token:
            raise BadSettings(
                "The web server does not listen, since there is no token, so nobody could use it."
                " Make one: whosthere web token NAME"
            )
        sock = bound(*self.settings.place())
        host, port = sock.getsockname()[:2]
        secure = self.settings.certificate_file is not None
        self.address = (
            f"http{'s' if secure else ''}://{f'[{host}]' if ':' in host else host}:{port}"
        )
        if not secure and not host.startswith("127.") and host != "::1":
            log.warning("web: tokens pass the network in plain sight; set certificate_file")
        self._server = self._made()
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self._serve(self._server, sock))
        finally:
            self.listening.clear()
            _end(loop)
            sock.close()

    def stop(self) -> None:
        self._stopping.set()
        if self._server is not None:
            self._server.should_exit = True

    async def _serve(self, server: "uvicorn.Server", sock: socket.socket) -> None:
        log.info("web: listening at %s", self.address)
        self.listening.set()
        if not self._stopping.is_set():
            await server.serve(sockets=[sock])

    def _made(self) -> "uvicorn.Server":
        import uvicorn  # noqa: PLC0415 - an extra
        from starlette.applications import Starlette  # noqa: PLC0415 - an extra

        about = self.settings
        _see_that_it_is_there(about.certificate_file, about.certificate_key_file)
        return uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=list(self.routes)),
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MOST_AT_ONCE,
                timeout_keep_alive=KEEP_SECONDS,
                timeout_graceful_shutdown=CLOSE_SECONDS,  # type: ignore[arg-type] # it may be a fraction
                h11_max_incomplete_event_size=LARGEST_HEAD,
                ssl_certfile=about.certificate_file,
                ssl_keyfile=about.certificate_key_file,
            )
        )


def bound(host: str, port: int) -> socket.socket:
    """Take the port, or say why it cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except socket.gaierror:
        why = "there is no such address. Correct 'listen'"
    except OSError as error:
        why = {
            errno.EADDRINUSE: "another program listens there, perhaps this one a second time."
            " Choose another port in [web] listen",
            errno.EADDRNOTAVAIL: "this machine has no such address. Correct 'listen'",
            errno.EACCES: "ports below 1024 are for root. Choose another in [web] listen",
        }.get(error.errno or 0, str(error.strerror))
    raise WhosThereError(f"The web server cannot listen at {host}:{port}: {why}.")


def _see_that_it_is_there(*files: Path | None) -> None:
    for file in files:
        if file is not None and not file.is_file():
            raise BadSettings(f"[web] {file}: there is no such file.")


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what is left. Threads that still answer end by themselves."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def aside(start: Start) -> Callable[[str, Callable[[], Result]], Coroutine[Any, Any, Result]]:
    """Make a way to do slow work in a thread of its own, and to wait for it on the loop."""

    async def do(name: str, work: Callable[[], Result]) -> Result:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()

        def finish(result: Result | None, failure: BaseException | None) -> None:
            if done.done():
                return
            if failure is not None:
                done.set_exception(failure)
            else:
                done.set_result(result)  # type: ignore[arg-type] # without failure it is one

        def run() -> None:
            result: Result | None = None
            failure: BaseException | None = RuntimeError(f"{name} did not end well")
            try:
                result = work()
                failure = None
            except WhosThereError as trouble:
                failure = trouble
            finally:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(finish, result, failure)

        start(name, run)
        return await done

    return do
