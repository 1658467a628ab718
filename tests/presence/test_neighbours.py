"""Who answers on the network counts as seen, and nobody else. On real networks of namespaces."""

import json
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest

from tests.presence.networks import SUBNET, House, house, ip, made, needs_namespaces, until
from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import Observation
from whosthere.presence import netlink
from whosthere.presence.matching import Device
from whosthere.presence.neighbours import Neighbours

pytestmark = [needs_namespaces, pytest.mark.slow]

LATELY = 3.0  # seconds; longer than the quick network's answers hold
ANN = Device("ann-phone", mac="a4:83:e7:00:00:0a")
TEN = f"{SUBNET}.10"


def looking(*devices: Device, sweep: bool = True) -> Neighbours:
    return Neighbours(interface="br0", devices=devices or (ANN,), sweep=sweep, rest_seconds=1.0)


def heard(source: Neighbours, *, again: bool = False) -> dict[str, Observation]:
    """Who answered just now, by address."""
    return {one.address: one for one in source.seen(again=again) if one.ago < LATELY}


def test_a_phone_of_unknown_address_is_found_by_its_mac(home: House):
    home.phone(10)
    source = looking()
    assert until(lambda: TEN in heard(source))
    assert ANN.mac == heard(source)[TEN].mac


def test_nobody_there_is_an_answer(home: House):
    home.phone(11)
    assert not {one for one in looking().seen() if one.mac == ANN.mac}


@pytest.mark.slow
def test_who_leaves_is_no_longer_heard_and_who_comes_is_heard_again(home: House):
    phone = home.phone(10)
    source = looking()
    assert until(lambda: TEN in heard(source))
    phone.leave()
    assert until(lambda: TEN not in heard(source))
    gone = {one.address: one.ago for one in source.seen()}
    assert until(lambda: {one.address: one.ago for one in source.seen()}[TEN] > gone[TEN] + 2)
    phone.come()
    assert until(lambda: TEN in heard(source))


def test_a_sleeping_phone_is_not_heard_until_it_wakes(home: House):
    phone = home.phone(10)
    source = looking()
    assert until(lambda: TEN in heard(source))
    phone.sleep()
    assert until(lambda: TEN not in heard(source))
    phone.wake()
    assert until(lambda: TEN in heard(source))


def test_a_phone_that_is_slow_to_wake_is_heard_by_the_thorough_look(home: House):
    phone = home.phone(10)
    phone.sleep()
    waker = threading.Timer(1.0, phone.wake)
    waker.start()
    source = looking(Device("ann-phone", address=TEN))
    assert TEN in heard(source, again=True)
    waker.join()


def test_a_phone_without_ipv4_is_found_by_what_the_table_holds(home: House):
    phone = home.phone(10, address="")
    ip("-n", phone.space, "address", "add", "fd77::10/64", "dev", "e0", "nodad")
    ip("-n", home.space, "address", "add", "fd77::1/64", "dev", "br0", "nodad")
    source = looking(Device("ann-phone", address="fd77::10"))
    assert until(lambda: "fd77::10" in heard(source))
    assert phone.mac == heard(source)["fd77::10"].mac


def test_a_stale_entry_is_no_evidence(home: House):
    home.run("ip", "neigh", "add", TEN, "lladdr", ANN.mac, "dev", "br0", "nud", "stale")
    assert {TEN} == {one.address for one in netlink.neighbours(_bridge())}
    assert not looking(sweep=False).seen()


def test_a_stale_entry_tells_where_to_ask(home: House):
    home.phone(10)
    home.run("ip", "neigh", "add", TEN, "lladdr", ANN.mac, "dev", "br0", "nud", "stale")
    source = looking(sweep=False)
    assert until(lambda: TEN in heard(source))


def test_a_fixed_entry_is_no_evidence(home: House):
    home.run("ip", "neigh", "add", TEN, "lladdr", ANN.mac, "dev", "br0", "nud", "permanent")
    assert not looking(sweep=False).seen(again=True)


@pytest.mark.slow
def test_an_answer_between_two_looks_counts(home: House):
    """The entry is stale at both looks, but it was confirmed meanwhile."""
    phone = home.phone(10)
    source = looking()
    assert until(lambda: TEN in heard(source))
    source.devices = ()  # so that only the phone's own traffic confirms the entry
    assert until(lambda: _state(TEN) & netlink.State.STALE)
    before = {one.address: one.ago for one in source.seen()}[TEN]
    assert before >= 1
    phone.calls(f"{SUBNET}.1")  # we refuse, and ask where to say so
    assert until(lambda: _state(TEN) & netlink.State.REACHABLE)
    assert until(lambda: _state(TEN) & netlink.State.STALE)
    after = {one.address: one.ago for one in source.seen()}[TEN]
    assert after < _confirmed(TEN) + 1


@pytest.mark.slow
def test_another_device_at_the_address_is_not_ours(home: House):
    phone = home.phone(10)
    source = looking()
    assert until(lambda: TEN in heard(source))
    phone.leave()
    home.phone(12, address=TEN)
    assert until(lambda: heard(source, again=True).get(TEN, Observation()).mac.endswith(":0c"))
    assert not [one for one in source.seen() if one.mac == ANN.mac and one.ago < LATELY]


def test_a_phone_with_a_new_address_is_found_again(home: House):
    phone = home.phone(10)
    source = looking()
    assert until(lambda: TEN in heard(source))
    phone.leave()
    phone.move_to(f"{SUBNET}.200")
    assert until(lambda: TEN not in heard(source))
    phone.come()
    source.clock = _later(source, 400)
    assert until(lambda: f"{SUBNET}.200" in heard(source, again=True))


def test_without_a_sweep_only_known_addresses_are_asked(home: House):
    home.phone(10)
    assert not heard(looking(sweep=False), again=True)


def test_the_network_is_swept_in_steps_and_not_all_at_once(home: House):
    source = looking()
    source.seen()
    asked = {one.address for one in netlink.neighbours(_bridge())}
    assert f"{SUBNET}.2" in asked
    assert f"{SUBNET}.200" not in asked
    assert home.phones == []


def test_a_network_that_is_too_wide_is_not_swept():
    with house(prefix=20) as wide, wide.inside():
        wide.phone(10)
        assert not heard(looking(), again=True)


def test_the_thorough_look_needs_no_second_one(home: House):
    home.phone(10)
    assert TEN in heard(looking(), again=True)


@pytest.mark.slow
def test_without_devices_of_ours_the_thorough_look_lists_everybody(home: House):
    """Also those of whom the kernel has an old entry, which it lets rest at first."""
    phones = [home.phone(number) for number in (10, 11)]
    home.run("ip", "neigh", "add", TEN, "lladdr", ANN.mac, "dev", "br0", "nud", "stale")
    source = Neighbours(interface="br0")
    assert {phone.mac for phone in phones} == {one.mac for one in source.seen(again=True)}


def test_without_devices_of_ours_nobody_is_woken(home: House):
    home.phone(10)
    assert not Neighbours(interface="br0").seen()
    assert not netlink.neighbours(_bridge())


def test_everything_works_without_root(home: House):
    home.phone(10)
    code = (
        "import json; from whosthere.presence.neighbours import Neighbours;"
        "from whosthere.presence.matching import Device;"
        f"source = Neighbours(interface='br0', devices=[Device('a', mac='{ANN.mac}')]);"
        "source.seen(again=True);"
        "print(json.dumps([[o.mac, o.address] for o in source.seen(again=True)]))"
    )
    answer = subprocess.run(
        ["ip", "netns", "exec", home.space, "setpriv", "--reuid=65534", "--regid=65534",
         "--clear-groups", "--bounding-set=-all", sys.executable, "-c", code],
        check=True, capture_output=True, text=True, timeout=60, cwd="/",
    )  # fmt: skip
    assert [ANN.mac, TEN] in json.loads(answer.stdout)


def test_an_interface_that_is_not_there_is_told_with_those_that_are(home: House):
    assert home.space
    with pytest.raises(PresenceTrouble, match=r"There is no interface 'wlan9'. Set one of br0"):
        Neighbours(interface="wlan9").seen()


def test_an_interface_that_is_down_is_told(home: House):
    ip("-n", home.space, "link", "set", "br0", "down")
    with pytest.raises(PresenceTrouble, match="br0 is down"):
        looking().seen()


def test_no_default_route_is_told(home: House):
    assert home.space
    with pytest.raises(PresenceTrouble, match=r"no default route.*set 'interface': br0"):
        Neighbours().seen()


def test_the_default_route_chooses_the_interface(home: House):
    home.phone(10)
    ip("-n", home.space, "route", "add", "default", "via", TEN)
    assert until(lambda: TEN in heard(Neighbours(devices=[Device("gate", address=TEN)])))


def test_a_network_between_containers_is_told():
    with ExitStack() as stack:
        made(stack, "wt-container")
        ip("-n", "wt-container", "link", "add", "eth0", "type", "veth", "peer", "name", "out")
        for name in ("eth0", "out"):
            ip("-n", "wt-container", "link", "set", name, "up")
        ip("-n", "wt-container", "address", "add", "172.17.0.2/16", "dev", "eth0")
        ip("-n", "wt-container", "route", "add", "default", "via", "172.17.0.1")
        told = pytest.raises(PresenceTrouble, match=r"network between containers.*--network host")
        with House("wt-container", stack).inside(), told:
            Neighbours().seen()


def test_a_firewall_that_forbids_the_probe_is_told(home: House):
    ip("-n", home.space, "-6", "rule", "add", "to", "fd99::5", "prohibit")
    source = looking(Device("ann-phone", address="fd99::5"))
    with pytest.raises(PresenceTrouble, match="forbidden: let the firewall"):
        source.seen()


def test_stopping_cuts_a_look_short(home: House):
    assert home.space
    source = looking(Device("ann-phone", address=TEN))
    threading.Timer(0.2, source.stop).start()
    assert source.seen(again=True) == []


def _bridge() -> int:
    return next(link.number for link in netlink.links() if link.name == "br0")


def _state(address: str) -> netlink.State:
    table = {one.address: one.state for one in netlink.neighbours(_bridge())}
    return table.get(address, netlink.State.FAILED)


def _confirmed(address: str) -> float:
    return {one.address: one.confirmed for one in netlink.neighbours(_bridge())}[address]


def _later(source: Neighbours, seconds: float):
    usual = source.clock
    return lambda: usual() + seconds
