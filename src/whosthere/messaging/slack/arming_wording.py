"""What we say in Slack of the house itself: arming by who is home, countdowns, troubles.

A countdown names the moment when it ends, which Slack shows in the reader's zone; so its message
is brought up to date only once, when it is over.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from whosthere.core.model import Alert, AlertKind, News
from whosthere.messaging.slack import proposals, wording
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
    AlertKind.PROPOSAL: "🎯",
    AlertKind.TROUBLE: "🔧",
    AlertKind.WELL_AGAIN: "✅",
    AlertKind.TAMPERED: "🙈",
    AlertKind.UNTAMPERED: "👁️",
    AlertKind.OUTAGE: "🕳️",
}
KINDS = frozenset(ICONS)
SETTLED = {News.ARMED: "🔒", News.STOPPED: "✋", News.OVER: "⏰"}


def message_text(card: Card, zone: tzinfo | None) -> str:
    """The message without blocks: what a phone shows. It says all that the blocks say."""
    if card.kind not in KINDS:
        return wording.alert_text(card, zone)
    at = f"{card.at.astimezone(zone):%H:%M:%S}"
    told = [one for one in card.more.splitlines() if one not in card.title]
    lines = "; ".join(told)
    more = f" ({lines})" if lines else ""
    late = f", {card.late}" if card.late else ""
    return wording.cut(escaped(f"{card.title}, {at}{more}{late}"), wording.PLAIN)


def message_blocks(card: Card, zone: tzinfo | None) -> list[Block]:
    if card.kind not in KINDS:
        return wording.alert_blocks(card, zone)
    why, *evidence = card.more.splitlines() or [""]
    lines = [_head(card, zone), *([sentence(why)] if why and why not in card.title else [])]
    lines += [f"• {escaped(line)}" for line in evidence[:MOST_LINES]]
    blocks = [section("\n".join(lines))]
    said = [f"{_remark(card)}{moment(card.at, zone)}"]
    said += [f"before: {escaped(told.text)} ({moment(told.at, zone)})" for told in card.news[-4:]]
    said += [f"_{escaped(card.late)}_"] if card.late else []
    blocks.append(context(" · ".join(said)))
    buttons = _buttons(card)
    if buttons:
        blocks.append({"type": "actions", "block_id": "alert", "elements": list(buttons)})
    return blocks


def settled(card: Card, alert: Alert, title: str) -> Card:
    """The card after later news: they are its title now, and what it said first stands below."""
    anew = alert.news is News.ANEW  # a countdown, that is still one
    return replace(
        card,
        kind=alert.kind,
        at=alert.at,
        title=title,
        more=alert.detail,
        news=card.news if anew else (*card.news, Told(card.at, card.title)),
        revision=alert.revision,
        due=alert.due,
        late="",
        latest="" if anew else alert.news,
        mode=alert.mode,
    )


def is_of_house(alert: Alert) -> bool:
    """Whether an alert is about the house itself."""
    return alert.kind in KINDS


def _head(card: Card, zone: tzinfo | None) -> str:
    icon = ICONS[AlertKind(card.kind)]
    if card.latest and card.kind in {AlertKind.ARMING, AlertKind.ENTRY}:
        icon = SETTLED.get(News(card.latest), icon)
    if card.due is not None and card.kind == AlertKind.ARMING:
        return f"{icon} *Mode {escaped(card.mode)} at {clock(card.due, zone)}*"
    if card.due is not None and card.kind == AlertKind.ENTRY:
        where = escaped(card.camera)
        return f"{icon} *Somebody at {where}: disarm before {clock(card.due, zone)}*"
    return f"{icon} *{escaped(card.title)}*"


def clock(at: datetime, zone: tzinfo | None) -> str:
    """A time of day that Slack shows in the reader's zone; for what happens within minutes."""
    there = f"{at.astimezone(zone):%H:%M:%S}"
    return f"<!date^{int(at.timestamp())}^{{time_secs}}|{there}>"


def _remark(card: Card) -> str:
    if card.kind == AlertKind.PRESENCE_LOST:
        return "Nothing is armed or disarmed by this source meanwhile · "
    return ""


def sentence(text: str) -> str:
    """Escaped, and with a large letter first."""
    said = escaped(text)
    return f"{said[:1].upper()}{said[1:]}"


def _buttons(card: Card) -> Sequence[Block]:
    name, counting = card.alert_id, card.due is not None
    if card.kind == AlertKind.TAMPERED:
        return (
            button("Live picture", "alert_live", name),
            button("The new view is right", "alert_camera_ok", name),
        )
    if card.kind == AlertKind.PROPOSAL:
        return proposals.buttons(card)
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
