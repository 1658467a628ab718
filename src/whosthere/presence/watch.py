"""Asks one source again and again, and turns what it sees into reports for the house."""

from collections.abc import Callable
from typing import Protocol


class Listening(Protocol):
    """A source that is told, instead of asking: its `seen()` returns what it was told so far.

    `listen` runs in a thread of its own until `stop` is called, raises what goes wrong (it is
    started again), and calls `heard` when there is news, so that a report follows at once.
    """

    def listen(self, heard: Callable[[], None]) -> None: ...
    def stop(self) -> None: ...
