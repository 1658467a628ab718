"""All that we say in Slack, as its blocks (https://docs.slack.dev/reference/block-kit).

Buttons carry the name of an alert or nothing; what they mean is looked up here and never taken
from what Slack sends back.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any, TypeAlias

from whosthere.core.model import WALK_TEST
from whosthere.messaging.slack.cards import Card, Said

Block: TypeAlias = dict[str, Any]

SECTION, HEADER, BUTTON, ALT, VALUE = 3000, 150, 75, 2000, 2000  # letters
MESSAGE_BLOCKS, VIEW_BLOCKS, PLAIN = 50, 100, 3500
MOST_ANSWERS = 8  # in one message

ANSWERS = {"occupied": "Occupied", "unoccupied": "Unoccupied"}
LONG_OFF = "tomorrow 8:00"
ALERT_BUTTONS = {  # action: what it asks for, in the grammar of requests
    "alert_occupied": "tag occupied",
    "alert_unoccupied": "tag unoccupied",
    "alert_snooze": "snooze 30m {camera}",
    "alert_disarm": "disarm",
    "alert_live": "snapshot {camera}",
    "alert_stay_off": "stay_off",
    "alert_stay_off_long": f"stay_off until {LONG_OFF}",
    "alert_arm_now": "arm_now",
    "alert_camera_ok": "camera_ok {camera}",
    "alert_use_policy": "policy use",
    "alert_leave_policy": "policy not_now",
    "alert_seen": "seen",
    "alert_silence": "siren off",
}
MARKS = {"occupied": "🟢", "unoccupied": "⚪"}
ICONS = {"person": "🚶", "unclassified": "❔"}


def escaped(text: str) -> str:
    """Keep Slack from reading links and mentions into text (its three reserved letters)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def cut(text: str, most: int) -> str:
    """Shorten to what Slack takes, without leaving half of an escaped letter or a date."""
    if len(text) <= most:
        return text
    short = text[: most - 1]
    short = re.sub(r"&[a-z]{0,3}$|<[^<>]*$", "", short)
    return f"{short}…"


def moment(at: datetime, zone: tzinfo | None = None, *, seconds: bool = True) -> str:
    """A moment that Slack shows in the reader's zone; in ours where it cannot."""
    form = "{date_short_pretty}, {time_secs}" if seconds else "{date_short_pretty}, {time}"
    there = f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
    return f"<!date^{int(at.timestamp())}^{form}|{escaped(there)}>"


def section(text: str, **more: object) -> Block:
    return {"type": "section", "text": mrkdwn(cut(text, SECTION)), **more}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def plain(text: str, most: int = BUTTON) -> Block:
    return {"type": "plain_text", "text": cut(text, most), "emoji": True}


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(cut(text, ALT)) for text in texts[:10]]}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER)}


def image(file_id: str, alt: str) -> Block:
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": cut(alt, ALT) or "picture"}


def button(
    text: str, action: str, value: str = "", *, style: str = "", confirm: Block | None = None
) -> Block:
    made: Block = {"type": "button", "text": plain(text), "action_id": action}
    if value:
        made["value"] = value[:VALUE]
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm
    return made


def confirm(title: str, text: str, yes: str, no: str = "No") -> Block:
    return {
        "title": plain(title, 100),
        "text": mrkdwn(cut(text, 300)),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
        "style": "danger",
    }


# --- alerts


def alert_text(card: Card, zone: tzinfo | None) -> str:
    """The message without blocks: what a phone shows, and a reader without pictures."""
    at = f"{card.at.astimezone(zone):%H:%M:%S}"
    more = f" ({card.more})" if card.more else ""
    late = f", {card.late}" if card.late else ""
    newest = f". {card.news[-1].text}" if card.news else ""
    return cut(escaped(f"{card.title}, {at}{more}{late}{newest}"), PLAIN)


def alert_blocks(card: Card, zone: tzinfo | None) -> list[Block]:
    blocks = [section(_head(card, zone))]
    if card.news:
        blocks.append(section("\n".join(_news(card, zone))))
    if card.shown and card.picture:
        blocks.append(image(card.picture, f"{card.title}, with boxes around what was recognised"))
    small = _small(card)
    if small:
        blocks.append(context(*small))
    said = list(said_lines(card, zone))
    if said:
        blocks.append(context("\n".join(said)))
    blocks.append(_buttons(card))
    return blocks[:MESSAGE_BLOCKS]


def _head(card: Card, zone: tzinfo | None) -> str:
    icon = ICONS.get(card.kind, "🔔")
    parts = [f"{icon} *{escaped(card.title)}*", moment(card.at, zone)]
    if card.more:
        parts.append(escaped(card.more))
    if card.late:
        parts.append(f"_{escaped(card.late)}_")
    return f"{parts[0]}\n{' · '.join(parts[1:])}"


def _news(card: Card, zone: tzinfo | None) -> Iterable[str]:
    for told in card.news[-8:]:
        yield f"↳ {moment(told.at, zone)} · {escaped(told.text)}"


def _small(card: Card) -> list[str]:
    small = []
    seen = ", ".join(
        f"{escaped(label)} {sure:.0%}".replace("%", " %")
        for label, sure in sorted(card.labels.items(), key=lambda one: -one[1])[:5]
        if label != WALK_TEST
    )
    if seen:
        small.append(f"Seen: {seen}")
    if card.gathered:
        where = escaped(card.camera)
        small.append(f"{card.gathered} more at {where} in this minute: in the thread")
    if card.mode:
        small.append(f"Mode: {escaped(card.mode)}")
    return small


def said_lines(card: Card, zone: tzinfo | None) -> Iterable[str]:
    """Who answered what; of which visit, where the answers are not about all of them."""
    if card.said is not None:
        yield said_line(card.said, zone)
        return
    visits = sorted(card.visits.values(), key=lambda one: one.began)
    for visit in [one for one in visits if one.said is not None][-MOST_ANSWERS:]:
        assert visit.said is not None  # noqa: S101 - only those
        began = moment(visit.began, zone)
        yield f"{said_line(visit.said, zone)} · of the visit at {began}"


def said_line(said: Said, zone: tzinfo | None) -> str:
    word = ANSWERS.get(said.answer, said.answer)
    mark = MARKS.get(said.answer, "•")
    return f"{mark} *{escaped(word)}*, says {escaped(said.by)} · {moment(said.at, zone)}"


def _buttons(card: Card) -> Block:
    return actions([
        *answer_buttons(card),
        button("Snooze 30 min", "alert_snooze", card.alert_id),
        disarm_button("alert_disarm", card.alert_id),
        button("Live picture", "alert_live", card.alert_id),
    ])  # fmt: skip


def actions(elements: Iterable[Block]) -> Block:
    return {"type": "actions", "block_id": "alert", "elements": list(elements)}


def answer_buttons(card: Card) -> Iterable[Block]:
    """Whether somebody was there; what was said is marked."""
    for answer, word in ANSWERS.items():
        chosen = card.said is not None and card.said.answer == answer
        text = f"✓ {word}" if chosen else word
        style = "primary" if chosen else ""
        yield button(text, f"alert_{answer}", card.alert_id, style=style)


def disarm_button(action: str, value: str = "") -> Block:
    """Asks first: a thumb that slips must not leave the house unwatched."""
    question = confirm(
        "Disarm?", "The house will raise no alerts until it is armed again.", "Disarm"
    )
    return button("Disarm", action, value, style="danger", confirm=question)


# --- replies


def reply_text(text: str) -> str:
    """Turn plain words with *bold* and `code` into Slack's; they mean the same there."""
    return cut(escaped(text), PLAIN) or "Done."


def reply_blocks(text: str, buttons: Sequence[Block] = ()) -> list[Block]:
    """Split a long reply at line ends into sections; below, what may follow, as buttons."""
    blocks: list[Block] = []
    part = ""
    for line in escaped(text).splitlines():
        if len(part) + len(line) + 1 > SECTION and part:
            blocks.append(section(part))
            part = ""
        part = f"{part}\n{line}" if part else line
    if part.strip():
        blocks.append(section(part))
    if buttons:
        blocks = [*blocks[: MESSAGE_BLOCKS - 1], actions(buttons)]
    return blocks[:MESSAGE_BLOCKS]


# --- dialogs


def option(text: str, value: str) -> Block:
    return {"text": plain(text), "value": value}


def tag_dialog(card: Card) -> Block:
    """Asks about an alert that somebody pointed at."""
    radio: Block = {
        "type": "radio_buttons",
        "action_id": "answer",
        "options": [option(word, answer) for answer, word in ANSWERS.items()],
    }
    if card.said is not None and card.said.answer in ANSWERS:
        radio["initial_option"] = option(ANSWERS[card.said.answer], card.said.answer)
    return _dialog(
        "tag_alert",
        "Was somebody there?",
        card.alert_id,
        [
            section(f"*{escaped(card.title)}*\n{moment(card.at)}"),
            {"type": "input", "block_id": "tag", "label": plain("Answer"), "element": radio},
        ],
    )


MODES = {
    "disarm": "Off: nothing is told",
    "arm home": "Home",
    "arm away": "Away",
    "arm night": "Night",
}
SPANS = {"": "Until it is changed", "1h": "For 1 hour", "2h": "For 2 hours", "8h": "For 8 hours"}


def mode_dialog() -> Block:
    """Asks for a mode and for how long."""
    modes = [option(word, value) for value, word in MODES.items()]
    spans = [option(word, value or "open") for value, word in SPANS.items()]
    return _dialog(
        "arm_toggle",
        "Arm or disarm",
        "",
        [
            {
                "type": "input",
                "block_id": "mode",
                "label": plain("Mode"),
                "element": {"type": "radio_buttons", "action_id": "mode", "options": modes},
            },
            {
                "type": "input",
                "block_id": "span",
                "label": plain("How long"),
                "element": {
                    "type": "static_select",
                    "action_id": "span",
                    "options": spans,
                    "initial_option": spans[0],
                },
            },
        ],
    )


def _dialog(callback: str, title: str, about: str, blocks: Sequence[Block]) -> Block:
    return {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, 24),
        "submit": plain("Do it", 24),
        "close": plain("Cancel", 24),
        **({"private_metadata": about} if about else {}),
        "blocks": list(blocks),
    }
