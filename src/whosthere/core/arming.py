"""What the house and its cameras are set to, why, and until when."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from whosthere.core.escalation import answered
from whosthere.core.messages import Action, Remember, SetMode
from whosthere.core.model import ArmState, House, Mode
from whosthere.core.people import AuditEntry
from whosthere.core.spans import for_span

ITSELF = "house"  # who and from where, when nobody asked


def on_set_mode(house: House, message: SetMode) -> tuple[House, list[Action]]:
    """Do as a person says. A word about the whole house ends the modes of single cameras."""
    controls = house.controls
    camera = message.camera
    before = house.arm_state if camera is None else controls.modes.get(camera)
    state = ArmState(
        message.mode,
        message.at,
        f"{message.by} asked",
        by_hand=True,
        until=message.until,
        then=_usual(before) if message.until else None,
    )
    if camera is None:
        actions: list[Action] = [Remember(state)]
        house = replace(house, arm_state=state)
        modes: Mapping[str, ArmState] = {}
    else:
        actions = []
        modes = {**controls.modes, camera: state}
    if modes != controls.modes:
        controls = replace(controls, modes=modes, since=message.at)
        house = replace(house, controls=controls)
        actions.append(Remember(controls))
    where = f" at {camera}" if camera else ""
    what = f"mode {message.mode}{where}{for_span(message.at, message.until)}"
    house, ended = answered(house, message, what, camera)
    entry = AuditEntry(message.at, message.by, message.origin, what)
    return house, [*actions, Remember(entry), *ended]


def on_time(house: House, at: datetime) -> tuple[House, list[Action]]:
    """Return to what was, where the time is over that was asked for."""
    actions: list[Action] = []
    state = house.arm_state
    if state.until is not None and at >= state.until:
        back = ArmState(state.then or state.mode, at, f"the time in mode {state.mode} is over")
        house = replace(house, arm_state=back)
        actions += [Remember(back), _by_itself(at, f"mode {back.mode} again: {back.reason}")]
    over = {
        camera: own
        for camera, own in house.controls.modes.items()
        if own.until is not None and at >= own.until
    }
    if not over:
        return house, actions
    modes = {name: own for name, own in house.controls.modes.items() if name not in over}
    for camera, own in over.items():
        reason = f"the time in mode {own.mode} is over"
        if own.then is not None:
            modes[camera] = ArmState(own.then, at, reason)
        now = own.then or f"{house.arm_state.mode}, as the house"
        actions.append(_by_itself(at, f"mode {now} at {camera}: {reason}"))
    controls = replace(house.controls, modes=modes, since=at)
    return replace(house, controls=controls), [Remember(controls), *actions]


def _usual(before: ArmState | None) -> Mode | None:
    """What holds when a time is over: never another time that was asked for."""
    if before is None:
        return None
    return before.mode if before.until is None else before.then


def _by_itself(at: datetime, what: str) -> Remember:
    return Remember(AuditEntry(at, ITSELF, ITSELF, what))
