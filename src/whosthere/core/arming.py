"""What the house and its cameras are set to, why, and until when: by people's words and by time.

The house has no state "arming", "pending" or "triggered" beside its mode: it has a countdown, an
alert that is held back, an alarm that is on. Each can be there or not, whatever the mode.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from whosthere.core import notices
from whosthere.core.arming_rules import ArmingRules, Refusing
from whosthere.core.escalation import answered
from whosthere.core.household import who_is_home, wish_of
from whosthere.core.messages import Action, ArmNow, LookAgain, Remember, SetMode, StayOff, Tick
from whosthere.core.model import AlertKind, House, News
from whosthere.core.modes import ARMED, ArmedBy, ArmState, Countdown, Mode, Wish
from whosthere.core.people import ITSELF, AuditEntry, Switch
from whosthere.core.policy import Policy
from whosthere.core.spans import for_span, span

ANNOUNCED = "arming"  # the name of the notice that arming is near


def on_set_mode(house: House, message: SetMode, policy: Policy) -> tuple[House, list[Action]]:
    """Do as a person says. A word about the whole house ends the modes of single cameras."""
    why_not = () if message.force else refusal(house, message.mode, policy.arming, message.camera)
    what = f"mode {message.mode}{_at(message.camera)}{for_span(message.at, message.until)}"
    if why_not:
        return house, [_refused(message, what, why_not)]
    if message.camera is not None:
        return _set_camera(house, message, what)
    if _is_exit_wanted(house, message, policy.arming):
        return _begin_exit(house, message, policy.arming, what)
    state = _by_hand(house, message.mode, message.by, message.at, message.until)
    return _as_said(house, state, message, what)


def on_stay_off(house: House, message: StayOff) -> tuple[House, list[Action]]:
    """Off, though everybody leaves; until somebody comes, or for a time."""
    state = _by_hand(house, Mode.OFF, message.by, message.at, message.until)
    state = replace(state, reason=f"{message.by} asked to stay off", stays=True)
    what = f"stay off{for_span(message.at, message.until)}"
    return _as_said(house, state, message, what)


def on_arm_now(house: House, message: ArmNow, policy: Policy) -> tuple[House, list[Action]]:
    """Arm without further delay."""
    counting = house.countdown
    mode = counting.mode if counting is not None else policy.arming.away_mode
    why_not = () if message.force else refusal(house, mode, policy.arming)
    if why_not:
        return house, [_refused(message, f"mode {mode} at once", why_not)]
    until = counting.until if counting is not None else None
    state = _by_hand(house, mode, message.by, message.at, until)
    return _as_said(house, state, message, f"mode {mode} at once")


def on_time(house: House, tick: Tick, policy: Policy) -> tuple[House, list[Action]]:
    """End what has its time: exit delays, and modes that were asked for a while."""
    actions: list[Action] = []
    counting = house.countdown
    if counting is not None and counting.due_clock is None:
        due = round(tick.clock + counting.seconds, 3)
        house = replace(house, countdown=replace(counting, due_clock=due))
    elif counting is not None and _is_exit_over(counting, tick):
        house, actions = _exit_over(house, counting, tick.at)
    state = house.arm_state
    over = state.until is not None and tick.at >= state.until
    if over and house.countdown is None:  # else a newer word takes its place in a moment
        house, told = _time_over(house, tick, policy.arming)
        actions += told
    house, told = _cameras_on_time(house, tick.at)
    return house, [*actions, *told]


# --- what else arms and disarms


def take_effect(
    house: House, state: ArmState, *, by: str = ITSELF, origin: str = ITSELF, what: str = ""
) -> tuple[House, list[Action]]:
    """The one way in which the mode of the house changes. An alarm and a countdown end with it."""
    entry = AuditEntry(state.since, by, origin, what or f"mode {state.mode}: {state.reason}")
    house = replace(
        house,
        arm_state=state,
        countdown=None,
        triggered=None,
        unconfirmed=state.source is ArmedBy.PRESENCE and state.mode in ARMED,
    )
    house, told = _announced_is(house, state)
    return house, [Remember(state), Remember(entry), *told]


def count_down(
    house: House, rules: ArmingRules, tick: Tick, reason: str, evidence: tuple[str, ...]
) -> tuple[House, list[Action]]:
    """Announce that the house arms since nobody is home, and look once more."""
    at, mode = tick.at, rules.away_mode
    due = at + timedelta(seconds=rules.countdown_seconds)
    countdown = Countdown(
        mode,
        at,
        due,
        round(tick.clock + rules.countdown_seconds, 3),
        reason,
        ArmedBy.PRESENCE,
        ITSELF,
        ITSELF,
        evidence,
    )
    detail = "\n".join([reason, *evidence, *amiss(house)])
    alert = notices.notice(AlertKind.ARMING, at, mode, detail, due=due)
    house, told = notices.opened(replace(house, countdown=countdown), ANNOUNCED, alert)
    entry = AuditEntry(at, ITSELF, ITSELF, f"mode {mode} {in_seconds(countdown)}: {reason}")
    return house, [Remember(entry), *told, LookAgain()]


def stop_counting(house: House, at: datetime, why: str) -> tuple[House, list[Action]]:
    """Not armed after all."""
    counting = house.countdown
    if counting is None:
        return house, []
    house = replace(house, countdown=None)
    entry = AuditEntry(at, ITSELF, ITSELF, f"not mode {counting.mode}: {why}")
    alert = house.notices.get(ANNOUNCED)
    if alert is None:
        return house, [Remember(entry)]
    news = notices.later(alert, at, News.STOPPED, why)
    house, told = notices.closed(house, ANNOUNCED, news)
    return house, [Remember(entry), *told]


def in_seconds(countdown: Countdown) -> str:
    return f"in {span(countdown.seconds)}"


def acts(house: House) -> bool:
    """Whether presence may arm and disarm."""
    return Switch.AUTO_DETECT in house.controls.switches


def is_away(mode: Mode, rules: ArmingRules) -> bool:
    """Whether it is a mode for an empty house."""
    return mode in {Mode.AWAY, rules.away_mode}


def word_holds(state: ArmState) -> bool:
    """Whether a person's word is not to be changed by presence."""
    return state.by_hand or state.until is not None


def amiss(house: House) -> list[str]:
    """What whoever arms should know, a line each."""
    lost = [f"camera {name} is lost" for name, one in house.cameras.items() if one.lost]
    blind = [f"camera {name} is {one.tampered.detail}" for name, one in house.cameras.items()
             if one.tampered]  # fmt: skip
    return [*lost, *blind, *(f"{part}: {why}" for part, why in house.troubles.items())]


def refusal(
    house: House, mode: Mode, rules: ArmingRules, camera: str | None = None
) -> tuple[str, ...]:
    """Why a person's wish to arm is not followed unless they insist."""
    if mode not in ARMED or rules.refuse is Refusing.NEVER:
        return ()
    if rules.refuse is Refusing.ANY_TROUBLE:
        return tuple(amiss(house))
    cameras = {name: one for name, one in house.cameras.items() if camera in (None, name)}
    if cameras and all(one.lost is not None for one in cameras.values()):
        return tuple(f"camera {name} is lost" for name in cameras)
    return ()


# --- by hand


def _by_hand(house: House, mode: Mode, by: str, at: datetime, until: datetime | None) -> ArmState:
    before = house.arm_state
    return ArmState(
        mode,
        at,
        f"{by} asked",
        by_hand=True,
        until=until,
        then=_usual(before) if until else None,
        source=ArmedBy.HAND,
        then_by=(before.source if before.until is None else before.then_by) if until else None,
    )


def _as_said(
    house: House, state: ArmState, message: SetMode | StayOff | ArmNow, what: str
) -> tuple[House, list[Action]]:
    house, actions = take_effect(house, state, by=message.by, origin=message.origin, what=what)
    house, more = _all_as_the_house(house, message, what)
    return house, [*actions, *more]


def _all_as_the_house(
    house: House, message: SetMode | StayOff | ArmNow, what: str
) -> tuple[House, list[Action]]:
    actions: list[Action] = []
    if house.controls.modes:
        controls = replace(house.controls, modes={}, since=message.at)
        house = replace(house, controls=controls)
        actions.append(Remember(controls))
    house, ended = answered(house, message, what)
    return house, [*actions, *ended]


def _is_exit_wanted(house: House, message: SetMode, rules: ArmingRules) -> bool:
    """Whether there is time to leave. Who asks for the same once more is gone already."""
    counting = house.countdown
    again = counting is not None and counting.mode is message.mode
    same = house.arm_state.mode is message.mode
    return rules.exit_seconds.get(message.mode, 0.0) > 0 and not (again or same)


def _begin_exit(
    house: House, message: SetMode, rules: ArmingRules, what: str
) -> tuple[House, list[Action]]:
    seconds = rules.exit_seconds[message.mode]
    said = f"{message.by} asked"
    house, stopped = stop_counting(house, message.at, f"{said} for mode {message.mode}")
    countdown = Countdown(
        message.mode,
        message.at,
        message.at + timedelta(seconds=seconds),
        None,
        said,
        ArmedBy.HAND,
        message.by,
        message.origin,
        until=message.until,
    )
    house = replace(house, countdown=countdown)
    what = f"{what} {in_seconds(countdown)}"
    house, more = _all_as_the_house(house, message, what)
    entry = AuditEntry(message.at, message.by, message.origin, what)
    return house, [*stopped, Remember(entry), *more]


def _is_exit_over(counting: Countdown, tick: Tick) -> bool:
    due = counting.due_clock
    return counting.source is ArmedBy.HAND and due is not None and tick.clock >= due


def _exit_over(house: House, counting: Countdown, at: datetime) -> tuple[House, list[Action]]:
    state = _by_hand(house, counting.mode, counting.by, at, counting.until)
    what = f"mode {counting.mode}, after {span(counting.seconds)} to leave"
    return take_effect(house, state, by=counting.by, origin=counting.origin, what=what)


def _set_camera(house: House, message: SetMode, what: str) -> tuple[House, list[Action]]:
    camera, controls = message.camera, house.controls
    assert camera is not None  # noqa: S101 - on_set_mode has looked
    own = ArmState(
        message.mode,
        message.at,
        f"{message.by} asked",
        by_hand=True,
        until=message.until,
        then=_usual(controls.modes.get(camera)) if message.until else None,
        source=ArmedBy.HAND,
    )
    modes: Mapping[str, ArmState] = {**controls.modes, camera: own}
    controls = replace(controls, modes=modes, since=message.at)
    house, ended = answered(replace(house, controls=controls), message, what, camera)
    entry = AuditEntry(message.at, message.by, message.origin, what)
    return house, [Remember(controls), Remember(entry), *ended]


def _refused(message: SetMode | ArmNow, what: str, why_not: tuple[str, ...]) -> Remember:
    said = f"{what}: {'; '.join(why_not)}"
    return Remember(AuditEntry(message.at, message.by, message.origin, said, done=False))


def _at(camera: str | None) -> str:
    return f" at {camera}" if camera else ""


def _usual(before: ArmState | None) -> Mode | None:
    """What holds when a time is over: never another time that was asked for."""
    if before is None:
        return None
    return before.mode if before.until is None else before.then


# --- by time


def _time_over(house: House, tick: Tick, rules: ArmingRules) -> tuple[House, list[Action]]:
    """Return to what was, but never arm an empty house's mode over somebody who is home."""
    state, wish = house.arm_state, wish_of(house.presence, rules) if acts(house) else None
    then, source = state.then or state.mode, ArmedBy.TIME_OVER
    reason = f"the time in mode {state.mode} is over"
    if wish is Wish.SOMEBODY and is_away(then, rules):
        then = rules.home_mode
        reason += f", and {who_is_home(house.presence, rules)} is home"
    elif state.then_by is ArmedBy.SCHEDULE:
        source = ArmedBy.SCHEDULE
    back = ArmState(then, tick.at, reason, source=source)
    house, actions = take_effect(house, back, what=f"mode {then} again: {reason}")
    return replace(house, wish=None), actions  # from now on presence acts, as if it were new


def _cameras_on_time(house: House, at: datetime) -> tuple[House, list[Action]]:
    over = {
        camera: own
        for camera, own in house.controls.modes.items()
        if own.until is not None and at >= own.until
    }
    if not over:
        return house, []
    actions: list[Action] = []
    modes = {name: own for name, own in house.controls.modes.items() if name not in over}
    for camera, own in over.items():
        reason = f"the time in mode {own.mode} is over"
        if own.then is not None:
            modes[camera] = ArmState(own.then, at, reason, source=ArmedBy.TIME_OVER)
        now = own.then or f"{house.arm_state.mode}, as the house"
        what = f"mode {now} at {camera}: {reason}"
        actions.append(Remember(AuditEntry(at, ITSELF, ITSELF, what)))
    controls = replace(house.controls, modes=modes, since=at)
    return replace(house, controls=controls), [Remember(controls), *actions]


def _announced_is(house: House, state: ArmState) -> tuple[House, list[Action]]:
    """What was announced is so, or is not to be."""
    alert = house.notices.get(ANNOUNCED)
    if alert is None:
        return house, []
    armed = alert.mode is state.mode
    lines = [state.reason, *state.evidence, *(amiss(house) if armed else [])]
    news = News.ARMED if armed else News.STOPPED
    later = notices.later(alert, state.since, news, "\n".join(lines))
    return notices.closed(house, ANNOUNCED, later)
