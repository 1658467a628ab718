"""Reads back what the house heard, in its order, from notes and chunks of many origins."""

import logging
import sqlite3
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from whosthere.core.history import EPOCH, Calm, Heard, History, Noted, Place, Stretch
from whosthere.core.model import House
from whosthere.core.policy import Policy
from whosthere.storage import plain
from whosthere.storage.chunks import unpack_parts
from whosthere.storage.database import Database
from whosthere.storage.heard import NO_CAMERA, unpack_heard

log = logging.getLogger(__name__)

Piece: TypeAlias = Noted | Heard | Stretch
START, END = -(2**62), 2**62  # of time, in milliseconds


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
            "SELECT run, sequence FROM note WHERE (run, sequence) >= (?, ?) AND at < ?"
            " AND (? OR begins OR (run, sequence) = (?, ?)) ORDER BY run, sequence",
            (*start, end, every_note, *start),
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
                "SELECT run, body FROM chunk WHERE id = ?", (number,)
            ).fetchone()
        if row is not None:  # not deleted meanwhile
            yield from _after(start, _opened(database, camera, number, row))


def _opened(database: Database, camera: str, number: int, row: sqlite3.Row) -> list[Piece]:
    run, body = row
    pieces: list[Piece] = []
    try:
        if camera == NO_CAMERA:
            return list(unpack_heard(run, body))
        for part in unpack_parts(run, camera, body):
            pieces += [part] if isinstance(part, Stretch) else part
    except (ValueError, TypeError, IndexError, KeyError) as error:
        name = camera or "what no camera said"
        log.warning("%s: chunk %d of %s is damaged and left out: %s",
                    database.path, number, name, error)  # fmt: skip
        return []
    return pieces


def _after(start: Place, pieces: list[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        if isinstance(piece, Stretch):
            if piece.last >= start:
                begin = bisect_left(piece.sequences, start.sequence)
                yield piece if piece.run > start.run or not begin else piece.part(begin, len(piece))
        elif piece.place >= start:
            yield piece


def in_order(streams: Sequence[Iterator[Piece]]) -> Iterator[History]:
    """Merge streams, each in order. Stretches are cut where another stream has a message."""
    heads = {n: piece for n, stream in enumerate(streams) if (piece := next(stream, None))}
    while heads:
        number = min(heads, key=lambda n: _order(heads[n]))
        first = heads[number]
        if not isinstance(first, Stretch):
            yield first
            _advance(heads, number, streams[number])
            continue
        run, bound = first.run, _bound(first.run, heads.values())
        parts = []
        for number, piece in list(heads.items()):
            if isinstance(piece, Stretch) and piece.run == run:
                end = bisect_left(piece.sequences, bound)
                if end:
                    parts.append(piece.part(0, end))
                if end == len(piece):
                    _advance(heads, number, streams[number])
                elif end:
                    heads[number] = piece.part(end, len(piece))
        yield Calm(tuple(parts))


def _advance(heads: dict[int, Piece], number: int, stream: Iterator[Piece]) -> None:
    following = next(stream, None)
    if following is None:
        del heads[number]
    else:
        heads[number] = following


def _order(piece: Piece) -> tuple[int, int, int]:
    if isinstance(piece, Stretch):
        return piece.run, piece.sequences[0], 2
    return *piece.place, int(isinstance(piece, Heard))  # a note is of what was before


def _bound(run: int, heads: Iterable[Piece]) -> int:
    """The sequence at which something else than stretches may come."""
    return min(
        piece.last.sequence + 1 if isinstance(piece, Stretch) else piece.place.sequence
        for piece in heads
        if (piece.run if isinstance(piece, Stretch) else piece.place.run) == run
    )
