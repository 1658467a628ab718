"""Pictures of an RTSP stream put together by ourselves, so that none is held back.

FFmpeg's parser knows the end of a picture only when it sees the next one: a whole frame late. Here
the parts of a picture are collected as they come out of the RTP packets (RFC 6184, RFC 7798). Its
end is foretold: the last part of a picture is smaller than a full packet. For the first pictures
that is only compared with what comes; who is wrong once is not relied on, and then a picture ends
where the next begins, as with the parser.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

import av

from whosthere.cameras.stream import AvPacket

RELIED_ON = 30  # pictures in a row whose end was foretold rightly
LARGEST = 16 * 1024 * 1024  # bytes of one picture; what is larger has no end
LONGEST_GROUP = 12.0  # seconds without a key frame that we recognise

_MARK = b"\0\0\1"
_BEGINS = (_MARK, b"\0" + _MARK)


class CannotAssemble(Exception):
    """The stream is not of the simple kind; the parser must do it."""


class Arrived(NamedTuple):
    """A whole picture and when its last part came in."""

    packet: AvPacket
    at: datetime
    clock: float


@dataclass(frozen=True, slots=True)
class _Unit:
    """What matters of one part of a picture (NAL unit)."""

    slice: bool
    first: bool  # the first slice of its picture
    key: bool


class Assembly:
    """Puts together the pictures of one connection."""

    def __init__(self, codec: str, clock: float) -> None:
        if codec not in ("h264", "hevc"):
            raise CannotAssemble(codec)
        self._codec = codec
        self._end = _EndOfPicture()
        self._parts: list[bytes] = []
        self._size = 0
        self._pts: int | None = None
        self._when: tuple[datetime, float] | None = None
        self._key = self._handed_on = False
        self._slices = self._pictures = 0
        self._last_key = clock

    def take(self, part: AvPacket, at: datetime, clock: float) -> list[Arrived]:
        """Take what came in; return the pictures that are whole now."""
        if not part.size:  # the stream is over
            return []
        whole = []
        if part.pts != self._pts:
            whole = self._finish()
            self._begin(part.pts)
        data = bytes(part)
        self._parts.append(data)
        self._size += len(data)
        self._when = at, clock
        if self._size > LARGEST or clock - self._last_key > LONGEST_GROUP:
            raise CannotAssemble("no end of a picture, or no key frame")
        units = self._units(data)
        self._count(units, clock)
        is_slice = units[-1].slice if units else None
        if self._end.foretold(len(data), self._slices, begins=bool(units), is_slice=is_slice):
            whole += self._hand_on()
        return whole

    def _begin(self, pts: int | None) -> None:
        if pts is None or (self._pts is not None and pts < self._pts):
            raise CannotAssemble("pictures out of order")
        self._pts, self._parts, self._size, self._slices = pts, [], 0, 0
        self._key = self._handed_on = False

    def _count(self, units: list[_Unit], clock: float) -> None:
        for unit in units:
            if unit.slice:
                if unit.first != (self._slices == 0) and self._pictures:
                    raise CannotAssemble("pictures that share a time stamp, or have several")
                self._slices += 1
            if unit.key:
                self._key, self._last_key = True, clock

    def _finish(self) -> list[Arrived]:
        """The next picture begins, so the last one is whole."""
        if not self._parts:
            return []
        self._end.was_here(self._slices)
        return self._hand_on()

    def _hand_on(self) -> list[Arrived]:
        if self._handed_on or self._when is None or self._pts is None:
            return []
        self._handed_on = True
        self._pictures += 1
        packet = cast("AvPacket", av.Packet(b"".join(self._parts)))
        packet.pts = packet.dts = self._pts
        packet.is_keyframe = self._key
        return [Arrived(packet, *self._when)]

    def _units(self, data: bytes) -> list[_Unit]:
        """The parts that begin in a packet; none where an earlier one goes on."""
        if not data.startswith(_BEGINS):
            return []
        parts = (part for part in data.split(_MARK)[1:] if len(part) > 2)  # noqa: PLR2004 - a head
        return [_h264(part) if self._codec == "h264" else _h265(part) for part in parts]


class _EndOfPicture:
    """Foretells the last packet of a picture, once that has been right for long enough."""

    def __init__(self) -> None:
        self._full = {True: 0, False: 0}  # bytes of the largest packet that begins a part, or not
        self._usual = 0  # slices of one picture
        self._right = 0  # pictures in a row
        self._wrong_for_good = False
        self._is_slice = False  # what the newest part is
        self._foretold = False  # in this picture

    def foretold(self, size: int, slices: int, *, begins: bool, is_slice: bool | None) -> bool:
        """Say whether a picture ends with this packet, and we may rely on that."""
        if self._foretold:  # and yet it goes on
            self._wrong_for_good |= self._right >= RELIED_ON
            self._right, self._foretold = -1, False
        if is_slice is not None:
            self._is_slice = is_slice
        full = self._full[begins]
        self._full[begins] = max(full, size)
        self._foretold = self._is_slice and slices == self._usual and size < full
        return self._foretold and self._right >= RELIED_ON and not self._wrong_for_good

    def was_here(self, slices: int) -> None:
        """Learn from a picture whose end is sure."""
        if slices != self._usual:
            self._usual, self._right = slices, 0
        self._right += 1
        self._foretold = False


def _h264(part: bytes) -> _Unit:
    kind = part[0] & 31
    return _Unit(1 <= kind <= 5, bool(part[1] & 0x80), kind == 5)  # noqa: PLR2004 - RFC 6184


def _h265(part: bytes) -> _Unit:
    kind = part[0] >> 1 & 63
    return _Unit(kind < 32, bool(part[2] & 0x80), 16 <= kind <= 23)  # noqa: PLR2004 - RFC 7798
