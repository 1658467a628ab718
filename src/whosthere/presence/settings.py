"""What may be set about presence: people with their devices, and sources, chosen by `kind`.

Another kind of source needs a class that derives from `SourceSettings` (in a file of its own, so
that this one stays short), a place in `AnySource`, and a line in `ADAPTERS`. Its adapter is made
with what `arguments()` returns. One that is told instead of asking also fulfils `watch.Listening`.
"""

import importlib
from collections.abc import Callable
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field

from whosthere.core.ports import PresenceSource
from whosthere.core.presence import Person, SourceRule
from whosthere.presence.addresses import address_of, bluetooth_of, own_host_of, own_mac_of
from whosthere.presence.fritz_settings import FritzSettings
from whosthere.presence.matching import Device
from whosthere.presence.mikrotik_settings import MikrotikSettings
from whosthere.presence.mqtt_settings import MqttSettings
from whosthere.presence.own_settings import (
    BluetoothSettings,
    LeasesSettings,
    NeighboursSettings,
)
from whosthere.presence.pushed_settings import PushedSettings
from whosthere.presence.router_settings import RouterSettings
from whosthere.presence.source_settings import NAME, Section, SourceSettings

ADAPTERS = {  # kind → module:class, imported only when used
    "neighbours": "whosthere.presence.neighbours:Neighbours",
    "leases": "whosthere.presence.leases:Leases",
    "bluetooth": "whosthere.presence.bluetooth:Bluetooth",
    "router": "whosthere.presence.router:HttpRouter",
    "fritz": "whosthere.presence.fritz:FritzBox",
    "mikrotik": "whosthere.presence.mikrotik:Mikrotik",
    "mqtt": "whosthere.presence.mqtt:MqttTopic",
    "webhook": "whosthere.presence.pushed:PushedDevice",
}
LONGEST_NAME = 40


class DeviceSettings(Section):
    """A phone, watch or tag that somebody carries. One of mac, host, address, bluetooth will do."""

    name: str = Field(pattern=NAME, description="What it is called in messages.")
    mac: Annotated[str, AfterValidator(own_mac_of)] | None = Field(
        None,
        description="MAC address on this Wi-Fi, in any notation.",
        examples=["a4:83:e7:12:34:56"],
    )
    host: Annotated[str, AfterValidator(own_host_of)] | None = Field(
        None, description="Name on the network.", examples=["anns-iphone"]
    )
    address: Annotated[str, AfterValidator(address_of)] | None = Field(
        None,
        description="IP address that the router keeps for it.",
        examples=["192.168.1.40"],
    )
    bluetooth: Annotated[str, AfterValidator(bluetooth_of)] | None = Field(
        None,
        description="Address of a Bluetooth tag, or UUID/major/minor of a beacon.",
        examples=["e2c56db5-dffb-48d2-b060-d0f5a71096e0/1/7"],
    )

    def device(self) -> Device:
        return Device(
            self.name,
            mac=self.mac or "",
            host=self.host or "",
            address=self.address or "",
            bluetooth=self.bluetooth or "",
        )


class PersonSettings(Section):
    """Somebody whose devices are known."""

    devices: tuple[DeviceSettings, ...] = Field(
        min_length=1,
        description="What they carry: their phone first of all. Home is who has any of these home.",
        examples=[[{"name": "ann-phone", "mac": "a4:83:e7:12:34:56"}]],
    )
    guest: bool = Field(default=False, description="Their coming disarms nothing.")
    holds_arming: bool = Field(
        default=True, description="As long as they are home, nothing arms by itself."
    )


AnySource: TypeAlias = Annotated[
    NeighboursSettings
    | LeasesSettings
    | BluetoothSettings
    | RouterSettings
    | FritzSettings
    | MikrotikSettings
    | MqttSettings
    | PushedSettings,
    Field(discriminator="kind"),
]


def _name_of_person(name: str) -> str:
    if not 1 <= len(name.strip()) <= LONGEST_NAME or name != name.strip() or not name.isprintable():
        raise ValueError(f"a person's name has 1 to {LONGEST_NAME} letters")
    return name


class PresenceSettings(Section):
    """Who lives here, by which devices they are known, and what sees these."""

    people: dict[Annotated[str, AfterValidator(_name_of_person)], PersonSettings] = Field(
        default_factory=dict, description="Each person, with what they carry."
    )
    sources: tuple[AnySource, ...] = Field((), description="What sees the devices.")
    history_days: float = Field(
        90.0,
        ge=1,
        le=3650,
        description="Days that it is kept who was seen when. It shows whether other waiting times"
        " would do. A few hundred rows a day.",
    )

    def devices(self) -> tuple[Device, ...]:
        """Return all known devices."""
        return tuple(one.device() for person in self.people.values() for one in person.devices)

    def persons(self) -> tuple[Person, ...]:
        """Return who lives here, as the rules of arming know them."""
        return tuple(
            Person(
                name,
                tuple(device.name for device in about.devices),
                guest=about.guest,
                holds_arming=about.holds_arming,
            )
            for name, about in self.people.items()
        )

    def rules(self) -> tuple[SourceRule, ...]:
        """Return what each source's word is worth; those that only help others are left out."""
        return tuple(
            SourceRule(one.name, one.leave_seconds, one.every_seconds, self.seen_by(one))
            for one in self.sources
            if one.tells_who_is_home
        )

    def seen_by(self, source: SourceSettings) -> frozenset[str]:
        """Return the names of the devices that a source could see."""
        return frozenset(
            device.name
            for device in self.devices()
            if device.marks() & source.recognises
            and (source.devices is None or device.name in source.devices)
        )


def make_source(settings: SourceSettings, **others: object) -> PresenceSource:
    """Build a source. Nothing is opened before its `seen()` is asked for."""
    kind: str = getattr(settings, "kind")  # noqa: B009 # each kind has it, their base has not
    module, _, name = ADAPTERS[kind].partition(":")
    made: Callable[..., PresenceSource] = getattr(importlib.import_module(module), name)
    return made(**settings.arguments(), **others)
