"""Work that takes its time, done beside the loop so that Slack is answered meanwhile."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from whosthere.core.errors import WhosThereError

Result = TypeVar("Result")
Start = Callable[[str, Callable[[], None]], None]  # runs work once in a thread of its own


class Threads:
    """Runs a few pieces of work at once, each in a thread; more of them wait."""

    def __init__(self, start: Start, most: int = 8) -> None:
        self._start, self._most = start, most
        self._free: asyncio.Semaphore | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def do(self, name: str, work: Callable[[], Result]) -> Result:
        loop = asyncio.get_running_loop()
        if self._free is None or loop is not self._loop:
            self._free, self._loop = asyncio.Semaphore(self._most), loop
        async with self._free:
            done: asyncio.Future[Result] = loop.create_future()
            self._start(name, lambda: _run(loop, done, work))
            return await done


def _run(
    loop: asyncio.AbstractEventLoop, done: "asyncio.Future[Result]", work: Callable[[], Result]
) -> None:
    error: WhosThereError = WhosThereError("Something went wrong; the log says what.")
    try:
        result = work()
    except WhosThereError as trouble:
        error = trouble
    else:
        _soon(loop, done, lambda: done.set_result(result))
        return
    finally:  # a bug too must not leave anybody waiting
        _soon(loop, done, lambda: done.set_exception(error))


def _soon(
    loop: asyncio.AbstractEventLoop,
    done: "asyncio.Future[Result]",
    settle: Callable[[], None],
) -> None:
    """Settle it on its loop, unless it is settled already or the loop has ended."""

    def once() -> None:
        if not done.done():
            settle()

    with suppress(RuntimeError):
        loop.call_soon_threadsafe(once)
