"""What is wrong between entries of [presence], in words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from whosthere.presence.matching import Device
from whosthere.presence.settings import PresenceSettings
from whosthere.presence.source_settings import SourceSettings

MISSED_LOOKS = 3
SOURCES, PEOPLE = "presence.sources", "presence.people"


def contradictions(table: object) -> list[str]:
    """Find what cannot work. Mistyped entries are told elsewhere, and first."""
    try:
        presence = PresenceSettings.model_validate(table)
    except ValidationError:
        return []
    return [
        *_same_names(presence),
        *_same_marks(presence.devices()),
        *_times(presence.sources),
        *_unknown_devices(presence),
        *_never_seen(presence),
    ]


def _same_names(presence: PresenceSettings) -> Iterator[str]:
    for name, count in Counter(one.name for one in presence.sources).items():
        if count > 1:
            yield f"{SOURCES}: {count} are called '{name}'. Give each a 'name' of its own."
    for name, count in Counter(one.name for one in presence.devices()).items():
        if count > 1:
            yield f"{PEOPLE}: {count} devices are called '{name}'. Give each a 'name' of its own."


def _same_marks(devices: Iterable[Device]) -> Iterator[str]:
    """Two devices that nothing tells apart."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for device in devices:
        for mark in sorted(device.marks() - {"device"}):
            groups[mark, getattr(device, mark)].append(device.name)
    for (mark, value), names in groups.items():
        if len(names) > 1:
            yield (
                f"{PEOPLE}: {' and '.join(names)} have the same '{mark}' {value}, so they cannot be"
                " told apart. Each device belongs to one person; leave it out at the other."
            )


def _times(sources: Iterable[SourceSettings]) -> Iterator[str]:
    for number, one in enumerate(sources, 1):
        if one.leave_seconds < MISSED_LOOKS * one.every_seconds:
            yield (
                f"{SOURCES}.{number}.leave_seconds: must be at least three times every_seconds, or"
                " one missed look sends everybody away."
            )
        if getattr(one, "listen_seconds", 0.0) > one.every_seconds:
            yield f"{SOURCES}.{number}.listen_seconds: must be at most every_seconds."


def _unknown_devices(presence: PresenceSettings) -> Iterator[str]:
    known = {device.name for device in presence.devices()}
    for number, one in enumerate(presence.sources, 1):
        for name in sorted((one.devices or frozenset()) - known):
            has = f"Known are {', '.join(sorted(known))}." if known else "None is known."
            yield (
                f"{SOURCES}.{number}.devices: nobody has a device '{name}'. {has}"
                " Add it at its person, in [presence.people.NAME]."
            )


def _never_seen(presence: PresenceSettings) -> Iterator[str]:
    """Who is never seen would be away for ever."""
    telling = [one for one in presence.sources if one.tells_who_is_home]
    if presence.people and not telling:
        more = " Leases alone only give names to what others see." if presence.sources else ""
        yield (
            f"{SOURCES}: nothing here tells who is home.{more} Add a source, such as"
            ' kind = "neighbours".'
        )
        return
    for device in presence.devices():
        if not any(device.name in presence.seen_by(one) for one in telling):
            marks = ", ".join(sorted(device.marks() - {"device"})) or "nothing"
            yield (
                f"{PEOPLE}: no source could ever see {device.name}, of which {marks} is given."
                " Give its 'mac' or 'host' ('whosthere presence devices' lists them), or add a"
                " source that knows it."
            )
