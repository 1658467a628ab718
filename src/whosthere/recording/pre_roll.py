"""The newest packets of a camera, so that a clip can begin before anybody knew it was needed."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import NamedTuple

from whosthere.core.packets import Packet


class Numbered(NamedTuple):
    """A packet with its place in the row of all packets of its camera."""

    number: int
    packet: Packet


@dataclass(slots=True)
class _Group:
    """Packets that are kept or dropped together: a key frame and what needs it."""

    first: int  # number of its first packet
    packets: deque[Packet] = field(default_factory=deque)
    size: int = 0  # bytes

    @property
    def begins_with_key(self) -> bool:
        return self.packets[0].key


class PreRoll:
    """A ring of packets. Any number of clips read from it, each at its own pace.

    It begins with a key frame and drops whole groups of pictures, while what is left still covers
    the time, or when it holds too many bytes. Only if a single group is larger than all that is
    allowed (a camera that hardly sends key frames), that group loses its head: clips that have
    begun go on from it, and new ones begin at the next key frame.
    """

    def __init__(self, seconds: float, most_bytes: int = 32 * 2**20) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._groups: deque[_Group] = deque()
        self._next = 0
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes of the packets that are held."""
        return self._size

    def add(self, packet: Packet) -> None:
        with self._lock:
            if packet.key:
                self._groups.append(_Group(self._next))
            elif not self._groups or self._groups[-1].packets[-1].stream != packet.stream:
                return  # nobody could decode it
            group = self._groups[-1]
            group.packets.append(packet)
            group.size += len(packet.data)
            self._size += len(packet.data)
            self._next += 1
            self._forget(packet.clock - self._seconds)

    def starting(self, clock: float) -> int | None:
        """Return the number of the last key frame at or before `clock`, or of the first there is.

        None: there is no key frame yet.
        """
        with self._lock:
            return self._last_key(lambda group: group.packets[0].clock <= clock)

    def key_before(self, number: int) -> int | None:
        """Return the number of the last key frame up to `number`, or of the first there is."""
        with self._lock:
            return self._last_key(lambda group: group.first <= number)

    def since(self, number: int) -> tuple[Numbered, ...]:
        """Return all packets from `number` on. Later ones only, if it is dropped already."""
        with self._lock:
            found: list[Numbered] = []
            for group in self._groups:
                skip = max(0, number - group.first)
                if skip < len(group.packets):
                    kept = islice(group.packets, skip, None)
                    found += map(Numbered, range(group.first + skip, self._next), kept)
            return tuple(found)

    def _last_key(self, wanted: Callable[[_Group], bool]) -> int | None:
        groups = [group for group in self._groups if group.begins_with_key]
        found = list(filter(wanted, groups))[-1:] or groups[:1]
        return found[0].first if found else None

    def _forget(self, oldest_clock: float) -> None:
        while len(self._groups) > 1 and (
            self._size > self._most_bytes or self._groups[1].packets[0].clock <= oldest_clock
        ):
            self._size -= self._groups.popleft().size
        group = self._groups[0]
        while self._size > self._most_bytes and len(group.packets) > 1:
            dropped = len(group.packets.popleft().data)
            group.first += 1
            group.size -= dropped
            self._size -= dropped
