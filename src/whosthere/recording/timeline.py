"""Gives pictures times that players trust: from zero, always forward, without leaps."""

from whosthere.core.packets import Packet, StreamInfo

GOOD_SCALES = range(1000, 1_000_001)
PLAIN_SCALE = 90_000  # units in a second; divides by all usual rates
LATE_SECONDS = 2.0  # a stamp may run ahead of the packets' arrival by this much
LONGEST_DELAY_SECONDS = 10.0  # from decoding a picture to showing it
USUAL_RATE = 15.0  # pictures in a second, when the stream does not say


def timescale_of(stream: StreamInfo) -> int:
    """Units in a second in which the stream's own times are whole, where that is reasonable."""
    base = stream.time_base
    exact = base.numerator == 1 and base.denominator in GOOD_SCALES
    return base.denominator if exact else PLAIN_SCALE


class Timeline:
    """The times of one stream's packets, from its first packet on.

    The camera's own stamps count as long as they agree with the arrival of the packets. Stamps that
    go back a little are pushed forward; where they leap, the time of arrival bridges the gap.
    """

    def __init__(self, stream: StreamInfo) -> None:
        self.scale = timescale_of(stream)
        self._unit = stream.time_base * self.scale
        rate = stream.frames_per_second or USUAL_RATE
        self._usual = max(1, round(self.scale / rate))
        self._offset: int | None = None
        self._dts = 0
        self._clock = 0.0

    def place(self, packet: Packet) -> tuple[int, int]:
        """Return when to decode and when to show a packet, in units of the scale."""
        stamp = packet.dts if packet.dts is not None else packet.pts
        own = None if stamp is None else round(stamp * self._unit)
        if self._offset is None:
            self._offset = -(own or 0)
        else:
            self._dts += self._step(own, packet.clock - self._clock)
        self._clock = packet.clock
        return self._dts, self._dts + self._delay(packet, own)

    def _step(self, own: int | None, elapsed: float) -> int:
        arrived = max(round(elapsed * self.scale), 0)
        arrived = arrived if arrived > self._usual // 2 else self._usual
        if own is None or self._offset is None:
            return arrived
        step = own + self._offset - self._dts
        if 0 < step <= (max(elapsed, 0.0) + LATE_SECONDS) * self.scale:
            return step
        if -self.scale < step <= 0:
            return 1
        self._offset = self._dts + arrived - own
        return arrived

    def _delay(self, packet: Packet, own: int | None) -> int:
        if packet.pts is None or own is None or self._offset is None:
            return 0
        delay = round(packet.pts * self._unit) + self._offset - self._dts
        return delay if 0 <= delay <= LONGEST_DELAY_SECONDS * self.scale else 0
