"""Pimoroni's HAT over a bus in memory that speaks its registers."""

import errno
import inspect
from itertools import pairwise
from pathlib import Path

import pytest
from smbus2 import SMBus

from tests.servers.i2c import HAT, I2cBus
from whosthere.core.pan_tilt import PanTiltTrouble, Position
from whosthere.devices.hat import Bus, Hat, open_bus, pulse_of

NO_SUCH_BUS = 31


def hat(bus: I2cBus, **about: object) -> tuple[Hat, list[float]]:
    waited: list[float] = []
    return Hat("front", lambda: bus, waited.append, **about), waited  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("degrees", "pulse"), [(-90, 575), (0, 1450), (90, 2325), (45, 1888), (200, 2325)]
)
def test_degrees_are_pulses(degrees: float, pulse: int):
    assert pulse == pulse_of(degrees)


def test_it_goes_there_in_small_steps_as_fast_as_it_should():
    bus = I2cBus()
    turner, waited = hat(bus, speed=90.0)
    turner.turn(Position(45, -90))
    pans = [value for register, value in bus.written if register == 0x01]
    assert pans == sorted(pans)
    assert max(b - a for a, b in pairwise(pans)) < 20
    assert pytest.approx(1.0, abs=0.05) == sum(waited)
    assert (1888, 575) == bus.pulses
    assert Position(45.0, -90.0) == turner.position()


def test_the_servos_wake_up_only_once_they_know_where_to_be():
    bus = I2cBus()
    turner, _ = hat(bus)
    turner.turn(Position(10, 10))
    assert [(0x01, 1450), (0x03, 1450), (0x00, 3)] == bus.written[:3]


def test_the_servos_are_let_go_and_stay_where_they_are():
    bus = I2cBus()
    turner, _ = hat(bus)
    turner.turn(Position(10, 0))
    turner.rest()
    assert 0 == bus.servos_on
    assert Position(10.0, 0.0) == turner.position()
    turner.close()
    assert bus.closed


def test_a_new_program_knows_where_the_old_one_left_it():
    bus = I2cBus()
    hat(bus)[0].turn(Position(-30, 20))
    again, _ = hat(bus)
    assert again.position().away(Position(-30, 20)) <= 0.1
    again.turn(Position(-29, 20))
    jumps = [b - a for a, b in pairwise(v for r, v in bus.written if r == 0x01)]
    assert max(map(abs, jumps)) < 20


def test_a_hat_that_was_put_on_its_head_turns_the_other_way():
    bus = I2cBus()
    turner, _ = hat(bus, pan_inverted=True, tilt_inverted=True)
    turner.turn(Position(30, 10))
    assert (pulse_of(-30), pulse_of(-10)) == bus.pulses
    assert Position(30.0, 10.0) == turner.position()


def test_a_lost_byte_is_sent_again():
    bus = I2cBus()
    turner, _ = hat(bus)
    bus.lost = 2
    turner.turn(Position(5, 5))
    assert Position(5.0, 5.0) == turner.position()


def test_a_hat_that_does_not_answer_is_told_in_words():
    turner, _ = hat(I2cBus(present=False))
    with pytest.raises(PanTiltTrouble, match="nothing answers at address 0x15"):
        turner.turn(Position(5, 5))


def test_a_hat_at_another_address_is_asked_there():
    turner, _ = hat(I2cBus(), address=HAT + 1)
    with pytest.raises(PanTiltTrouble, match="0x16"):
        turner.position()


def test_a_bus_that_is_turned_off_says_how_to_turn_it_on():
    assert not Path(f"/dev/i2c-{NO_SUCH_BUS}").exists()
    with pytest.raises(PanTiltTrouble, match="raspi-config"):
        open_bus("front", NO_SUCH_BUS)


def test_a_bus_that_cannot_be_opened_is_told(monkeypatch):
    def broken(_number: int) -> SMBus:
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr("smbus2.SMBus", broken)
    with pytest.raises(PanTiltTrouble, match=r"/dev/i2c-1 cannot be opened \(No such device\)"):
        open_bus("front", 1)


@pytest.mark.parametrize(
    "name", ["write_byte_data", "write_word_data", "read_byte_data", "read_word_data", "close"]
)
def test_what_we_use_is_what_the_library_has(name: str):
    """The bus in memory and our own idea of a bus are called as the real one is."""

    def named(one: type) -> list[str]:
        return list(inspect.signature(getattr(one, name)).parameters)

    real = named(SMBus)
    assert real[: len(named(Bus))] == named(Bus) == named(I2cBus)
