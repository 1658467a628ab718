"""Says whether the heartbeat's address is known, and on request whether it answers."""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from whosthere.core.errors import BadSettings
from whosthere.monitoring.heartbeat import Heartbeat
from whosthere.monitoring.settings import VARIABLE, HeartbeatSettings


def is_wanted(settings: HeartbeatSettings, environment: Mapping[str, str] = os.environ) -> bool:
    return bool(settings.url or settings.url_file or environment.get(VARIABLE))


def heartbeat(settings: HeartbeatSettings, *, send: bool) -> str:
    """Call once if that is asked for: somebody outside takes it for a sign of life."""
    address = settings.address()
    if address is None:
        raise BadSettings(f"[heartbeat] url_file is empty. Put the address into it or {VARIABLE}.")
    host = urlsplit(address).hostname
    if not send:
        return f"{host}, every {settings.every_seconds:.0f} s; 'whosthere check --send' calls once"
    Heartbeat(address, list).beat()
    return f"{host} answers"
