"""What can be done about proposed numbers, below the message that tells of them.

Only administrators may; that is seen to where all requests are answered.
"""

from collections.abc import Sequence

from whosthere.core.model import News
from whosthere.messaging.slack.cards import Card
from whosthere.messaging.slack.wording import Block, button

USE, LEAVE = "alert_use_policy", "alert_leave_policy"


def buttons(card: Card) -> Sequence[Block]:
    """While nobody has said yet: two. Going back later is a request, which the reply names."""
    if card.latest == News.SETTLED:
        return ()
    return (
        button("Use it", USE, card.alert_id, style="primary"),
        button("Not now", LEAVE, card.alert_id),
    )
