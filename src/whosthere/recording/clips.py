"""Writes one incident's clip from a camera's ring of packets.

The ring is the buffer: the writer takes what is new since it last looked, and when the disk stalls
it finds all that it missed. After a change of the stream, after the longest length and after a long
silence the clip goes on in a next file.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from whosthere.core.packets import Packet
from whosthere.recording.parts import Part
from whosthere.recording.pre_roll import PreRoll

FLUSH_SECONDS = 2.0  # without a packet: what is held goes to disk
SILENCE_SECONDS = 10.0  # without a packet: the file is closed
LATE_SECONDS = 2.0  # packets may come later than the clock by this much
NEVER = float("inf")


class File(NamedTuple):
    """A finished file, and when it begins and ends by the packets' clock."""

    path: Path
    began: float
    ended: float


class Clip:
    """The clip of one incident, in one or more files."""

    def __init__(
        self, ring: PreRoll, name: Callable[[int], Path], begins: float, longest_seconds: float
    ) -> None:
        self.ends = NEVER  # by the packets' clock
        self.over = False
        self.files: list[File] = []  # finished ones
        self._ring = ring
        self._name = name
        self._begins = begins
        self._longest = longest_seconds
        self._part: Part | None = None
        self._number = 0  # of the last file
        self._next: int | None = None  # the first packet that was not taken
        self._unsaved: int | None = None  # the first packet that may not be on disk
        self._flushed = True

    @property
    def writing(self) -> bool:
        """Whether some of the newest file is on disk."""
        return self._part is not None and not self._part.empty

    def pump(self, now: float) -> None:
        """Take what is new in the ring. `now` is by the packets' clock."""
        if self._next is None:
            self._next = self._ring.starting(self._begins)
        if self._next is not None:
            for number, packet in self._ring.since(self._next):
                if packet.clock >= self.ends:
                    self.close(now)
                    return
                self._take(number, packet)
        if now >= self.ends + LATE_SECONDS:
            self.close(now)
        elif self._part is not None:
            self._wait(self._part, now - self._part.last_clock)

    def close(self, _now: float) -> None:
        """Finish; nothing can be added after that."""
        self._close_part()
        self.over = True

    def give_up(self) -> None:
        """Leave all as it is; what was written plays."""
        self.over = True
        self._drop_part()

    def start_anew(self) -> None:
        """After trouble with the disk: leave the file as it is and go on in a next one.

        That begins with the newest key frame from which nothing is lost.
        """
        self._drop_part()
        if self._unsaved is not None:
            self._next = self._ring.key_before(self._unsaved)

    def _take(self, number: int, packet: Packet) -> None:
        away = self._part is not None and packet.clock - self._part.last_clock >= SILENCE_SECONDS
        gap = number != self._next or away
        too_long = self._part is not None and packet.clock - self._part.began >= self._longest
        if gap or (packet.key and too_long) or not (self._part and self._part.fits(packet)):
            self._close_part()
            if packet.key:
                self._part = self._next_part(packet)
                self._unsaved = number
        if self._part is not None and self._part.add(packet):
            self._unsaved = number
        self._next = number + 1
        self._flushed = False

    def _next_part(self, first: Packet) -> Part:
        self._number += 1
        return Part(self._name(self._number), first)

    def _wait(self, part: Part, silence: float) -> None:
        if silence >= SILENCE_SECONDS:
            self._close_part()
        elif silence >= FLUSH_SECONDS and not self._flushed:
            part.flush()
            self._flushed = True

    def _close_part(self) -> None:
        part, self._part = self._part, None
        if part is not None:
            try:
                part.close()
            finally:
                self._finished(part)

    def _drop_part(self) -> None:
        part, self._part = self._part, None
        if part is not None:
            part.abandon()
            self._finished(part)

    def _finished(self, part: Part) -> None:
        if part.empty:
            self._number -= 1
        else:
            self.files.append(File(part.path, part.began, part.last_clock))
