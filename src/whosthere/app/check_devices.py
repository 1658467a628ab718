"""Tries lights, sirens, sensors and the diode for `whosthere check`. Nothing is switched."""

from collections.abc import Callable, Iterator
from functools import partial

from whosthere.app.settings import Settings
from whosthere.core.errors import DeviceTrouble
from whosthere.core.ports import MotionSensor, Switch
from whosthere.devices.gpio import back_end
from whosthere.devices.house_settings import Siren
from whosthere.devices.http_switch import HttpSwitch
from whosthere.devices.making import make_light, make_sensor, make_siren
from whosthere.devices.mqtt_line import MqttLine
from whosthere.devices.mqtt_switch import MqttSwitch
from whosthere.devices.sensors import MqttSensor, PushedSensor
from whosthere.devices.switch_settings import ByHttp, ByMqtt

UNSAID = "neither on nor off, as far as it says"
SOUNDS_ON = (
    "\nIf this program is killed while it sounds, nothing ends it: set '{setting}', if the device"
    " knows how to end by itself."
)


def devices(settings: Settings) -> Iterator[tuple[str, Callable[[], str]]]:
    """Give the name of each, and what says how it is or raises what to do."""
    for name, light in settings.lights.items():
        yield f"light {name}", partial(_switch, partial(make_light, name, light), _pin(light))
    for name, siren in settings.sirens.items():
        yield f"siren {name}", partial(_siren, name, siren)
    for name, sensor in settings.sensors.items():
        made = partial(make_sensor, name, sensor)
        called = settings.web.listen is not None
        yield f"sensor {name}", partial(_sensor, name, made, _pin(sensor), called=called)
    if settings.led.pin is not None:
        yield "led", partial(_at_pin, settings.led.pin)


def _pin(asked: object) -> int | None:
    pin: int | None = getattr(asked, "pin", None)
    return pin


def _siren(name: str, asked: Siren) -> str:
    said = _switch(partial(make_siren, name, asked), _pin(asked))
    if isinstance(asked, ByMqtt) and asked.payload_on_for is None:
        return said + SOUNDS_ON.format(setting="payload_on_for")
    if isinstance(asked, ByHttp) and asked.device == "own" and asked.on_for is None:
        return said + SOUNDS_ON.format(setting="on_for")
    return said


def _switch(make: Callable[[], Switch], pin: int | None) -> str:
    if pin is not None:
        return _at_pin(pin)
    switch = make()
    if isinstance(switch, MqttSwitch):
        return _by_mqtt(switch.line)
    if isinstance(switch, HttpSwitch) and switch.speech.asks() is None:
        switch.device.reach()
        return "is there; it was not asked how it is, since there is no 'state'"
    try:
        on = switch.state()
    finally:
        switch.close()
    return f"answers, and is {UNSAID if on is None else 'on' if on else 'off'}"


def _sensor(name: str, make: Callable[[], MotionSensor], pin: int | None, *, called: bool) -> str:
    if pin is not None:
        return _at_pin(pin)
    sensor = make()
    if isinstance(sensor, MqttSensor):
        return _by_mqtt(sensor.line)
    assert isinstance(sensor, PushedSensor)  # noqa: S101 - there are no other kinds
    if not called:
        raise DeviceTrouble("Nobody can call it: there is no [web]. Set web.listen.")
    return f"is called by POST /api/sensors/{name}/on and /off"


def _at_pin(pin: int) -> str:
    """Opening a pin may switch what hangs there, so it is left alone."""
    return f"GPIO {pin} can be reached ({back_end(pin)}); it was not touched"


def _by_mqtt(line: MqttLine) -> str:
    line.greet()
    return f"the broker at {line.host}:{line.port} lets us in"
