"""Questions to learn from: about a moment of which nobody was told. They must not look like alarms.

Why just this is asked stands there only once somebody has answered: "a person was nearly
recognised" would lead people, and so would a box around what the detector took for one.
"""

from datetime import tzinfo

from whosthere.messaging.slack import wording
from whosthere.messaging.slack.cards import Card
from whosthere.messaging.slack.wording import Block, context, escaped, image, moment, section

NO_ALARM = "no alarm, a question to learn from"


def question(card: Card) -> str:
    return f"Was anybody at {card.camera}?"


def text(card: Card, zone: tzinfo | None) -> str:
    """What a phone shows."""
    at = f"{card.at.astimezone(zone):%H:%M:%S}"
    return wording.cut(escaped(f"{question(card)} {at}, {NO_ALARM}"), wording.PLAIN)


def blocks(card: Card, zone: tzinfo | None) -> list[Block]:
    head = f"🎓 *{escaped(question(card))}*\n{moment(card.at, zone)} · {NO_ALARM}"
    made = [section(head)]
    if card.shown and card.picture:
        made.append(image(card.picture, f"Camera {card.camera} at that moment"))
    said = list(wording.said_lines(card, zone))
    if said and card.more:
        said.append(f"Asked because {escaped(card.more)}")
    if said:
        made.append(context("\n".join(said)))
    made.append(wording.actions(wording.answer_buttons(card)))
    return made
