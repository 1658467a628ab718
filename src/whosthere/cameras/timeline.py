"""Time stamps that only go forward, whatever the stream says."""

from dataclasses import dataclass
from fractions import Fraction

LONGEST_GAP = 10.0  # seconds; a longer one is a jump of the stamps, unless pictures are that rare
RARE = 5  # usual steps that may lie between two pictures, however long they are
GUESSED_RATE = 25  # pictures a second where a stream does not say
TREMBLING = 0.25  # of a step that a live picture may come too early and still be due


class Timeline:
    """Puts stamps one after the other, from 0 on, in units of `time_base`.

    Missing stamps, and those that stand still, go back or jump, come one usual step after the one
    before; those that follow are counted from there.
    """

    def __init__(self, time_base: Fraction, pictures_per_second: float | None) -> None:
        self.time_base = time_base
        rate = Fraction(pictures_per_second or GUESSED_RATE).limit_denominator(1000)
        self.usual_step = max(1, round(1 / (rate * time_base))) if rate > 0 else 1
        self._longest = max(RARE * self.usual_step, int(LONGEST_GAP / time_base))
        self._raw: int | None = None
        self._placed: int | None = None
        self.repaired = 0

    def place(self, stamp: int | None) -> int:
        step = self._step(stamp)
        self._raw = stamp if stamp is not None or self._raw is None else self._raw + step
        self._placed = 0 if self._placed is None else self._placed + step
        return self._placed

    def seconds(self, stamp: int | None) -> float:
        """Place a stamp, in seconds."""
        return self.place(stamp) * self.time_base.numerator / self.time_base.denominator

    def begin_again(self) -> None:
        """What comes next follows what was, whatever its stamps."""
        self._raw = None

    def _step(self, stamp: int | None) -> int:
        if stamp is not None and self._raw is not None:
            step = stamp - self._raw
            if 0 < step <= self._longest:
                return step
        if self._placed is not None and self._raw is not None:
            self.repaired += 1
        return self.usual_step


@dataclass(slots=True)
class Rate:
    """Which pictures are due when only some a second are analysed."""

    per_second: float
    early: float = 0.0  # share of a step that a picture may come too early
    _next: float | None = None

    def due(self, clock: float) -> bool:
        step = 1 / self.per_second
        if self._next is None:
            self._next = clock
        if clock < self._next - self.early * step - 0.001:
            return False
        # the beat goes on, so that the mean is right even where the source has another beat
        self._next += step
        if self._next <= clock:
            self._next = clock + step
        return True
