"""The boxes of an MP4, as bytes. Layout after ISO/IEC 14496-12."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whosthere.recording.mp4 import Sample, Track

FTYP = b"isom" + struct.pack(">I", 0x200) + b"isomiso6iso2avc1mp41"
FREE_AT = 8 + len(FTYP)  # where the room for the later `mdat` begins
HEADER = 8  # bytes: size and kind of a box
KEY, NOT_KEY = 0x02000000, 0x01010000  # depends on nothing; depends on others, not for jumping to
UNITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
MILLISECONDS = 1000  # the time scale of the whole file
FOUR_GIGABYTES = 2**32


@dataclass(slots=True)
class Table:
    """Where and when each sample is: what an ordinary MP4 says at its end."""

    lead: int = 0  # from the first decoding to the first showing
    chunks: list[tuple[int, int]] = field(default_factory=list)  # where, how many samples
    sizes: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)  # until the next decoding
    delays: list[int] = field(default_factory=list)  # from decoding to showing
    keys: list[int] = field(default_factory=list)  # counted from 1
    end: int = 0  # when the next sample would be decoded
    shown_until: int = 0

    @property
    def last_step(self) -> int:
        return self.steps[-1] if self.steps else 0

    def add(self, at: int, samples: "Sequence[Sample]", steps: Sequence[int]) -> None:
        before = len(self.sizes)
        if before:  # how long the last sample lasts was a guess, if it was flushed while waiting
            self.steps[-1] += samples[0].dts - self.end
        self.end = samples[-1].dts + steps[-1]
        shown = (sample.pts + step for sample, step in zip(samples, steps, strict=True))
        self.shown_until = max(self.shown_until, *shown)
        self.chunks.append((at, len(samples)))
        self.sizes += [len(sample.data) for sample in samples]
        self.steps += steps
        self.delays += [sample.pts - sample.dts for sample in samples]
        self.keys += [n for n, sample in enumerate(samples, before + 1) if sample.key]


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def numbers(*some: int) -> bytes:
    return struct.pack(f">{len(some)}I", *some)


def head(track: "Track", lead: int) -> bytes:
    """The beginning of a fragmented file, with room to turn it into an ordinary one."""
    about = moov(track, Table(lead=lead), box(b"mvex", _trex()))
    beside = FREE_AT + 2 * HEADER + len(about)
    room = box(b"free", bytes(HEADER + -beside % HEADER))
    return box(b"ftyp", FTYP) + room + about


def mdat_until(end: int) -> bytes:
    """What takes the place of the room: all up to `end` is data from now on."""
    return struct.pack(">I4sQ", 1, b"mdat", end - FREE_AT)


def hidden(data: bytes) -> bytes:
    """Boxes that a player passes over as one. Their first 8 bytes bring them to light."""
    return struct.pack(">I4s", len(data), b"free") + data[HEADER:]


def mdat(data: bytes, before: int) -> bytes:
    """A box of data that ends at a multiple of 8, if the `before` bytes begin at one.

    So no header of the next box lies across two sectors of a disk, which writes one by one.
    """
    return box(b"mdat", data, bytes(-(before + HEADER + len(data)) % HEADER))


def moof(sequence: int, samples: "Sequence[Sample]", steps: Sequence[int]) -> bytes:
    """The header of one fragment; its data follows in an `mdat`."""
    rows = b"".join(
        numbers(step, len(sample.data), KEY if sample.key else NOT_KEY, sample.pts - sample.dts)
        for sample, step in zip(samples, steps, strict=True)
    )
    tfhd = full_box(b"tfhd", 0, 0x020000, numbers(1))  # places count from this fragment
    tfdt = full_box(b"tfdt", 1, 0, struct.pack(">Q", samples[0].dts))
    mfhd = full_box(b"mfhd", 0, 0, numbers(sequence))
    trun_size = 20 + len(rows)
    size = 8 + len(mfhd) + 8 + len(tfhd) + len(tfdt) + trun_size
    trun = full_box(b"trun", 0, 0x000F01, numbers(len(samples), size + HEADER), rows)
    return box(b"moof", mfhd, box(b"traf", tfhd, tfdt, trun))


def moov(track: "Track", table: Table, more: bytes = b"") -> bytes:
    """The description of the whole file; of a fragmented one as long as the table is empty."""
    shown = max(0, table.shown_until - table.lead)
    milliseconds = -(-shown * MILLISECONDS // track.timescale)  # rounded up: all are shown
    mvhd = full_box(
        b"mvhd", 0, 0, numbers(0, 0, MILLISECONDS, milliseconds, 0x10000),
        struct.pack(">H10x", 0x100), UNITY, bytes(24), numbers(2),
    )  # fmt: skip
    tkhd = full_box(
        b"tkhd", 0, 3, numbers(0, 0, 1, 0, milliseconds), bytes(16), UNITY,
        numbers(track.width << 16, track.height << 16),
    )  # fmt: skip
    trak = box(b"trak", tkhd, _edits(table.lead, milliseconds), _mdia(track, table))
    return box(b"moov", mvhd, trak, more)


def _edits(lead: int, milliseconds: int) -> bytes:
    """Showing begins with the first picture, though decoding begins before."""
    if not lead:
        return b""
    return box(b"edts", full_box(b"elst", 0, 0, numbers(1, milliseconds, lead, 0x10000)))


def _mdia(track: "Track", table: Table) -> bytes:
    mdhd = full_box(
        b"mdhd", 1, 0, struct.pack(">QQIQHH", 0, 0, track.timescale, table.end, 0x55C4, 0)
    )
    hdlr = full_box(b"hdlr", 0, 0, bytes(4), b"vide", bytes(12), b"video\0")
    vmhd = full_box(b"vmhd", 0, 1, bytes(8))
    dref = full_box(b"dref", 0, 0, numbers(1), full_box(b"url ", 0, 1))
    stbl = box(b"stbl", _stsd(track), *_tables(table))
    return box(b"mdia", mdhd, hdlr, box(b"minf", vmhd, box(b"dinf", dref), stbl))


def _stsd(track: "Track") -> bytes:
    entry = box(
        track.config.entry,
        bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HH", track.width, track.height),
        numbers(0x480000, 0x480000, 0), struct.pack(">H", 1), bytes(32), b"\x00\x18\xff\xff",
        box(track.config.box, track.config.record),
    )  # fmt: skip
    return full_box(b"stsd", 0, 0, numbers(1), entry)


def _tables(table: Table) -> Iterable[bytes]:
    yield full_box(b"stts", 0, 0, _runs(table.steps))
    if any(table.delays):
        yield full_box(b"ctts", 0, 0, _runs(table.delays))
    if len(table.keys) < len(table.sizes):
        yield full_box(b"stss", 0, 0, numbers(len(table.keys), *table.keys))
    chunks = [(n, count) for n, (_, count) in enumerate(table.chunks, 1)]
    firsts = [next(same) for _, same in groupby(chunks, key=lambda chunk: chunk[1])]
    rows = b"".join(numbers(first, count, 1) for first, count in firsts)
    yield full_box(b"stsc", 0, 0, numbers(len(firsts)), rows)
    yield full_box(b"stsz", 0, 0, numbers(0, len(table.sizes), *table.sizes))
    places = [at for at, _ in table.chunks]
    if places and places[-1] >= FOUR_GIGABYTES:
        yield full_box(b"co64", 0, 0, struct.pack(f">I{len(places)}Q", len(places), *places))
    else:
        yield full_box(b"stco", 0, 0, numbers(len(places), *places))


def _runs(values: Sequence[int]) -> bytes:
    runs = [(len(list(same)), value) for value, same in groupby(values)]
    return numbers(len(runs), *(number for run in runs for number in run))


def _trex() -> bytes:
    return full_box(b"trex", 0, 0, numbers(1, 1, 0, 0, 0))
