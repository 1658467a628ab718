"""Motion sensors: at a pin, by MQTT, and those that call us; and the diode."""

import threading
from collections.abc import Iterator

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from tests.servers.mosquitto import PASSWORD, USER, Mosquitto
from whosthere.core.driving import Pattern
from whosthere.core.errors import DeviceTrouble
from whosthere.core.ports import MotionSensor
from whosthere.devices.gpio import GpioLed, Pir
from whosthere.devices.house_settings import MqttMotionSensor, PirSensor, WebhookSensor
from whosthere.devices.making import make_sensor

PIN = 17
SEEN, SILENT = True, False


class Heard:
    """Listens to a sensor on a thread, and waits for what it says."""

    def __init__(self, sensor: MotionSensor) -> None:
        self.said: list[bool | None] = []
        self.trouble = ""
        self._changed = threading.Condition()
        self._sensor = sensor
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._sensor.listen(self._hear)
        except DeviceTrouble as trouble:
            self.trouble = str(trouble)

    def _hear(self, active: bool | None) -> None:  # noqa: FBT001 - as the port has it
        with self._changed:
            self.said.append(active)
            self._changed.notify_all()

    def expect(self, *said: bool | None) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.said[: len(said)] == list(said), 10)
            assert list(said) == self.said[: len(said)]

    def stop(self) -> None:
        self._sensor.stop()
        self.thread.join(10)


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    before, Device.pin_factory = Device.pin_factory, MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


@pytest.mark.parametrize("active_low", [False, True])
def test_a_sensor_at_a_pin_tells_each_change(pins, active_low):
    """Opening sets the pull, and so the level of a mock pin: it is driven after the first word."""
    heard, pin = Heard(Pir(PIN, active_low=active_low)), pins.pin(PIN)
    drive = [pin.drive_high, pin.drive_low] if active_low else [pin.drive_low, pin.drive_high]
    expected = [SILENT]
    heard.expect(*expected)
    for active in (SEEN, SILENT, SEEN, SILENT):
        drive[active]()
        expected.append(active)
        heard.expect(*expected)
    heard.stop()


@pytest.mark.usefixtures("no_pins")
def test_a_machine_without_pins_is_told():
    heard = Heard(make_sensor("hall", PirSensor(kind="pir", pin=PIN, camera="front")))
    heard.thread.join(10)
    assert heard.trouble.startswith("GPIO 17 cannot be used")


# --- by MQTT


@pytest.fixture
def broker(tmp_path, monkeypatch) -> Iterator[Mosquitto]:
    monkeypatch.setenv("WHOSTHERE_HALL_PASSWORD", PASSWORD)
    made = Mosquitto(tmp_path / "broker")
    made.start()
    yield made
    made.stop()


def by_mqtt(broker: Mosquitto, **more: object) -> MotionSensor:
    asked = MqttMotionSensor(
        kind="mqtt", camera="front", host="127.0.0.1", port=broker.port, user=USER,
        topic="zigbee2mqtt/hall", **more,
    )  # fmt: skip
    return make_sensor("hall", asked)


def test_a_sensor_of_zigbee2mqtt(broker):
    broker.say("zigbee2mqtt/hall", '{"occupancy": false}', retain=True)
    heard = Heard(by_mqtt(broker, json_path="occupancy"))
    heard.expect(SILENT)
    broker.say("zigbee2mqtt/hall", '{"occupancy": true, "battery": 90}')
    heard.expect(SILENT, SEEN)
    broker.say("zigbee2mqtt/hall", '{"battery": 90}')  # says nothing of it
    broker.say("zigbee2mqtt/hall", "not JSON")
    broker.say("zigbee2mqtt/hall", '{"occupancy": false}')
    heard.expect(SILENT, SEEN, None, None, SILENT)
    heard.stop()


def test_a_sensor_that_goes_away_cannot_say(broker):
    broker.say("zigbee2mqtt/hall", "ON", retain=True)
    heard = Heard(by_mqtt(broker, availability_topic="zigbee2mqtt/hall/availability"))
    heard.expect(SEEN)
    broker.say("zigbee2mqtt/hall/availability", "offline")
    heard.expect(SEEN, None)
    heard.stop()


def test_a_broker_that_goes_away_leaves_it_unknown(broker):
    broker.say("zigbee2mqtt/hall", "ON", retain=True)
    heard = Heard(by_mqtt(broker))
    heard.expect(SEEN)
    broker.stop()
    heard.expect(SEEN, None)
    heard.thread.join(10)
    assert "the broker has gone away" in heard.trouble


# --- those that call us


def test_a_sensor_that_calls_is_heard_while_somebody_listens():
    sensor = make_sensor("hall", WebhookSensor(kind="webhook", camera="front"))
    assert not sensor.tell(active=True)
    heard = Heard(sensor)
    heard.expect(SILENT)
    assert sensor.tell(active=True)
    heard.expect(SILENT, SEEN)
    heard.stop()


# --- the diode


def test_the_diode_shows_a_steady_light_or_none(pins):
    led = GpioLed(22)
    led.show(Pattern.ARMED)
    assert pins.pin(22).state
    led.show(Pattern.OFF)
    assert not pins.pin(22).state
    led.close()


@pytest.mark.parametrize("blinking", [Pattern.ARMING, Pattern.ALARM, Pattern.TROUBLE])
def test_the_diode_blinks(pins, blinking):
    led, pin = GpioLed(22), pins.pin(22)
    led.show(blinking)
    assert any(len({one.state for one in pin.states}) > 1 for _ in range(10_000_000))
    led.show(Pattern.OFF)
    assert not pin.state
    led.close()
