"""Builds what sees who is home: each source with the watcher that asks it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, cast

from whosthere.app.health import HealthBoard
from whosthere.app.workers import Worker
from whosthere.core.ports import PresenceSource
from whosthere.core.presence import SourceFailed, SourceReport
from whosthere.presence.fritz_settings import FritzSettings
from whosthere.presence.leases import Directories, Leases
from whosthere.presence.matching import Device, Matcher
from whosthere.presence.mikrotik_settings import MikrotikSettings
from whosthere.presence.own_settings import BluetoothSettings, NeighboursSettings
from whosthere.presence.router_settings import RouterSettings
from whosthere.presence.settings import PresenceSettings, make_source
from whosthere.presence.source_settings import SourceSettings
from whosthere.presence.waking import Waking
from whosthere.presence.watch import Listening, Watch

Report: TypeAlias = Callable[[SourceReport | SourceFailed], None]
Tell: TypeAlias = Callable[[str | None], None]

LISTS = (RouterSettings, FritzSettings, MikrotikSettings)  # where a sleeping phone may be missing


@dataclass(frozen=True, slots=True)
class Source:
    """A source with what it can recognise."""

    settings: SourceSettings
    looks: PresenceSource
    matcher: Matcher

    @property
    def listening(self) -> Listening | None:
        """The same source, if it must listen to be told."""
        return cast("Listening", self.looks) if hasattr(self.looks, "listen") else None


@dataclass(frozen=True, slots=True)
class PresenceParts:
    """All that runs for presence."""

    watches: Mapping[str, Watch] = field(default_factory=dict)  # of those who tell who is home
    workers: Sequence[Worker] = ()

    def look_again(self) -> None:
        """Have all sources look at once, as well as they can."""
        for watch in self.watches.values():
            watch.look_again()


def directory_of(presence: PresenceSettings) -> Directories:
    """Files of leases help all other sources to recognise devices."""
    leases = [one for one in presence.sources if one.kind == "leases"]
    return Directories([cast("Leases", make_source(one)) for one in leases])


def source_of(presence: PresenceSettings, one: SourceSettings, directory: Directories) -> Source:
    could_see = presence.seen_by(one)
    devices = [device for device in presence.devices() if device.name in could_see]
    looks = make_source(one, **_others(one, devices, directory))
    return Source(one, looks, Matcher(devices, directory))


def _others(
    source: SourceSettings, devices: Sequence[Device], directory: Directories
) -> dict[str, object]:
    """What a source needs beside its settings: some look for our devices only."""
    if isinstance(source, NeighboursSettings):
        return {"devices": devices, "directory": directory}
    return {"devices": devices} if isinstance(source, BluetoothSettings) else {}


def _waking(source: Source, directory: Directories) -> PresenceSource:
    """Have phones woken before a router is asked for them."""
    if not isinstance(source.settings, LISTS):
        return source.looks
    devices, leaves = source.matcher.devices, source.settings.leave_seconds
    return Waking(source.looks, devices, leaves, directory)


def make_presence(
    presence: PresenceSettings, report: Report, told: Callable[[str], Tell], health: HealthBoard
) -> PresenceParts:
    """Build a watcher for each source; each has a thread of its own, so none waits for another."""
    watches, workers = {}, []
    directory = directory_of(presence)
    for one in presence.sources:
        source = source_of(presence, one, directory)
        name, part = source.settings.name, f"presence {source.settings.name}"
        telling = source.settings.tells_who_is_home
        watch = Watch(
            name,
            _waking(source, directory),
            source.matcher,
            report if telling else lambda _report: None,
            source.settings.every_seconds,
            tell=told(part),
        )
        if telling:
            watches[name] = watch
        workers.append(Worker(part, watch.run, health, watch.stop))
        if (line := source.listening) is not None:
            listen = partial(line.listen, watch.heard)
            workers.append(Worker(f"{part} line", listen, health, line.stop))
    return PresenceParts(watches, workers)
