"""Who is home, by what evidence, and what follows from it: as plain data and in words."""

from collections.abc import Sequence
from datetime import datetime

from whosthere.app.answers.wording import Moments
from whosthere.core.model import House
from whosthere.core.modes import ArmedBy, ArmState
from whosthere.core.overview import HeldBack, Overview, PersonView, SourceView
from whosthere.core.people import Switch
from whosthere.core.policy import Policy
from whosthere.core.presence import LastSeen, Person, PersonState, Whereabouts
from whosthere.core.spans import span

NO_PEOPLE = "not known: no people are configured"
NO_SOURCE = "not known: no presence source is configured"
LIST_WITH_AND = 2


def people_of(house: House, policy: Policy) -> tuple[PersonView, ...]:
    """Everybody whose devices are known, residents first."""
    known = sorted(policy.arming.people, key=lambda one: one.guest)
    return tuple(_person(house, one) for one in known)


def _person(house: House, person: Person) -> PersonView:
    state = house.presence.people.get(person.name, PersonState())
    seen: list[tuple[LastSeen, str, str]] = [
        (last, device, source)
        for (device, source), last in house.presence.seen.items()
        if device in person.devices
    ]
    view = PersonView(
        person.name, state.whereabouts, state.since, person.guest, person.holds_arming,
        state.device, state.source, "", state.last_seen,
    )  # fmt: skip
    if not seen:
        return view
    last, device, source = max(seen, key=lambda one: one[0].clock)
    return PersonView(
        person.name, state.whereabouts, state.since, person.guest, person.holds_arming,
        device, source, last.how, last.at,
    )  # fmt: skip


def sources_of(house: House, policy: Policy) -> tuple[SourceView, ...]:
    found = []
    for rule in policy.arming.sources:
        state = house.presence.sources.get(rule.name)
        works = state is not None and state.working_since is not None
        trouble, since = (state.trouble, state.failing_since) if state and not works else ("", None)
        found.append(SourceView(rule.name, works, trouble, since, rule.leave_seconds))
    return tuple(found)


def held_back(house: House) -> tuple[HeldBack, ...]:
    return tuple(
        HeldBack(name, state.pending.due)
        for name, state in house.cameras.items()
        if state.pending is not None and state.pending.told is not None
    )


def in_short(people: Sequence[PersonView], sources: Sequence[SourceView]) -> str:
    """For example 'Ann is home; Ben is away; of Gil nothing is known'."""
    if not sources:
        return NO_SOURCE
    if not people:
        return NO_PEOPLE
    said = []
    for where, verb in ((Whereabouts.HOME, "home"), (Whereabouts.AWAY, "away")):
        names = [_marked(one) for one in people if one.whereabouts is where]
        if names:
            said.append(f"{_listed(names)} {'is' if len(names) == 1 else 'are'} {verb}")
    unknown = [_marked(one) for one in people if one.whereabouts is Whereabouts.UNKNOWN]
    if unknown:
        said.append(f"of {_listed(unknown)} nothing is known")
    return "; ".join(said)


def who_lines(now: Overview, moments: Moments) -> list[str]:
    """Each person with the evidence, each source that fails, and what comes next."""
    if not now.people or not now.sources:
        missing = "no people are configured" if now.sources else "no presence source is configured"
        return [f"I cannot know who is home: {missing}."]
    lines = [f"• {person_line(one, moments)}" for one in now.people]
    lines += [f"✗ {source_line(one, moments)}" for one in now.sources if not one.works]
    return [*lines, now.next] if now.next else lines


def person_line(one: PersonView, moments: Moments) -> str:
    name = f"*{one.name}*{' (guest)' if one.guest else ''}"
    if one.whereabouts is Whereabouts.UNKNOWN:
        return f"{name}: not known. {_evidence(one, moments)}"
    since = f" since {moments.at(one.since)}" if one.since else ""
    return f"{name}: {one.whereabouts}{since}. {_evidence(one, moments)}"


def _evidence(one: PersonView, moments: Moments) -> str:
    if one.last_seen is None:
        return "No device of theirs was seen since the start"
    last = "" if one.whereabouts is Whereabouts.HOME else "last "
    when = moments.ago(one.last_seen) if _is_recent(one.last_seen, moments) else ""
    at = when or f"at {moments.at(one.last_seen)}"
    how = f", {one.how}" if one.how else ""
    return f"{one.device} was {last}seen {at} by {one.source}{how}"


def _is_recent(at: datetime, moments: Moments) -> bool:
    return (moments.now - at).total_seconds() < 600  # noqa: PLR2004 - then its time says more


def source_line(one: SourceView, moments: Moments) -> str:
    if not one.trouble:
        return f"source {one.name} has not reported yet"
    since = f" since {moments.at(one.since)}" if one.since else ""
    return f"source {one.name} fails{since}: {one.trouble.rstrip('.')}"


def what_comes(house: House, policy: Policy, moments: Moments) -> str:
    """Say what arming by presence will do next, and what it waits for."""
    rules, state = policy.arming, house.arm_state
    people, sources = people_of(house, policy), sources_of(house, policy)
    if not people or not sources:
        return ""
    counting = house.countdown
    if counting is not None:
        left = max(0.0, (counting.due - moments.now).total_seconds())
        stop = " `stay off` stops it." if counting.source is ArmedBy.PRESENCE else ""
        return f"Mode {counting.mode} in {span(left)}: {counting.reason}.{stop}"
    if Switch.AUTO_DETECT not in house.controls.switches:
        return "Nothing follows from it: `auto_detect` is off."
    if house.triggered is not None:
        return f"An alarm is on at {house.triggered.camera}: it is not disarmed by who is home."
    if not any(one.works for one in sources):
        return "No source works, so nothing changes until one does."
    said = _by_a_word(state, moments)
    if said:
        return said
    return _by_itself(policy, people, armed=state.mode is not rules.home_mode)


def _by_a_word(state: ArmState, moments: Moments) -> str:
    """What a person said, if that still holds whoever comes or goes."""
    if state.until is not None:
        ends = moments.until(state.until)
        return f"Mode {state.mode} was asked for {ends}: who is home does not change that."
    if state.stays:
        return "It stays off until somebody comes; after that, leaving arms again."
    if state.by_hand:
        return f"Mode {state.mode} was set by hand: that holds until presence agrees."
    return ""


def _by_itself(policy: Policy, people: Sequence[PersonView], *, armed: bool) -> str:
    rules = policy.arming
    holders = [one for one in people if one.holds_arming]
    home = [one.name for one in holders if one.whereabouts is Whereabouts.HOME]
    if armed:
        residents = [one.name for one in people if not one.guest]
        return f"Whoever comes first, of {_listed(residents)}, sets mode {rules.home_mode}."
    if home:
        verb = "is" if len(home) == 1 else "are"
        waits = span(max((one.leave_seconds for one in rules.sources), default=0.0))
        follows = f"Mode {rules.away_mode} follows when nobody was seen for {waits}."
        return f"{_listed(home)} {verb} home. {follows}"
    unknown = [one.name for one in holders if one.whereabouts is Whereabouts.UNKNOWN]
    if unknown:
        return f"Of {_listed(unknown)} nothing is known, and unknown is not away: nothing changes."
    return f"Everybody is away: mode {rules.away_mode} follows."


def what_follows(policy: Policy, *, on: bool) -> str:
    """Say what turning `auto_detect` on or off means, with the numbers of the settings."""
    rules = policy.arming
    if not rules.people or not rules.sources:
        missing = "No people are" if rules.sources else "No presence source is"
        return f"{missing} configured, so nothing arms or disarms by itself."
    if not on:
        return "The mode is changed by people and the schedule alone."
    waits = span(max(one.leave_seconds for one in rules.sources))
    holders = [one for one in rules.people if one.holds_arming]
    number = f"{len(holders)} {'person' if len(holders) == 1 else 'people'}"
    many = len(rules.sources)
    seen_by = f"{many} source{'s' if many > 1 else ''}"
    counting = f" and {span(rules.countdown_seconds)} of notice" if rules.countdown_seconds else ""
    guests = " Guests disarm nothing." if any(one.guest for one in rules.people) else ""
    return (
        f"Nobody seen for {waits}{counting}: mode {rules.away_mode} ({number}, {seen_by})."
        f" Whoever comes first sets mode {rules.home_mode}.{guests}"
    )


def _marked(one: PersonView) -> str:
    return f"{one.name} (guest)" if one.guest else one.name


def _listed(names: Sequence[str]) -> str:
    """For example 'Ann, Ben and Cleo'."""
    if len(names) < LIST_WITH_AND:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
