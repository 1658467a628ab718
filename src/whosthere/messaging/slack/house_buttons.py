"""What people can do about what the house says of itself, below its message."""

from collections.abc import Sequence

from whosthere.core.model import AlertKind, News
from whosthere.core.modes import Mode
from whosthere.messaging.slack import wording
from whosthere.messaging.slack.cards import Card
from whosthere.messaging.slack.wording import Block, button


def buttons(card: Card) -> Sequence[Block]:
    """Those that make sense for what it says now."""
    match card.kind:
        case AlertKind.ARMING | AlertKind.DISARMED | AlertKind.STILL_ARMED | AlertKind.ENTRY:
            return _of_modes(card)
        case AlertKind.SIREN if card.due is not None:
            return (button("Silence", "alert_silence", card.alert_id, style="danger"),)
        case AlertKind.CAMERA_LOST | AlertKind.TAMPERED:
            return _of_camera(card)
        case AlertKind.CAMERA_BACK | AlertKind.UNTAMPERED:
            return (button("Live picture", "alert_live", card.alert_id),)
        case _:
            return ()


def _of_modes(card: Card) -> Sequence[Block]:
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
    if card.latest == News.STOPPED:
        return ()
    if card.kind == AlertKind.ENTRY:
        return (
            button("Disarm", "alert_disarm", name, style="danger"),
            button("Live picture", "alert_live", name),
        )
    return (wording.disarm_button("alert_disarm", name),)


def _of_camera(card: Card) -> Sequence[Block]:
    """In mode away it grows louder, so there is a way to say that it was seen."""
    name = card.alert_id
    louder = card.mode == Mode.AWAY and card.seen is None
    seen = (button("Seen", "alert_seen", name),) if louder else ()
    live = button("Live picture", "alert_live", name)
    if card.kind == AlertKind.CAMERA_LOST:
        return (*seen, live)
    return (*seen, live, button("The new view is right", "alert_camera_ok", name))
