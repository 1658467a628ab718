"""The sandbox's Slack, which is also what tests run against."""

from whosthere.app.sandbox.people import (
    ANNA,
    APP,
    BEN,
    BOT,
    BOT_USER,
    CHANNEL,
    CLEO,
    EVE,
    NAMES,
    OTHER,
    SECRET,
    TEAM,
)
from whosthere.app.sandbox.server import FakeSlack
from whosthere.messaging.slack.manifest import SCOPES

__all__ = [
    "ANNA", "APP", "BEN", "BOT", "BOT_USER", "CHANNEL", "CLEO", "EVE", "NAMES", "OTHER", "SCOPES",
    "SECRET", "TEAM", "FakeSlack",
]  # fmt: skip
