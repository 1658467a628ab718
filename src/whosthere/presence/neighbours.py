"""Sees who answers on the local network, by the kernel's neighbour table and a gentle probe.

Only an answer counts: an entry that is not REACHABLE may be of a device that left long ago. The
kernel keeps when the last answer came, so one between two looks is not missed.
"""

import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Event

from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import Observation
from whosthere.presence import netlink
from whosthere.presence.addresses import address_of
from whosthere.presence.matching import Device, Directory, NoDirectory
from whosthere.presence.netlink import Link, State
from whosthere.presence.probing import Prober, Sweep

FRESH = 5.0  # seconds; in the thorough look, who answered so lately is not asked
ROUNDS = (0.15, 0.35, 0.5)  # seconds for answers, between looks at the table
PATIENT_ROUNDS = (0.3, 0.7, 1.0, 1.0, 1.0)  # the more thorough look; below 5 s with the sweep
ALL_ROUNDS = (*PATIENT_ROUNDS, 1.0, 1.0, 1.0)  # to list everybody: longer than the kernel's 5 s
STEP, AGAIN_STEP = 64, 128  # addresses of a sweep at once
AGAIN_STEPS = 4
SWEEP_EVERY = 300.0  # seconds between sweeps for a device that left its address
SWEEP_OFTEN = 60.0  # the same for one of which no address is known at all
REMEMBERED = 86400.0  # seconds that an address is asked after its device left it
NAME_KEPT = 300.0  # seconds until a host name is looked up again
MOST_PLACES = 8  # of one device that are asked; phones change their IPv6 addresses
_NOT_OURS = ("veth", "ipvlan")  # of containers: behind it is another network


@dataclass(slots=True)
class _Heard:
    """The last answer from an address."""

    mac: str
    clock: float


@dataclass(slots=True)
class _Name:
    """Where a host name leads."""

    addresses: tuple[str, ...]
    clock: float


@dataclass(slots=True)
class Neighbours:
    """A presence source: the devices on the same network that answer."""

    name: str = "network"
    interface: str | None = None
    sweep: bool = True
    devices: Sequence[Device] = ()
    directory: Directory = field(default_factory=NoDirectory)
    rest_seconds: float = 60.0  # that a phone is let sleep after an answer
    sweep_seconds: float = SWEEP_OFTEN
    clock: Callable[[], float] = time.monotonic
    _stopping: Event = field(default_factory=Event)
    _heard: dict[str, _Heard] = field(default_factory=dict)  # by address
    _table: dict[str, str] = field(default_factory=dict)  # the kernel's, answered or not
    _names: dict[str, _Name] = field(default_factory=dict)
    _sweep: Sweep = field(default_factory=Sweep)
    _swept: float | None = None  # when the last round ended; None: it goes on

    def stop(self) -> None:
        """Let a look that is under way end soon."""
        self._stopping.set()

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        """Wake whom we look for, and return all who answered lately, with how long ago."""
        link = self._link()
        ask = Prober(link.number, link.name)
        self._look(link)
        if not (self.devices or again):
            return self._observations()  # there is nobody to look for
        if again:
            self._search(link, ask, AGAIN_STEP, AGAIN_STEPS)
        elif self._sweep_is_due():
            self._search(link, ask, STEP, 1)
        patient = PATIENT_ROUNDS if self.devices else ALL_ROUNDS
        for wait in patient if again else ROUNDS:
            quiet = self._quiet(FRESH if again else self.rest_seconds)
            if not quiet or self._stopping.is_set():
                break
            if again:
                self._insist(link, quiet)
            ask(quiet)
            self._stopping.wait(wait)
            self._look(link)
        return self._observations()

    def _link(self) -> Link:
        found = {link.number: link for link in netlink.links()}
        if self.interface is None:
            default = netlink.default_interface()
            if default is None:
                raise PresenceTrouble(
                    "There is no default route, so it is unclear on which network to look. Connect"
                    f" this machine, or set 'interface': {_choices(found.values())}."
                )
            link = found[default]
            if link.kind in _NOT_OURS:
                raise PresenceTrouble(
                    f"{link.name} leads to a network between containers, on which no phone is ever"
                    " seen. Give the container the host's network (Docker and Podman: --network"
                    " host), or take the router as a source."
                )
        else:
            named = [link for link in found.values() if link.name == self.interface]
            if not named:
                raise PresenceTrouble(
                    f"There is no interface '{self.interface}'. Set one of"
                    f" {_choices(found.values())}, or leave 'interface' out."
                )
            link = named[0]
        if not link.up:
            raise PresenceTrouble(f"Interface {link.name} is down, so nobody can be seen by it.")
        return link

    def _look(self, link: Link) -> None:
        """Note new answers."""
        now = self.clock()
        self._table = {}
        for one in netlink.neighbours(link.number):
            if not one.mac or one.state & State.PERMANENT:
                continue
            self._table[one.address] = one.mac
            heard = now - one.confirmed
            known = self._heard.get(one.address)
            newer = known is None or heard > known.clock or one.mac != known.mac
            if one.state & State.REACHABLE:
                if newer:
                    self._heard[one.address] = _Heard(one.mac, heard)
            elif known and one.mac == known.mac and heard > known.clock + 1:
                known.clock = heard  # it answered between two looks, and that has aged since
        self._heard = {a: h for a, h in self._heard.items() if now - h.clock < REMEMBERED}

    def _observations(self) -> list[Observation]:
        now = self.clock()
        names = {place: host for host, name in self._names.items() for place in name.addresses}
        return [
            Observation(heard.mac, address, names.get(address, ""), ago=now - heard.clock)
            for address, heard in self._heard.items()
        ]

    def _quiet(self, seconds: float) -> list[str]:
        """Return where our devices may be that were silent for a while; without any, everybody."""
        now = self.clock()
        if not self.devices:
            return [place for place, mac in self._table.items()
                    if (one := self._heard.get(place)) is None
                    or one.mac != mac or now - one.clock > seconds]  # fmt: skip
        quiet: dict[str, None] = {}
        for device in self.devices:
            where = self._whereabouts(device)
            fresh = any(
                (heard := self._heard.get(place)) is not None
                and now - heard.clock <= seconds
                and (not device.mac or heard.mac == device.mac)
                for place in where
            )
            if not fresh:
                quiet.update(dict.fromkeys(where))
        return list(quiet)

    def _whereabouts(self, device: Device) -> list[str]:
        """Return all addresses at which a device may answer, the likeliest first."""
        heard = sorted(
            (place for place, one in self._heard.items() if one.mac == device.mac),
            key=lambda place: -self._heard[place].clock,
        )
        given = [device.address] if device.address else []
        table = [place for place, mac in self._table.items() if device.mac == mac]
        told = self.directory.addresses(device) or self._resolved(device.host)
        return list(dict.fromkeys([*given, *told, *heard, *table]))[:MOST_PLACES]

    def _resolved(self, host: str) -> tuple[str, ...]:
        """Ask the resolver of this machine, which often is the router, for a name."""
        if not host:
            return ()
        known, now = self._names.get(host), self.clock()
        if known is None or now - known.clock > NAME_KEPT:
            found = _look_up(host)
            known = self._names[host] = _Name(found or (known.addresses if known else ()), now)
        return known.addresses

    def _insist(self, link: Link, places: Iterable[str]) -> None:
        """Have entries asked about at once that the kernel would let rest for 5 s; root may."""
        wanted = set(places)
        for one in netlink.neighbours(link.number):
            resting = one.mac and one.state & (State.STALE | State.DELAY)
            if one.address in wanted and resting and not netlink.ask_anew(one):
                return

    def _sweep_is_due(self) -> bool:
        if self._swept is None:
            return True
        known = all(self._whereabouts(device) for device in self.devices)
        return self.clock() - self._swept >= (SWEEP_EVERY if known else self.sweep_seconds)

    def _search(self, link: Link, ask: Prober, step: int, steps: int) -> None:
        """Ask the next addresses of the network, if one of our devices is not to be found."""
        now = self.clock()
        lost = [
            device
            for device in self.devices
            if device.mac
            and not any(h.mac == device.mac and now - h.clock < self.rest_seconds
                        for h in self._heard.values())
        ]  # fmt: skip
        if not self.sweep or (self.devices and not lost):
            return  # without any device, somebody wants to know all that there is
        subnets = netlink.subnets(link.number)
        for _ in range(steps):
            places = self._sweep.next(subnets, step)
            ask(place for place in places if place not in self._heard)
            self._swept = None if len(places) == step else self.clock()
            self._stopping.wait(0.3)
            self._look(link)
            if len(places) < step or self._stopping.is_set():
                return


def _choices(links: Iterable[Link]) -> str:
    names = [link.name for link in links if link.up and link.name != "lo"]
    return ", ".join(names) or "none is up"


def _look_up(host: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in (host, f"{host}.local"):
        try:
            answers = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            continue
        found.update({address_of(str(answer[4][0])): None for answer in answers})
        break
    return tuple(found)
