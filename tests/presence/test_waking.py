"""Phones that sleep are woken before a router is asked for them."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

from whosthere.core.presence import Observation
from whosthere.presence.matching import Device
from whosthere.presence.probing import PORT
from whosthere.presence.waking import RESTS, Waking, anywhere

PHONE = Device("ann-phone", mac="a4:83:e7:00:00:0a")
SEEN = Observation(mac=PHONE.mac, address="192.168.1.23")
LEAVES = 300.0


@dataclass
class Router:
    """Lists whom it is told to."""

    listed: list[Observation] = field(default_factory=lambda: [SEEN])
    asked: list[bool] = field(default_factory=list)
    stopped: bool = False

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        self.asked.append(again)
        return self.listed

    def stop(self) -> None:
        self.stopped = True


@dataclass
class Home:
    """A router, a clock, and the datagrams that were sent."""

    now: float = 1000.0
    sent: list[list[str]] = field(default_factory=list)
    router: Router = field(default_factory=Router)

    def waking(self, device: Device = PHONE) -> Waking:
        return Waking(
            self.router, [device], LEAVES, send=lambda to: self.sent.append(list(to)),
            clock=lambda: self.now, wakes_within=0.0,
        )  # fmt: skip

    def later(self, seconds: float) -> None:
        self.now += seconds


def test_a_listed_phone_is_left_in_peace():
    home = Home()
    source = home.waking()
    for _ in range(20):
        assert source.seen() == [SEEN]
        home.later(15)
    assert home.sent == []


def test_a_phone_that_is_missing_is_woken_long_before_it_counts_as_gone():
    home = Home()
    source = home.waking()
    source.seen()
    home.router.listed = []
    home.later(90)
    source.seen()
    assert home.sent == []
    home.later(15)
    source.seen()
    assert home.sent == [["192.168.1.23"]]


def test_between_two_datagrams_it_rests():
    home = Home()
    source = home.waking()
    source.seen()
    home.router.listed = []
    home.later(LEAVES / 2)
    source.seen()
    home.later(RESTS - 1)
    source.seen()
    assert len(home.sent) == 1
    home.later(1)
    source.seen()
    assert len(home.sent) == 2


def test_who_is_away_for_long_is_not_called():
    home = Home()
    source = home.waking()
    source.seen()
    home.router.listed = []
    home.later(3 * LEAVES)
    source.seen()
    assert home.sent == []


def test_a_thorough_look_calls_whoever_was_ever_seen():
    home = Home()
    source = home.waking()
    source.seen()
    home.router.listed = []
    home.later(3 * LEAVES)
    source.seen(again=True)
    assert home.sent == [["192.168.1.23"]]
    assert home.router.asked == [False, True]


def test_a_device_of_known_address_is_called_though_it_was_never_listed():
    home = Home()
    home.router.listed = []
    home.waking(Device("tablet", address="192.168.1.40")).seen(again=True)
    assert home.sent == [["192.168.1.40"]]


def test_stopping_stops_the_router_too():
    home = Home()
    home.waking().stop()
    assert home.router.stopped


def test_the_datagram_is_a_real_one():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.9", PORT))
        phone.settimeout(5)
        anywhere(["127.0.0.9"])
        said, _ = phone.recvfrom(100)
    assert said == bytes(12)
