"""Tags and beacons are heard through bleak, on a real D-Bus with a stand-in for BlueZ's service."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from whosthere.core.errors import PresenceTrouble
from whosthere.presence.bluetooth import Bluetooth, beacon_in, ids
from whosthere.presence.matching import Device, Matcher, newest

pytest.importorskip("bleak", reason="needs the extra 'bluetooth'")

from tests.presence.bluez import BlueZ, bluez, makers_data, system_bus

UUID = "e2c56db5-dffb-48d2-b060-d0f5a71096e0"
# the example of Apple's specification with major 1 and minor 7: flags, then its beacon
BEACON = bytes.fromhex("0201061aff4c000215e2c56db5dffb48d2b060d0f5a71096e000010007c5")
# an iPhone's "nearby" call: flags, power, manufacturer data of type 16
IPHONE = bytes.fromhex("02011a020a0c0bff4c001006031e5f2f9d5b")
TAG, ROTATING = "C3:00:00:12:34:56", "5A:11:22:33:44:55"
ANN_KEYS = Device("ann-keys", bluetooth=f"{UUID}/1/7")
needs_bus = pytest.mark.skipif(
    shutil.which("dbus-daemon") is None, reason="needs the program dbus-daemon"
)


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with system_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address


@pytest.fixture
def radio(bus: str) -> Iterator[BlueZ]:
    with bluez(bus, calls=[(TAG, BEACON), (ROTATING, IPHONE)]) as service:
        yield service


@pytest.fixture
def source() -> Iterator[Bluetooth]:
    made = Bluetooth(listen_seconds=0.5)
    yield made
    made.close()


@needs_bus
def test_beacons_and_tags_are_heard(radio: BlueZ, source: Bluetooth):
    heard = {one.bluetooth for one in source.seen()}
    assert {TAG.lower(), f"{UUID}/1/7", ROTATING.lower()} == heard
    assert 1 == radio.scans


@needs_bus
def test_a_beacon_is_recognised_as_somebodys(radio: BlueZ, source: Bluetooth):
    assert radio.calls
    found = newest(Matcher([ANN_KEYS]).match(source.seen()))
    assert [("ann-keys", "by Bluetooth")] == [(one.device, one.how) for one in found]


@needs_bus
def test_each_look_listens_anew(radio: BlueZ, source: Bluetooth):
    source.seen()
    radio.calls = [(ROTATING, IPHONE)]
    ages = {one.bluetooth: one.ago for one in source.seen()}
    assert ages[ROTATING.lower()] < ages[TAG.lower()]
    assert 2 == radio.scans


@needs_bus
def test_listening_ends_when_all_were_heard(radio: BlueZ):
    assert radio.calls
    source = Bluetooth(listen_seconds=3600, devices=[ANN_KEYS])
    assert source.seen(again=True)  # or the test would run into its time limit
    source.close()


@needs_bus
def test_listening_can_be_cut_short(radio: BlueZ):
    radio.calls = []
    source = Bluetooth(listen_seconds=3600)
    timer = threading.Timer(0.5, source.stop)
    timer.start()
    assert not source.seen()
    timer.join()
    source.close()


@needs_bus
def test_a_radio_that_is_off_is_told(bus: str, source: Bluetooth):
    with (
        bluez(bus, powered=False),
        pytest.raises(PresenceTrouble, match="'bluetoothctl power on'"),
    ):
        source.seen()


@needs_bus
def test_no_radio_is_told(bus: str, source: Bluetooth):
    with bluez(bus, radios=0), pytest.raises(PresenceTrouble, match="not there or is off"):
        source.seen()


@needs_bus
def test_the_missing_service_is_told_and_it_works_once_it_is_there(bus: str, source: Bluetooth):
    with pytest.raises(PresenceTrouble, match="sudo apt install bluez"):
        source.seen()
    with bluez(bus, calls=[(TAG, BEACON)]):
        assert source.seen()


def test_no_bus_at_all_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Bluetooth):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    with pytest.raises(PresenceTrouble, match="sudo apt install bluez"):
        source.seen()


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (BEACON, f"{UUID}/1/7"),
        (BEACON.replace(b"\x00\x01\x00\x07", b"\xff\xff\x12\x34"), f"{UUID}/65535/4660"),
        (IPHONE, None),
        (bytes.fromhex("0201060aff4c00021500112233"), None),
        (b"", None),
    ],
    ids=["beacon", "largest numbers", "iPhone", "cut off", "nothing"],
)
def test_a_beacon_is_read_from_its_call(call: bytes, expected: str | None):
    assert expected == beacon_in(makers_data(call).get(0x004C, b""))


def test_a_caller_is_known_by_its_address_too():
    assert [TAG.lower()] == ids(TAG, makers_data(IPHONE))
