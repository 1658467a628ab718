"""Which known device an observation is of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from whosthere.core.presence import DeviceSeen, Observation
from whosthere.presence.addresses import address_of, bluetooth_of, host_of, mac_of

FIX_IT = """\
That is fine as long as it keeps it. To make sure, on the device:
  iPhone, iPad  Settings, Wi-Fi, the (i) beside your network, Private Wi-Fi Address: Fixed or Off
                (before iOS 18 there is only on, which keeps it, and off)
  Android       Settings, Network and Internet, Internet, your network, Privacy: Use device MAC
  Windows       Settings, Network and Internet, Wi-Fi, your network, Random hardware addresses: Off
"""


@dataclass(frozen=True, slots=True)
class Device:
    """What a person carries, and what it is recognised by. All in the form of `addresses`."""

    name: str
    mac: str = ""
    host: str = ""
    address: str = ""
    bluetooth: str = ""

    def marks(self) -> frozenset[str]:
        """Return what is known of it. Some sources know it by its name here."""
        given = ("mac", "host", "address", "bluetooth")
        return frozenset({"device", *(mark for mark in given if getattr(self, mark))})


class Directory(Protocol):
    """Knows which address and name a device has, as DHCP servers do."""

    def complete(self, seen: Observation) -> Observation:
        """Add what is known of the one that was seen."""
        ...

    def addresses(self, device: Device) -> Sequence[str]:
        """Return where a device may be found."""
        ...


class NoDirectory:
    """Knows nobody."""

    def complete(self, seen: Observation) -> Observation:
        return seen

    def addresses(self, device: Device) -> Sequence[str]:
        del device
        return ()


def tidy(seen: Observation) -> Observation:
    """Bring what a source says into one form. What cannot be read counts as not said."""
    return Observation(
        mac=_or_nothing(mac_of, seen.mac),
        address=_or_nothing(address_of, seen.address),
        host=_or_nothing(host_of, seen.host),
        bluetooth=_or_nothing(bluetooth_of, seen.bluetooth),
        device=seen.device,
        ago=max(0.0, seen.ago),
    )


@dataclass(frozen=True, slots=True)
class Match:
    """One observation of a known device."""

    device: str
    seen: Observation
    how: str


@dataclass(slots=True)
class Matcher:
    """Recognises devices. Remembers which MAC address goes with a name, to tell twins apart."""

    devices: Sequence[Device]
    directory: Directory = field(default_factory=NoDirectory)
    doubts: tuple[str, ...] = ()  # of the last look, in words
    _mac_of: dict[str, str] = field(default_factory=dict)  # by device that is known by name

    def match(self, observations: Iterable[Observation]) -> list[Match]:
        """Return all observations of known devices, the surest first."""
        found: list[Match] = []
        doubts: list[str] = []
        seen = [self.directory.complete(tidy(one)) for one in observations]
        for device in self.devices:
            sure = [m for one in seen if (m := _surely(device, one))]
            found += sure or self._by_name(device, seen, doubts) or _by_address(device, seen)
        self.doubts = tuple(doubts)
        return found

    def _by_name(
        self, device: Device, seen: Sequence[Observation], doubts: list[str]
    ) -> list[Match]:
        """A name is no proof: a guest's phone may call itself 'iphone' too."""
        named = [one for one in seen if device.host and one.host == device.host]
        macs = sorted({one.mac for one in named if one.mac})
        if len(macs) > 1:
            known = self._mac_of.get(device.name)
            named = [one for one in named if one.mac == known] if known else []
            doubts.append(
                f"{len(macs)} devices call themselves '{device.host}': {', '.join(macs)}."
                f" {f'Only {known} counts' if named else 'None of them counts'} as {device.name}."
                " Give that device its own 'mac' in the settings, or another name."
            )
        elif macs:
            self._mac_of[device.name] = macs[0]
        return [Match(device.name, one, f"by its name {device.host}") for one in named]


def newest(matches: Iterable[Match]) -> tuple[DeviceSeen, ...]:
    """Return the latest sight of each device."""
    best: dict[str, Match] = {}
    for match in matches:
        known = best.get(match.device)
        if known is None or match.seen.ago < known.seen.ago:
            best[match.device] = match
    return tuple(DeviceSeen(one.device, one.seen.ago, one.how) for one in best.values())


def _surely(device: Device, seen: Observation) -> Match | None:
    if seen.device == device.name:
        return Match(device.name, seen, "by its name in the settings")
    if device.mac and seen.mac == device.mac:
        return Match(device.name, seen, "by its MAC address")
    if device.bluetooth and _same_beacon(device.bluetooth, seen.bluetooth):
        return Match(device.name, seen, "by Bluetooth")
    return None


def _by_address(device: Device, seen: Iterable[Observation]) -> list[Match]:
    """An address may have gone to another device, which its MAC address then tells."""
    return [
        Match(device.name, one, f"by its address {device.address}")
        for one in seen
        if device.address
        and one.address == device.address
        and not (device.mac and one.mac and one.mac != device.mac)
    ]


def _same_beacon(wanted: str, heard: str) -> bool:
    return heard == wanted or heard.startswith(f"{wanted}/")


def _or_nothing(form: Callable[[str], str], text: str) -> str:
    try:
        return form(text) if text else ""
    except ValueError:
        return ""
