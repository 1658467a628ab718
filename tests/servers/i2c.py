"""An I²C bus in memory, with Pimoroni's Pan-Tilt HAT on it.

It stands where smbus2's `SMBus` does, with the same methods and errors. The HAT's controller is
modelled by what its registers do: a byte of switches at 0x00 (bit 0: servo 1, bit 1: servo 2), and
a word with the length of a pulse in microseconds at 0x01 and at 0x03, low byte first. After power
on all are zero. Nobody else answers: other addresses raise OSError with EREMOTEIO, as Linux does.
"""

import errno
from dataclasses import dataclass, field

HAT = 0x15


@dataclass
class I2cBus:
    """Remembers what was written, in order."""

    registers: bytearray = field(default_factory=lambda: bytearray(5))
    written: list[tuple[int, int]] = field(default_factory=list)  # register, value
    present: bool = True
    lost: int = 0  # so many of the next transfers fail
    closed: bool = False

    def write_byte_data(self, i2c_addr: int, register: int, value: int) -> None:
        self._transfer(i2c_addr)
        self.registers[register] = value
        self.written.append((register, value))

    def write_word_data(self, i2c_addr: int, register: int, value: int) -> None:
        self._transfer(i2c_addr)
        self.registers[register : register + 2] = value.to_bytes(2, "little")
        self.written.append((register, value))

    def read_byte_data(self, i2c_addr: int, register: int) -> int:
        self._transfer(i2c_addr)
        return self.registers[register]

    def read_word_data(self, i2c_addr: int, register: int) -> int:
        self._transfer(i2c_addr)
        return int.from_bytes(self.registers[register : register + 2], "little")

    def close(self) -> None:
        self.closed = True

    @property
    def pulses(self) -> tuple[int, int]:
        return self.read_word_data(HAT, 0x01), self.read_word_data(HAT, 0x03)

    @property
    def servos_on(self) -> int:
        return self.registers[0]

    def _transfer(self, address: int) -> None:
        if self.closed:
            raise OSError(errno.EBADF, "Bad file descriptor")
        if address != HAT or not self.present or self.lost:
            self.lost = max(0, self.lost - 1)
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
