"""A stand-in for BlueZ's service on a real D-Bus of our own; bleak talks to it as to the real one.

It hears calls as bytes of the air (Bluetooth Core Specification, volume 3, part C, section 11), and
tells of them as BlueZ documents for org.bluez.Device1.
"""

import asyncio
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

SETTINGS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={path}</listen>
  <policy context="default">
    <allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/><allow user="*"/>
  </policy>
</busconfig>
"""
RADIO = "/org/bluez/hci0"
NO = Variant("b", value=False)
MANUFACTURER = 0xFF  # kind of a part of a call


@contextmanager
def system_bus(folder: Path) -> Iterator[str]:
    """Run a bus; return its address."""
    file = folder / "bus.conf"
    file.write_text(SETTINGS.format(path=folder / "bus"))
    words = ["dbus-daemon", f"--config-file={file}", "--nofork", "--print-address"]
    daemon = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert daemon.stdout is not None
    try:
        yield daemon.stdout.readline().strip()
    finally:
        daemon.terminate()
        daemon.wait(10)
        daemon.stdout.close()


@dataclass
class BlueZ:
    """Radio hci0, and who calls near it."""

    address: str
    powered: bool = True
    calls: list[tuple[str, bytes]] = field(default_factory=list)  # of (address, bytes)
    radios: int = 1
    scans: int = 0
    _told: set[str] = field(default_factory=set)

    async def serve(self, ready: Event, over: asyncio.Event) -> None:
        bus = await MessageBus(bus_address=self.address).connect()
        bus.add_message_handler(lambda message: self._answer(bus, message))
        await bus.request_name("org.bluez")
        ready.set()
        await over.wait()
        bus.disconnect()

    def _answer(self, bus: MessageBus, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        match message.member:
            case "GetManagedObjects":
                return Message.new_method_return(message, "a{oa{sa{sv}}}", [self._objects()])
            case "StartDiscovery":
                self.scans += 1
                for address, data in self.calls:
                    asyncio.get_running_loop().call_later(0.05, self._tell, bus, address, data)
                return Message.new_method_return(message)
            case "SetDiscoveryFilter" | "StopDiscovery":
                return Message.new_method_return(message)
            case _:
                return None

    def _objects(self) -> dict[str, Any]:
        radio = {
            "Address": Variant("s", "00:1A:7D:DA:71:13"),
            "Powered": Variant("b", self.powered),
            "Discovering": NO,
            "Roles": Variant("as", ["central", "peripheral"]),
        }
        return {RADIO: {"org.bluez.Adapter1": radio}} if self.radios else {}

    def _tell(self, bus: MessageBus, address: str, data: bytes) -> None:
        place = f"{RADIO}/dev_{address.replace(':', '_')}"
        about = {
            "Address": Variant("s", address),
            "AddressType": Variant("s", "random"),
            "Alias": Variant("s", address.replace(":", "-")),
            "Adapter": Variant("o", RADIO),
            "Paired": NO,
            "Connected": NO,
            "UUIDs": Variant("as", []),
            "ServicesResolved": NO,
            "RSSI": Variant("n", -60 - self.scans),
            "ManufacturerData": Variant(
                "a{qv}", {maker: Variant("ay", what) for maker, what in makers_data(data).items()}
            ),
        }
        if place in self._told:
            news = {"RSSI": about["RSSI"]}
            signal = Message.new_signal(
                place, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as",
                ["org.bluez.Device1", news, []],
            )  # fmt: skip
        else:
            self._told.add(place)
            signal = Message.new_signal(
                "/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}",
                [place, {"org.bluez.Device1": about}],
            )  # fmt: skip
        bus.send(signal)


def makers_data(call: bytes) -> Mapping[int, bytes]:
    """Take the parts of a call apart: length, kind, content."""
    found, at = {}, 0
    while at < len(call) and call[at]:
        kind, content = call[at + 1], call[at + 2 : at + 1 + call[at]]
        if kind == MANUFACTURER:
            found[int.from_bytes(content[:2], "little")] = content[2:]
        at += 1 + call[at]
    return found


@contextmanager
def bluez(address: str, **about: Any) -> Iterator[BlueZ]:
    service, ready = BlueZ(address, **about), Event()
    loop, over = asyncio.new_event_loop(), asyncio.Event()
    thread = Thread(target=loop.run_until_complete, args=[service.serve(ready, over)], daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield service
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()
