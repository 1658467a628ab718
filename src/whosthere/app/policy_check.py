"""The line of `whosthere check` about the numbers that decide."""

from contextlib import closing

from whosthere.app.policy_versions import said_of, still_held
from whosthere.app.settings import Settings
from whosthere.storage.proposals import Policies
from whosthere.storage.sqlite import SqliteStore


def numbers(settings: Settings) -> str:
    """Which are tuned, and which of these the settings have taken back since."""
    if not settings.storage.database.exists():
        return "as the settings say"
    with closing(SqliteStore.visit(settings.storage.database)) as store:
        last = Policies(store.database).last()
    if last is None or not last.tuned:
        return "as the settings say"
    held = still_held(last.tuned, said_of(settings))
    names = [f"{camera}.{name}" for camera, own in held.items() for name in own]
    dropped = [
        f"{camera}.{name}"
        for camera, own in last.tuned.items()
        for name in own
        if name not in held.get(camera, {})
    ]
    said = f"tuned: {', '.join(names)}" if names else "none is tuned any more"
    if dropped:
        said += f"; the settings have changed {', '.join(dropped)} since, which wins"
    return f"{said}. 'whosthere policy show' says where each comes from"
