"""Who is home, from what sources see: pure functions from reports and time to whereabouts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from whosthere.core.arming_rules import ArmingRules
from whosthere.core.modes import Wish
from whosthere.core.presence import (
    LastSeen,
    Person,
    PersonState,
    PresenceState,
    SourceFailed,
    SourceReport,
    SourceRule,
    SourceState,
    Whereabouts,
)

MISSED = 3  # intervals without a report, after which a source counts as failing
NOT_YET = PersonState()  # known
LONG_AGO = timedelta(hours=12)  # then the time of day alone would mislead


def reported(presence: PresenceState, report: SourceReport, rules: ArmingRules) -> PresenceState:
    """Note what a source saw. Devices that are nobody's are not kept."""
    rule = rule_of(report.source, rules)
    if rule is None:
        return presence
    known = {device for person in rules.people for device in person.devices}
    seen = dict(presence.seen)
    for one in report.seen:
        key, clock = (one.device, report.source), round(report.clock - one.ago, 3)
        if one.device in known and (key not in seen or seen[key].clock <= clock):
            seen[key] = LastSeen(report.at - timedelta(seconds=one.ago), clock, one.how)
    before = presence.sources.get(report.source, SourceState())
    since = before.working_since
    if since is None or is_silent(before, rule, report.clock):
        since = report.clock
    state = SourceState(since, report.clock)
    return replace(presence, seen=seen, sources={**presence.sources, report.source: state})


def failed(presence: PresenceState, message: SourceFailed, rules: ArmingRules) -> PresenceState:
    """Note that a source could not look. Nothing follows for anybody's whereabouts."""
    if rule_of(message.source, rules) is None:
        return presence
    state = _failing(presence, message.source, message.why, message.at, message.clock)
    return replace(presence, sources={**presence.sources, message.source: state})


def waited(
    presence: PresenceState, rules: ArmingRules, at: datetime, clock: float
) -> PresenceState:
    """Note which sources have been silent for too long."""
    sources = dict(presence.sources)
    for rule in rules.sources:
        state = sources.get(rule.name)
        if state is None:
            sources[rule.name] = SourceState(reported=clock)  # from now on it is waited for
        elif state.failing_since is None and is_silent(state, rule, clock):
            why = f"no report for {MISSED * rule.every_seconds:.0f} s"
            sources[rule.name] = _failing(presence, rule.name, why, at, clock)
    return presence if sources == presence.sources else replace(presence, sources=sources)


def _failing(
    presence: PresenceState, source: str, why: str, at: datetime, clock: float
) -> SourceState:
    before = presence.sources.get(source, SourceState())
    if before.failing_since is not None:
        return replace(before, trouble=why)
    return SourceState(None, before.reported, why, at, clock)


def is_silent(state: SourceState, rule: SourceRule, clock: float) -> bool:
    return state.reported is not None and clock - state.reported > MISSED * rule.every_seconds


def located(
    presence: PresenceState, rules: ArmingRules, at: datetime, clock: float
) -> PresenceState:
    """Say where everybody is by now."""
    people = {person.name: _located(person, presence, rules, at, clock) for person in rules.people}
    return presence if people == presence.people else replace(presence, people=people)


def _located(
    person: Person, presence: PresenceState, rules: ArmingRules, at: datetime, clock: float
) -> PersonState:
    where = _whereabouts(person, presence, rules, clock)
    before = presence.people.get(person.name, NOT_YET)
    since = before.since if before.whereabouts is where else at
    newest = max(
        (
            (seen.clock, device, source, seen.at)
            for (device, source), seen in presence.seen.items()
            if device in person.devices
        ),
        default=None,
    )
    if newest is None:
        return PersonState(where, since)
    _, device, source, last = newest
    return PersonState(where, since, device, source, last)


def _whereabouts(
    person: Person, presence: PresenceState, rules: ArmingRules, clock: float
) -> Whereabouts:
    says = {_says(rule, person, presence, clock) for rule in rules.sources if sees(rule, person)}
    if Whereabouts.HOME in says:
        return Whereabouts.HOME
    if Whereabouts.AWAY in says and Whereabouts.UNKNOWN not in says:
        return Whereabouts.AWAY
    return Whereabouts.UNKNOWN


def _says(
    rule: SourceRule, person: Person, presence: PresenceState, clock: float
) -> Whereabouts | None:
    """What one source says of a person. A failing one says nothing but what it saw just now."""
    seen = [presence.seen.get((device, rule.name)) for device in person.devices]
    last = max((one.clock for one in seen if one is not None), default=None)
    if last is not None and clock - last < rule.leave_seconds:
        return Whereabouts.HOME
    state = presence.sources.get(rule.name, SourceState())
    if state.working_since is None or is_silent(state, rule, clock):
        return None
    if clock - state.working_since >= rule.leave_seconds:
        return Whereabouts.AWAY
    return Whereabouts.UNKNOWN


def sees(rule: SourceRule, person: Person) -> bool:
    return rule.devices is None or any(device in rule.devices for device in person.devices)


def rule_of(source: str, rules: ArmingRules) -> SourceRule | None:
    return next((rule for rule in rules.sources if rule.name == source), None)


def wish_of(presence: PresenceState, rules: ArmingRules) -> Wish | None:
    """What presence would have now; nothing where it is not known."""
    if any(_is(person, Whereabouts.HOME, presence) for person in residents(rules)):
        return Wish.SOMEBODY
    all_gone = all(
        _is(person, Whereabouts.AWAY, presence)
        for person in rules.people
        if not person.guest or person.holds_arming
    )
    return Wish.NOBODY if all_gone and residents(rules) else None


def residents(rules: ArmingRules) -> list[Person]:
    return [person for person in rules.people if not person.guest]


def _is(person: Person, where: Whereabouts, presence: PresenceState) -> bool:
    return presence.people.get(person.name, NOT_YET).whereabouts is where


def working(presence: PresenceState, rules: ArmingRules) -> list[SourceRule]:
    states = presence.sources
    return [
        rule
        for rule in rules.sources
        if rule.name in states and states[rule.name].working_since is not None
    ]


def looked_since(presence: PresenceState, rules: ArmingRules, clock: float) -> bool:
    """Whether every source that works has reported since then."""
    return all(
        (presence.sources[rule.name].reported or 0.0) > clock for rule in working(presence, rules)
    )


def who_is_home(presence: PresenceState, rules: ArmingRules) -> str:
    """For example 'Ann and Bob'."""
    names = [one.name for one in residents(rules) if _is(one, Whereabouts.HOME, presence)]
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def seen_lines(presence: PresenceState, rules: ArmingRules) -> tuple[str, ...]:
    """By what evidence residents are home, a line each."""
    return tuple(
        f"{person.name}: {state.device} seen {_clock(state.last_seen, state.last_seen, rules)}"
        f" by {state.source}"
        for person, state in _states(presence, rules)
        if state.whereabouts is Whereabouts.HOME and state.last_seen is not None
    )


def gone_lines(presence: PresenceState, rules: ArmingRules, at: datetime) -> tuple[str, ...]:
    """When everybody was seen last, a line each."""
    return tuple(
        f"{person.name}: not seen since the start"
        if state.last_seen is None
        else f"{person.name}: {state.device} last seen {_clock(state.last_seen, at, rules)}"
        f" by {state.source}"
        for person, state in _states(presence, rules)
    )


def _states(presence: PresenceState, rules: ArmingRules) -> Iterator[tuple[Person, PersonState]]:
    for person in residents(rules):
        yield person, presence.people.get(person.name, NOT_YET)


def _clock(moment: datetime, at: datetime, rules: ArmingRules) -> str:
    day = "%a " if at - moment > LONG_AGO else ""
    return f"{moment.astimezone(rules.zone):{day}%H:%M}"
