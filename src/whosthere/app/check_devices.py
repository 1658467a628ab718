"""Tries lights, sirens and motion sensors for `whosthere check`. Nothing is switched."""

from collections.abc import Callable, Iterator
from functools import partial

from whosthere.app.settings import Settings
from whosthere.core.ports import Switch
from whosthere.devices.making import make_light, make_siren
from whosthere.devices.switch_settings import ByHttp


def in_the_network(settings: Settings) -> Iterator[tuple[str, Callable[[], str]]]:
    """What is asked by HTTP. Pins and brokers are opened by the program that runs alone."""
    for name, light in settings.lights.items():
        if isinstance(light, ByHttp):
            yield f"light {name}", partial(_light, name, light)
    for name, siren in settings.sirens.items():
        if isinstance(siren, ByHttp):
            yield f"siren {name}", partial(_siren, name, siren)


def _light(name: str, asked: ByHttp) -> str:
    return _asked(make_light(name, asked))


def _siren(name: str, asked: ByHttp) -> str:
    return _asked(make_siren(name, asked))


def _asked(switch: Switch) -> str:
    try:
        on = switch.state()
    finally:
        switch.close()
    return "answers" if on is None else f"answers, and is {'on' if on else 'off'}"
