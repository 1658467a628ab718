"""What there is to try of Slack, for `whosthere slack check` and `whosthere check`."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from whosthere.app.settings import Settings
from whosthere.core.errors import BadSettings
from whosthere.messaging.slack.settings import SlackSettings, Tokens, read_tokens

if TYPE_CHECKING:
    from whosthere.messaging.slack.checks import SlackCheck

FIRST = "*Who's There* is here. Alerts will come into this channel. Try `/whosthere status`."


def steps(
    asked: SlackSettings, settings: Settings, *, send: bool
) -> Iterator[tuple[str, Callable[[], str]]]:
    """Return each step with its name. Without tokens, only that is said."""
    try:
        slack = checker(asked, read_tokens(asked, settings.storage.folder))
    except BadSettings as trouble:
        yield asked.name, _raises(trouble)
        return
    for step in slack.steps():
        yield f"{asked.name} {step.name}", step.attempt
    if send:
        yield f"{asked.name} message", lambda: _posted(slack)


def checker(asked: SlackSettings, tokens: Tokens) -> "SlackCheck":
    from whosthere.messaging.slack.checks import SlackCheck  # noqa: PLC0415 - needs an extra

    return SlackCheck(asked, tokens)


def _posted(slack: "SlackCheck") -> str:
    slack.post(FIRST)
    return "took a test message"


def _raises(trouble: BadSettings) -> Callable[[], str]:
    def attempt() -> str:
        raise trouble

    return attempt
