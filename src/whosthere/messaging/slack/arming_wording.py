"""What we say in Slack of the house itself: arming by who is home, countdowns, troubles, sirens.

What ends at a known moment names it, and Slack shows it in the reader's zone; so its message
is brought up to date only once, when it is over.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, tzinfo

from whosthere.core.model import Alert, AlertKind, News
from whosthere.messaging.slack import proposals, questions, wording
from whosthere.messaging.slack.cards import Card, Told
from whosthere.messaging.slack.house_buttons import buttons
from whosthere.messaging.slack.wording import Block, context, escaped, image, moment, section

MOST_LINES = 12  # of evidence
ICONS = {
    AlertKind.CAMERA_LOST: "📵",
    AlertKind.CAMERA_BACK: "📷",
    AlertKind.ARMING: "⏳",
    AlertKind.DISARMED: "🏠",
    AlertKind.STILL_ARMED: "🔒",
    AlertKind.ENTRY: "🚪",
    AlertKind.PRESENCE_LOST: "🔌",
    AlertKind.PRESENCE_BACK: "📶",
    AlertKind.PROPOSAL: proposals.ICON,
    AlertKind.TROUBLE: "🔧",
    AlertKind.WELL_AGAIN: "✅",
    AlertKind.TAMPERED: "🙈",
    AlertKind.UNTAMPERED: "👁️",
    AlertKind.OUTAGE: "🕳️",
    AlertKind.SIREN: "🚨",
}
KINDS = frozenset(ICONS)
SETTLED = {
    (AlertKind.ARMING, News.ARMED): "🔒",
    (AlertKind.ARMING, News.STOPPED): "✋",
    (AlertKind.ENTRY, News.STOPPED): "✋",
    (AlertKind.ENTRY, News.OVER): "⏰",
    (AlertKind.SIREN, News.STOPPED): "🔇",
}
LISTED = {AlertKind.TROUBLE, AlertKind.OUTAGE}  # no line is more than the others
REMARKS = {
    AlertKind.PRESENCE_LOST: "Nothing is armed or disarmed by this source meanwhile",
    AlertKind.TAMPERED: "If the camera was moved on purpose, say that the new view is right",
}
SEEN = {  # by a camera that somebody has tampered with
    "covered": "Next to nothing is left of what it usually sees.",
    "turned": "It sees something else than usual: it was turned, or something stands before it.",
    "out of focus": "Its picture has lost all that is fine.",
}
RINGS_WHEN_OVER = {AlertKind.CAMERA_BACK, AlertKind.UNTAMPERED, AlertKind.WELL_AGAIN}
RINGS_AGAIN = {News.MORE, News.STILL}


def rings(alert: Alert) -> bool:
    """Whether phones should ring for later news: to change a message makes none ring."""
    return alert.kind in RINGS_WHEN_OVER or alert.news in RINGS_AGAIN


def ringing(alert: Alert, title: str, zone: tzinfo | None) -> str:
    """What rings: of trouble with what is wrong, since more is than before."""
    lines = [f"{escaped(title)} · {moment(alert.at, zone)}"]
    if alert.news in RINGS_AGAIN:
        lines += [f"• {escaped(line)}" for line in alert.detail.splitlines()[:MOST_LINES]]
    return wording.cut("\n".join(lines), wording.PLAIN)


def message_text(card: Card, zone: tzinfo | None) -> str:
    """The message without blocks: what a phone shows. It says all that the blocks say."""
    if card.kind == AlertKind.QUIET:
        return questions.text(card, zone)
    if card.kind not in KINDS:
        return wording.alert_text(card, zone)
    at = f"{card.at.astimezone(zone):%H:%M:%S}"
    until = ""
    if card.kind == AlertKind.SIREN and card.due is not None:
        until = f", until {card.due.astimezone(zone):%H:%M:%S} at the latest"
    lines = "; ".join(_not_in_title(card))
    more = f" ({lines})" if lines else ""
    late = f", {card.late}" if card.late else ""
    return wording.cut(escaped(f"{card.title}, {at}{until}{more}{late}"), wording.PLAIN)


def _not_in_title(card: Card) -> list[str]:
    lines = card.more.splitlines()
    if card.kind == AlertKind.PROPOSAL:
        return [one for one in proposals.main_lines(card.more) if one not in card.title]
    if card.kind in LISTED and len(lines) == 1:  # its part is in the title
        return [why] if (why := lines[0].partition(": ")[2]) else []
    return [one for one in lines if one not in card.title]


def message_blocks(card: Card, zone: tzinfo | None) -> list[Block]:
    if card.kind == AlertKind.QUIET:
        return questions.blocks(card, zone)
    if card.kind == AlertKind.PROPOSAL and card.latest != News.SETTLED:
        return proposals.blocks(card, zone)
    if card.kind not in KINDS:
        return wording.alert_blocks(card, zone)
    blocks = [section("\n".join([_head(card, zone), *_lines(card, zone)]))]
    if card.shown and card.picture:
        blocks.append(image(card.picture, f"{card.title}: its picture"))
    blocks.append(context("\n".join(_small(card, zone))))
    found = buttons(card)
    if found:
        blocks.append(wording.actions(found))
    return blocks


def _lines(card: Card, zone: tzinfo | None) -> Iterator[str]:
    """What there is to say below the title."""
    if card.kind in LISTED and card.more.count("\n"):
        for line in card.more.splitlines()[:MOST_LINES]:
            part, colon, why = escaped(line).partition(": ")
            named = card.kind == AlertKind.TROUBLE and colon
            yield f"• *{part}*: {why}" if named else f"• {sentence(line)}"
        return
    if card.kind in LISTED:
        yield from map(sentence, _not_in_title(card))
        return
    why, *evidence = card.more.splitlines() or [""]
    if why in SEEN and card.kind == AlertKind.TAMPERED:
        yield SEEN[why]
    elif why and why not in card.title:
        yield sentence(why)
    if card.kind == AlertKind.SIREN and card.due is not None:
        yield f"It ends by itself at {clock(card.due, zone)} at the latest."
    yield from (f"• {escaped(line)}" for line in evidence[:MOST_LINES])


def _small(card: Card, zone: tzinfo | None) -> Iterator[str]:
    """When, and what it said before, each in a line."""
    when = [moment(card.at, zone)]
    remark = REMARKS.get(AlertKind(card.kind))
    when += [remark] if remark else []
    when += [f"_{escaped(card.late)}_"] if card.late else []
    yield " · ".join(when)
    if card.seen is not None:
        yield f"👀 *Seen*, says {escaped(card.seen.by)} · {moment(card.seen.at, zone)}"
    for told in card.news[-4:]:
        yield f"before: {escaped(told.text)} · {moment(told.at, zone)}"


def settled(card: Card, alert: Alert, title: str) -> Card:
    """The card after later news: they are its title now, and what it said first stands below."""
    anew = alert.news is News.ANEW  # a countdown, that is still one
    return replace(
        card,
        kind=alert.kind,
        at=alert.at,
        title=title,
        more="" if alert.kind is AlertKind.CAMERA_BACK else alert.detail,  # its title says it
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
    kind = AlertKind(card.kind)
    icon = SETTLED.get((kind, News(card.latest)), ICONS[kind]) if card.latest else ICONS[kind]
    if card.due is not None and kind is AlertKind.ARMING:
        return f"{icon} *Mode {escaped(card.mode)} at {clock(card.due, zone)}*"
    if card.due is not None and kind is AlertKind.ENTRY:
        where = escaped(card.camera)
        return f"{icon} *Somebody at {where}: disarm before {clock(card.due, zone)}*"
    return f"{icon} *{escaped(card.title)}*"


def clock(at: datetime, zone: tzinfo | None) -> str:
    """A time of day that Slack shows in the reader's zone; for what happens within minutes."""
    there = f"{at.astimezone(zone):%H:%M:%S}"
    return f"<!date^{int(at.timestamp())}^{{time_secs}}|{there}>"


def sentence(text: str) -> str:
    """Escaped, and with a large letter first."""
    said = escaped(text)
    if "://" in said.partition(" ")[0]:  # an address stays as it is
        return said
    return f"{said[:1].upper()}{said[1:]}"
