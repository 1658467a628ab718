"""Snoozes, notifications and switches: what people set beside the mode."""

from dataclasses import replace
from datetime import datetime

from whosthere.core.escalation import answered
from whosthere.core.messages import (
    Action,
    BackToNormal,
    Remember,
    SetNotifications,
    SetSwitch,
    Snooze,
)
from whosthere.core.model import House
from whosthere.core.modes import Controls
from whosthere.core.people import ITSELF, AuditEntry, Switch
from whosthere.core.spans import for_span


def on_snooze(house: House, message: Snooze) -> tuple[House, list[Action]]:
    """Keep quiet about one camera or all. Ending it for all ends that of single cameras too."""
    controls, camera = house.controls, message.camera
    if camera is not None:
        cameras = {name: end for name, end in controls.snoozed_cameras.items() if name != camera}
        if message.until is not None:
            cameras[camera] = message.until
        controls = replace(controls, snoozed_cameras=cameras)
    elif message.until is None:
        controls = replace(controls, snoozed=None, snoozed_cameras={})
    else:
        controls = replace(controls, snoozed=message.until)
    verb = "snoozed" if message.until else "ended the snooze of"
    what = f"{verb} {camera or 'all cameras'}{for_span(message.at, message.until)}"
    return _changed(house, controls, message, what, camera)


def on_set_notifications(house: House, message: SetNotifications) -> tuple[House, list[Action]]:
    until = None if message.on else message.until
    controls = replace(house.controls, notifications=message.on, quiet_until=until)
    what = f"notifications {_on(on=message.on)}{for_span(message.at, until)}"
    return _changed(house, controls, message, what)


def on_set_switch(house: House, message: SetSwitch) -> tuple[House, list[Action]]:
    switches = house.controls.switches - {message.switch}
    if message.on:
        switches |= {message.switch}
    controls = replace(house.controls, switches=switches, since=message.at)
    entry = _entry(message, f"{message.switch} {_on(on=message.on)}")
    house = replace(house, controls=controls)
    if message.switch is Switch.AUTO_DETECT:
        house = replace(house, wish=None)  # so that what is known of presence counts as new
    return house, [Remember(controls), entry]


def on_back_to_normal(house: House, message: BackToNormal) -> tuple[House, list[Action]]:
    controls = Controls(switches=house.controls.switches)
    what = "ended all snoozes, silence and modes of single cameras"
    return _changed(house, controls, message, what)


def on_time(house: House, at: datetime) -> tuple[House, list[Action]]:
    """Let go of what is over, and write that down."""
    controls, over = house.controls, list[str]()
    if not controls.notifications and controls.notifies(at):
        controls = replace(controls, notifications=True, quiet_until=None)
        over.append("notifications on again")
    if controls.snoozed is not None and at >= controls.snoozed:
        controls = replace(controls, snoozed=None)
        over.append("the snooze of all cameras is over")
    done = [name for name, end in controls.snoozed_cameras.items() if at >= end]
    if done:
        left = {name: end for name, end in controls.snoozed_cameras.items() if name not in done}
        controls = replace(controls, snoozed_cameras=left)
        over += [f"the snooze of {name} is over" for name in done]
    if not over:
        return house, []
    controls = replace(controls, since=at)
    entries = [Remember(AuditEntry(at, ITSELF, ITSELF, what)) for what in over]
    return replace(house, controls=controls), [Remember(controls), *entries]


def _changed(
    house: House,
    controls: Controls,
    message: Snooze | SetNotifications | BackToNormal,
    what: str,
    camera: str | None = None,
) -> tuple[House, list[Action]]:
    controls = replace(controls, since=message.at)
    house, ended = answered(replace(house, controls=controls), message, what, camera)
    return house, [Remember(controls), _entry(message, what), *ended]


def _entry(message: Snooze | SetNotifications | SetSwitch | BackToNormal, what: str) -> Remember:
    return Remember(AuditEntry(message.at, message.by, message.origin, what))


def _on(*, on: bool) -> str:
    return "on" if on else "off"
