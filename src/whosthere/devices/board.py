"""How the machine itself is: temperature, supply voltage, throttling, clock, disk.

Written against the files of Linux and of Raspberry Pi OS: `/sys/class/thermal`, the hwmon driver
`rpi_volt` (`in0_lcrit_alarm`), the firmware's `get_throttled` in sysfs or by `vcgencmd`, and
`/run/systemd/timesync/synchronized`. What a machine does not tell is left out.
"""

import ctypes
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# of get_throttled, as the documentation of vcgencmd gives them
UNDER_VOLTAGE, CAPPED, THROTTLED, HOT = 1 << 0, 1 << 1, 1 << 2, 1 << 3
VCGENCMD = Path("usr/bin/vcgencmd")
FIRMWARE = Path("sys/devices/platform/soc/soc:firmware/get_throttled")
SYNCHRONISED = Path("run/systemd/timesync/synchronized")
TIMESYNC = Path("run/systemd/timesync")
UNSYNCHRONISED = 0x0040  # STA_UNSYNC of adjtimex(2)
_TIMEX_BYTES, _STATUS_AT = 256, 40  # room for struct timex, and where its status is, if 64 bits


class Throttling(NamedTuple):
    """What the firmware holds back just now, and why."""

    under_voltage: bool = False
    capped: bool = False
    throttled: bool = False
    hot: bool = False

    @classmethod
    def of(cls, bits: int) -> "Throttling":
        return cls(*(bool(bits & one) for one in (UNDER_VOLTAGE, CAPPED, THROTTLED, HOT)))


@dataclass(frozen=True, slots=True)
class Board:
    """Reads one machine's files, which tests lay out below another root."""

    root: Path = Path("/")

    def temperature(self) -> float | None:
        """The hottest sensor, in °C."""
        degrees = []
        for zone in sorted(self.root.glob("sys/class/thermal/thermal_zone*/temp")):
            with suppress(OSError, ValueError):
                degrees.append(int(zone.read_text()) / 1000)
        return max(degrees, default=None)

    def throttling(self) -> Throttling | None:
        """What is held back; None: this machine does not tell, as most do not."""
        bits = self._bits()
        alarm = self._low_voltage()
        if bits is None and alarm is None:
            return None
        found = Throttling.of(bits or 0)
        return found._replace(under_voltage=found.under_voltage or bool(alarm))

    def _bits(self) -> int | None:
        with suppress(OSError, ValueError):
            return int((self.root / FIRMWARE).read_text().strip(), 16)
        tool = self.root / VCGENCMD
        if not tool.is_file():
            return None
        with suppress(OSError, ValueError, subprocess.SubprocessError):
            said = subprocess.run(  # noqa: S603 - a fixed path and words of our own
                [tool, "get_throttled"], capture_output=True, text=True, timeout=2.0, check=True
            ).stdout  # "throttled=0x50005"
            return int(said.partition("=")[2], 16)
        return None

    def _low_voltage(self) -> bool | None:
        for name in sorted(self.root.glob("sys/class/hwmon/hwmon*/name")):
            with suppress(OSError, ValueError):
                if name.read_text().strip() == "rpi_volt":
                    return int(name.with_name("in0_lcrit_alarm").read_text()) != 0
        return None

    def clock_is_set(self) -> bool | None:
        """Whether the clock follows a time server; None: nobody here says so."""
        if (self.root / SYNCHRONISED).exists():
            return True
        if self.root == Path("/"):
            return _kernel_follows()
        return False if (self.root / TIMESYNC).is_dir() else None

    def boot(self) -> str:
        """Another after each start of the machine."""
        with suppress(OSError):
            return (self.root / "proc/sys/kernel/random/boot_id").read_text().strip()
        return ""


def _kernel_follows() -> bool | None:
    """Ask the kernel, whoever sets the clock: chrony, ntpd, systemd."""
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None, use_errno=True)
        room = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes 0: only look
        if ctypes.sizeof(ctypes.c_long) == 8 and library.adjtimex(room) >= 0:  # noqa: PLR2004 - 64 bits
            status = int.from_bytes(room.raw[_STATUS_AT : _STATUS_AT + 4], "little")
            return not status & UNSYNCHRONISED
    return None
