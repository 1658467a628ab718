"""`whosthere check` tries lights, sirens, sensors and the diode, and switches nothing."""

from pathlib import Path

import pytest
from gpiozero import Device

from tests.servers.mosquitto import MISSING, PASSWORD, USER, Mosquitto
from tests.servers.plugs import Plug
from whosthere.app.check_devices import devices
from whosthere.app.settings import Settings, parse
from whosthere.core.errors import BadSettings, DeviceTrouble

CAMERA = '[cameras.front]\nkind = "file"\npath = "a.mp4"\n'


def settings(more: str, folder: Path) -> Settings:
    return parse(f'[storage]\nfolder = "{folder}"\n{CAMERA}{more}', "test")


def test_each_says_how_it_is(tmp_path: Path):
    with Plug("shelly2", on=True) as plug:
        asked = f'kind = "http"\ndevice = "shelly2"\nurl = "{plug.address}"\n'
        more = f'[lights.porch]\n{asked}[sirens.roof]\n{asked}[lights.bed]\nkind = "simulated"\n'
        parts = {name: ask() for name, ask in devices(settings(more, tmp_path))}
    switches = dict.fromkeys(["light porch", "siren roof"], "answers, and is on")
    assert {**switches, "light bed": "answers, and is off"} == parts
    assert ["/rpc/Switch.GetStatus?id=0"] * 2 == plug.asked


def test_one_that_is_gone_is_a_trouble(tmp_path: Path):
    more = '[lights.porch]\nkind = "http"\ndevice = "shelly1"\nurl = "http://127.0.0.1:9"\n'
    ((_, ask),) = devices(settings(more, tmp_path))
    with pytest.raises(DeviceTrouble, match="the connection is refused"):
        ask()


PINS = """
[lights.shed]
kind = "gpio"
pin = 5
[sirens.roof]
kind = "gpio"
pin = 6
[sensors.hall]
kind = "pir"
pin = 17
camera = "front"
[led]
pin = 22
"""


def test_pins_are_not_touched(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    said = {name: ask() for name, ask in devices(settings(PINS, tmp_path))}
    numbers = {"light shed": 5, "siren roof": 6, "sensor hall": 17, "led": 22}
    assert {
        name: f"GPIO {pin} can be reached (Mock); it was not touched"
        for name, pin in numbers.items()
    } == said
    assert {} == Device.pin_factory.pins


@pytest.mark.usefixtures("no_pins")
def test_a_machine_without_pins_is_told(tmp_path: Path):
    for _, ask in devices(settings(PINS, tmp_path)):
        with pytest.raises(DeviceTrouble, match=r"GPIO \d+ cannot be used"):
            ask()


CALLED = '[sensors.shed]\nkind = "webhook"\ncamera = "front"\n'


def test_a_sensor_that_calls_needs_a_web_server(tmp_path: Path):
    ((_, ask),) = devices(settings(CALLED, tmp_path))
    with pytest.raises(DeviceTrouble, match=r"web\.listen"):
        ask()
    ((_, ask),) = devices(settings(f'{CALLED}[web]\nlisten = "127.0.0.1:8086"\n', tmp_path))
    assert "is called by POST /api/sensors/shed/on and /off" == ask()


BY_MQTT = """
[sirens.roof]
kind = "mqtt"
host = "127.0.0.1"
port = {port}
user = "{user}"
command_topic = "roof/set"
[sensors.hall]
kind = "mqtt"
host = "127.0.0.1"
port = {port}
user = "{user}"
topic = "hall"
camera = "front"
"""


@pytest.mark.skipif(MISSING, reason="needs Mosquitto")
def test_brokers_are_greeted(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("WHOSTHERE_ROOF_PASSWORD", PASSWORD)
    monkeypatch.setenv("WHOSTHERE_HALL_PASSWORD", "wr0ng")
    broker = Mosquitto(tmp_path / "broker")
    broker.start()
    try:
        more = BY_MQTT.format(port=broker.port, user=USER)
        (_, roof), (_, hall) = devices(settings(more, tmp_path))
        assert roof().startswith(f"the broker at 127.0.0.1:{broker.port} lets us in")
        with pytest.raises(DeviceTrouble, match="WHOSTHERE_HALL_PASSWORD") as raised:
            hall()
        assert "wr0ng" not in str(raised.value)
    finally:
        broker.stop()
    with pytest.raises(DeviceTrouble, match="refuses the connection"):
        roof()


OWN = """
[sirens.roof]
kind = "http"
device = "own"
url = "{url}"
on = {{ path = "/relay/0?turn=on" }}
off = {{ path = "/relay/0?turn=off" }}
"""
ENDS = 'on_for = { path = "/relay/0?turn=on&timer={seconds}" }\n'


def test_a_siren_that_would_sound_on_is_told(tmp_path: Path):
    with Plug("shelly1") as plug:
        more = OWN.format(url=plug.address)
        ((_, alone),) = devices(settings(more, tmp_path))
        ((_, ends),) = devices(settings(more + ENDS, tmp_path))
        assert "If this program is killed while it sounds, nothing ends it: set 'on_for'" in alone()
        assert "is there; it was not asked how it is, since there is no 'state'" == ends()
        assert [] == plug.asked
    with pytest.raises(DeviceTrouble, match="the connection is refused"):
        ends()


WRONG = {
    '[sensors.hall]\nkind = "pir"\npin = 17\ncamera = "bakc"': "there is no camera 'bakc'",
    '[lights.a]\nkind = "simulated"\ncameras = ["bakc"]': "there is no camera 'bakc'",
    '[lights.a]\nkind = "simulated"\ncameras = ["front"]\nby_motion = "times"': "'begins'",
    '[lights.a]\nkind = "simulated"\nby_motion = "dark"': "say in 'cameras'",
    '[lights.a]\nkind = "http"\ndevice = "own"\nurl = "http://a"': "needs 'on' and 'off'",
    '[lights.a]\nkind = "http"\ndevice = "shelly1"\nurl = "http://u:p@a"': "url",
    '[sirens.a]\nkind = "simulated"\nlongest_seconds = 3600': "at most 900",
    '[sensors.a]\nkind = "pir"\npin = 40\ncamera = "front"': "at most 27",
    '[cameras.front.pan_tilt]\nkind = "simulated"\npatrol = { begins = 22, ends = "06:00" }': (
        "patrol.begins: write a local time of day, as '21:00'"
    ),
    '[lights.a]\nkind = "gpio"\npin = 5\n[sirens.b]\nkind = "gpio"\npin = 5': (
        "sirens.b and lights.a both have GPIO 5"
    ),
    '[led]\npin = 17\n[sensors.a]\nkind = "pir"\npin = 17\ncamera = "front"': (
        "led and sensors.a both have GPIO 17"
    ),
    '[lights.a]\nkind = "gpio"\npin = 3\n[cameras.front.pan_tilt]\nkind = "hat"': (
        "Pan-Tilt HAT and lights.a both have GPIO 3"
    ),
}


@pytest.mark.parametrize(("more", "words"), WRONG.items())
def test_mistakes_are_told(more: str, words: str, tmp_path: Path):
    with pytest.raises(BadSettings, match=words):
        settings(more, tmp_path)
