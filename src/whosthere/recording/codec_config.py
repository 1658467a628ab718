"""What an MP4 must say about a stream of H.264 or HEVC before its first picture.

Layouts after ISO/IEC 14496-15 (the records `avcC` and `hvcC`), ITU-T H.264 and H.265 (7.3: the
parameter sets). Those come in one of two ways: already as such a record (files), or as units with
start codes (RTSP), sometimes only within the stream.
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

START_CODE = b"\0\0\1"
HIGH_PROFILES = {100, 110, 122, 144, 244}  # of H.264: their parameter sets name colours and depth
BROWSER_PROFILES = {66, 77, 88, 100}  # of H.264: 4:2:0 with 8 bits
YUV_420 = 1


@dataclass(frozen=True, slots=True)
class CodecConfig:
    """How copied packets are introduced and laid out in an MP4."""

    entry: bytes  # kind of the sample entry
    box: bytes  # kind of the box that holds the record
    record: bytes
    has_lengths: bool  # packets are units with their lengths already
    drop: frozenset[int] = frozenset()  # kinds of units that must not stand in the stream

    def sample(self, data: bytes) -> bytes:
        """A packet as it stands in an MP4."""
        if self.has_lengths:
            return data
        kept = (unit for unit in units(data) if not self.drop or _hevc_kind(unit) not in self.drop)
        return b"".join(len(unit).to_bytes(4, "big") + unit for unit in kept)


def units(data: bytes) -> list[bytes]:
    """The units between start codes. A unit never ends with a zero, so those belong to the next."""
    return [unit for part in data.split(START_CODE)[1:] if (unit := part.rstrip(b"\0"))]


def config_of(codec: str, extradata: bytes, key: bytes) -> CodecConfig | None:
    """The introduction of a stream, judged by what goes before it and by a key frame.

    None: it cannot be copied, since its codec, its colours or its depth is not for browsers, or
    nothing tells how to decode it.
    """
    try:
        match codec:
            case "h264":
                return _h264(extradata, key)
            case "hevc":
                return _hevc(extradata, key)
            case _:
                return None
    except (IndexError, ValueError, struct.error):
        return None  # damaged: the decoder may make more of it


def _h264(extradata: bytes, key: bytes) -> CodecConfig | None:
    if extradata[:1] == b"\1":
        (length,) = struct.unpack_from(">H", extradata, 6)
        copyable = _h264_colours(extradata[8 : 8 + length]) is not None
        return CodecConfig(b"avc1", b"avcC", extradata, has_lengths=True) if copyable else None
    for source in (key, extradata):
        sps, pps = _sets(units(source), lambda unit: unit[0] & 0x1F, (7, 8))
        if sps and pps:
            break
    else:
        return None
    colours = _h264_colours(sps[0])
    if colours is None:
        return None
    record = b"\1" + sps[0][1:4] + bytes([0xFF, 0xE0 | len(sps)]) + _with_lengths(sps)
    record += bytes([len(pps)]) + _with_lengths(pps) + colours
    return CodecConfig(b"avc1", b"avcC", record, has_lengths=False)


def _h264_colours(sps: bytes) -> bytes | None:
    """The end of an `avcC`; None when browsers cannot show these colours."""
    profile = sps[1]
    if profile not in BROWSER_PROFILES:
        return None
    if profile not in HIGH_PROFILES:
        return b""
    bits = _Bits(_unescaped(sps[4:]))
    bits.number()  # id of the set
    chroma, luma_depth, chroma_depth = bits.number(), bits.number(), bits.number()
    if (chroma, luma_depth, chroma_depth) != (YUV_420, 0, 0):
        return None
    return bytes([0xFC | chroma, 0xF8, 0xF8, 0])


def _hevc(extradata: bytes, key: bytes) -> CodecConfig | None:
    if extradata[:1] == b"\1":
        copyable = extradata[16] & 3 == YUV_420
        return CodecConfig(b"hvc1", b"hvcC", extradata, has_lengths=True) if copyable else None
    for source in (key, extradata):
        kinds = (32, 33, 34)
        sets = _sets(units(source), _hevc_kind, kinds)
        if all(sets):
            break
    else:
        return None
    sps = _unescaped(sets[1][0])
    sub_layers, nested = sps[2] >> 1 & 7, sps[2] & 1
    chroma, luma_depth, chroma_depth = _hevc_colours(sps, sub_layers)
    if chroma != YUV_420:
        return None
    record = b"\1" + sps[3:15] + b"\xf0\0\xfc"
    record += bytes([0xFC | chroma, 0xF8 | luma_depth, 0xF8 | chroma_depth, 0, 0])
    record += bytes([(sub_layers + 1) << 3 | nested << 2 | 3, len(kinds)])
    for kind, some in zip(kinds, sets, strict=True):
        record += struct.pack(">BH", 0x80 | kind, len(some)) + _with_lengths(some)
    return CodecConfig(b"hvc1", b"hvcC", record, has_lengths=False, drop=frozenset(kinds))


def _hevc_kind(unit: bytes) -> int:
    return unit[0] >> 1 & 0x3F


def _hevc_colours(sps: bytes, sub_layers: int) -> tuple[int, int, int]:
    """Chroma format and the depths of luma and chroma beyond 8 bits."""
    bits = _Bits(sps[15:])
    present = [(bits.take(1), bits.take(1)) for _ in range(sub_layers)]
    if sub_layers:
        bits.take(2 * (8 - sub_layers))
    for profile, level in present:
        bits.take(88 * profile + 8 * level)
    bits.number()  # id of the set
    chroma = bits.number()
    bits.take(1 if chroma == YUV_420 + 2 else 0)
    bits.number(), bits.number()  # width and height
    for _ in range(4 * bits.take(1)):
        bits.number()  # edges that are not shown
    return chroma, bits.number(), bits.number()


def _sets(
    found: Iterable[bytes], kind: Callable[[bytes], int], wanted: tuple[int, ...]
) -> tuple[list[bytes], ...]:
    kinds = [(kind(unit), unit) for unit in found]
    return tuple(list(dict.fromkeys(u for k, u in kinds if k == one)) for one in wanted)


def _with_lengths(some: Iterable[bytes]) -> bytes:
    return b"".join(len(unit).to_bytes(2, "big") + unit for unit in some)


def _unescaped(unit: bytes) -> bytes:
    """A unit without the bytes that keep start codes out of it."""
    return unit.replace(b"\0\0\3", b"\0\0")


class _Bits:
    """Reads the numbers of a parameter set. Raises ValueError at its end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("the parameter set is cut off")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def number(self) -> int:
        """An Exp-Golomb number: as many zeros as digits follow the first one."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)
