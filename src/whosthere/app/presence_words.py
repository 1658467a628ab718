"""What is seen of devices, in words."""

import re
from collections.abc import Sequence

from whosthere.core.presence import Observation
from whosthere.core.spans import span
from whosthere.presence.addresses import is_randomised
from whosthere.presence.matching import Device, Match

JUST_NOW = 5.0  # seconds
_LIKE_A_PHONE = re.compile(
    r"phone|android|galaxy|pixel|oneplus|redmi|xiaomi|huawei|motorola|moto-|nokia|fairphone|oppo"
)


def ago(seconds: float) -> str:
    return "just now" if seconds < JUST_NOW else f"{span(round(seconds))} ago"


def marks(match: Match) -> str:
    """All that a source knows of a device, but for what it was recognised by."""
    seen = match.seen
    known = (seen.host, "" if "MAC" in match.how else seen.mac, seen.address, seen.bluetooth)
    others = ", ".join(one for one in known if one and one not in match.how)
    return f" ({others})" if others else ""


def phone_like(seen: Observation) -> bool:
    """Guess: by its name, or because it made its address up, which few others do."""
    return bool(_LIKE_A_PHONE.search(seen.host)) or (is_randomised(seen.mac) and not seen.host)


def line_for(seen: Observation) -> str:
    """What to put into the settings."""
    name = re.sub(r"[^a-z0-9_-]", "", seen.host) or f"phone-{seen.mac[-5:].replace(':', '')}"
    return f'devices = [{{ name = "{name}", mac = "{seen.mac}" }}]'


def count(seen: Sequence[Observation]) -> str:
    devices = {identity(one) for one in seen}
    return f"{len(devices)} device{'' if len(devices) == 1 else 's'}"


def identity(seen: Observation) -> str:
    return seen.mac or seen.bluetooth or seen.host or seen.address or seen.device


def known_by(device: Device) -> str:
    known = (device.mac, device.host, device.address, device.bluetooth)
    return ", ".join(one for one in known if one) or "by what this source is told"
