"""Pimoroni's Pan-Tilt HAT: two servos behind a small controller at the I²C bus.

Its registers, as Pimoroni's own library and schematics show them: 0x00 is a byte of switches (bit 0
lets servo 1 work, bit 1 servo 2), 0x01 and 0x03 are words with the length of the pulse of servo 1
(pan) and servo 2 (tilt) in microseconds, the low byte first. 575 to 2325 µs are -90 to 90 degrees.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from whosthere.core.pan_tilt import PanTiltTrouble, Position
from whosthere.devices.pan_tilt_settings import HatPanTilt
from whosthere.devices.pan_tilt_steps import STEP_SECONDS, steps

SWITCHES, PAN_PULSE, TILT_PULSE = 0x00, 0x01, 0x03
PULSES = PAN_PULSE, TILT_PULSE
BOTH_SERVOS = 0b11
SHORTEST, LONGEST = 575, 2325  # microseconds
MOST_DEGREES = 90.0
ATTEMPTS = 3  # a bus loses a byte now and then, when motors start

_Answer = TypeVar("_Answer")


class Bus(Protocol):
    """What we need of smbus2's SMBus."""

    def write_byte_data(self, i2c_addr: int, register: int, value: int) -> None: ...
    def write_word_data(self, i2c_addr: int, register: int, value: int) -> None: ...
    def read_byte_data(self, i2c_addr: int, register: int) -> int: ...
    def read_word_data(self, i2c_addr: int, register: int) -> int: ...
    def close(self) -> None: ...


def make(camera: str, asked: HatPanTilt, wait: Callable[[float], object]) -> "Hat":
    return Hat(
        camera,
        lambda: open_bus(camera, asked.bus),
        wait,
        address=asked.address,
        speed=asked.speed,
        pan_inverted=asked.pan_inverted,
        tilt_inverted=asked.tilt_inverted,
    )


def open_bus(camera: str, number: int) -> Bus:
    """Open the bus of this machine, or say what is missing."""
    try:
        from smbus2 import SMBus  # noqa: PLC0415 - needs an extra
    except ImportError:
        raise PanTiltTrouble(
            f"Camera '{camera}' cannot be turned: a library is missing."
            " Install it with: pip install 'whosthere[pi]'"
        ) from None
    try:
        bus: Bus = SMBus(number)
    except FileNotFoundError:
        raise PanTiltTrouble(
            f"Camera '{camera}' cannot be turned: there is no I²C bus {number}."
            " Turn it on with 'sudo raspi-config nonint do_i2c 0', then start again."
        ) from None
    except PermissionError:
        raise PanTiltTrouble(
            f"Camera '{camera}' cannot be turned: /dev/i2c-{number} may not be opened."
            " Add the user to its group: 'sudo adduser USER i2c', then log in anew."
        ) from None
    except OSError as error:
        raise PanTiltTrouble(
            f"Camera '{camera}' cannot be turned: /dev/i2c-{number} cannot be opened"
            f" ({error.strerror or error})."
        ) from None
    return bus


def pulse_of(degrees: float) -> int:
    """The length of a servo's pulse, in microseconds."""
    share = (degrees + MOST_DEGREES) / (2 * MOST_DEGREES)
    return round(SHORTEST + min(max(share, 0.0), 1.0) * (LONGEST - SHORTEST))


def degrees_of(pulse: int) -> float:
    share = (pulse - SHORTEST) / (LONGEST - SHORTEST)
    return round((2 * share - 1) * MOST_DEGREES, 1)


class Hat:
    """Fulfils `ports.PanTilt`. Servos cannot say where they are: the last pulse counts."""

    def __init__(
        self,
        camera: str,
        open_it: Callable[[], Bus],
        wait: Callable[[float], object],
        *,
        address: int = 0x15,
        speed: float = 60.0,
        pan_inverted: bool = False,
        tilt_inverted: bool = False,
    ) -> None:
        self._camera = camera
        self._open = open_it
        self._wait = wait
        self._address = address
        self._speed = speed
        self._signs = (-1 if pan_inverted else 1), (-1 if tilt_inverted else 1)
        self._bus: Bus | None = None
        self._awake = False
        self._last = Position(0.0, 0.0)  # finer than pulses are

    def turn(self, to: Position) -> None:
        begin = self.position()
        if not self._awake:  # the pulse first, so that nothing jerks when they wake up
            self._pulses(begin)
            self._write(BOTH_SERVOS)
            self._awake = True
        for step in steps(begin, to, self._speed):
            self._pulses(step)
            self._wait(STEP_SECONDS)
        self._last = to

    def position(self) -> Position:
        pulses = self._asked(PAN_PULSE), self._asked(TILT_PULSE)
        if pulses == self._pulses_of(self._last):
            return self._last
        if not all(SHORTEST <= pulse <= LONGEST for pulse in pulses):
            return Position(0.0, 0.0)  # it was never asked to turn since the power came
        (pan, tilt), signs = map(degrees_of, pulses), self._signs
        return Position(signs[0] * pan + 0.0, signs[1] * tilt + 0.0)  # and no -0

    def rest(self) -> None:
        """Let the servos go, so that they neither hum nor grow warm. They stay where they are."""
        if self._awake:
            self._write(0)
            self._awake = False

    def close(self) -> None:
        if self._bus is not None:
            try:
                self.rest()
            finally:
                self._bus.close()
                self._bus = None

    def _pulses(self, at: Position) -> None:
        for register, microseconds in zip(PULSES, self._pulses_of(at), strict=True):
            self._pulse(register, microseconds)

    def _pulses_of(self, at: Position) -> tuple[int, int]:
        return pulse_of(self._signs[0] * at.pan), pulse_of(self._signs[1] * at.tilt)

    def _pulse(self, register: int, microseconds: int) -> None:
        self._done(lambda bus: bus.write_word_data(self._address, register, microseconds))

    def _write(self, switches: int) -> None:
        self._done(lambda bus: bus.write_byte_data(self._address, SWITCHES, switches))

    def _asked(self, register: int) -> int:
        return self._done(lambda bus: bus.read_word_data(self._address, register))

    def _done(self, work: Callable[[Bus], _Answer]) -> _Answer:
        """Do it, and try again a few times."""
        if self._bus is None:
            self._bus = self._open()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return work(self._bus)
            except OSError as error:
                if attempt == ATTEMPTS:
                    self._awake = False  # nobody knows
                    raise PanTiltTrouble(
                        f"Camera '{self._camera}' cannot be turned: nothing answers at address"
                        f" {self._address:#04x} of the I²C bus ({error.strerror or error})."
                        " See whether the HAT sits firmly; 'i2cdetect -y BUS' shows what answers,"
                        " BUS being its number, usually 1."
                    ) from error
                self._wait(STEP_SECONDS)
        raise AssertionError("the last attempt returns or raises")
