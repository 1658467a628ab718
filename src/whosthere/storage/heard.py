"""What the house hears beside sightings, in few bytes: ticks as three columns, all else as JSON.

A chunk is one byte that names the format and then zlib of: the number of messages and the least
offset; the columns, made as those of sightings are; and JSON of all that is no usual tick, each
with its index. Such a message has the moment at which it was heard, whatever it says itself.
"""

import json
import math
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, get_args

from whosthere.core.history import EPOCH, Heard, Place, Stretch
from whosthere.core.messages import Message, Tick
from whosthere.storage.columns import from_columns, to_columns
from whosthere.storage.plain import plain, reader

FORMAT = 1
MICROSECOND = timedelta(microseconds=1)
KINDS = {kind.__name__: kind for kind in get_args(Message)}
NO_CAMERA = ""  # where a camera's name stands otherwise


class Unseen(NamedTuple):
    """A message that is no sighting, and when it was heard."""

    sequence: int
    message: Message
    at: datetime
    clock: float

    @property
    def camera(self) -> str:
        return NO_CAMERA


def pack_heard(some: Sequence[Unseen]) -> bytes:
    """Write messages, in their order."""
    odd = {i: plain(one.message) for i, one in enumerate(some) if not _is_usual(one.message)}
    head, columns = to_columns(
        [one.sequence for one in some],
        [round(one.clock * 1000) for one in some],
        [(one.at - EPOCH) // MICROSECOND for one in some],
    )
    text = json.dumps(odd, separators=(",", ":")).encode()
    return bytes([FORMAT]) + zlib.compress(head + columns + text, 9)


def unpack_heard(run: int, chunk: bytes) -> Iterator[Stretch | list[Heard]]:
    """Read what `pack_heard` wrote. Raises ValueError if the chunk is damaged."""
    if chunk[:1] != bytes([FORMAT]):
        raise ValueError(f"unknown format {chunk[:1]!r}")
    try:
        body = zlib.decompress(chunk[1:])
    except zlib.error as error:
        raise ValueError(str(error)) from error
    columns, end = from_columns(body)
    sequences, clocks, walls = columns
    seconds = clocks / 1000
    odd = {int(index): found for index, found in json.loads(body[end:]).items()}
    begin = 0
    for index in (*odd, len(sequences)):
        if begin < index:
            part = slice(begin, index)
            like = Tick(EPOCH, 0.0)
            yield Stretch(
                run,
                like,
                sequences[part].tolist(),
                seconds[part].tolist(),
                walls[part].tolist(),
            )
        if index in odd:
            found = odd[index]
            message = reader(KINDS[found[""]])(found)
            yield [Heard(Place(run, int(sequences[index])), message)]
        begin = index + 1


def _is_usual(message: Message) -> bool:
    return (
        isinstance(message, Tick)
        and math.isfinite(message.clock)
        and round(message.clock, 3) == message.clock
    )


def heard_clock(message: Message, last: float) -> float:
    """When a message was heard by the clock, as far as it says so."""
    clock = getattr(message, "clock", last)
    return clock if isinstance(clock, float) and math.isfinite(clock) else last


def heard_at(message: Message, last: datetime) -> datetime:
    at = getattr(message, "at", last)
    return at if isinstance(at, datetime) else last
