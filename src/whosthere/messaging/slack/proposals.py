"""Proposed numbers: what would become of alerts, and what can be done about it.

What people decide on comes first, a line for each camera; how it was found stands below it in small
print. Only administrators may press; that is seen to where all requests are answered.
"""

import re
from datetime import tzinfo

from whosthere.messaging.slack.cards import Card
from whosthere.messaging.slack.wording import (
    Block,
    actions,
    button,
    context,
    escaped,
    moment,
    section,
)

ICON = "🎯"
USE, LEAVE = "alert_use_policy", "alert_leave_policy"
OF_CAMERA = re.compile(r"\S+: ")
MOST_CAMERAS, MOST_SMALL = 12, 40  # lines


def main_lines(text: str) -> list[str]:
    """Of each camera the line that sums it up: it begins with the camera's name."""
    return [line for line in text.splitlines() if OF_CAMERA.match(line)]


def blocks(card: Card, zone: tzinfo | None) -> list[Block]:
    """While nobody has said what is to become of it. Going back later is a request."""
    main = main_lines(card.more)
    small = [line for line in card.more.splitlines() if line not in main]
    title = [f"{ICON} *{escaped(card.title)}*"]
    made = [section("\n".join([*title, *(_named(line) for line in main[:MOST_CAMERAS])]))]
    if small:
        made.append(context("\n".join(map(escaped, small[:MOST_SMALL]))))
    made.append(context(f"{moment(card.at, zone)} · Nothing changes unless you use it"))
    made.append(
        actions([
            button("Use it", USE, card.alert_id, style="primary"),
            button("Not now", LEAVE, card.alert_id),
        ])
    )  # fmt: skip
    return made


def _named(line: str) -> str:
    camera, _, found = escaped(line).partition(": ")
    return f"*{camera}*: {found}"
