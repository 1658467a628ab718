"""Says whether the web server could listen, and who may use it."""

import importlib.util

from whosthere.app.settings import Settings
from whosthere.app.web_parts import tokens_of
from whosthere.core.errors import BadSettings
from whosthere.storage.lock import running
from whosthere.web.server import bound


def web(settings: Settings) -> str:
    """Try the port, unless the program that runs has it."""
    if any(importlib.util.find_spec(name) is None for name in ("starlette", "uvicorn")):
        raise BadSettings("Libraries are missing: pip install 'whosthere[web]'")
    grants = tokens_of(settings).grants()
    if not grants and not settings.web.metrics_without_token:
        raise BadSettings("There is no token, so nobody could use it: whosthere web token NAME")
    place = settings.web.listen
    who = f"{len(grants)} token{'' if len(grants) == 1 else 's'}"
    if running(settings.storage.folder) is not None:
        return f"the program that runs has {place}; {who}"
    bound(*settings.web.place()).close()
    return f"{place} is free; {who}"
