"""Places and times of many messages as three columns of whole numbers, which pack well.

They are the sequence and the clock in milliseconds, each less the one before, and the offset of the
wall clock from that clock in microseconds, less the least one. Bytes of equal weight stand
together.
"""

import struct
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Column: TypeAlias = NDArray[np.int64]
Columns: TypeAlias = tuple[Column, Column, Column]

HEAD = struct.Struct("<Iq")
COLUMNS = 3


def to_columns(
    sequences: Sequence[int], milliseconds: Sequence[int], microseconds: Sequence[int]
) -> tuple[bytes, bytes]:
    """Return a head and the columns. The microseconds are those of the wall clock since 1970."""
    clocks = np.array(milliseconds, np.int64)
    offsets = np.array(microseconds, np.int64) - clocks * 1000
    columns = (
        _differences(np.array(sequences, np.int64)),
        _differences(clocks),
        offsets - offsets.min(),
    )
    head = HEAD.pack(len(sequences), int(offsets.min()))
    return head, b"".join(_planes(column) for column in columns)


def from_columns(body: bytes) -> tuple[Columns, int]:
    """Read sequences, milliseconds and microseconds, and say where they end."""
    frames, least_offset = HEAD.unpack_from(body)
    size = 8 * frames
    starts = [HEAD.size + i * size for i in range(COLUMNS + 1)]
    sequences, clocks, offsets = (_from_planes(body[at : at + size]) for at in starts[:COLUMNS])
    clocks = np.cumsum(clocks)
    return (np.cumsum(sequences), clocks, offsets + least_offset + clocks * 1000), starts[COLUMNS]


def _differences(column: Column) -> Column:
    return np.diff(column, prepend=np.int64(0))


def _planes(column: Column) -> bytes:
    zigzag = (column << 1) ^ (column >> 63)  # small numbers of either sign stay small
    return np.ascontiguousarray(zigzag.astype("<i8").view(np.uint8).reshape(-1, 8).T).tobytes()


def _from_planes(data: bytes) -> Column:
    planes = np.frombuffer(data, np.uint8).reshape(8, -1)
    zigzag = np.ascontiguousarray(planes.T).view("<u8").ravel()
    halves, signs = zigzag >> np.uint64(1), zigzag & np.uint64(1)
    return halves.astype(np.int64) ^ -signs.astype(np.int64)
