"""An MP4 of one video track that can be played at any moment, also after a power cut.

While it is written it is a fragmented MP4: each fragment is whole in itself and forced to disk.
When it is closed, an index of all pictures is put at its end, and a single write of 16 bytes at its
beginning hides the fragments' headers, so that it becomes an ordinary MP4, whose length all players
know and in which they can jump. Cut off at any byte, what is there plays.
Layout after ISO/IEC 14496-12; that one file may be both is an idea from OBS Studio ("hybrid MP4").
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from whosthere.recording import mp4_boxes as boxes
from whosthere.recording.codec_config import CodecConfig

FRAGMENT_SECONDS = 2  # a power cut loses at most this much
LEAST_SECONDS = 1  # even where all pictures are key frames: a fragment makes the disk work
FRAGMENT_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Track:
    """What is said about the video before its first picture."""

    config: CodecConfig
    width: int
    height: int
    timescale: int  # units of time in a second


class Sample(NamedTuple):
    """One encoded picture with its times in units of the track."""

    data: bytes
    dts: int
    pts: int
    key: bool


class Mp4File:
    """Writes samples to an open file that is not buffered and can seek."""

    def __init__(self, file: BinaryIO, track: Track) -> None:
        self._file = file
        self._track = track
        self._held: list[Sample] = []  # of the fragment that is not on disk yet
        self._held_bytes = 0
        self._table = boxes.Table()
        self._good = 0  # bytes on disk that play
        self._sequence = 0

    @property
    def empty(self) -> bool:
        return not self._good

    def add(self, sample: Sample) -> bool:
        """Take a sample; say whether all those before it are on disk now."""
        flushed = bool(self._held) and self._is_enough(sample)
        if flushed:
            self._write_fragment(sample.dts)
        self._held.append(sample._replace(data=self._track.config.sample(sample.data)))
        self._held_bytes += len(sample.data)
        return flushed

    def _is_enough(self, following: Sample) -> bool:
        least = LEAST_SECONDS if following.key else FRAGMENT_SECONDS
        long = following.dts - self._held[0].dts >= least * self._track.timescale
        return long or self._held_bytes >= FRAGMENT_BYTES

    def flush(self) -> None:
        """Bring all to disk that is held."""
        if self._held:
            self._write_fragment(self._held[-1].dts + self._usual_step())

    def close(self) -> None:
        """Make it an ordinary MP4. A failure leaves it as it was, and playable."""
        self.flush()
        if self.empty:
            return
        end = self._good
        moov = boxes.moov(self._track, self._table)
        self._append(moov)  # the index before what points to it
        self._put(boxes.FREE_AT, boxes.mdat_until(end))

    def _usual_step(self) -> int:
        if len(self._held) > 1:
            return self._held[-1].dts - self._held[-2].dts
        return self._table.last_step or self._track.timescale // 15

    def _write_fragment(self, next_dts: int) -> None:
        samples, self._held, self._held_bytes = self._held, [], 0
        following = [sample.dts for sample in samples[1:]] + [next_dts]
        steps = [
            max(1, after - sample.dts) for sample, after in zip(samples, following, strict=True)
        ]
        lead = self._table.lead if self._good else samples[0].pts - samples[0].dts
        head = b"" if self._good else boxes.head(self._track, lead)
        fragment = boxes.moof(self._sequence + 1, samples, steps)
        data_at = self._good + len(head) + len(fragment) + boxes.HEADER
        data = b"".join(sample.data for sample in samples)
        self._append(fragment + boxes.mdat(data, before=len(fragment)), head)
        self._sequence += 1
        self._table.lead = lead
        self._table.add(data_at, samples, steps)

    def _append(self, data: bytes, head: bytes = b"") -> None:
        """Add boxes so that a player finds all of them or none: it would stumble over a half one.

        They are written as one free box, which a player skips also when it is cut off. Once they
        are on disk, the name and size of the first of them replace its own.
        """
        begin = self._good + len(head)
        try:
            self._put(self._good, head + boxes.hidden(data))
            self._put(begin, data[: boxes.HEADER])
        except OSError:
            with suppress(OSError):  # the disk is in trouble; then the cut off box stays
                self._file.truncate(self._good)
            raise
        self._good = begin + len(data)

    def _put(self, at: int, data: bytes) -> None:
        """Write and wait until it is on disk: what follows may rely on it."""
        self._file.seek(at)
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]
        os.fdatasync(self._file.fileno())
