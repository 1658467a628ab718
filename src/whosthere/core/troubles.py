"""Parts in trouble are told once, together, and so is their end.

A trouble counts once it has lasted a few seconds, so that several parts that fail for one reason
are one message. Nothing is told in the first minute after a start, when much is only beginning.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from whosthere.core import notices
from whosthere.core.messages import Action, Tick, Trouble
from whosthere.core.model import Alert, AlertKind, House, News

NAME = "troubles"  # of the notice
QUIET_START = 60.0  # s
SETTLES, WELL_FOR = 4.0, 15.0  # s that a trouble must have lasted, or be over
MESSENGER, PATIENT = "messenger ", 300.0  # s; messengers try again by themselves, and catch up
REMINDER = timedelta(days=1)
BLINDING = frozenset(
    {"recorder", "database", "data folder", "disk", "house"}
)  # told even if people want no news


def on_trouble(house: House, message: Trouble) -> House:
    """Remember what is wrong with a part, or that it is well."""
    known = house.troubles.get(message.part)
    if known == message.why:
        return house
    troubles = {part: why for part, why in house.troubles.items() if part != message.part}
    if message.why is not None:
        troubles[message.part] = message.why
    if known is None or message.why is None:
        began = max(message.clock, message.after - SETTLES)
        clocks = {**house.trouble_clocks, message.part: began}
        house = replace(house, trouble_clocks=clocks)
    return replace(house, troubles=troubles)


def on_time(house: House, tick: Tick) -> tuple[House, list[Action]]:
    """Tell what has lasted, and remind people once a day."""
    notice = house.notices.get(NAME)
    if not house.troubles and notice is None:
        return (replace(house, trouble_clocks={}) if house.trouble_clocks else house), []
    told = told_parts(notice)
    house = _after_restart(house, told, tick)
    now = _to_tell(house, told, tick)
    if now.keys() != told.keys():
        return _tell(house, notice, now, tick)
    if notice is not None and now and tick.at - notice.at >= REMINDER:
        still = notices.later(notice, tick.at, News.STILL, in_lines(now))
        return notices.opened(house, NAME, still)
    return house, []


def _after_restart(house: House, told: Iterable[str], tick: Tick) -> House:
    """What was told before the start may still be wrong: wait until it had the time to show."""
    unknown = [part for part in told if part not in house.trouble_clocks]
    if not unknown:
        return house
    clocks = {**house.trouble_clocks, **dict.fromkeys(unknown, tick.clock + QUIET_START)}
    return replace(house, trouble_clocks=clocks)


def told_parts(notice: Alert | None) -> dict[str, str]:
    """What people were last told is in trouble, and why."""
    lines = notice.detail.splitlines() if notice else []
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def in_lines(troubles: Mapping[str, str]) -> str:
    return "\n".join(f"{part}: {' '.join(why.split())}" for part, why in troubles.items())


def _to_tell(house: House, told: Mapping[str, str], tick: Tick) -> dict[str, str]:
    """What is in trouble, as soon as one part has been for long enough.

    What was told stays so until all that is over has been for long.
    """
    muted = not house.controls.notifies(tick.at) or _snoozed(house, tick)
    new = [
        part
        for part in house.troubles
        if part not in told and (part in BLINDING or not muted) and _may_be_told(house, part, tick)
    ]
    ripe = any(_lasted(house, part, tick) >= SETTLES for part in new)
    over = [part for part in told if part not in house.troubles]
    sure = all(_lasted(house, part, tick) >= WELL_FOR for part in over)
    kept = [part for part in told if part in house.troubles or not sure]
    found = [*kept, *(new if ripe else [])]
    return {part: house.troubles.get(part) or told[part] for part in found}


def _may_be_told(house: House, part: str, tick: Tick) -> bool:
    least = PATIENT if part.startswith(MESSENGER) else -QUIET_START
    return _lasted(house, part, tick) >= least


def _snoozed(house: House, tick: Tick) -> bool:
    return house.controls.snoozed is not None and tick.at < house.controls.snoozed


def _lasted(house: House, part: str, tick: Tick) -> float:
    return tick.clock - house.trouble_clocks.get(part, tick.clock)


def _tell(
    house: House, notice: Alert | None, now: dict[str, str], tick: Tick
) -> tuple[House, list[Action]]:
    if notice is None:
        kind, mode = AlertKind.TROUBLE, house.arm_state.mode
        first = notices.notice(kind, tick.at, mode, in_lines(now), name="trouble")
        return notices.opened(house, NAME, first)
    if now:
        news = News.MORE if now.keys() - told_parts(notice).keys() else News.LESS
        return notices.opened(house, NAME, notices.later(notice, tick.at, news, in_lines(now)))
    over = notices.later(notice, tick.at, News.STOPPED, ", ".join(told_parts(notice)))
    return notices.closed(house, NAME, replace(over, kind=AlertKind.WELL_AGAIN))
