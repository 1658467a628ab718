"""Devices are recognised in any notation, and never guessed."""

import pytest

from whosthere.core.presence import DeviceSeen, Observation
from whosthere.presence.addresses import (
    address_of,
    bluetooth_of,
    host_of,
    is_randomised,
    mac_of,
    own_host_of,
    own_mac_of,
)
from whosthere.presence.matching import Device, Matcher, newest

MAC, OTHER = "a4:83:e7:00:00:0a", "a4:83:e7:00:00:0b"
BEACON = "e2c56db5-dffb-48d2-b060-d0f5a71096e0"
ANN = Device("ann-phone", mac=MAC, host="anns-iphone", address="192.168.1.10")


def seen_by(device: Device, *observations: Observation) -> tuple[DeviceSeen, ...]:
    return newest(Matcher([device]).match(observations))


@pytest.mark.parametrize(
    "written",
    [
        "a4:83:e7:00:00:0a",
        "A4:83:E7:00:00:0A",
        "A4-83-E7-00-00-0A",
        "a483.e700.000a",
        "a483e700000a",
        " a4:83:e7:0:0:a ",
        "a4 83 e7 00 00 0a",
    ],
)
def test_a_mac_address_may_be_written_in_any_way(written: str):
    assert MAC == mac_of(written)


@pytest.mark.parametrize("written", ["", "a4:83:e7", "a4:83:e7:00:00:0g", "192.168.1.10", "iphone"])
def test_what_is_no_mac_address_is_refused(written: str):
    with pytest.raises(ValueError, match="six pairs of hex digits"):
        mac_of(written)


@pytest.mark.parametrize("written", ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "0:0:0:0:0:0"])
def test_an_address_of_many_is_nobodys(written: str):
    with pytest.raises(ValueError, match="address of no single device"):
        own_mac_of(written)


@pytest.mark.parametrize(
    ("mac", "made_up"),
    [
        ("02:00:00:00:00:01", True),
        ("da:a1:19:00:00:01", True),
        ("9e:00:00:00:00:01", True),
        ("a4:83:e7:00:00:01", False),
        ("00:1a:2b:00:00:01", False),
        ("", False),
    ],
)
def test_an_address_that_a_phone_made_up_is_told_by_its_second_digit(mac: str, made_up: bool):  # noqa: FBT001 - a table
    assert made_up == is_randomised(mac)


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("Anns-iPhone", "anns-iphone"),
        ("Anns-iPhone.local.", "anns-iphone"),
        ("anns-iphone.fritz.box", "anns-iphone"),
        ("Ann\u2019s iPhone", "anns-iphone"),
        ("Ann's iPhone", "anns-iphone"),
    ],
)
def test_a_name_is_the_same_in_any_domain_and_case(written: str, host: str):
    assert host == host_of(written) == own_host_of(written)


def test_what_can_be_no_name_is_refused():
    with pytest.raises(ValueError, match="letters, digits"):
        own_host_of("*")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.168.1.10", "192.168.1.10"),
        ("fe80::1%eth0", "fe80::1"),
        ("FD00:0::0A", "fd00::a"),
        ("::ffff:192.168.1.10", "192.168.1.10"),
    ],
)
def test_an_address_has_one_form(written: str, address: str):
    assert address == address_of(written)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("C3:00:00:12:34:56", "c3:00:00:12:34:56"),
        (BEACON.upper(), BEACON),
        (f"{BEACON}/1/7", f"{BEACON}/1/7"),
        (BEACON.replace("-", ""), BEACON),
    ],
)
def test_a_beacon_has_one_form(written: str, known: str):
    assert known == bluetooth_of(written)


@pytest.mark.parametrize("written", ["", "iphone", f"{BEACON}/1/70000", f"{BEACON}/1/2/3", "c3:00"])
def test_what_is_no_beacon_is_refused(written: str):
    with pytest.raises(ValueError, match="UUID/major/minor"):
        bluetooth_of(written)


@pytest.mark.parametrize(
    ("seen", "how"),
    [
        (Observation(mac="A4-83-E7-00-00-0A"), "by its MAC address"),
        (Observation(host="Anns-iPhone.lan"), "by its name anns-iphone"),
        (Observation(mac=OTHER, host="Anns-iPhone"), "by its name anns-iphone"),
        (Observation(address="192.168.1.10"), "by its address 192.168.1.10"),
        (Observation(device="ann-phone"), "by its name in the settings"),
    ],
)
def test_a_device_is_recognised_by_any_of_its_marks(seen: Observation, how: str):
    assert (DeviceSeen("ann-phone", 0.0, how),) == seen_by(ANN, seen)


@pytest.mark.parametrize(
    "seen",
    [
        Observation(mac=OTHER),
        Observation(host="bobs-iphone"),
        Observation(host="anns-iphone-2"),
        Observation(mac="rubbish", host="", address="x"),
        Observation(device="bob-phone"),
        Observation(),
    ],
)
def test_others_are_not_recognised(seen: Observation):
    assert not seen_by(ANN, seen)


def test_an_address_that_went_to_another_device_is_no_mark():
    assert not seen_by(ANN, Observation(mac=OTHER, address="192.168.1.10"))


def test_the_latest_sight_of_a_device_counts():
    seen = seen_by(ANN, Observation(mac=MAC, ago=50), Observation(mac=MAC, ago=3))
    assert (DeviceSeen("ann-phone", 3, "by its MAC address"),) == seen


@pytest.mark.parametrize(
    ("wanted", "heard", "same"),
    [
        (BEACON, f"{BEACON}/1/7", True),
        (f"{BEACON}/1", f"{BEACON}/1/7", True),
        (f"{BEACON}/1/7", f"{BEACON}/1/7", True),
        (f"{BEACON}/1", f"{BEACON}/12/7", False),
        (f"{BEACON}/1/7", f"{BEACON}/1/8", False),
        ("c3:00:00:12:34:56", "c3:00:00:12:34:56", True),
    ],
)
def test_a_beacon_may_be_named_by_its_first_parts(wanted: str, heard: str, same: bool):  # noqa: FBT001 - a table
    tag = Device("ann-keys", bluetooth=wanted)
    assert same == bool(seen_by(tag, Observation(bluetooth=heard)))


def test_two_devices_of_one_name_are_told_and_neither_counts():
    """Else a guest's 'iphone' would disarm."""
    matcher = Matcher([Device("ann-phone", host="iphone")])
    twins = [Observation(mac=MAC, host="iPhone"), Observation(mac=OTHER, host="iphone.lan")]
    assert not matcher.match(twins)
    assert [
        (
            f"2 devices call themselves 'iphone': {MAC}, {OTHER}. None of them counts as ann-phone."
            " Give that device its own 'mac' in the settings, or another name."
        )
    ] == list(matcher.doubts)


def test_of_two_devices_of_one_name_the_one_known_before_counts():
    matcher = Matcher([Device("ann-phone", host="iphone")])
    matcher.match([Observation(mac=OTHER, host="iphone")])
    twins = [Observation(mac=MAC, host="iphone"), Observation(mac=OTHER, host="iphone")]
    assert [OTHER] == [match.seen.mac for match in matcher.match(twins)]
    assert f"Only {OTHER} counts" in matcher.doubts[0]


def test_with_a_mac_address_a_twin_by_name_does_no_harm():
    matcher = Matcher([Device("ann-phone", mac=MAC, host="iphone")])
    twins = [Observation(mac=MAC, host="iphone"), Observation(mac=OTHER, host="iphone")]
    assert [MAC] == [match.seen.mac for match in matcher.match(twins)]
    assert () == matcher.doubts


def test_one_device_at_two_addresses_is_no_twin():
    matcher = Matcher([Device("ann-phone", host="iphone")])
    matcher.match(
        [
            Observation(mac=MAC, host="iphone", address="192.168.1.10"),
            Observation(mac=MAC, host="iphone", address="fd00::10"),
        ]
    )
    assert () == matcher.doubts
