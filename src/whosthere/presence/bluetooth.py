"""Hears Bluetooth tags and iBeacons that call near this machine.

Calls are received by BlueZ, the Bluetooth service of Linux, and come here by the library bleak. An
iBeacon's call is Apple's "manufacturer data" of type 2: UUID, major, minor and power ("Proximity
Beacon Specification", Apple 2015).
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import Observation
from whosthere.presence.matching import Device

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

APPLE = 0x004C
_BEACON = b"\x02\x15"  # type 2, 21 bytes follow
_BEACON_LENGTH = 23
AGAIN_TIMES = 2.5  # the more thorough look listens so much longer, but at most:
AGAIN_AT_MOST = 15.0
KEPT = 600.0  # seconds that who was heard is remembered
_NO_RADIO = ("NO_BLUETOOTH", "POWERED_OFF", "NO_BLE_CENTRAL_ROLE", "not found", "NotReady")
_START_SECONDS = 10.0  # for BlueZ to answer


@dataclass(slots=True)
class Bluetooth:
    """A presence source: tags and beacons within some ten metres."""

    name: str = "bluetooth"
    listen_seconds: float = 6.0
    adapter: str | None = None
    devices: Sequence[Device] = ()
    clock: Callable[[], float] = time.monotonic
    _heard: dict[str, float] = field(default_factory=dict)  # when last, by id
    _stop: Callable[[], object] | None = None
    _runner: asyncio.Runner | None = None

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        """Listen for a while, or until all our tags were heard."""
        longer = max(self.listen_seconds, min(self.listen_seconds * AGAIN_TIMES, AGAIN_AT_MOST))
        self._runner = self._runner or asyncio.Runner()  # keeps the line to BlueZ over all looks
        try:
            self._runner.run(self._listen(longer if again else self.listen_seconds))
        except PresenceTrouble:
            self.close()
            raise
        now = self.clock()
        self._heard = {who: at for who, at in self._heard.items() if now - at < KEPT}
        return [Observation(bluetooth=who, ago=now - at) for who, at in self._heard.items()]

    def stop(self) -> None:
        """Let a look that is under way end soon."""
        if self._stop is not None:
            self._stop()

    def close(self) -> None:
        """Give up the line to BlueZ; the next look makes a new one."""
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.close()

    async def _listen(self, seconds: float) -> None:
        scanner_class, trouble = _library()
        enough, loop = asyncio.Event(), asyncio.get_running_loop()
        wanted = {device.bluetooth for device in self.devices if device.bluetooth}

        def heard(device: "BLEDevice", said: "AdvertisementData") -> None:
            for who in ids(device.address, said.manufacturer_data):
                self._heard[who] = self.clock()
                wanted.difference_update({one for one in wanted if f"{who}/".startswith(f"{one}/")})
            if self.devices and not wanted:
                enough.set()

        chosen = {"bluez": {"adapter": self.adapter}} if self.adapter else {}
        scanner = scanner_class(heard, **chosen)
        self._stop = lambda: loop.call_soon_threadsafe(enough.set)
        try:
            await asyncio.wait_for(scanner.start(), _START_SECONDS)
            try:
                with suppress(TimeoutError):  # the usual end
                    await asyncio.wait_for(enough.wait(), seconds)
            finally:
                await scanner.stop()
        except (trouble, OSError, TimeoutError) as error:
            raise PresenceTrouble(_advice(error, self.adapter)) from None
        finally:
            self._stop = None


def ids(address: str, makers_data: Mapping[int, bytes]) -> list[str]:
    """Return by what a caller is known: its address, and its beacon's numbers."""
    found = [address.lower()]
    beacon = beacon_in(makers_data.get(APPLE, b""))
    return [*found, beacon] if beacon else found


def beacon_in(data: bytes) -> str | None:
    """Read 'uuid/major/minor' from Apple's manufacturer data, if it is a beacon's."""
    if len(data) < _BEACON_LENGTH or not data.startswith(_BEACON):
        return None
    uuid = UUID(bytes=bytes(data[2:18]))
    major, minor = int.from_bytes(data[18:20], "big"), int.from_bytes(data[20:22], "big")
    return f"{uuid}/{major}/{minor}"


def _library() -> tuple[type, type[Exception]]:
    try:
        from bleak import BleakScanner  # noqa: PLC0415 - an extra
        from bleak.exc import BleakError  # noqa: PLC0415 - an extra
    except ImportError:
        raise PresenceTrouble(
            "Bluetooth needs the library bleak: pip install 'whosthere[bluetooth]'"
        ) from None
    return BleakScanner, BleakError


def _advice(error: Exception, adapter: str | None) -> str:
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)) or "ServiceUnknown" in said:
        return (
            "Bluetooth's service does not run here: sudo apt install bluez, then"
            " sudo systemctl enable --now bluetooth"
        )
    if isinstance(error, TimeoutError):
        return "Bluetooth's service does not answer: sudo systemctl restart bluetooth"
    if "AccessDenied" in said or isinstance(error, PermissionError):
        return (
            "Bluetooth is forbidden to this user: sudo usermod -aG bluetooth USER, and log in anew"
        )
    if any(words in said for words in _NO_RADIO):
        which = f"Radio {adapter}" if adapter else "A Bluetooth radio"
        return f"{which} is not there or is off: 'bluetoothctl list' and 'bluetoothctl power on'"
    return f"Bluetooth cannot listen ({said}). 'bluetoothctl scan on' shows whether BlueZ can."
