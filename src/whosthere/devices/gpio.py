"""Pins of a Raspberry Pi by gpiozero: a relay, a motion sensor, a light-emitting diode.

The library is an extra and is imported when a pin is opened. Tests use its own mock pins.
"""

import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from whosthere.core.driving import Pattern
from whosthere.core.errors import DeviceTrouble

if TYPE_CHECKING:
    from gpiozero import LED, DigitalOutputDevice

LOOKS_A_SECOND = 10
GROUP = " Add the user to the group gpio."
_factory_lock = threading.Lock()  # devices have threads of their own, and all need the one factory
# seconds on and off; None: steady
BLINKS: dict[Pattern, tuple[float, float] | None] = {
    Pattern.OFF: None,
    Pattern.ARMED: None,
    Pattern.ARMING: (0.5, 0.5),
    Pattern.ALARM: (0.1, 0.1),
    Pattern.TROUBLE: (0.1, 1.9),
}


@contextmanager
def opening(pin: int) -> Iterator[None]:
    """Turn what may go wrong with a pin into words."""
    place = f"GPIO {pin}"
    try:
        _find_back_end()
        yield
    except ModuleNotFoundError as error:
        if error.name == "gpiozero":
            missing = f"{place}: the library gpiozero is missing: pip install 'whosthere[pi]'."
        else:  # a back end that somebody asked for
            missing = f"{place} cannot be used: {error.name} is missing: pip install it."
        raise DeviceTrouble(missing) from None
    except _errors() as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        why = first.strip("'").rstrip(".!")
        raise DeviceTrouble(f"{place} cannot be used: {why}.{_advice(error)}") from None


def back_end(pin: int) -> str:
    """Say by what gpiozero reaches a pin, which is not touched. Raises if it cannot be reached."""
    with opening(pin):
        from gpiozero import Device  # noqa: PLC0415 - an extra

        return type(Device.pin_factory).__name__.removesuffix("Factory")


def _find_back_end() -> None:
    """Have gpiozero choose what it reaches pins by, once for all."""
    from gpiozero import Device, PinFactoryFallback  # noqa: PLC0415 - an extra

    with _factory_lock:
        if Device.pin_factory is None:
            warnings.simplefilter("ignore", PinFactoryFallback)  # its last word is an error
            Device.ensure_pin_factory()


def _errors() -> tuple[type[Exception], ...]:
    """What gpiozero raises, and lgpio below it, if it is what gpiozero has chosen."""
    from gpiozero import GPIOZeroError  # noqa: PLC0415 - an extra

    known = (OSError, RuntimeError, ValueError, GPIOZeroError)
    below = sys.modules.get("lgpio")  # to import it makes a pipe in the working directory
    return known if below is None else (*known, below.error)


def _advice(error: Exception) -> str:
    if type(error).__name__ == "BadPinFactory":
        return f" Is this a Raspberry Pi, and is lgpio there: pip install 'whosthere[pi]'?{GROUP}"
    if isinstance(error, PermissionError) or "can not open gpiochip" in str(error):
        return GROUP
    if "busy" in str(error).lower():
        return " Another program has this pin, or the system itself: see 'gpioinfo'."
    return ""


class GpioSwitch:
    """A relay. Fulfils `core.ports.Switch`. It does not go off by itself; see `gpio_guard`."""

    def __init__(self, pin: int, *, active_low: bool = False) -> None:
        self._pin, self._active_low = pin, active_low
        self._device: DigitalOutputDevice | None = None

    def switch(self, *, on: bool, seconds: float | None = None) -> None:
        del seconds
        device = self._opened()
        with opening(self._pin):
            device.value = on

    def state(self) -> bool | None:
        device = self._opened()
        with opening(self._pin):
            return bool(device.value)

    def close(self) -> None:
        if self._device is not None:
            self._device.close()
            self._device = None

    def _opened(self) -> "DigitalOutputDevice":
        if self._device is None:
            with opening(self._pin):
                from gpiozero import DigitalOutputDevice  # noqa: PLC0415 - an extra

                self._device = DigitalOutputDevice(
                    self._pin, active_high=not self._active_low, initial_value=False
                )
        return self._device


class Pir:
    """A passive infrared sensor. Fulfils `core.ports.MotionSensor`."""

    def __init__(self, pin: int, *, active_low: bool = False) -> None:
        self._pin, self._active_low = pin, active_low
        self._stopping = threading.Event()

    def listen(self, report: Callable[[bool | None], None]) -> None:
        """Report how it is at first, and each change.

        The pin is looked at ten times a second, as gpiozero's MotionSensor does on a thread of its
        own: what the sensor says lasts for seconds.
        """
        with opening(self._pin):
            from gpiozero import DigitalInputDevice  # noqa: PLC0415 - an extra

            device = DigitalInputDevice(self._pin, pull_up=self._active_low)
        last: bool | None = None
        try:
            while not self._stopping.is_set():
                with opening(self._pin):
                    now = bool(device.value)
                if now is not last:
                    report(now)
                    last = now
                self._stopping.wait(1 / LOOKS_A_SECOND)
        finally:
            device.close()

    def stop(self) -> None:
        self._stopping.set()


class GpioLed:
    """A light-emitting diode that shows how the house is."""

    def __init__(self, pin: int, *, active_low: bool = False) -> None:
        self._pin, self._active_low = pin, active_low
        self._device: LED | None = None

    def show(self, pattern: Pattern) -> None:
        if self._device is None:
            with opening(self._pin):
                from gpiozero import LED  # noqa: PLC0415 - an extra

                self._device = LED(self._pin, active_high=not self._active_low)
        with opening(self._pin):
            blinks = BLINKS[pattern]
            if blinks is not None:
                self._device.blink(*blinks)
            elif pattern is Pattern.OFF:
                self._device.off()
            else:
                self._device.on()

    def close(self) -> None:
        if self._device is not None:
            self._device.close()
            self._device = None
