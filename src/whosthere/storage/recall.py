"""Reads back what the house heard, in its order, from notes and chunks of many origins."""

import logging
import sqlite3
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from whosthere.core.history import EPOCH, Calm, Heard, History, Noted, Place, Stretch
from whosthere.core.model import House
from whosthere.core.policy import Policy
from whosthere.storage import plain
from whosthere.storage.chunks import unpack_parts
from whosthere.storage.database import Database
from whosthere.storage.heard import NO_CAMERA, heard_at, unpack_heard

log = logging.getLogger(__name__)

Part: TypeAlias = Stretch | list[Heard]  # lists are never empty
Piece: TypeAlias = Noted | Part
START, END = -(2**62), 2**62  # of time, in milliseconds
LAST = Place(END, END)


def milliseconds(at: datetime | None, otherwise: int) -> int:
    return otherwise if at is None else (at - EPOCH) // timedelta(milliseconds=1)


def recall(
    database: Database,
    since: datetime | None,
    until: datetime | None,
    *,
    every_note: bool = False,
) -> Iterator[History]:
    """Tell it all from the last note before `since` on, or the first one there is.

    Notes are told where a run begins, or other rules do; all of them only if that is asked for.
    """
    start = _start(database, milliseconds(since, START))
    if start is None:
        return
    end = milliseconds(until, END) + 1
    with database.reading() as connection:
        cameras = [
            row["camera"]
            for row in connection.execute("SELECT DISTINCT camera FROM chunk ORDER BY camera")
        ]
    streams: list[Iterator[Piece]] = [_pieces(database, camera, start, end) for camera in cameras]
    streams.append(_notes(database, start, end, every_note=every_note))
    yield from in_order(streams)


def _start(database: Database, since: int) -> Place | None:
    with database.reading() as connection:
        row = (
            connection.execute(
                "SELECT run, sequence FROM note WHERE at <= ?"
                " ORDER BY run DESC, sequence DESC LIMIT 1",
                (since,),
            ).fetchone()
            or connection.execute(
                "SELECT run, sequence FROM note ORDER BY run, sequence LIMIT 1"
            ).fetchone()
        )
    return Place(row["run"], row["sequence"]) if row else None


def _notes(database: Database, start: Place, end: int, *, every_note: bool) -> Iterator[Noted]:
    with database.reading() as connection:
        places = connection.execute(
            "SELECT run, sequence FROM note INDEXED BY note_by_time WHERE at < ?"
            " AND (run, sequence) >= (?, ?) AND (? OR begins OR (run, sequence) = (?, ?))"
            " ORDER BY run, sequence",
            (end, *start, every_note, *start),
        ).fetchall()
    for run, sequence in places:
        with database.reading() as connection:
            row = connection.execute(
                "SELECT at, begins, note.body, rules.body AS policy FROM note JOIN rules"
                " ON rules.id = note.rules WHERE run = ? AND sequence = ?",
                (run, sequence),
            ).fetchone()
        if row is not None:
            yield Noted(
                Place(run, sequence),
                EPOCH + timedelta(milliseconds=row["at"]),
                bool(row["begins"]),
                plain.from_json(House, zlib.decompress(row["body"])),
                plain.from_json(Policy, row["policy"]),
            )


def _pieces(database: Database, camera: str, start: Place, end: int) -> Iterator[Piece]:
    """What one camera said from a place on, or what no camera said."""
    with database.reading() as connection:  # ids first: a slow reader holds nothing up
        first = connection.execute(
            "SELECT max(first_sequence) FROM chunk WHERE camera = ? AND run = ?"
            " AND first_sequence <= ?",
            (camera, *start),
        ).fetchone()[0]
        ids = connection.execute(
            "SELECT id FROM chunk WHERE camera = ? AND (run, first_sequence) >= (?, ?)"
            " AND earliest < ? ORDER BY run, first_sequence",
            (camera, start.run, start.sequence if first is None else first, end),
        ).fetchall()
    for (number,) in ids:
        with database.reading() as connection:
            row = connection.execute(
                "SELECT run, latest, body FROM chunk WHERE id = ?", (number,)
            ).fetchone()
        if row is None:  # deleted meanwhile
            continue
        pieces = _opened(database, camera, number, row)
        if row["latest"] >= end:
            pieces = _before(end, pieces)
        yield from _after(start, pieces)


def _opened(database: Database, camera: str, number: int, row: sqlite3.Row) -> list[Part]:
    run, body = row["run"], row["body"]
    try:
        return list(
            unpack_heard(run, body) if camera == NO_CAMERA else unpack_parts(run, camera, body)
        )
    except (ValueError, TypeError, IndexError, KeyError) as error:
        name = camera or "what no camera said"
        log.warning("%s: chunk %d of %s is damaged and left out: %s",
                    database.path, number, name, error)  # fmt: skip
        return []


def _after(start: Place, pieces: list[Part]) -> Iterator[Piece]:
    for piece in pieces:
        if isinstance(piece, list):
            begin = bisect_left(piece, start, key=_place)
            if begin < len(piece):
                yield piece[begin:] if begin else piece
        elif piece.last >= start:
            begin = bisect_left(piece.sequences, start.sequence)
            yield piece if piece.run > start.run or not begin else piece.part(begin, len(piece))


def _before(end: int, pieces: list[Part]) -> list[Part]:
    """Leave out what comes after the last message of before a moment."""
    microseconds, moment = end * 1000, EPOCH + timedelta(milliseconds=end)
    for index in reversed(range(len(pieces))):
        piece = pieces[index]
        if isinstance(piece, Stretch):
            some = [n for n, at in enumerate(piece.microseconds) if at < microseconds]
        else:  # some messages do not say when they were
            some = [n for n, one in enumerate(piece) if heard_at(one.message, EPOCH) < moment]
        if some:
            count = some[-1] + 1
            last = piece.part(0, count) if isinstance(piece, Stretch) else piece[:count]
            return [*pieces[:index], last]
    return []


def in_order(streams: Sequence[Iterator[Piece]]) -> Iterator[History]:
    """Merge streams, each in order. Stretches are cut where another stream has a message."""
    heads = Heads(streams)
    while heads.pieces:
        number = heads.first()
        piece = heads.pieces[number]
        if isinstance(piece, Noted):
            yield piece
            heads.advance(number)
        elif isinstance(piece, list):
            yield from heads.taken(number, piece)
        else:
            yield heads.calm(piece.run)


class Heads:
    """What comes next of each stream."""

    def __init__(self, streams: Sequence[Iterator[Piece]]) -> None:
        self._streams = streams
        found = ((number, next(stream, None)) for number, stream in enumerate(streams))
        self.pieces = {number: piece for number, piece in found if piece is not None}

    def first(self) -> int:
        """The number of the stream whose turn it is."""
        return min(self.pieces, key=lambda number: _order(self.pieces[number]))

    def advance(self, number: int) -> None:
        following = next(self._streams[number], None)
        if following is None:
            del self.pieces[number]
        else:
            self.pieces[number] = following

    def taken(self, number: int, some: list[Heard]) -> list[Heard]:
        """Take messages up to the next one of another stream."""
        others = (_order(piece) for other, piece in self.pieces.items() if other != number)
        end = bisect_left(some, min(others, default=LAST), key=_order_of)
        if end == len(some):
            self.advance(number)
            return some
        self.pieces[number] = some[end:]
        return some[:end]

    def calm(self, run: int) -> Calm | Heard:
        """Take stretches up to something else."""
        bound, parts = self._bound(run), list[Stretch]()
        for number, piece in list(self.pieces.items()):
            if not isinstance(piece, Stretch) or piece.run != run:
                continue
            end = bisect_left(piece.sequences, bound)
            if end == len(piece):
                parts.append(piece)
                self.advance(number)
            elif end:
                parts.append(piece.part(0, end))
                self.pieces[number] = piece.part(end, len(piece))
        alone = len(parts) == 1 and len(parts[0]) == 1
        return parts[0].heard(0) if alone else Calm(tuple(parts))

    def _bound(self, run: int) -> int:
        """The sequence at which something else than stretches may come."""
        bound = LAST.sequence
        for piece in self.pieces.values():
            if isinstance(piece, Stretch):
                place = piece.last
                place = Place(place.run, place.sequence + 1)
            else:
                place = piece[0].place if isinstance(piece, list) else piece.place
            if place.run == run:
                bound = min(bound, place.sequence)
        return bound


def _order(piece: Piece) -> tuple[int, int, int]:
    if isinstance(piece, Stretch):
        return piece.run, piece.sequences[0], 2
    if isinstance(piece, list):
        return _order_of(piece[0])
    return *piece.place, 0  # a note is of what was before


def _order_of(heard: Heard) -> tuple[int, int, int]:
    return *heard.place, 1


def _place(heard: Heard) -> Place:
    return heard.place
