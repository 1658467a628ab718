"""What all kinds of switch have in common, and what is special about each."""

import base64
import json
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.servers.mosquitto import PASSWORD, USER, Mosquitto
from tests.servers.plugs import Plug
from whosthere.app.settings import parse
from whosthere.core.errors import BadSettings, DeviceTrouble
from whosthere.core.ports import Switch
from whosthere.devices.gpio import GpioSwitch, opening
from whosthere.devices.gpio_guard import GuardedGpio
from whosthere.devices.making import make_light, make_siren
from whosthere.devices.mqtt_switch import MqttSwitch
from whosthere.devices.simulated_switch import SimulatedSwitch
from whosthere.devices.switch_settings import ByGpio, ByHttp, ByMqtt, Simulated

KINDS = ["simulated", "gpio", "gpio siren", "shelly1", "shelly2", "tasmota", "own", "mqtt"]
LOGIN = ("admin", "s3cret&=")


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    """Pins of gpiozero's own."""
    before, Device.pin_factory = Device.pin_factory, MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


@dataclass
class MqttLamp:
    """A lamp as Zigbee2MQTT has it: told by .../set, it tells its state in JSON."""

    broker: Mosquitto
    on: bool = False
    stuck: bool = False
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.there = threading.Event()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id="lamp")
        self.client.username_pw_set(USER, PASSWORD)
        self.client.on_message = lambda _c, _d, message: self._told(message.payload.decode())
        self.client.on_subscribe = lambda *_: self.there.set()
        self.client.connect("127.0.0.1", self.broker.port)
        self.client.subscribe("zigbee2mqtt/porch/set", 1)
        self.client.loop_start()
        assert self.there.wait(10)

    def _told(self, text: str) -> None:
        self.said.append(text)
        if not self.stuck:
            state = text if text in {"ON", "OFF"} else json.loads(text)["state"]
            self.on = state == "ON"
        said = json.dumps({"state": "ON" if self.on else "OFF", "linkquality": 80})
        self.client.publish("zigbee2mqtt/porch", said, qos=1, retain=True)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def broker(tmp_path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path / "broker")
    made.start()
    yield made
    made.stop()


def by_mqtt(broker: Mosquitto, **more: object) -> ByMqtt:
    return ByMqtt(
        kind="mqtt", host="127.0.0.1", port=broker.port, user=USER,
        command_topic="zigbee2mqtt/porch/set", state_topic="zigbee2mqtt/porch",
        state_path="state", **more,
    )  # fmt: skip


class Line:
    """Runs the line of an MQTT switch."""

    def __init__(self, switch: MqttSwitch) -> None:
        self.line = switch.line
        self.troubles: list[str] = []
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        assert self.line.ready.wait(10)

    def _run(self) -> None:
        try:
            self.line.run()
        except DeviceTrouble as trouble:
            self.troubles.append(str(trouble))

    def stop(self) -> None:
        self.line.stop()
        self.thread.join(10)


@pytest.fixture
def switch(request, pins, broker, monkeypatch) -> Iterator[Switch]:
    """A switch of each kind, with what it switches behind it."""
    del pins
    kind = request.param
    if kind == "simulated":
        yield make_light("porch", Simulated(kind="simulated"))
    elif kind == "gpio":
        made = make_light("porch", ByGpio(kind="gpio", pin=17))
        yield made
        made.close()
    elif kind == "gpio siren":
        monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
        made = make_siren("roof", ByGpio(kind="gpio", pin=17))
        yield made
        made.close()
    elif kind == "mqtt":
        monkeypatch.setenv("WHOSTHERE_PORCH_PASSWORD", PASSWORD)
        made = make_light("porch", by_mqtt(broker))
        lamp, line = MqttLamp(broker), Line(made)
        yield made
        line.stop()
        lamp.close()
    elif kind == "own":
        with Plug("shelly1") as plug:
            calls = {
                "on": {"path": "/relay/0?turn=on"},
                "off": {"path": "/relay/0?turn=off"},
                "on_for": {"path": "/relay/0?turn=on&timer={seconds}"},
                "state": {"path": "/relay/0"},
            }
            yield make_light("porch", ByHttp(kind="http", url=plug.address, device="own",
                                             state_path="ison", **calls))  # fmt: skip
    else:
        with Plug(kind) as plug:
            yield make_light("porch", ByHttp(kind="http", url=plug.address, device=kind))


@pytest.mark.parametrize("switch", KINDS, indirect=True)
def test_it_does_as_it_is_told_and_says_so(switch):
    for on, seconds in [(True, None), (True, None), (False, None), (True, 180.0), (False, None)]:
        switch.switch(on=on, seconds=seconds)
        assert on is switch.state()


# --- in the network


@pytest.mark.parametrize("kind", ["shelly1", "shelly2", "tasmota"])
@pytest.mark.parametrize(("seconds", "still", "over"), [(180.0, 179.0, 2.0), (5.0, 4.9, 0.2)])
def test_the_device_ends_it_by_itself(kind, seconds, still, over):
    with Plug(kind) as plug:
        made = make_siren("roof", ByHttp(kind="http", url=plug.address, device=kind))
        made.switch(on=True, seconds=seconds)
        plug.pass_time(still)
        assert plug.on
        plug.pass_time(over)
        assert not plug.on


def test_a_light_of_tasmota_that_had_a_time_stays_on_without_one():
    with Plug("tasmota") as plug:
        made = make_light("porch", ByHttp(kind="http", url=plug.address, device="tasmota"))
        made.switch(on=True, seconds=60.0)
        made.switch(on=False)
        made.switch(on=True)
        plug.pass_time(10_000.0)
        assert plug.on


@pytest.mark.parametrize("kind", ["shelly1", "shelly2", "tasmota"])
def test_it_logs_in(kind, monkeypatch):
    monkeypatch.setenv("WHOSTHERE_PORCH_PASSWORD", LOGIN[1])
    with Plug(kind, login=LOGIN) as plug:
        made = make_light("porch", ByHttp(kind="http", url=plug.address, device=kind))
        made.switch(on=True)
        assert plug.on
        assert made.state()


@pytest.mark.parametrize("kind", ["shelly1", "shelly2", "tasmota"])
def test_a_wrong_password_is_told_and_not_shown(kind, monkeypatch):
    monkeypatch.setenv("WHOSTHERE_PORCH_PASSWORD", "wr0ng")
    with Plug(kind, login=LOGIN) as plug:
        made = make_light("porch", ByHttp(kind="http", url=plug.address, device=kind))
        with pytest.raises(DeviceTrouble, match="401: it does not accept") as raised:
            made.switch(on=True)
    assert "wr0ng" not in f"{raised.value}{made!r}"
    assert "WHOSTHERE_PORCH_PASSWORD" in str(raised.value)


def test_a_password_that_is_missing_is_told(monkeypatch):
    monkeypatch.delenv("WHOSTHERE_PORCH_PASSWORD", raising=False)
    with Plug("shelly2", login=LOGIN) as plug:
        made = make_light("porch", ByHttp(kind="http", url=plug.address, device="shelly2"))
        with pytest.raises(DeviceTrouble, match="Set WHOSTHERE_PORCH_PASSWORD"):
            made.state()


def with_token(plug: Plug, said: str = "Basic {password}") -> ByHttp:
    headers = {"Authorization": said}
    on, off = ({"path": f"/relay/0?turn={word}", "headers": headers} for word in ("on", "off"))
    return ByHttp(kind="http", url=plug.address, device="own", on=on, off=off)


def test_a_token_comes_from_where_passwords_do(monkeypatch):
    token = base64.b64encode(":".join(LOGIN).encode()).decode()
    monkeypatch.setenv("WHOSTHERE_PORCH_PASSWORD", token)
    with Plug("shelly1", login=LOGIN) as plug:
        made = make_light("porch", with_token(plug))
        made.switch(on=True)
        assert plug.on
    assert token not in repr(made)


def test_a_token_that_is_missing_is_told(monkeypatch):
    monkeypatch.delenv("WHOSTHERE_PORCH_PASSWORD", raising=False)
    with Plug("shelly1") as plug, pytest.raises(BadSettings, match="WHOSTHERE_PORCH_PASSWORD"):
        make_light("porch", with_token(plug))


def test_a_token_in_the_settings_is_told_and_not_shown():
    wrong = (
        '[cameras.front]\nkind = "file"\npath = "a"\n'
        '[lights.porch]\nkind = "http"\ndevice = "own"\nurl = "http://a"\noff = { path = "/" }\n'
        'on = { path = "/", headers = { Authorization = "Bearer s3cret" } }\n'
    )
    with pytest.raises(BadSettings, match="a token does not belong here") as raised:
        parse(wrong, "x")
    assert "s3cret" not in str(raised.value)


def troubled(plug: Plug, **more: object) -> str:
    asked = ByHttp(kind="http", url=plug.address, device=plug.kind, timeout_seconds=0.5, **more)
    with pytest.raises(DeviceTrouble) as raised:
        make_light("porch", asked).switch(on=True)
    return str(raised.value).replace(plug.address, "ADDRESS")


def test_a_device_that_is_silent_is_told_within_its_time():
    with Plug("shelly2") as plug:
        plug.frozen.set()
        assert "ADDRESS: no answer within 0.5 s." == troubled(plug)


def test_a_device_that_only_says_yes_is_told():
    with Plug("tasmota", stuck=True) as plug:
        assert "ADDRESS: it was asked to be on, and is not." == troubled(plug)


def test_a_device_of_another_kind_is_told():
    with Plug("shelly1") as plug:
        plug.kind = "shelly2"
        said = troubled(plug, relay=3)
    assert "ADDRESS: it answers 404. Its model may be another than 'device' says." == said


def test_a_device_that_is_gone_is_told():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asked = ByHttp(kind="http", url=f"http://127.0.0.1:{port}", device="shelly1")
    with pytest.raises(DeviceTrouble, match="the connection is refused"):
        make_light("porch", asked).switch(on=True)


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
     b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n"],
)  # fmt: skip
def test_any_other_server_is_a_trouble_in_words(answer):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            one, _ = server.accept()
            with one:
                one.recv(4096)
                one.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        asked = ByHttp(kind="http", url=url, device="shelly1", timeout_seconds=2.0)
        with pytest.raises(DeviceTrouble):
            make_light("porch", asked).state()
        thread.join(10)


def test_an_answer_that_drips_ends_with_its_time():
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def serve() -> None:
            one, _ = server.accept()
            with one:
                one.sendall(b"HTTP/1.1 200 OK\r\n")
                while not ended.wait(0.05):
                    one.sendall(b"A")

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        asked = ByHttp(kind="http", url=url, device="shelly1", timeout_seconds=0.5)
        with pytest.raises(DeviceTrouble, match="no answer within"):
            make_light("porch", asked).state()
        ended.set()
        thread.join(10)


def test_a_password_file_that_is_not_there_is_told(tmp_path):
    asked = ByHttp(kind="http", url="http://a", device="shelly1", password_file=tmp_path / "none")
    with pytest.raises(BadSettings, match="WHOSTHERE_PORCH_PASSWORD"):
        make_light("porch", asked)


# --- by MQTT


def test_a_time_goes_to_the_device_where_it_takes_one(broker, monkeypatch):
    monkeypatch.setenv("WHOSTHERE_PORCH_PASSWORD", PASSWORD)
    asked = by_mqtt(broker, payload_on_for='{"state": "ON", "on_time": {seconds}}')
    made, lamp = make_siren("porch", asked), MqttLamp(broker)
    line = Line(made)
    made.switch(on=True, seconds=179.2)
    assert ['{"state": "ON", "on_time": 180}'] == lamp.said
    line.stop()
    lamp.close()


def test_a_lamp_that_does_not_confirm_is_told(broker, monkeypatch):
    monkeypatch.setattr("whosthere.devices.mqtt_switch.CONFIRM_SECONDS", 0.3)
    monkeypatch.setenv("WHOSTHERE_PORCH_PASSWORD", PASSWORD)
    made, lamp = make_light("porch", by_mqtt(broker)), MqttLamp(broker, stuck=True)
    line = Line(made)
    with pytest.raises(DeviceTrouble, match="the device does not confirm that it is on"):
        made.switch(on=True)
    line.stop()
    lamp.close()


def test_a_broker_that_goes_away_is_told(broker, monkeypatch):
    monkeypatch.setenv("WHOSTHERE_PORCH_PASSWORD", PASSWORD)
    made = make_light("porch", by_mqtt(broker))
    line = Line(made)
    broker.stop()
    line.thread.join(10)
    assert ["the broker has gone away."] == [one.rpartition(": ")[2] for one in line.troubles]
    with pytest.raises(DeviceTrouble, match="there is no connection to the broker"):
        made.switch(on=True)


def test_a_broker_that_refuses_us_is_told(broker):
    made = make_light("porch", by_mqtt(broker))
    with pytest.raises(DeviceTrouble, match="the broker refuses us: not authorized"):
        made.line.run()


def test_a_broker_that_is_not_there_is_told(broker):
    broker.stop()
    made = make_light("porch", by_mqtt(broker))
    with pytest.raises(DeviceTrouble, match="refuses the connection"):
        made.line.run()


# --- at a pin


@pytest.mark.parametrize(("active_low", "levels"), [(False, [0, 1, 0]), (True, [1, 0, 1])])
def test_a_relay_is_off_until_it_is_told(pins, active_low, levels):
    made, seen = GpioSwitch(17, active_low=active_low), []
    made.state()
    seen.append(pins.pin(17).state)
    for on in (True, False):
        made.switch(on=on)
        seen.append(pins.pin(17).state)
    made.close()
    assert levels == seen


@pytest.mark.usefixtures("no_pins")
def test_a_machine_without_pins_is_told():
    with pytest.raises(DeviceTrouble, match="GPIO 17 cannot be used"):
        GpioSwitch(17).switch(on=True)


def test_two_at_one_pin_is_told(pins):
    del pins
    first, second = GpioSwitch(17), GpioSwitch(17)
    first.switch(on=True)
    with pytest.raises(DeviceTrouble, match="GPIO 17 cannot be used"):
        second.switch(on=True)
    first.close()


@pytest.mark.parametrize(
    ("said", "advice"),
    [("GPIO busy", "Another program has this pin"), ("can not open gpiochip", "the group gpio")],
)
@pytest.mark.usefixtures("pins")
def test_what_lgpio_says_is_told_with_advice(said, advice, monkeypatch):
    class Error(Exception):
        """As lgpio raises; the library itself is there on a Pi only."""

    monkeypatch.setitem(sys.modules, "lgpio", SimpleNamespace(error=Error))
    with (
        pytest.raises(DeviceTrouble, match=rf"GPIO 17 cannot be used: {said}\. .*{advice}"),
        opening(17),
    ):
        raise Error(said)


def test_threads_that_open_pins_at_once_share_one_back_end(monkeypatch):
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    for _ in range(20):
        monkeypatch.setattr(Device, "pin_factory", None)
        made = [GpioSwitch(pin) for pin in range(4, 12)]
        threads = [threading.Thread(target=one.switch, kwargs={"on": True}) for one in made]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert {f"GPIO{pin}" for pin in range(4, 12)} == {
            one.name for one in Device.pin_factory.pins
        }
        for one in made:
            one.close()
        Device.pin_factory.close()


@pytest.mark.usefixtures("no_pins")
def test_a_siren_at_a_machine_without_pins_is_told():
    made = GuardedGpio(17)
    with pytest.raises(DeviceTrouble, match="GPIO 17 cannot be used"):
        made.switch(on=True)
    made.close()


def test_a_simulated_one_remembers_what_was_asked():
    made = SimulatedSwitch("light porch")
    made.switch(on=True, seconds=3.0)
    assert [(True, 3.0)] == made.done
