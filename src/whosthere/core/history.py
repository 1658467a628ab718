"""What the house heard, in its order, as it is told again to those who study the past.

Of a house in which nothing happens, hours are told in a few words: stretches, in which messages
differ by nothing but their time. Who wants the messages makes them from these.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias

from whosthere.core.messages import Message, Tick
from whosthere.core.model import House
from whosthere.core.policy import Policy
from whosthere.core.sighting import Sighting

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Place(NamedTuple):
    """Where something stands in the order of hearing."""

    run: int  # of the program; clocks begin anew with each
    sequence: int  # within the run


class Heard(NamedTuple):
    """One message in its place."""

    place: Place
    message: Message


@dataclass(frozen=True, slots=True)
class Noted:
    """What the house was like right before the message of this place, and by which rules."""

    place: Place
    at: datetime
    begins: bool  # a start, or other rules than before
    house: House
    policy: Policy


@dataclass(frozen=True, slots=True)
class Stretch:
    """Quiet sightings of one camera, or ticks: of one run, with rising sequences."""

    run: int
    like: Sighting | Tick  # all are like this one but for their times
    sequences: Sequence[int]
    clocks: Sequence[float]
    microseconds: Sequence[int]  # since 1970

    def __len__(self) -> int:
        return len(self.sequences)

    @property
    def first(self) -> Place:
        return Place(self.run, self.sequences[0])

    @property
    def last(self) -> Place:
        return Place(self.run, self.sequences[-1])

    def part(self, begin: int, end: int) -> "Stretch":
        return Stretch(
            self.run,
            self.like,
            self.sequences[begin:end],
            self.clocks[begin:end],
            self.microseconds[begin:end],
        )

    def at(self, index: int) -> datetime:
        return EPOCH + timedelta(microseconds=self.microseconds[index])

    def heard(self, index: int) -> Heard:
        like, clock, at = self.like, self.clocks[index], self.at(index)
        place = Place(self.run, self.sequences[index])
        if isinstance(like, Tick):
            return Heard(place, Tick(at, clock))
        sighting = Sighting(like.camera, at, clock, like.motion, like.look, like.detections)
        return Heard(place, sighting)

    def __getitem__(self, index: int) -> Heard:
        return self.heard(index)

    def __iter__(self) -> Iterator[Heard]:
        return map(self.heard, range(len(self)))


@dataclass(frozen=True, slots=True)
class Calm:
    """A time in which nothing happened: what lies between two places, by origin."""

    stretches: tuple[Stretch, ...]


History: TypeAlias = Noted | Heard | Calm
