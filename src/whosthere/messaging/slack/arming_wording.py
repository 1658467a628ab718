"""What we say in Slack of the house itself: arming by who is home, countdowns, troubles.

A countdown names the moment when it ends, which Slack shows in the reader's zone; so its message
is brought up to date only once, when it is over.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from whosthere.core.model import Alert, AlertKind, News
from whosthere.messaging.slack import wording
from whosthere.messaging.slack.cards import Card, Told
from whosthere.messaging.slack.wording import Block, button, context, escaped, moment, section

MOST_LINES = 12  # of evidence
ICONS = {
    AlertKind.ARMING: "⏳",
    AlertKind.DISARMED: "🏠",
    AlertKind.STILL_ARMED: "🔒",
    AlertKind.ENTRY: "🚪",
    AlertKind.PRESENCE_LOST: "🔌",
    AlertKind.PRESENCE_BACK: "📶",
}
KINDS = frozenset(ICONS)
SETTLED = {News.ARMED: "🔒", News.STOPPED: "✋", News.OVER: "⏰"}


def message_text(card: Card, zone: tzinfo | None) -> str:
    """The message without blocks: what a phone shows. It says all that the blocks say."""
    if card.kind not in KINDS:
        return wording.alert_text(card, zone)
    at = f"{card.at.astimezone(zone):%H:%M:%S}"
    lines = "; ".join(card.more.splitlines())
    more = f" ({lines})" if lines else ""
    late = f", {card.late}" if card.late else ""
    return wording.cut(escaped(f"{card.title}, {at}{more}{late}"), wording.PLAIN)


def message_blocks(card: Card, zone: tzinfo | None) -> list[Block]:
    if card.kind not in KINDS:
        return wording.alert_blocks(card, zone)
    blocks = [section(_head(card, zone))]
    lines = card.more.splitlines()
    if lines:
        blocks.append(section("\n".join(f"• {escaped(line)}" for line in lines[:MOST_LINES])))
    if card.news:
        before = [f"{escaped(told.text)} · {moment(told.at, zone)}" for told in card.news[-4:]]
        blocks.append(context("\n".join(before)))
    buttons = _buttons(card)
    if buttons:
        blocks.append({"type": "actions", "block_id": "alert", "elements": list(buttons)})
    return blocks


def settled(card: Card, alert: Alert, title: str) -> Card:
    """The card after later news: they are its title now, and what it said first stands below."""
    before = Told(card.at, card.title)
    return replace(
        card,
        kind=alert.kind,
        at=alert.at,
        title=title,
        more=alert.detail or card.more,
        news=(*card.news, before),
        revision=alert.revision,
        due=None,
        latest=alert.news,
        mode=alert.mode,
    )


def is_of_house(alert: Alert) -> bool:
    """Whether an alert is about the house itself."""
    return alert.kind in KINDS


def _head(card: Card, zone: tzinfo | None) -> str:
    icon = SETTLED.get(News(card.latest), "") if card.latest else ""
    if card.due is not None and card.kind == AlertKind.ARMING:
        what = f"Mode {escaped(card.mode)} at {moment(card.due, zone)}"
    elif card.due is not None and card.kind == AlertKind.ENTRY:
        what = f"Somebody at {escaped(card.camera)}: disarm before {moment(card.due, zone)}"
    else:
        what = escaped(card.title)
    late = f" · _{escaped(card.late)}_" if card.late else ""
    said = f"{icon or ICONS[AlertKind(card.kind)]} *{what}*"
    return f"{said}\n{_why(card)}{moment(card.at, zone)}{late}"


def _why(card: Card) -> str:
    """In a few words what it is about, where the title does not say it."""
    if card.kind == AlertKind.ARMING and card.due is not None:
        return "Arming · told "
    if card.kind == AlertKind.PRESENCE_LOST:
        return "Nothing is armed or disarmed by this · "
    return ""


def _buttons(card: Card) -> Sequence[Block]:
    name, counting = card.alert_id, card.due is not None
    if card.kind == AlertKind.ARMING and counting:
        return (
            button("Stay off", "alert_stay_off", name, style="primary"),
            button(f"Off until {wording.LONG_OFF}", "alert_stay_off_long", name),
            button("Arm now", "alert_arm_now", name),
        )
    if card.kind == AlertKind.ARMING and card.latest == News.STOPPED:
        return (button("Arm now", "alert_arm_now", name),)
    if card.kind == AlertKind.DISARMED:
        return (button("Arm again", "alert_arm_now", name),)
    if card.kind == AlertKind.ENTRY and card.latest != News.STOPPED:
        return (
            button("Disarm", "alert_disarm", name, style="danger"),
            button("Live picture", "alert_live", name),
        )
    if card.kind in {AlertKind.ARMING, AlertKind.STILL_ARMED} and card.latest != News.STOPPED:
        return (_disarm(name),)
    return ()


def _disarm(name: str) -> Block:
    sure = wording.confirm(
        "Disarm?", "The house will raise no alerts until it is armed again.", "Disarm"
    )
    return button("Disarm", "alert_disarm", name, style="danger", confirm=sure)
