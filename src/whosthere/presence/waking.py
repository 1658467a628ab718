"""Wakes phones before a router is asked: a sleeping phone may be missing on its list for minutes.

One small datagram goes to the last known address of each of our devices that has not been listed
for a third of its time, and to all that are missing when a thorough look is asked for. To send it,
the kernel or the router asks for the phone's MAC address, which its Wi-Fi chip answers asleep. A
device that has been away for long is left alone.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Event

from whosthere.core.ports import PresenceSource
from whosthere.core.presence import Observation
from whosthere.presence.matching import Device, Directory, Matcher, NoDirectory
from whosthere.presence.probing import Prober

SHARE = 1 / 3  # of the time after which a device counts as gone
RESTS = 30.0  # seconds between two datagrams to one device
WAKES_WITHIN = 2.0  # seconds; then a thorough look asks


def anywhere(addresses: Iterable[str]) -> None:
    """Send one datagram to each, by whichever interface leads there."""
    Prober(0, "")(addresses)


@dataclass(slots=True)
class _Known:
    """What is known of one device."""

    address: str = ""
    seen: float | None = None  # by the clock
    woken: float | None = None


@dataclass(slots=True)
class Waking:
    """Fulfils `core.ports.PresenceSource` around another source."""

    source: PresenceSource
    devices: Sequence[Device]
    leave_seconds: float
    directory: Directory = field(default_factory=NoDirectory)
    send: Callable[[Iterable[str]], None] = anywhere
    clock: Callable[[], float] = time.monotonic
    wakes_within: float = WAKES_WITHIN
    _known: dict[str, _Known] = field(default_factory=dict)
    _matcher: Matcher = field(init=False)
    _stopping: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self._matcher = Matcher(self.devices, self.directory)
        self._known = {device.name: _Known(device.address) for device in self.devices}

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        """Wake who may sleep, then ask."""
        woken = self._wake(again=again)
        if woken and again:
            self._stopping.wait(self.wakes_within)
        found = self.source.seen(again=again)
        now = self.clock()
        for match in self._matcher.match(found):
            known = self._known[match.device]
            known.address = match.seen.address or known.address
            known.seen = max(known.seen or 0.0, now - match.seen.ago)
        return found

    def stop(self) -> None:
        """Cut short what is under way."""
        self._stopping.set()
        cut_short = getattr(self.source, "stop", None)  # a source need not have it
        if cut_short is not None:
            cut_short()

    def _wake(self, *, again: bool) -> bool:
        now = self.clock()
        asleep = [one for one in self.devices if self._may_sleep(one, now, again=again)]
        for device in asleep:
            self._known[device.name].woken = now
        places = {place for device in asleep for place in self._places(device)}
        if places:
            self.send(sorted(places))
        return bool(places)

    def _may_sleep(self, device: Device, now: float, *, again: bool) -> bool:
        known = self._known[device.name]
        if known.seen is None:
            return again
        unseen = now - known.seen
        if again:
            return unseen > 0
        rested = known.woken is None or now - known.woken >= RESTS
        return rested and SHARE * self.leave_seconds <= unseen <= 2 * self.leave_seconds

    def _places(self, device: Device) -> list[str]:
        address = self._known[device.name].address
        return [*([address] if address else []), *self.directory.addresses(device)]
