"""Reads a household's past from the database, for commands that replay or show it."""

from dataclasses import replace
from datetime import datetime

from whosthere.app.settings import Settings
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.household_past import Past
from whosthere.core.sighting import PERSON
from whosthere.storage.presence_history import PresenceHistory
from whosthere.storage.sqlite import SqliteStore


def rules_of(settings: Settings) -> ArmingRules:
    """The rules of arming as the settings say."""
    return settings.policy().arming


def past_of(settings: Settings, since: datetime, until: datetime, again_seconds: float) -> Past:
    """Read what the history, the modes and the cameras say of a time."""
    rules = rules_of(settings)
    store = SqliteStore.visit(settings.storage.database)
    try:
        periods = PresenceHistory(store.database).read(since, until)
        modes = store.arm_states_of(since, until)
        came = [one.started for one in store.incidents(since, until) if PERSON in one.labels]
    finally:
        store.close()
    begin = max(since, min((one.since for one in periods), default=since))
    periods = [
        replace(one, since=max(one.since, begin), until=min(one.until, until)) for one in periods
    ]
    return Past(
        begin, until, periods, rules.people, rules.sources, modes, sorted(came), again_seconds
    )
