"""Builds lights, sirens, sensors and the diode as the settings say. Nothing is opened yet."""

from whosthere.core.errors import BadSettings
from whosthere.core.ports import MotionSensor, Switch
from whosthere.devices.gpio import GpioLed, GpioSwitch, Pir
from whosthere.devices.gpio_guard import GuardedGpio
from whosthere.devices.house_settings import LedSettings, MqttMotionSensor, PirSensor, Sensor
from whosthere.devices.http_calls import Call, HttpDevice
from whosthere.devices.http_switch import HttpSwitch, OwnSpeech, Shelly1, Shelly2, Speech, Tasmota
from whosthere.devices.mqtt_line import MqttLine
from whosthere.devices.mqtt_switch import MqttSwitch
from whosthere.devices.secrets import password_of
from whosthere.devices.sensors import MqttSensor, PushedSensor
from whosthere.devices.simulated_switch import SimulatedSwitch
from whosthere.devices.switch_settings import (
    PASSWORD,
    Broker,
    ByGpio,
    ByHttp,
    ByMqtt,
    CallSettings,
    Simulated,
)
from whosthere.named_secrets import variable


def make_light(name: str, asked: ByGpio | ByHttp | ByMqtt | Simulated) -> Switch:
    if isinstance(asked, ByGpio):
        return GpioSwitch(asked.pin, active_low=asked.active_low)
    return _switch(f"light {name}", name, asked)


def make_siren(name: str, asked: ByGpio | ByHttp | ByMqtt | Simulated) -> Switch:
    """A siren ends even if this program is killed, where its kind can see to that."""
    if isinstance(asked, ByGpio):
        return GuardedGpio(asked.pin, active_low=asked.active_low)
    return _switch(f"siren {name}", name, asked)


def make_sensor(name: str, asked: Sensor) -> MotionSensor:
    part = f"sensor {name}"
    if isinstance(asked, PirSensor):
        return Pir(asked.pin, active_low=asked.active_low)
    if isinstance(asked, MqttMotionSensor):
        return MqttSensor(
            _line(part, name, asked, asked.topic),
            asked.topic,
            asked.json_path,
            asked.active,
            availability_topic=asked.availability_topic,
            unavailable=asked.unavailable,
        )
    return PushedSensor()


def make_led(asked: LedSettings) -> GpioLed | None:
    return None if asked.pin is None else GpioLed(asked.pin, active_low=asked.active_low)


def _switch(part: str, name: str, asked: ByHttp | ByMqtt | Simulated) -> Switch:
    match asked:
        case ByHttp():
            password = password_of(name, asked.password_file)
            device = HttpDevice(
                asked.url, asked.user, password, asked.timeout_seconds, asked.verify_tls,
                variable(name),
            )  # fmt: skip
            _see_that_it_is_there(name, asked, password)
            return HttpSwitch(device, _speech(asked, password))
        case ByMqtt():
            return MqttSwitch(
                _line(part, name, asked, asked.state_topic),
                asked.command_topic,
                asked.payload_on,
                asked.payload_off,
                asked.payload_on_for,
                asked.state_topic,
                asked.state_path,
                asked.state_on,
                asked.availability_topic,
                asked.unavailable,
            )
        case Simulated():
            return SimulatedSwitch(part)


def _speech(asked: ByHttp, password: str | None) -> Speech:
    match asked.device:
        case "shelly1":
            return Shelly1(asked.relay)
        case "shelly2":
            return Shelly2(asked.relay)
        case "tasmota":
            return Tasmota(asked.relay, asked.user, password)
        case "own":
            assert asked.on is not None  # noqa: S101 - validated
            assert asked.off is not None  # noqa: S101 - validated
            return OwnSpeech(
                _call(asked.on, password),
                _call(asked.off, password),
                _call(asked.on_for, password) if asked.on_for else None,
                _call(asked.state, password) if asked.state else None,
                asked.state_path,
                asked.state_on,
            )


def _see_that_it_is_there(name: str, asked: ByHttp, password: str | None) -> None:
    calls = (asked.on, asked.off, asked.on_for, asked.state)
    if password is None and any(call.wants_password for call in calls if call is not None):
        raise BadSettings(
            f"'{name}': its calls have {PASSWORD}, and there is none. Set {variable(name)} in the"
            " environment, or a password_file."
        )


def _call(asked: CallSettings, password: str | None) -> Call:
    secret = password or ""
    headers = {name: value.replace(PASSWORD, secret) for name, value in asked.headers.items()}
    body = asked.body and asked.body.replace(PASSWORD, secret)
    return Call(asked.path, asked.method, body, headers)


def _line(part: str, name: str, asked: Broker, topic: str | None) -> MqttLine:
    return MqttLine(
        part,
        asked.host,
        asked.port or (8883 if asked.tls else 1883),
        [one for one in (topic, asked.availability_topic) if one],
        asked.user,
        password_of(name, asked.password_file),
        asked.tls,
        asked.ca_file,
        variable(name),
    )
