"""How people's coming and going arms and disarms. Only a change of who is home does anything."""

from dataclasses import replace
from datetime import datetime, timedelta

from whosthere.core import entry, household, notices
from whosthere.core.arming import (
    ANNOUNCED,
    acts,
    amiss,
    count_down,
    is_away,
    stop_counting,
    take_effect,
    word_holds,
)
from whosthere.core.arming_rules import ArmingRules
from whosthere.core.escalation import answered
from whosthere.core.messages import Action, LookAgain, Notify, Remember, Tick
from whosthere.core.model import AlertKind, House, News
from whosthere.core.modes import ArmedBy, ArmState, Countdown, Wish
from whosthere.core.people import ITSELF, Reaction
from whosthere.core.policy import Policy
from whosthere.core.presence import PresenceState, SourceFailed, SourceReport, SourceState
from whosthere.core.replacing import replaced
from whosthere.core.spans import span

NOBODY_SEEN = "presence"  # the name of the notice that all sources fail
LEFT = "everybody has left"
ANEW = "for a while, it was not known who is home, so the countdown begins anew"


def on_report(house: House, report: SourceReport, policy: Policy) -> tuple[House, list[Action]]:
    presence = household.reported(house.presence, report, policy.arming)
    house, actions = _follow(house, replace(house, presence=presence), policy, report)
    return house, actions


def on_failed(house: House, message: SourceFailed, policy: Policy) -> tuple[House, list[Action]]:
    presence = household.failed(house.presence, message, policy.arming)
    return _follow(house, replace(house, presence=presence), policy, message)


def on_time(house: House, tick: Tick, policy: Policy) -> tuple[House, list[Action]]:
    """Time makes people away, and sources silent; and it ends countdowns and looks."""
    rules = policy.arming
    if not rules.sources:
        return house, []
    presence = household.waited(house.presence, rules, tick.at, tick.clock)
    house, actions = _follow(house, _with(house, presence), policy, tick)
    house, counted = _counted_down(house, tick, rules)
    house, told = _tell_of_sources(house, tick, rules)
    return house, [*actions, *counted, *told]


def _follow(
    before: House, house: House, policy: Policy, heard: SourceReport | SourceFailed | Tick
) -> tuple[House, list[Action]]:
    """Do what follows from where people are now."""
    rules, at, clock = policy.arming, heard.at, heard.clock
    was = household.wish_of(before.presence, rules)
    presence = household.located(house.presence, rules, at, clock)
    house = _with(house, presence)
    wish = was if presence is before.presence else household.wish_of(presence, rules)
    changed = wish is not None and wish is not house.wish
    house, actions = _agreed(house, rules, wish, came=changed and wish is Wish.SOMEBODY)
    if changed:
        house = replace(house, wish=wish)
        if acts(house):
            follow = _came if wish is Wish.SOMEBODY else _left
            house, told = follow(house, Tick(at, clock), rules)
            actions += told
    elif wish is Wish.NOBODY and was is None:
        house, told = _known_again(house, Tick(at, clock))
        actions += told
    return _looked(house, policy, at, clock, actions)


def _with(house: House, presence: PresenceState) -> House:
    """Mostly it is as it was."""
    return house if presence is house.presence else replaced(house, presence=presence)


def _agreed(
    house: House, rules: ArmingRules, wish: Wish | None, *, came: bool
) -> tuple[House, list[Action]]:
    """A person's word is no longer one once presence says the same: then presence acts again."""
    state = house.arm_state
    if wish is None or not acts(house) or not state.by_hand or state.until is not None:
        return house, []
    same = is_away(state.mode, rules) is (wish is Wish.NOBODY)
    if not same or (state.stays and not came):
        return house, []
    state = replace(state, by_hand=False, stays=False)
    return replace(house, arm_state=state), [Remember(state)]


# --- leaving


def _left(house: House, tick: Tick, rules: ArmingRules) -> tuple[House, list[Action]]:
    state = house.arm_state
    if word_holds(state) or is_away(state.mode, rules) or house.countdown is not None:
        return house, []
    evidence = household.gone_lines(house.presence, rules, tick.at)
    if rules.countdown_seconds > 0:
        return count_down(house, rules, tick, LEFT, evidence)
    house, actions = _arm(house, tick.at, rules, evidence)
    alert = notices.notice(
        AlertKind.ARMING, tick.at, rules.away_mode, "\n".join([LEFT, *evidence, *amiss(house)])
    )
    return house, [*actions, Notify(alert)]


def _known_again(house: House, tick: Tick) -> tuple[House, list[Action]]:
    """In a countdown, it was not known for a while whether anybody is home: it begins anew."""
    counting = house.countdown
    if counting is None or counting.source is not ArmedBy.PRESENCE:
        return house, []
    anew = replace(
        counting,
        since=tick.at,
        due=tick.at + timedelta(seconds=counting.seconds),
        due_clock=round(tick.clock + counting.seconds, 3),
    )
    house, told = _told_anew(replace(house, countdown=anew), anew)
    return house, [*told, LookAgain()]


def _told_anew(house: House, counting: Countdown) -> tuple[House, list[Action]]:
    """Whoever reads when it will be armed must not read the time of before."""
    alert = house.notices.get(ANNOUNCED)
    if alert is None:
        return house, []
    detail = "\n".join([counting.reason, *counting.evidence, ANEW, *amiss(house)])
    later = notices.later(alert, counting.since, News.ANEW, detail)
    return notices.opened(house, ANNOUNCED, replace(later, due=counting.due))


def _counted_down(house: House, tick: Tick, rules: ArmingRules) -> tuple[House, list[Action]]:
    """Arm, if it is still known that nobody is home. Not known: wait."""
    counting = house.countdown
    if counting is None or counting.source is not ArmedBy.PRESENCE:
        return house, []
    if not acts(house):
        return stop_counting(house, tick.at, "auto_detect was turned off")
    gone = household.wish_of(house.presence, rules) is Wish.NOBODY
    if not gone or counting.due_clock is None or tick.clock < counting.due_clock:
        return house, []
    return _arm(house, tick.at, rules, household.gone_lines(house.presence, rules, tick.at))


def _arm(
    house: House, at: datetime, rules: ArmingRules, evidence: tuple[str, ...]
) -> tuple[House, list[Action]]:
    state = ArmState(rules.away_mode, at, LEFT, source=ArmedBy.PRESENCE, evidence=evidence)
    return take_effect(house, state)


# --- coming


def _came(house: House, tick: Tick, rules: ArmingRules) -> tuple[House, list[Action]]:
    who = household.who_is_home(house.presence, rules)
    evidence = household.seen_lines(house.presence, rules)
    actions: list[Action] = []
    if house.countdown is not None and house.countdown.source is ArmedBy.PRESENCE:
        why = "\n".join([f"{who} is home", *evidence])
        house, actions = stop_counting(house, tick.at, why)
    state = house.arm_state
    if not is_away(state.mode, rules) or (state.by_hand and state.until is None):
        return house, actions
    why_not = _why_not_disarm(house, tick, rules)
    if why_not:
        detail = "\n".join([f"{who} came home, but {why_not}", *evidence])
        alert = notices.notice(AlertKind.STILL_ARMED, tick.at, state.mode, detail)
        return house, [*actions, Notify(alert)]
    house, told = _disarm(house, tick, rules, who, evidence)
    return house, [*actions, *told]


def _why_not_disarm(house: House, tick: Tick, rules: ArmingRules) -> str:
    state, on = house.arm_state, house.triggered
    if state.until is not None:
        return f"mode {state.mode} was asked for a time"
    if on is not None and tick.clock - on.clock >= rules.arrival_grace_seconds:
        return f"there is an alarm at {on.camera} since {span(tick.clock - on.clock)}"
    return ""


def _disarm(
    house: House, tick: Tick, rules: ArmingRules, who: str, evidence: tuple[str, ...]
) -> tuple[House, list[Action]]:
    reason, on = f"{who} came home", house.triggered
    lines = [reason, *evidence]
    if on is not None:
        ago = span(tick.clock - on.clock)
        lines.append(f"taken for whom {on.camera} saw {ago} ago, so that alarm is over")
    waiting = entry.held_back(house)
    if waiting:
        lines.append(f"taken for whom {', '.join(waiting)} sees, so there is no alert")
    state = ArmState(rules.home_mode, tick.at, reason, source=ArmedBy.PRESENCE, evidence=evidence)
    house, actions = take_effect(house, state)
    house, ended = answered(house, Reaction(None, ITSELF, tick.at, reason, ITSELF), reason)
    alert = notices.notice(AlertKind.DISARMED, tick.at, state.mode, "\n".join(lines))
    return house, [*actions, *ended, Notify(alert)]


# --- one more look


def _looked(
    house: House, policy: Policy, at: datetime, clock: float, actions: list[Action]
) -> tuple[House, list[Action]]:
    """Raise what waited for a look, once all sources that work have answered."""
    rules, began = policy.arming, house.presence.look_clock
    if began is None:
        return house, actions
    over = clock >= began + rules.look_again_seconds
    if not over and not household.looked_since(house.presence, rules, began):
        return house, actions
    house, raised = entry.nobody_found(house, policy, at, clock)
    return house, [*actions, *raised]


# --- sources that fail


def _tell_of_sources(house: House, tick: Tick, rules: ArmingRules) -> tuple[House, list[Action]]:
    """Tell once that a source fails for long, or all, and when it works again."""
    states = {rule.name: house.presence.sources[rule.name] for rule in rules.sources}
    failing = {name: one for name, one in states.items() if one.failing_clock is not None}
    if not failing and not house.notices:
        return house, []
    long = {name: one for name, one in failing.items() if _is_long(one, tick.clock, rules)}
    actions: list[Action] = []
    if len(long) == len(states):
        why = "; ".join(f"{name}: {one.trouble}" for name, one in long.items())
        house, actions = _lost(
            house, NOBODY_SEEN, f"no source works, so nothing changes; {why}", tick
        )
    else:
        for name, one in long.items():
            if NOBODY_SEEN not in house.notices:
                house, told = _lost(house, f"{NOBODY_SEEN} {name}", f"{name}: {one.trouble}", tick)
                actions += told
    if len(failing) < len(states):
        house, told = _back(house, NOBODY_SEEN, tick)
        actions += told
    for name in [name for name in states if name not in failing]:  # in an order that stays
        house, told = _back(house, f"{NOBODY_SEEN} {name}", tick)
        actions += told
    return house, actions


def _is_long(state: SourceState, clock: float, rules: ArmingRules) -> bool:
    since = state.failing_clock
    return since is not None and clock - since >= rules.sources_told_seconds


def _lost(house: House, name: str, detail: str, tick: Tick) -> tuple[House, list[Action]]:
    if name in house.notices:
        return house, []
    mode, kind = house.arm_state.mode, AlertKind.PRESENCE_LOST
    slug = "-".join(c if c.isalnum() else " " for c in name).replace(" ", "")
    alert = notices.notice(kind, tick.at, mode, detail, name=slug)
    return notices.opened(house, name, alert)


def _back(house: House, name: str, tick: Tick) -> tuple[House, list[Action]]:
    alert = house.notices.get(name)
    if alert is None:
        return house, []
    away = span((tick.at - alert.at).total_seconds())
    later = notices.later(alert, tick.at, News.STOPPED, f"it took {away} since that was told")
    return notices.closed(house, name, replace(later, kind=AlertKind.PRESENCE_BACK))
