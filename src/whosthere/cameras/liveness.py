"""Whether a stream is alive.

Packets that make no picture, and pictures that never change, are signs of a camera that hangs.
"""

import numpy as np

from whosthere.core.sighting import Luma

NO_PICTURE_SECONDS = (
    8.0  # packets come but no picture: the decoder is stuck, or the packets rubbish
)
FIRST_PICTURE_SECONDS = 20.0  # until a stream that was joined in its midst has its next key frame
FRESH_PICTURES = 2  # key frames that must have come since: those between may honestly repeat
ROWS = 16  # of so many rows one is compared first
FLAT_LEVELS = 8  # grey levels; what lies so near the median may be darkness
FLAT_SHARE = 0.95  # a picture that is so dark, or covered, may honestly stay the same


class Pictures:
    """Notices when packets come but make no picture, key frames above all."""

    def __init__(self, clock: float) -> None:
        self._since = clock
        self._any = False
        self._keys = 0  # key frames that made no picture

    def decoded(self, clock: float) -> None:
        self._since, self._any, self._keys = clock, True, 0

    def not_wanted(self, clock: float) -> None:
        """Take note of a packet that was passed over on purpose."""
        self._since = max(self._since, clock if self._any else self._since)

    def missing(self, clock: float, *, key: bool) -> bool:
        """Take note of a packet without a picture; say whether that is one too many."""
        self._keys += key
        joined = self._any or self._keys >= FRESH_PICTURES
        return clock - self._since > (NO_PICTURE_SECONDS if joined else FIRST_PICTURE_SECONDS)


class Sameness:
    """Notices a camera whose encoder goes on while its pictures stand still, to the last bit.

    A sensor's noise makes each picture another. Between key frames an encoder may leave the noise
    out, so only a picture that stays the same over fresh key frames counts.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest  # seconds; 0: for ever
        self._last: Luma | None = None
        self._since = 0.0
        self._fresh = 0

    def key_frame(self) -> None:
        self._fresh += 1

    def frozen(self, luma: Luma, clock: float) -> bool:
        """Say whether the pictures have been the same for too long."""
        if not self._longest:
            return False
        if self._last is None or not _same(luma, self._last):
            self._last, self._since, self._fresh = luma, clock, 0
            return False
        return (
            clock - self._since > self._longest
            and self._fresh >= FRESH_PICTURES
            and not _flat(luma)
        )


def _same(one: Luma, other: Luma) -> bool:
    return np.array_equal(one[::ROWS], other[::ROWS]) and np.array_equal(one, other)


def _flat(luma: Luma) -> bool:
    some = luma[::ROWS].astype(np.int16)
    return bool(np.mean(np.abs(some - np.median(some)) <= FLAT_LEVELS) > FLAT_SHARE)
