"""Tells people that a siren sounds, who or what turned it on, and when it is silent again.

It is told in every mode and though people want no news: they hear it, and should know why.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from whosthere.core import notices
from whosthere.core.devices import SirenRule
from whosthere.core.messages import Action, Message, SetSiren, Tick
from whosthere.core.model import AlertKind, House, News
from whosthere.core.spans import span

NAME = "siren"  # of the notice


def is_notice(house: House, alert_id: str | None) -> bool:
    """Whether this is what tells that a siren sounds."""
    notice = house.notices.get(NAME)
    return notice is not None and notice.id == alert_id


def tell(
    before: House, house: House, message: Message, rules: Mapping[str, SirenRule]
) -> tuple[House, list[Action]]:
    """Say what a message made of the sirens; one message to people for all that sound together."""
    was, now = before.devices.siren.until, house.devices.siren.until
    at: datetime = getattr(message, "at", house.arm_state.since)
    asked = isinstance(message, SetSiren) and message.on
    if now and (asked or now.keys() - was.keys()):
        longest = max(rules[name].longest_seconds for name in now)
        return _on(house, at, _why_on(house, message), at + timedelta(seconds=longest))
    notice = house.notices.get(NAME)
    if notice is None or now:
        return house, []
    if not was and not isinstance(message, Tick):  # after a restart, the first tick says it
        return house, []
    why = _why_off(before, house, message)
    return notices.closed(house, NAME, notices.later(notice, at, News.STOPPED, why))


def _on(house: House, at: datetime, why: str, due: datetime) -> tuple[House, list[Action]]:
    notice = house.notices.get(NAME)
    if notice is None:
        mode = house.arm_state.mode
        first = notices.notice(AlertKind.SIREN, at, mode, why, name=NAME, due=due)
        return notices.opened(house, NAME, first)
    anew = replace(notices.later(notice, at, News.ANEW, why), due=due)
    return notices.opened(house, NAME, anew)


def _why_on(house: House, message: Message) -> str:
    if isinstance(message, SetSiren):
        return f"{message.by} switched it on"
    one, clock = house.devices.siren.unheeded, getattr(message, "clock", 0.0)
    if one is None:
        return "by itself"
    return f"nobody has answered the alert of {one.camera} for {span(clock - one.clock)}"


def _why_off(before: House, house: House, message: Message) -> str:
    if isinstance(message, SetSiren):
        return f"{message.by} switched it off"
    if not before.devices.siren.until:
        return "the program was started anew"
    if house.arm_state is not before.arm_state:
        return f"the mode is {house.arm_state.mode} now"
    if isinstance(message, Tick):
        return "its time is over"
    return f"{getattr(message, 'by', 'somebody')} has answered"
